"""When is a server given up: it refuses us, or it went away, so that no further request could succeed?

One odd answer is not enough. A gateway may refuse a single prompt with 401 or 403, and a case must cost no more than
itself. So before a server is given up it is asked something that nobody could object to: what refuses that refuses all.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem, ServerError
from assay.runtime.adapters import dialect_of
from assay.runtime.client import request_body
from assay.schema.run import FATAL_FAULTS
from assay.schema.suite import Message
from assay.workflow.servers import placed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assay.runtime.client import Client
    from assay.schema.run import Completion, Fault
    from assay.schema.suite import Candidate
    from assay.workflow.prepare import Prepared

__all__ = ["Patience", "ask_neutral"]

_NEUTRAL = (Message(role="user", content="hi"),)
_MOST_REFUSED = 10
_MOST_UNREACHED = 20


async def ask_neutral(client: Client, candidate: Candidate, model: str) -> Completion:
    """Ask for one token on what nobody could object to."""
    dialect = dialect_of(candidate.runtime)
    return await client.complete(request_body(model, _NEUTRAL, candidate.request, dialect=dialect, max_tokens=1))


class Patience:
    """What one server's last answers say of its next ones."""

    def __init__(
        self,
        prepared: Prepared,
        candidate: Candidate,
        *,
        answered: bool = False,
        neutral: Callable[[], Awaitable[Completion]],
    ) -> None:
        """Begin with what is known of the server.

        Args:
            prepared: the plan.
            candidate: whose server it is.
            answered: whether it has answered before.
            neutral: asks a question that nobody could object to.
        """
        self._prepared, self._candidate = prepared, candidate
        self._answered, self._neutral = answered, neutral
        self._refused = self._unreached = 0
        self._asking = asyncio.Lock()
        self._given_up: Fault | None = None

    async def heard(self, completion: Completion) -> None:
        """Take note of what came of a request; where it looks as if all would be refused, ask the neutral question.

        Raises:
            InputError: the server refuses the neutral question too.
            ServerError: twenty requests in a row found no server.
            NotSentError: a stop was asked for before the question was.
        """
        fault = self._count(completion)
        if fault is None or not (self._refused and self._is_doubtful(fault)):
            return
        async with self._asking:
            if not self._refused:  # somebody found out meanwhile that the server does answer
                return
            if self._given_up is None:
                said = await self._neutral()
                self._answered |= said.fault is None
                if said.fault is None or said.fault.kind not in FATAL_FAULTS:
                    self._refused = 0
                    return
                self._given_up = said.fault
            raise InputError(self._refusal(self._given_up))

    def _count(self, completion: Completion) -> Fault | None:
        """Count what came in a row and return the fault."""
        fault = completion.fault
        self._answered |= fault is None
        self._refused = self._refused + 1 if fault is not None and fault.kind in FATAL_FAULTS else 0
        self._unreached = self._unreached + 1 if fault is not None and fault.kind == "connection" else 0
        if fault is not None and self._answered and self._unreached >= _MOST_UNREACHED:
            message = f"the server of {self._candidate.id} went away: {fault.message.rstrip('.')}"
            remedy = "Start it, and go on with --resume and --retry-failed: the last requests count as failed."
            problem = Problem("server-unreachable", message, remedy)
            raise ServerError(placed(problem, self._prepared, self._candidate, "base_url"))
        return fault

    def _is_doubtful(self, fault: Fault) -> bool:
        """Say whether a refusal may be meant for all requests."""
        # 401 speaks of the key, whatever was asked; 403 and 404 may be about this one prompt.
        of_the_key = self._refused == 1 and fault.http_status == HTTPStatus.UNAUTHORIZED
        return not self._answered or of_the_key or self._refused >= _MOST_REFUSED

    def _refusal(self, fault: Fault) -> Problem:
        said, name = fault.message.rstrip("."), self._candidate.id
        if fault.kind == "unauthorized":
            problem = Problem(
                "unauthorized",
                f"the server of {name} refuses the key: {said}",
                "Put the server's key into the environment variable that `api_key_env` names.",
            )
            return placed(problem, self._prepared, self._candidate, "api_key_env")
        message = f"the server of {name} does not know the model or the address: {said}"
        problem = Problem("unknown-model", message, "Check model, and that base_url ends as the server's API does.")
        return placed(problem, self._prepared, self._candidate, "model")

"""When is a server given up: it refuses us, or it went away, so that no further request could succeed?

One odd answer is not enough. A gateway may refuse a single prompt with 403, and a case must cost no more than itself.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem, ServerError
from assay.schema.run import FATAL_FAULTS
from assay.workflow.servers import placed

if TYPE_CHECKING:
    from assay.schema.run import Completion, Fault
    from assay.schema.suite import Candidate
    from assay.workflow.prepare import Prepared

__all__ = ["Patience"]

_MOST_REFUSED = 10
_MOST_UNREACHED = 20


class Patience:
    """What one server's last answers say of its next ones."""

    def __init__(self, prepared: Prepared, candidate: Candidate) -> None:
        self._prepared, self._candidate = prepared, candidate
        self._answered = False
        self._refused = self._unreached = 0

    def take(self, completion: Completion) -> None:
        """Take note of what came of a request.

        Raises:
            InputError: the server refuses the key; or it refuses us in another way, from the first request on or ten
                times in a row.
            ServerError: twenty requests in a row found no server.
        """
        fault = completion.fault
        self._answered |= fault is None
        self._refused = self._refused + 1 if fault is not None and fault.kind in FATAL_FAULTS else 0
        self._unreached = self._unreached + 1 if fault is not None and fault.kind == "connection" else 0
        # 401 speaks of the key, whatever was asked; 403 and 404 may be about this one prompt.
        sure = fault is not None and (not self._answered or fault.http_status == HTTPStatus.UNAUTHORIZED)
        if fault is not None and self._refused and (sure or self._refused >= _MOST_REFUSED):
            raise InputError(self._refusal(fault))
        if fault is not None and self._answered and self._unreached >= _MOST_UNREACHED:
            message = f"the server of {self._candidate.id} went away: {fault.message.rstrip('.')}"
            problem = Problem("server-unreachable", message, "Start it, and go on with --resume.")
            raise ServerError(placed(problem, self._prepared, self._candidate, "base_url"))

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

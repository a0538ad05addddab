"""How are all cases asked, each once, with every answer on disk as soon as it is there?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeVar

from assay.errors import InputError, Problem
from assay.runtime.client import Client, request_body
from assay.schema.run import FATAL_FAULTS, Trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic import JsonValue

    from assay.record.run_folder import RunFolder
    from assay.schema.run import Completion, TrialKey
    from assay.schema.suite import Candidate, Case, Suite
    from assay.workflow.prepare import Prepared
    from assay.workflow.progress import Progress
    from assay.workflow.servers import Address

    Question = tuple[Suite, Case, int]

__all__ = ["Worker", "ask_cases", "draining", "run_all", "stop_if_fatal"]

ItemT = TypeVar("ItemT")
Worker = Callable[[], Awaitable[None]]
"""Something that works until there is nothing left."""


async def ask_cases(
    prepared: Prepared, places: Mapping[str, Address], folder: RunFolder, done: set[TrialKey], progress: Progress
) -> None:
    """Ask every candidate every case that is not done yet; candidates run side by side.

    Raises:
        InputError: a server refuses the key or the model's name, so that no further request could succeed.
    """
    plan = prepared.plan
    candidates = plan.evaluated()
    due = len(candidates) * plan.trials * sum(len(suite.cases) for suite in prepared.suites)
    progress.stage("asking cases", due)
    progress.advance(len(done))
    async with AsyncExitStack() as stack:
        jobs: list[Worker] = []
        for candidate in candidates:
            place = places[candidate.id]
            client = Client(place.base_url, place.key, candidate.request, connections=candidate.concurrency)
            await stack.enter_async_context(client)
            todo = _questions(prepared, candidate, done)
            asker = _Asker(candidate, place, client, folder, progress)
            jobs += [draining(todo, asker.ask)] * candidate.concurrency
        await run_all(jobs)


def _questions(prepared: Prepared, candidate: Candidate, done: set[TrialKey]) -> Iterator[Question]:
    for trial in range(1, prepared.plan.trials + 1):
        for suite in prepared.suites:
            for case in suite.cases:
                if (candidate.id, suite.id, case.id, trial) not in done:
                    yield suite, case, trial


def draining(todo: Iterator[ItemT], work: Callable[[ItemT], Awaitable[None]]) -> Worker:
    """Return a worker that takes from a shared iterator until it is empty, so that memory stays flat."""

    async def worker() -> None:
        for item in todo:
            await work(item)

    return worker


async def run_all(jobs: Iterable[Worker]) -> None:
    """Run workers to their end; the first foreseen error ends all and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(_coroutine(job))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def _coroutine(job: Worker) -> None:
    await job()


class _Asker:
    """Asks one candidate."""

    def __init__(
        self, candidate: Candidate, place: Address, client: Client, folder: RunFolder, progress: Progress
    ) -> None:
        self._candidate = candidate
        self._place = place
        self._client = client
        self._folder = folder
        self._progress = progress

    async def ask(self, question: Question) -> None:
        """Ask one case once and journal the trial."""
        suite, case, number = question
        body = request_body(
            self._place.model,
            suite.messages_of(case),
            self._candidate.request,
            max_tokens=suite.request.max_tokens,
            response_format=self._response_format(case),
        )
        completion = await self._client.complete(body)
        stop_if_fatal(completion, self._candidate)
        self._folder.append(
            "trials.jsonl",
            Trial(
                candidate=self._candidate.id,
                suite=suite.id,
                case=case.id,
                trial=number,
                status="failed" if completion.fault is not None else "completed",
                output=completion.output,
                error=completion.fault,
                finish_reason=completion.finish_reason,
                usage=completion.usage,
                elapsed_ms=completion.elapsed_ms,
                attempts=completion.attempts,
                model=completion.model,
                case_digest=case.digest(),
            ),
        )
        self._progress.advance()

    def _response_format(self, case: Case) -> dict[str, JsonValue] | None:
        if self._candidate.request.response_format == "free" or case.json_schema is None:
            return None
        return {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": case.json_schema},
        }


def stop_if_fatal(completion: Completion, candidate: Candidate) -> None:
    """Raise when every further request of the candidate would be refused too.

    Raises:
        InputError: the server refuses the key, or does not know the model's name.
    """
    fault = completion.fault
    if fault is None or fault.kind not in FATAL_FAULTS:
        return
    remedy = "Check api_key_env and its variable." if fault.kind == "unauthorized" else "Check model."
    slug = fault.kind.replace("_", "-")
    raise InputError(Problem(slug, f"the server of {candidate.id} refuses: {fault.message}", remedy))

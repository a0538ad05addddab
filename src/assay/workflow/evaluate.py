"""How are all cases asked, each once, with every answer on disk as soon as it is there?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from assay.errors import InputError, Problem
from assay.runtime.adapters import dialect_of
from assay.runtime.client import Client, request_body
from assay.schema.run import FATAL_FAULTS, Trial
from assay.workflow.servers import placed

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
            client = Client(
                place.base_url,
                place.key,
                candidate.request,
                connections=candidate.concurrency,
                dialect=dialect_of(candidate.runtime),
            )
            await stack.enter_async_context(client)
            todo = _questions(prepared, candidate, done)
            asker = _Asker(prepared, candidate, place, client, folder, progress)
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


@dataclass(frozen=True)
class _Asker:
    """Asks one candidate."""

    prepared: Prepared
    candidate: Candidate
    place: Address
    client: Client
    folder: RunFolder
    progress: Progress

    async def ask(self, question: Question) -> None:
        """Ask one case once and journal the trial."""
        suite, case, number = question
        body = request_body(
            self.place.model,
            suite.messages_of(case),
            self.candidate.request,
            max_tokens=suite.request.max_tokens,
            dialect=dialect_of(self.candidate.runtime),
            schema=self._schema(case),
        )
        completion = await self.client.complete(body)
        stop_if_fatal(completion, self.prepared, self.candidate)
        self.folder.append(
            "trials.jsonl",
            Trial(
                candidate=self.candidate.id,
                suite=suite.id,
                case=case.id,
                trial=number,
                status="failed" if completion.fault is not None else "completed",
                output=completion.output,
                error=completion.fault,
                finish_reason=completion.finish_reason,
                usage=completion.usage,
                reasoning_characters=completion.reasoning_characters,
                elapsed_ms=completion.elapsed_ms,
                attempts=completion.attempts,
                model=completion.model,
                case_digest=case.digest(),
            ),
        )
        self.progress.advance()

    def _schema(self, case: Case) -> dict[str, JsonValue] | None:
        return case.json_schema if self.candidate.request.response_format == "case_schema" else None


def stop_if_fatal(completion: Completion, prepared: Prepared, candidate: Candidate) -> None:
    """Raise when every further request of the candidate would be refused too.

    Raises:
        InputError: the server refuses the key, or does not know the model's name.
    """
    fault = completion.fault
    if fault is None or fault.kind not in FATAL_FAULTS:
        return
    said = fault.message.rstrip(".")
    if fault.kind == "unauthorized":
        problem = Problem(
            "unauthorized",
            f"the server of {candidate.id} refuses the key: {said}",
            "Put the server's key into the environment variable that `api_key_env` names.",
        )
        raise InputError(placed(problem, prepared, candidate, "api_key_env"))
    message = f"the server of {candidate.id} does not know the model or the address: {said}"
    problem = Problem("unknown-model", message, "Check model, and that base_url ends as the server's API does.")
    raise InputError(placed(problem, prepared, candidate, "model"))

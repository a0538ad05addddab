"""How are all cases asked, each once, with every answer on disk as soon as it is there?"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from assay.runtime.adapters import dialect_of
from assay.runtime.client import Client, content_of, request_body
from assay.runtime.pace import NotSentError, Pace
from assay.schema.run import Trial
from assay.workflow.lead import Lead
from assay.workflow.patience import Patience, ask_neutral
from assay.workflow.selection import chosen_questions, in_asking_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic import JsonValue

    from assay.schema.provenance import CandidateFacts
    from assay.schema.suite import Candidate, Case, Suite
    from assay.workflow.asked import Asked
    from assay.workflow.reuse import Reuse
    from assay.workflow.selection import Question
    from assay.workflow.session import Session
    from assay.workflow.stop import Stop
    from assay.workflow.stopping import Halting

__all__ = ["Worker", "ask_cases", "draining", "most_at_once", "run_all"]

ItemT = TypeVar("ItemT")
Worker = Callable[[], Awaitable[None]]
"""Something that works until there is nothing left."""

_USUAL_AT_ONCE = 4
_MOST_BY_DEFAULT = 64
_LEAST_AHEAD = 2


def most_at_once(candidate: Candidate, facts: CandidateFacts | None) -> int:
    """Return how many requests may be in flight: as the plan says, else the server's slots up to 64, else 4."""
    if candidate.concurrency is not None:
        return candidate.concurrency
    slots = facts.fact("slots").value if facts is not None else None
    return min(max(slots, 1), _MOST_BY_DEFAULT) if isinstance(slots, int) else _USUAL_AT_ONCE


async def ask_cases(
    session: Session,
    candidates: tuple[Candidate, ...],
    done: Mapping[str, Asked],
    reuse: Reuse | None,
    halting: Halting,
) -> None:
    """Ask every candidate every chosen case that is not done yet; candidates run side by side, in step.

    Args:
        session: the run.
        candidates: whom to ask.
        done: what is on disk, by candidate.
        reuse: answers of an earlier run, or None.
        halting: which cases need not be asked any more.

    Raises:
        InputError: a server refuses the key or the model's name, so that no further request could succeed.
        ServerError: a server went away.
    """
    plan, selection = session.prepared.plan, session.run.selection
    suites = in_asking_order(session.prepared.suites, session.run)
    due = sum(1 for _ in chosen_questions(suites, plan.trials, selection))
    session.progress.stage("asking cases", due * len(candidates))
    session.progress.advance(sum(map(len, done.values())))
    most = {c.id: most_at_once(c, session.facts.get(c.id)) for c in candidates}
    paces = {name: _pace(name, count, session) for name, count in most.items()}
    lead = Lead(most, max(_LEAST_AHEAD, 2 * max(most.values(), default=1)))
    async with AsyncExitStack() as stack:
        stack.enter_context(session.stop.waking(lead.open, *(pace.close for pace in paces.values())))
        jobs: list[Worker] = []
        for candidate in candidates:
            client = await stack.enter_async_context(_client(candidate, paces[candidate.id], session))
            neutral = partial(ask_neutral, client, candidate, session.places[candidate.id].model)
            patience = Patience(session.prepared, candidate, answered=done[candidate.id].answered, neutral=neutral)
            asker = _Asker(session, candidate, client, lead, reuse, patience, halting)
            questions = chosen_questions(suites, plan.trials, selection)
            todo = asker.left(questions, done[candidate.id])
            jobs += [draining(todo, asker.ask, session.stop)] * most[candidate.id]
        await run_all(jobs)
    for name, pace in paces.items():
        if pace.lowest < most[name]:
            told = f"{pace.lowest} of {most[name]} at once"
            session.progress.note(f"{name}: the server pushed back or slowed down; at times {told}")


def _pace(name: str, most: int, session: Session) -> Pace:
    def on_quiet(seconds: float) -> None:
        session.progress.note(f"{name}: the server asks for a pause; nothing is sent to it for {seconds:.0f} s")

    return Pace(most, time.monotonic, on_quiet=on_quiet)


def _client(candidate: Candidate, pace: Pace, session: Session) -> Client:
    place = session.places[candidate.id]
    return Client(
        place.base_url,
        place.key,
        candidate.request,
        pace=pace,
        dialect=dialect_of(candidate.runtime),
        wall_clock=lambda: session.now().timestamp(),
    )


def draining(todo: Iterator[ItemT], work: Callable[[ItemT], Awaitable[None]], stop: Stop) -> Worker:
    """Return a worker that takes from a shared iterator until it is empty or a stop is wanted: memory stays flat."""

    async def worker() -> None:
        for item in todo:
            await work(item)
            if stop.wanted:
                return

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

    session: Session
    candidate: Candidate
    client: Client
    lead: Lead
    reuse: Reuse | None
    patience: Patience
    halting: Halting

    def left(self, questions: Iterable[Question], done: Asked) -> Iterator[tuple[int, Question]]:
        """Yield what is not done yet, with its place in the common order."""
        for position, question in enumerate(questions):
            suite, case, number = question
            if (suite.id, case.id, number) not in done and not self._spared(suite, case):
                yield position, question
        self.lead.leave(self.candidate.id)

    async def ask(self, item: tuple[int, Question]) -> None:
        """Ask one case once and journal the trial; what a stop kept from being sent is left for another time."""
        position, (suite, case, number) = item
        await self.lead.reach(self.candidate.id, position)
        # While it waited for its turn an answer may have made it needless.
        if self.session.stop.wanted or self._spared(suite, case):
            return
        body = request_body(
            self.session.places[self.candidate.id].model,
            suite.messages_of(case),
            self.candidate.request,
            max_tokens=suite.request.max_tokens,
            dialect=dialect_of(self.candidate.runtime),
            schema=self._schema(case),
        )
        content = content_of(body)
        digest = hashlib.sha256(content).hexdigest()
        trial = self._reused(suite.id, case, number, digest)
        if trial is None:
            try:
                trial = await self._asked(suite.id, case, number, (content, digest))
            except NotSentError:
                return
        self.session.folder.append("trials.jsonl", trial)
        self.halting.take(suite, case, trial)
        self.session.progress.advance()

    def _spared(self, suite: Suite, case: Case) -> bool:
        spared = self.halting.spares(self.candidate.id, suite.id, case)
        if spared:
            self.session.progress.spare()
        return spared

    def _reused(self, suite: str, case: Case, number: int, digest: str) -> Trial | None:
        if self.reuse is None:
            return None
        return self.reuse.find(self.candidate.id, suite, case.id, number, (case.digest(), digest))

    async def _asked(self, suite: str, case: Case, number: int, request: tuple[bytes, str]) -> Trial:
        completion = await self.client.complete(request[0])
        # What ends the run is not about this case: it is not journaled, and asked again when the run goes on.
        await self.patience.heard(completion)
        return Trial(
            candidate=self.candidate.id,
            suite=suite,
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
            earlier=completion.earlier,
            model=completion.model,
            case_digest=case.digest(),
            request_digest=request[1],
        )

    def _schema(self, case: Case) -> dict[str, JsonValue] | None:
        return case.json_schema if self.candidate.request.response_format == "case_schema" else None

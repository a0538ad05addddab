"""Does the fallback really answer: which cases is it asked, within which bounds, and what is kept of it?"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from assay.runtime.adapters import dialect_of
from assay.runtime.client import Client, request_body
from assay.runtime.pace import Pace
from assay.schema.provenance import Exchange, ProbeResult
from assay.schema.run import Trial
from assay.scoring import outcomes_of, together_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping

    from assay.schema.provenance import Shape
    from assay.schema.run import Completion
    from assay.schema.score import Outcome
    from assay.schema.suite import Candidate, Case, Plan, Suite
    from assay.workflow.progress import Progress
    from assay.workflow.servers import Address

__all__ = ["Smoke"]

_OK: Final = 200
_GRACE_S: Final = 5.0
"""Time that a client's own end of a request may take beyond the request's deadline."""


@dataclass
class _Heard:
    """What one fallback did."""

    exchanges: list[Exchange] = field(default_factory=list)
    out_of_time: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class Smoke:
    """The few cases that are put to the fallbacks of a plan, one after the other, each once and without a retry.

    A result is of the candidate that is decided on: it is that one's readiness which rests on its fallbacks. A fallback
    of several of them is asked once, and counted for the first.
    """

    plan: Plan
    """Says who falls back on whom, and what is asked."""
    suites: tuple[Suite, ...]
    """Its suites."""
    places: Mapping[str, Address]
    """Where the candidates that were reached answer, by id."""

    def of(self, candidate: Candidate) -> tuple[Candidate, ...]:
        """Return the other candidates of role fallback."""
        return tuple(own for own in self.plan.evaluated() if "fallback" in own.roles and own.id != candidate.id)

    def cases(self) -> tuple[tuple[Suite, Case], ...]:
        """Return what each fallback is asked: of each suite the first cases that need no judge, blockers before all."""
        found: list[tuple[Suite, Case]] = []
        for suite in self._wanted():
            fit = sorted((case for case in suite.cases if _own_labels(suite, case)), key=_blockers_first)
            found += ((suite, case) for case in fit[: self.plan.probes.smoke.cases])
        return tuple(found)

    def fallbacks(self, done: Collection[str] = ()) -> tuple[Candidate, ...]:
        """Return whom to ask: the fallbacks of those that are decided on, where they were reached.

        Args:
            done: candidates whose fallbacks were asked before.
        """
        todo = [decided for decided in self.plan.decided_on() if decided.id not in done]
        every = {own.id: own for decided in todo for own in self.of(decided)}
        return tuple(own for name, own in every.items() if name in self.places)

    def announced(self, done: Collection[str] = ()) -> str:
        """Return what is sent at most, in one line; empty when there is nothing to ask or nobody."""
        asked, whom = len(self.cases()), self.fallbacks(done)
        if not asked or not whom:
            return ""
        names = ", ".join(own.id for own in whom)
        return f"smoke set for {names}: at most {asked * len(whom)} requests in {self._most_s():g} s"

    async def results(
        self, done: Collection[str], progress: Progress, stopped: Callable[[], bool] = lambda: False
    ) -> AsyncIterator[ProbeResult]:
        """Yield what the fallbacks of each candidate that is decided on and has some did.

        Args:
            done: candidates whose fallbacks were asked before.
            progress: told how far it is.
            stopped: asked between cases whether to stop; what was begun then is not yielded.
        """
        ends = time.perf_counter() + self._most_s()
        heard: dict[str, _Heard] = {}
        todo = [own for own in self.plan.decided_on() if own.id not in done and self.of(own)]
        for decided in todo:
            asked = [own for own in self.of(decided) if own.id not in heard and own.id in self.places]
            for fallback in asked:
                heard[fallback.id] = await self._ask(fallback, ends, progress, stopped)
            if stopped():
                return
            yield self._result(decided, heard, {own.id for own in asked})

    def _most_s(self) -> float:
        longest = sum(own.request.timeout_s for own in self.fallbacks()) * len(self.cases())
        return min(self.plan.probes.max_seconds, longest)

    def _wanted(self) -> tuple[Suite, ...]:
        name = self.plan.probes.smoke.suite
        return tuple(suite for suite in self.suites if name in {None, suite.id})

    def _sends(self) -> str:
        wanted, own = self._wanted(), self.plan.probes.smoke
        judged = sum(not _own_labels(suite, case) for suite in wanted for case in suite.cases)
        which = f"suite {own.suite}" if own.suite is not None else "each suite"
        left = f"; {judged} cases that only a judge can score are left out" if judged else ""
        return f"The first {own.cases} cases of {which}, blockers before all, to each fallback{left}."

    async def _ask(self, fallback: Candidate, ends: float, progress: Progress, stopped: Callable[[], bool]) -> _Heard:
        place, heard, began = self.places[fallback.id], _Heard(), time.perf_counter()
        settings = fallback.request.model_copy(update={"max_retries": 0})
        dialect, pace = dialect_of(fallback.runtime), Pace(1, time.monotonic)
        async with Client(place.base_url, place.key, settings, pace=pace, dialect=dialect) as client:
            for suite, case in self.cases():
                if stopped():
                    break
                held = fallback.request.response_format == "case_schema"
                body = request_body(
                    place.model,
                    suite.messages_of(case),
                    settings,
                    dialect=dialect,
                    max_tokens=suite.request.max_tokens,
                    schema=case.json_schema if held else None,
                )
                try:
                    async with asyncio.timeout(min(ends - time.perf_counter(), settings.timeout_s + _GRACE_S)):
                        completion = await client.complete(body)
                except TimeoutError:
                    heard.out_of_time = True
                    break
                heard.exchanges.append(_exchange(fallback, (suite, case), completion))
                progress.advance()
        heard.seconds = time.perf_counter() - began
        return heard

    def _result(self, decided: Candidate, heard: Mapping[str, _Heard], first: Collection[str]) -> ProbeResult:
        own = {fallback.id: heard.get(fallback.id) for fallback in self.of(decided)}
        unreached = [name for name, each in own.items() if each is None]
        asked = [each for each in own.values() if each is not None]
        ended, note = "whole", ""
        if not self.cases():
            ended, note = "left_out", "no case can be scored without a judge"
        elif not asked:
            ended, note = "left_out", f"not reached: {', '.join(unreached)}"
        elif any(each.out_of_time for each in asked):
            ended, note = "out_of_time", f"not all cases were answered within {self._most_s():.3g} s"
        paid = [each for name, each in own.items() if each is not None and name in first]
        return ProbeResult.model_validate(
            {
                "candidate": decided.id,
                "probe": "fallback",
                "sends": self._sends(),
                "exchanges": tuple(exchange for each in asked for exchange in each.exchanges),
                "ended": ended,
                "note": note,
                "requests": sum(len(each.exchanges) + each.out_of_time for each in paid),
                "seconds": round(sum(each.seconds for each in paid), 3),
            }
        )


def _blockers_first(case: Case) -> bool:
    return case.severity != "blocker"


def _own_labels(suite: Suite, case: Case) -> frozenset[str]:
    """Return the labels of a case's scorers that need no judge, under which their outcomes stand."""
    return frozenset(_labels(suite, case))


def _labels(suite: Suite, case: Case) -> Iterator[str]:
    for spec in suite.scorers_of(case):
        if not any(leaf.name == "judge" for leaf in spec.leaves()):
            yield spec.label


def _exchange(fallback: Candidate, asked: tuple[Suite, Case], completion: Completion) -> Exchange:
    """Return what is kept of an answer: how it came out, and none of its text nor of the server's words."""
    suite, case = asked
    fault = completion.fault
    status, shape = (_OK, "completion") if fault is None else (fault.http_status, _shape_of_fault(fault.http_status))
    return Exchange(
        step="case",
        sent=f"case {case.id} of {suite.id} to {fallback.id}",
        status=status,
        trouble="" if fault is None else fault.kind,
        took_ms=round(completion.elapsed_ms),
        shape=shape,
        shows={
            "fallback": fallback.id,
            "suite": suite.id,
            "case": case.id,
            "outcome": _outcome(fallback, suite, case, completion),
        },
    )


def _shape_of_fault(status: int | None) -> Shape:
    return "none" if status is None else "error"


def _outcome(fallback: Candidate, suite: Suite, case: Case, completion: Completion) -> Outcome:
    """Return whether an answer passes all scorers of the case that need no judge."""
    trial = Trial(
        candidate=fallback.id,
        suite=suite.id,
        case=case.id,
        trial=1,
        status="failed" if completion.fault is not None else "completed",
        output=completion.output,
        error=completion.fault,
        finish_reason=completion.finish_reason,
        usage=completion.usage,
        elapsed_ms=completion.elapsed_ms,
        attempts=completion.attempts,
        model=completion.model,
        case_digest=case.digest(),
    )
    own = _own_labels(suite, case)
    return together_of([outcome for label, outcome in outcomes_of(suite, case, trial).items() if label in own])

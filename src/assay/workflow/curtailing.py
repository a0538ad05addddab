"""When can no outcome of the cases that are left change a condition, so that a candidate need not be asked them?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from assay.gate.question import listed
from assay.scoring import outcomes_of, together_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from assay.gate import AnswerStatus, Watch
    from assay.schema.run import Trial
    from assay.schema.suite import Case, Suite

__all__ = ["Curtailing", "told"]

_WORDS: Final = {"met": "is met", "not_met": "is not met", "unknown": "stays unknown"}


def told(statuses: Iterable[tuple[str, AnswerStatus | None]]) -> str:
    """Return what conditions came to, without a full stop: `a is not met; b stays unknown`."""
    return listed(
        [f"{name} {'was still open' if own is None else _WORDS[own]}" for name, own in statuses], separator="; "
    )


class Curtailing:
    """Stops a suite for a candidate once no outcome of its other cases can change a condition."""

    def __init__(
        self, suites: Sequence[Suite], watches: Mapping[tuple[str, str], Watch], *, blockers_count: bool
    ) -> None:
        """Begin with nothing asked.

        Args:
            suites: the suites of the plan.
            watches: one for each candidate and suite that may stop.
            blockers_count: whether a condition asks for the blockers.
        """
        self._sizes = {suite.id: len(suite.cases) for suite in suites}
        self._watches = watches
        self._open_blockers = {candidate for candidate, _ in watches} if blockers_count else set()
        self._asked: Counter[tuple[str, str]] = Counter()

    def spares(self, candidate: str, suite: str, case: Case) -> bool:
        """Return whether a case need not be asked; a blocker is asked until one of them has failed."""
        watch = self._watches.get((candidate, suite))
        if watch is None or not watch.settled:
            return False
        return case.severity != "blocker" or candidate not in self._open_blockers

    def take(self, suite: Suite, case: Case, trial: Trial) -> None:
        """Score an answer and count what it came to; one of a suite that is asked whole is left alone."""
        watch = self._watches.get((trial.candidate, suite.id))
        if watch is None:
            return
        self._asked[trial.candidate, suite.id] += 1
        if trial.status == "failed" or (watch.settled and case.severity != "blocker"):
            return
        outcomes = outcomes_of(suite, case, trial)
        whole = together_of(list(outcomes.values()))
        watch.take(case.tags, whole, outcomes)
        if case.severity == "blocker" and whole == "failed":
            self._open_blockers.discard(trial.candidate)

    def notes(self) -> Iterator[str]:
        """Yield one line for each suite that was stopped."""
        for (candidate, suite), watch in self._watches.items():
            asked, due = self._asked[candidate, suite], self._sizes[suite]
            if asked < due and watch.settled:
                why = told((condition.id, status) for condition, status in watch.statuses())
                yield f"{candidate}: {suite} stopped after {asked} of {due} cases: {why}, whatever the rest come to"

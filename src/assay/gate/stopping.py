"""When can no outcome of the cases that are left change any condition on a suite, so that no more need be asked?

Nothing is estimated here. A condition takes a trial without a score as a pass and as a fail; so does this, for every
case that is not asked yet. What is settled this way has the status that asking all would give: curtailment, which costs
no certainty (Jennison & Turnbull 2000, Group Sequential Methods, chapter 10).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.gate.kinds.suites import SuiteQuestion
from assay.schema.score import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from assay.gate.conditions import Condition
    from assay.gate.evidence import Facts
    from assay.gate.question import AnswerStatus
    from assay.schema.score import Outcome

__all__ = ["Bounds", "Part", "Watch", "bounds_of", "reads", "settled_by_counts"]

Part = tuple[str | None, str | None]
"""Which trials of a suite a condition reads: those of a tag or None for all, by one scorer or None for all together."""


@dataclass(frozen=True)
class Bounds:
    """How many outcomes of one suite decide one condition, whatever the others are."""

    condition: Condition
    """The condition."""
    part: Part
    """The trials that it reads."""
    n: int
    """How many these are, asked or not."""
    passes: int
    """The fewest passes that decide it, or scores where it reads coverage; above n when no number does."""
    by_passes: AnswerStatus
    """What they decide it to be."""
    failures: int
    """The fewest failures that decide it; above n when no number does, as with coverage."""
    by_failures: AnswerStatus
    """What they decide it to be."""
    scored: bool
    """Whether it asks how many trials have a score, so that a failure counts as a pass does."""

    def settled(self, passed: int, failed: int) -> AnswerStatus | None:
        """Return what the condition comes to whatever all other trials come to; None while that is open.

        A trial without a score counts as one that is not asked yet: it may be asked again (`--retry-failed`).
        """
        hits, misses = (passed + failed, 0) if self.scored else (passed, failed)
        if hits >= self.passes:
            return self.by_passes
        if misses >= self.failures:
            return self.by_failures
        undecidable = self.n - misses < self.passes and self.n - hits < self.failures
        return "unknown" if undecidable else None


def reads(condition: Condition, suite: str) -> bool:
    """Return whether a condition reads what the cases of a suite came to."""
    question = condition.question
    return question.by_case(()) == suite or (isinstance(question, SuiteQuestion) and question.scope.suite == suite)


def settled_by_counts(condition: Condition, whole: Collection[str]) -> bool:
    """Return whether counts of passes and failures alone decide a condition on a suite.

    Args:
        condition: a condition on a suite.
        whole: suites whose cases are one trial each and independent.
    """
    question = condition.question
    if not isinstance(question, SuiteQuestion) or question.by_case(whole) is not None:
        return False
    return question.measure in {"pass_rate", "coverage"}


def bounds_of(condition: Condition, sizes: Mapping[Part, int], known: Facts) -> Bounds:
    """Return how many passes and how many failures decide a condition.

    The condition itself is asked, so that nothing can come out otherwise in the end: it is undecided below such a
    number and decided from it on.

    Args:
        condition: one that counts decide.
        sizes: how many trials of the suite there are, asked or not, by what a condition can read of it.
        known: what else is known of the candidate; its metrics are left aside.

    Raises:
        TypeError: it does not ask about a suite.
    """
    question = condition.question
    if not isinstance(question, SuiteQuestion):
        message = f"{condition.id} does not ask about a suite"
        raise TypeError(message)
    part = (question.scope.tag, question.scope.scorer)
    n = sizes[part]

    def answer(passed: int, failed: int) -> AnswerStatus:
        metric = _metric(question.scope.suite, part, n, (passed, failed))
        return question.answer(replace(known, metrics=(metric,))).status

    def fewest(decided: Callable[[int], bool]) -> int:
        """Return the least count that decides, above n where none does; no count at all never decides."""
        return bisect_left(range(n + 1), 1, lo=min(1, n), key=decided)

    scored = question.measure == "coverage"
    passes = fewest(lambda count: answer(count, 0) != "unknown")
    failures = n + 1 if scored else fewest(lambda count: answer(0, count) != "unknown")
    return Bounds(
        condition=condition,
        part=part,
        n=n,
        passes=passes,
        by_passes=answer(min(passes, n), 0),
        failures=failures,
        by_failures=answer(0, min(failures, n)),
        scored=scored,
    )


def _metric(suite: str, part: Part, n: int, counts: tuple[int, int]) -> Metric:
    """Return n trials of which so many passed and so many failed, the rest without a score."""
    passed, failed = counts
    return Metric(
        candidate="",
        suite=suite,
        tag=part[0],
        scorer=part[1],
        cases=n,
        passed=passed,
        failed=failed,
        unscored=n - passed - failed,
        n=n,
        rate=None,
        rate_scored=None,
        low=None,
        high=None,
        trusted=True,
    )


class Watch:
    """Counts the outcomes of one candidate at one suite and says when no more are needed."""

    def __init__(self, bounds: Sequence[Bounds]) -> None:
        """Begin with nothing asked.

        Args:
            bounds: those of all conditions on the suite.
        """
        self._bounds = tuple(bounds)
        self._counts: dict[Part, list[int]] = {own.part: [0, 0] for own in bounds}
        self.settled = self._all_settled()
        """Whether no further outcome can change any of the conditions."""

    def take(self, tags: Collection[str], whole: Outcome, by_scorer: Mapping[str, Outcome]) -> None:
        """Count one trial; every case at most once.

        Args:
            tags: tags of its case.
            whole: its outcome by all scorers together.
            by_scorer: its outcome by scorer label.
        """
        if self.settled:
            return
        changed = False
        for (tag, scorer), count in self._counts.items():
            outcome = whole if scorer is None else by_scorer.get(scorer)
            if (tag is None or tag in tags) and outcome in {"passed", "failed"}:
                count[outcome == "failed"] += 1
                changed = True
        self.settled = changed and self._all_settled()

    def statuses(self) -> tuple[tuple[Condition, AnswerStatus | None], ...]:
        """Return each condition with what it comes to whatever is left; None where that is open."""
        return tuple((own.condition, own.settled(*self._counts[own.part])) for own in self._bounds)

    def _all_settled(self) -> bool:
        return all(own.settled(*self._counts[own.part]) is not None for own in self._bounds)

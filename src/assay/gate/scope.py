"""Which trials of a suite is a figure over: all, those of a tag, or one scorer's?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assay.schema.score import CaseResult, CaseTally, Metric

__all__ = ["Scope", "untrusted"]


@dataclass(frozen=True)
class Scope:
    """Which trials a figure of a suite is over."""

    suite: str
    """Suite id."""
    tag: str | None
    """Only cases with this tag, or None for all."""
    scorer: str | None
    """Only this scorer, or None for all of them together."""

    def named(self, measure: str) -> str:
        """Return the name of a figure over these trials, as conditions write it."""
        tag = f"#{self.tag}" if self.tag is not None else ""
        scorer = f"/{self.scorer}" if self.scorer is not None else ""
        return f"suite:{self.suite}{tag}{scorer}.{measure}"

    def metrics(self, metrics: Iterable[Metric]) -> list[Metric]:
        """Return the metrics over just these trials; more than one is for the caller to judge."""
        key = (self.suite, self.tag, self.scorer)
        return [own for own in metrics if (own.suite, own.tag, own.scorer) == key]

    def cases(self, cases: Iterable[CaseResult]) -> tuple[CaseResult, ...]:
        """Return the cases that these trials are of, in the order given."""
        return tuple(
            own
            for own in cases
            if own.suite == self.suite
            and (self.tag is None or self.tag in own.tags)
            and (self.scorer is None or self.scorer in own.by_scorer)
        )

    def tally(self, case: CaseResult) -> CaseTally:
        """Return what the trials of one of these cases came to."""
        return case.whole if self.scorer is None else case.by_scorer[self.scorer]

    def grades(self, cases: Iterable[CaseResult]) -> str | None:
        """Return the label of the scorer that graded all these cases; None where they have no scorer in common."""
        if self.scorer is not None:
            return self.scorer
        labels = {tuple(own.by_scorer) for own in cases}
        (only, *others) = labels.pop() if len(labels) == 1 else (None, None)
        return None if others else only

    def doubt(self, metric: Metric, cases: Sequence[CaseResult]) -> str | None:
        """Return why cases do not add up to what was counted over all of them, or None when they do."""
        if not cases and metric.n:
            return "The single cases are needed for this, and are not there."
        tallies = [self.tally(case) for case in cases]
        counted = (
            len(cases),
            sum(case.due for case in cases),
            sum(own.passed for own in tallies),
            sum(own.failed for own in tallies),
        )
        sound = all(_sound(case, own) for case in cases for own in (case.whole, *case.by_scorer.values()))
        if counted != (metric.cases, metric.n, metric.passed, metric.failed) or not sound:
            return "The cases contradict the counts of trials."
        return None


def untrusted(metric: Metric) -> str:
    """Return why a metric without trust says nothing; that none of its trials has a score comes before the doubt."""
    doubt = metric.doubt or "a judge without trust took part"
    silent = f"Not one of {metric.n} trials has a score. " if metric.n and metric.unscored == metric.n else ""
    return f"{silent}{doubt[0].upper()}{doubt[1:]}."


def _sound(case: CaseResult, tally: CaseTally) -> bool:
    """Return whether no more was counted than was asked, and no grade is above 1."""
    scored = tally.passed + tally.failed
    return case.due > 0 and 0 <= scored <= case.asked <= case.due and 0 <= tally.grades <= scored

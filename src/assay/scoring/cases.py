"""What did each candidate do at each case: by all scorers together, and by each?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.schema.score import CaseResult, CaseTally
from assay.scoring.blockers import together_of

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from assay.schema.run import Trial
    from assay.schema.score import Outcome, Score
    from assay.schema.suite import Suite

__all__ = ["CaseResults"]


@dataclass
class _Tally:
    passed: int = 0
    failed: int = 0
    grades: float = 0.0

    def take(self, outcome: Outcome, grade: float) -> None:
        """Count one trial; one without a score has no grade."""
        self.passed += outcome == "passed"
        self.failed += outcome == "failed"
        self.grades += grade if outcome != "unscored" else 0.0

    def stored(self) -> CaseTally:
        """Return the tally as a noun."""
        return CaseTally(passed=self.passed, failed=self.failed, grades=round(self.grades, 9))


@dataclass
class _Seen:
    asked: int = 0
    whole: _Tally = field(default_factory=_Tally)
    by_scorer: dict[str, _Tally] = field(default_factory=dict)


class CaseResults:
    """Takes scores, trial by trial, and keeps what each case came to; of some suites only, for it takes memory."""

    def __init__(self, suites: Sequence[Suite], wanted: Container[str], *, trials_per_case: int) -> None:
        """Begin with nothing seen.

        Args:
            suites: the suites that were asked.
            wanted: ids of the suites whose cases are kept.
            trials_per_case: trials due for each case and candidate.
        """
        self._suites = [suite for suite in suites if suite.id in wanted]
        self._labels = {
            (suite.id, case.id): tuple(spec.label for spec in suite.scorers_of(case))
            for suite in self._suites
            for case in suite.cases
        }
        self._trials = trials_per_case
        self._seen: dict[tuple[str, str, str], _Seen] = {}

    def take(self, trial: Trial, scores: Sequence[Score]) -> None:
        """Count one trial; one of another suite, or that was not due, is left out."""
        labels = self._labels.get((trial.suite, trial.case))
        if labels is None or trial.trial > self._trials:
            return
        seen = self._seen.setdefault((trial.candidate, trial.suite, trial.case), _Seen())
        seen.asked += 1
        by_label = {score.scorer: score for score in scores}
        outcomes: list[Outcome] = [by_label[label].outcome if label in by_label else "unscored" for label in labels]
        together = together_of(outcomes)
        seen.whole.take(together, float(together == "passed"))
        for label, outcome in zip(labels, outcomes, strict=True):
            grade = by_label[label].value if label in by_label else None
            seen.by_scorer.setdefault(label, _Tally()).take(outcome, grade or 0.0)

    def of(self, candidate: str) -> tuple[CaseResult, ...]:
        """Return the cases of one candidate in the order of the suites; one that was not asked has empty tallies."""
        return tuple(
            CaseResult(
                suite=suite.id,
                case=case.id,
                digest=case.digest(),
                tags=case.tags,
                source=case.source,
                due=self._trials,
                asked=seen.asked,
                whole=seen.whole.stored(),
                by_scorer={
                    label: seen.by_scorer.get(label, _Tally()).stored() for label in self._labels[suite.id, case.id]
                },
            )
            for suite in self._suites
            for case in suite.cases
            for seen in (self._seen.get((candidate, suite.id, case.id), _Seen()),)
        )

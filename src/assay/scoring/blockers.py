"""Which blockers did a candidate not pass?

A rate may rest on a judge and a sample of labels; a single answer may not. Where a judge has a say in a blocker, the
word of a person on that very answer stands in for it, or the trial has no score.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from assay.schema.record import LONGEST_OUTPUT, BlockerFailure
from assay.scoring.trust import judge_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assay.schema.run import Trial
    from assay.schema.score import Outcome, Score
    from assay.schema.suite import Case, ScorerSpec, Suite
    from assay.scoring.drawing import People

__all__ = ["Blockers", "needed_passes", "together_of"]

_WORST_FIRST: tuple[Outcome, ...] = ("failed", "unscored", "passed")


def needed_passes(case: Case, trials: int) -> int:
    """Return how many of its trials must pass for a case to pass; exact, so that 0.6 of 5 are 3."""
    return trials if case.min_pass_rate is None else math.ceil(round(case.min_pass_rate * trials, 9))


def together_of(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome of a trial: all its scorers must pass, and one that fails is enough."""
    if "failed" in outcomes:
        return "failed"
    return "passed" if outcomes and "unscored" not in outcomes else "unscored"


class Blockers:
    """Takes the trials of blockers and says which did not pass."""

    def __init__(self, trials_per_case: int) -> None:
        """Begin without a blocker.

        Args:
            trials_per_case: trials due for each case and candidate.
        """
        self._trials = trials_per_case
        self._due: dict[tuple[str, str, str], tuple[Case, Sequence[ScorerSpec]]] = {}
        self._seen: dict[tuple[str, str, str], list[tuple[Outcome, int, str, str | None]]] = {}

    def expect(self, candidate: str, suite: Suite, case: Case) -> None:
        """Take note that trials of a blocker are due."""
        self._due[candidate, suite.id, case.id] = (case, suite.scorers_of(case))
        self._seen[candidate, suite.id, case.id] = []

    def take(self, trial: Trial, scores: Mapping[str, Score], people: People) -> None:
        """Count one trial, if it is of a blocker.

        Args:
            trial: what was answered.
            scores: its scores by label.
            people: what people say of this very answer.
        """
        due = self._due.get((trial.candidate, trial.suite, trial.case))
        if due is None:
            return
        told = [_said(spec, scores.get(spec.label), people) for spec in due[1]]
        outcome = together_of([own for own, _ in told])
        reason = next((why for own, why in told if own == outcome), "it has no score")
        output = None if trial.output is None else trial.output[:LONGEST_OUTPUT]
        self._seen[trial.candidate, trial.suite, trial.case].append((outcome, trial.trial, reason, output))

    def failures(self) -> tuple[BlockerFailure, ...]:
        """Return each blocker of which too few trials passed, once a candidate, by its worst trial."""
        found = []
        for (candidate, suite, case_id), seen in self._seen.items():
            given = {number for _, number, _, _ in seen}
            missing = [("unscored", n, "it was not asked", None) for n in range(1, self._trials + 1) if n not in given]
            trials = sorted([*seen, *missing], key=lambda each: each[1])
            needed = needed_passes(self._due[candidate, suite, case_id][0], self._trials)
            if sum(each[0] == "passed" for each in trials) >= needed:
                continue
            outcome, number, reason, output = min(trials, key=lambda each: _WORST_FIRST.index(each[0]))
            found.append(
                BlockerFailure(
                    candidate=candidate,
                    suite=suite,
                    case=case_id,
                    outcome="failed" if outcome == "failed" else "unscored",
                    reason=f"trial {number}: {reason}",
                    output=output,
                )
            )
        return tuple(found)


def _said(spec: ScorerSpec, score: Score | None, people: People) -> tuple[Outcome, str]:
    """Return what a scorer says of a blocker's trial, with the reason."""
    if score is None:
        return "unscored", "it has no score"
    rubrics = spec.rubrics()
    if not rubrics or score.outcome == "unscored":
        return score.outcome, score.reason
    word = people.words.get(judge_label(next(iter(rubrics)))) if spec.name == "judge" else None
    if word is not None:
        return word, f"people say {word}; {score.reason}"
    return "unscored", f"only a judge says {score.outcome}, and nobody labelled the answer; {score.reason}"

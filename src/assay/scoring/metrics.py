"""How often did each candidate pass, by suite, tag and scorer, and which blockers did it not pass?

What was *due* is counted: every trial number of every case. What is due and has no score is unscored. Trials are taken
one by one and forgotten, so that memory does not grow with their number.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from assay.schema._base import rounded
from assay.schema.record import BlockerFailure
from assay.schema.score import Correction, Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from assay.schema.run import Trial
    from assay.schema.score import Outcome, Score
    from assay.schema.suite import Case, ScorerSpec, Suite

    Strata = tuple[int, int, int, int, int, int]

__all__ = ["Counting", "Methods"]

_LONGEST_OUTPUT = 200
_LEAST_LABELS = 30
"""With fewer labels a judged rate carries no condition; `docs/judges.md` says why."""

_WORST_FIRST: tuple[Outcome, ...] = ("failed", "unscored", "passed")


class _Cell(NamedTuple):
    """What one metric is about."""

    candidate: str
    suite: str
    tag: str | None
    scorer: str | None


@dataclass
class _Tally:
    """Trials counted for one metric."""

    due: int = 0
    cases: int = 0
    judge: str | None = None
    """The judge that alone decides, by its label."""
    trusted: bool = True
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    words: Counter[tuple[Outcome, str]] = field(default_factory=Counter)
    """Labelled trials by the judge's verdict and the person's word."""
    by_case: dict[str, list[Outcome]] = field(default_factory=dict)


@dataclass(frozen=True)
class Methods:
    """Statistics that another room knows."""

    interval: Callable[[int, int], tuple[float, float]]
    """Limits of the 95 % interval of a rate, from trials passed and trials due."""
    correct: Callable[[Strata], tuple[float | None, float, float, float | None]]
    """Rate by human judgement with its limits and the labels' worth, from the six counts of a Correction."""


class Counting:
    """Takes scores, trial by trial, and says what they come to."""

    def __init__(
        self,
        suites: Sequence[Suite],
        candidates: Sequence[str],
        *,
        trials_per_case: int,
        untrusted: Container[str] = frozenset(),
        calibrated: Container[str] = frozenset(),
    ) -> None:
        """Lay out what is due.

        Args:
            suites: the suites that were asked, in the order of the result.
            candidates: ids of the candidates that were asked, in the order of the result.
            trials_per_case: trials due for each case and candidate.
            untrusted: labels of scorers that may not carry a condition.
            calibrated: labels of judges whose rates people's labels correct.
        """
        self._trials = trials_per_case
        self._tallies: dict[_Cell, _Tally] = {}
        self._cases: dict[tuple[str, str], tuple[Case, tuple[str, ...]]] = {}
        self._several: dict[str, bool] = {}
        self._worst: dict[tuple[str, str, str], list[tuple[Outcome, int, str, str | None]]] = {}
        self._candidates = frozenset(candidates)
        for suite in suites:
            labels = list(dict.fromkeys(spec.label for case in suite.cases for spec in suite.scorers_of(case)))
            self._several[suite.id] = len(labels) > 1
            for case in suite.cases:
                self._cases[suite.id, case.id] = (case, tuple(spec.label for spec in suite.scorers_of(case)))
        for candidate in candidates:
            for suite in suites:
                self._lay_out(candidate, suite, untrusted, calibrated)

    def _lay_out(self, candidate: str, suite: Suite, untrusted: Container[str], calibrated: Container[str]) -> None:
        tags = sorted({tag for case in suite.cases for tag in case.tags})
        for tag in (None, *tags):
            self._tallies[_Cell(candidate, suite.id, tag, None)] = _Tally()
        for case in suite.cases:
            specs = suite.scorers_of(case)
            for cell, labels in self._cells(candidate, suite.id, case, [spec.label for spec in specs]):
                own = [spec for spec in specs if spec.label in labels]
                tally = self._tallies.setdefault(cell, _Tally())
                _weigh(tally, own, untrusted, calibrated)
                tally.cases += 1
                tally.due += self._trials
            if case.severity == "blocker":
                self._worst[candidate, suite.id, case.id] = []

    def _cells(
        self, candidate: str, suite: str, case: Case, labels: Sequence[str]
    ) -> Iterator[tuple[_Cell, Sequence[str]]]:
        """Yield the metrics that a case has a part in, with the scorers that count for each."""
        yield _Cell(candidate, suite, None, None), labels
        for tag in sorted(set(case.tags)):
            yield _Cell(candidate, suite, tag, None), labels
        if self._several[suite]:
            for label in dict.fromkeys(labels):
                yield _Cell(candidate, suite, None, label), (label,)

    def take(self, trial: Trial, scores: Sequence[Score], word: str | None = None) -> None:
        """Count one trial; one that was not due is left out.

        Args:
            trial: what was answered.
            scores: its scores.
            word: what people say of this very answer, `passed` or `failed`, or None.
        """
        found = self._cases.get((trial.suite, trial.case))
        if found is None or trial.candidate not in self._candidates or trial.trial > self._trials:
            return
        case, labels = found
        by_label = {score.scorer: score for score in scores}
        for cell, own in self._cells(trial.candidate, trial.suite, case, labels):
            tally = self._tallies[cell]
            outcome = _together([by_label[label].outcome if label in by_label else "unscored" for label in own])
            tally.outcomes[outcome] += 1
            if word is not None:
                tally.words[outcome, word] += 1
            if self._trials > 1:
                tally.by_case.setdefault(case.id, []).append(outcome)
        worst = self._worst.get((trial.candidate, trial.suite, case.id))
        if worst is not None:
            outcome, reason = _said(labels, by_label)
            output = None if trial.output is None else trial.output[:_LONGEST_OUTPUT]
            worst.append((outcome, trial.trial, reason, output))

    def metrics(self, methods: Methods) -> tuple[Metric, ...]:
        """Return the metrics of each candidate and suite: overall, by tag, and by scorer where there are several."""
        return tuple(self._metric(cell, tally, methods) for cell, tally in self._tallies.items())

    def _metric(self, cell: _Cell, tally: _Tally, methods: Methods) -> Metric:
        passed, failed, n = tally.outcomes["passed"], tally.outcomes["failed"], tally.due
        low, high = methods.interval(passed, n) if n else (None, None)
        correction = _correction(tally, methods) if tally.judge is not None and tally.trusted else None
        labels = correction.pass_labels + correction.fail_labels if correction is not None else 0
        return Metric(
            candidate=cell.candidate,
            suite=cell.suite,
            tag=cell.tag,
            scorer=cell.scorer,
            cases=tally.cases,
            passed=passed,
            failed=failed,
            unscored=n - passed - failed,
            n=n,
            rate=rounded(passed / n) if n else None,
            rate_scored=rounded(passed / (passed + failed)) if passed + failed else None,
            low=None if low is None else rounded(low),
            high=None if high is None else rounded(high),
            cases_passed=self._cases_passed(cell.suite, tally) if self._trials > 1 else None,
            flip_rate=_flip_rate(tally) if self._trials > 1 else None,
            correction=correction,
            trusted=tally.trusted and (tally.judge is None or labels >= _LEAST_LABELS),
        )

    def _cases_passed(self, suite: str, tally: _Tally) -> int:
        return sum(
            outcomes.count("passed") >= self._needed(self._cases[suite, case][0])
            for case, outcomes in tally.by_case.items()
        )

    def _needed(self, case: Case) -> int:
        """Return how many trials of a case must pass; exact, so that 0.6 of 5 are 3."""
        return self._trials if case.min_pass_rate is None else math.ceil(round(case.min_pass_rate * self._trials, 9))

    def blockers(self) -> tuple[BlockerFailure, ...]:
        """Return each blocker case of which too few trials passed, once a candidate, by its worst trial."""
        failures = []
        for (candidate, suite, case_id), seen in self._worst.items():
            given = {number for _, number, _, _ in seen}
            missing = [("unscored", n, "it has no score", None) for n in range(1, self._trials + 1) if n not in given]
            trials = sorted([*seen, *missing], key=lambda each: each[1])
            if sum(each[0] == "passed" for each in trials) >= self._needed(self._cases[suite, case_id][0]):
                continue
            outcome, number, reason, output = min(trials, key=lambda each: _WORST_FIRST.index(each[0]))
            failures.append(
                BlockerFailure(
                    candidate=candidate,
                    suite=suite,
                    case=case_id,
                    outcome="failed" if outcome == "failed" else "unscored",
                    reason=f"trial {number}: {reason}",
                    output=output,
                )
            )
        return tuple(failures)


def _weigh(tally: _Tally, specs: Sequence[ScorerSpec], untrusted: Container[str], calibrated: Container[str]) -> None:
    """Take note of who decides a case, and whether that may carry a condition.

    A judge's rate can only be corrected where the judge alone decides: labels say nothing of a mixture.
    """
    judged = [spec for spec in specs if spec.rubrics()]
    alone = len(specs) == 1 and len(judged) == 1 and judged[0].name == "judge"
    label = judged[0].label if alone and judged[0].label in calibrated else None
    if any(spec.label in untrusted for spec in judged) or (judged and label is None):
        tally.trusted = False
    if tally.cases and tally.judge != label:
        tally.trusted = False  # some cases are the judge's and some are not
    tally.judge = label


def _correction(tally: _Tally, methods: Methods) -> Correction:
    words = tally.words
    strata = (
        tally.outcomes["passed"],
        tally.outcomes["passed"] + tally.outcomes["failed"],
        words["passed", "passed"] + words["passed", "failed"],
        words["passed", "passed"],
        words["failed", "passed"] + words["failed", "failed"],
        words["failed", "passed"],
    )
    value, low, high, worth = methods.correct(strata)
    return Correction(
        judged_passed=strata[0],
        judged_n=strata[1],
        pass_labels=strata[2],
        pass_labels_passed=strata[3],
        fail_labels=strata[4],
        fail_labels_passed=strata[5],
        value=None if value is None else rounded(value),
        low=rounded(low),
        high=rounded(high),
        worth=None if worth is None else rounded(worth),
    )


def _flip_rate(tally: _Tally) -> float | None:
    scored = [[o for o in outcomes if o != "unscored"] for outcomes in tally.by_case.values()]
    several = [outcomes for outcomes in scored if len(outcomes) > 1]
    return rounded(sum(len(set(outcomes)) > 1 for outcomes in several) / len(several)) if several else None


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome of a trial: all its scorers must pass, and one that fails is enough."""
    if "failed" in outcomes:
        return "failed"
    return "passed" if outcomes and "unscored" not in outcomes else "unscored"


def _said(labels: Sequence[str], scores: Mapping[str, Score]) -> tuple[Outcome, str]:
    """Return the outcome of a trial with the reason of the first scorer that said so."""
    outcome = _together([scores[label].outcome if label in scores else "unscored" for label in labels])
    reasons = [scores[label].reason for label in labels if label in scores and scores[label].outcome == outcome]
    return outcome, reasons[0] if reasons else "it has no score"

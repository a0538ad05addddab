"""How often did each candidate pass, by suite, tag and scorer, and which blockers did it not pass?

What was *due* is counted: every trial number of every case. What is due and has no score is unscored. Trials are taken
one by one and forgotten, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from assay.schema._base import rounded
from assay.schema.score import Correction, Metric
from assay.scoring.blockers import Blockers, needed_passes, together_of
from assay.scoring.drawing import People
from assay.scoring.trust import judge_label

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from assay.schema.record import BlockerFailure
    from assay.schema.run import Trial
    from assay.schema.score import Outcome, Score
    from assay.schema.suite import Case, ScorerSpec, Suite

    Strata = tuple[int, int, int, int, int, int]

__all__ = ["Counting", "Methods"]

_LEAST_LABELS = 30
"""With fewer labels a judged rate carries no condition; `docs/judges.md` says why."""

_NOBODY = People()


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
    doubt: str | None = None
    """Why it may carry no condition."""
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    grades: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """Sum of the grades given by a single scorer, and how many there are."""
    words: Counter[tuple[Outcome, str]] = field(default_factory=Counter)
    """Trials of the labelled sample, by the judge's verdict and the person's word."""
    labelled: set[str] = field(default_factory=set)
    """Cases in the labelled sample on which the judge gave a verdict."""
    gap: str | None = None
    """The first case of the draw without a label, where labelled ones come after it."""
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
        untrusted: Mapping[str, str] | None = None,
        calibrated: Container[str] = frozenset(),
        stopping: Container[str] = frozenset(),
    ) -> None:
        """Lay out what is due.

        Args:
            suites: the suites that were asked, in the order of the result.
            candidates: ids of the candidates that were asked, in the order of the result.
            trials_per_case: trials due for each case and candidate.
            untrusted: labels of scorers that may not carry a condition, each with the reason.
            calibrated: labels of judges whose rates people's labels correct.
            stopping: ids of the candidates of whom a suite could stop being asked before all of it was.
        """
        self._trials = trials_per_case
        self._stopping = stopping
        self._tallies: dict[_Cell, _Tally] = {}
        self._cases: dict[tuple[str, str], tuple[Case, tuple[str, ...]]] = {}
        self._several: dict[str, bool] = {}
        self._blockers = Blockers(trials_per_case)
        self._candidates = frozenset(candidates)
        for suite in suites:
            labels = list(dict.fromkeys(spec.label for case in suite.cases for spec in suite.scorers_of(case)))
            self._several[suite.id] = len(labels) > 1
            for case in suite.cases:
                self._cases[suite.id, case.id] = (case, tuple(spec.label for spec in suite.scorers_of(case)))
        for candidate in candidates:
            for suite in suites:
                self._lay_out(candidate, suite, untrusted or {}, calibrated)

    def _lay_out(self, candidate: str, suite: Suite, untrusted: Mapping[str, str], calibrated: Container[str]) -> None:
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
                self._blockers.expect(candidate, suite, case)

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

    def take(self, trial: Trial, scores: Sequence[Score], people: People = _NOBODY) -> None:
        """Count one trial; one that was not due is left out.

        Args:
            trial: what was answered.
            scores: its scores.
            people: what people say of this very answer.
        """
        found = self._cases.get((trial.suite, trial.case))
        if found is None or trial.candidate not in self._candidates or trial.trial > self._trials:
            return
        case, labels = found
        by_label = {score.scorer: score for score in scores}
        for cell, own in self._cells(trial.candidate, trial.suite, case, labels):
            tally = self._tallies[cell]
            outcome = together_of([by_label[label].outcome if label in by_label else "unscored" for label in own])
            tally.outcomes[outcome] += 1
            if len(own) == 1 and outcome != "unscored":
                tally.grades[0] += by_label[own[0]].value or 0.0
                tally.grades[1] += 1
            if tally.judge in people.drawn and outcome != "unscored":
                tally.words[outcome, people.words[tally.judge]] += 1
                tally.labelled.add(case.id)
            if self._trials > 1:
                tally.by_case.setdefault(case.id, []).append(outcome)
        self._blockers.take(trial, by_label, people)

    def note_gap(self, candidate: str, label: str, place: tuple[str, str]) -> None:
        """Take note of where the labelled sample of a candidate breaks off though more labels come after it."""
        for cell, tally in self._tallies.items():
            if (cell.candidate, cell.suite, tally.judge) == (candidate, place[0], label):
                tally.gap = "/".join(place)

    def metrics(self, methods: Methods) -> tuple[Metric, ...]:
        """Return the metrics of each candidate and suite: overall, by tag, and by scorer where there are several."""
        return tuple(self._metric(cell, tally, methods) for cell, tally in self._tallies.items())

    def _metric(self, cell: _Cell, tally: _Tally, methods: Methods) -> Metric:
        passed, failed, n = tally.outcomes["passed"], tally.outcomes["failed"], tally.due
        # Every trial that was taken has an outcome, if only that it has no score.
        stopped = n - tally.outcomes.total() if cell.candidate in self._stopping else 0
        asked = n - stopped
        # Trials of one case are alike: an interval that took them for independent would be too narrow.
        low, high = methods.interval(passed, asked) if asked and self._trials == 1 else (None, None)
        alone = tally.judge is not None and tally.doubt is None
        correction = _correction(tally, methods, alike=self._trials > 1) if alone else None
        doubt = _too_few(tally) if alone and len(tally.labelled) < _LEAST_LABELS else tally.doubt
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
            stopped=stopped,
            rate=rounded(passed / asked) if asked else None,
            rate_scored=rounded(passed / (passed + failed)) if passed + failed else None,
            low=None if low is None else rounded(low),
            high=None if high is None else rounded(high),
            cases_passed=self._cases_passed(cell.suite, tally) if self._trials > 1 else None,
            flip_rate=_flip_rate(tally) if self._trials > 1 else None,
            correction=correction,
            trusted=doubt is None,
            doubt=doubt,
            mean=rounded(tally.grades[0] / tally.grades[1]) if 0 < tally.grades[1] == passed + failed else None,
        )

    def _cases_passed(self, suite: str, tally: _Tally) -> int:
        return sum(
            outcomes.count("passed") >= needed_passes(self._cases[suite, case][0], self._trials)
            for case, outcomes in tally.by_case.items()
        )

    def blockers(self) -> tuple[BlockerFailure, ...]:
        """Return each blocker case of which too few trials passed, once a candidate, by its worst trial."""
        return self._blockers.failures()


def _weigh(
    tally: _Tally, specs: Sequence[ScorerSpec], untrusted: Mapping[str, str], calibrated: Container[str]
) -> None:
    """Take note of who decides a case, and whether that may carry a condition.

    A judge's rate can only be corrected where the judge alone decides: labels say nothing of a mixture.
    """
    judges = [judge_label(rubric) for spec in specs for rubric in sorted(spec.rubrics())]
    alone = len(specs) == 1 and specs[0].name == "judge" and judges[0] in calibrated
    label = judges[0] if alone else None
    reasons = [untrusted[judge] for judge in judges if judge in untrusted]
    # Some cases may be the judge's and some not: labels of the ones say nothing of the others.
    if (judges and not alone) or (tally.cases > 0 and tally.judge != label):
        reasons.append("a judge decides it together with other scorers")
    tally.doubt = tally.doubt or next(iter(reasons), None)
    tally.judge = label


def _too_few(tally: _Tally) -> str:
    found = len(tally.labelled)
    gap = f"; the draw breaks off at {tally.gap}, which has no label" if tally.gap is not None else ""
    return f"the judge's word needs {_LEAST_LABELS} human labels on these answers to carry it, and has {found}{gap}"


def _correction(tally: _Tally, methods: Methods, *, alike: bool) -> Correction:
    """Return the rate by human judgement; without limits where a case has several trials, which are alike."""
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
        low=None if alike else rounded(low),
        high=None if alike else rounded(high),
        worth=None if worth is None or alike else rounded(worth),
    )


def _flip_rate(tally: _Tally) -> float | None:
    scored = [[o for o in outcomes if o != "unscored"] for outcomes in tally.by_case.values()]
    several = [outcomes for outcomes in scored if len(outcomes) > 1]
    return rounded(sum(len(set(outcomes)) > 1 for outcomes in several) / len(several)) if several else None

"""Do enough trials of a suite pass, are their grades good enough, and are they no worse than a baseline's?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, Literal

from assay.gate.against import answer_against
from assay.gate.comparison import read_against, read_comparison
from assay.gate.corrected import answer_corrected
from assay.gate.grades import answer_grade
from assay.gate.question import ConditionError, Form, UnknownMetricError, not_one, unknown
from assay.gate.rates import answer_rate, pass_share
from assay.gate.scope import Scope, untrusted
from assay.gate.share import PartShare, answer_share, check_share

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from assay.gate.comparison import AgainstBaseline, Comparison
    from assay.gate.evidence import Facts, Subjects
    from assay.gate.question import Answer
    from assay.schema.score import Metric

    Compared = Literal["pass_rate", "mean_grade"]

__all__ = ["FORM", "MEASURES", "AgainstQuestion", "SuiteQuestion"]

_WRITTEN = "suite:<id>[#<tag> or /<scorer label>].pass_rate >= 0.9 [with 95% confidence]"
_AGAINST = "suite:<id>[#<tag> or /<scorer label>].pass_rate not worse than baseline by 0.05 [with 95% confidence]"
_BETTER = "suite:<id>[#<tag> or /<scorer label>].pass_rate better than baseline [with 95% confidence]"
_TARGET = re.compile(r"suite:(?P<suite>[^#/]+)(?:#(?P<tag>[^/]+))?(?:/(?P<scorer>.+))?\.(?P<measure>[a-z0-9_]+)")
MEASURES: Final = ("pass_rate", "coverage", "mean_grade")
"""What can be asked of a suite."""


@dataclass(frozen=True)
class SuiteQuestion:
    """A figure of the trials of one suite, of one tag of it, or of one scorer, against a threshold."""

    scope: Scope
    """Which trials."""
    measure: str
    """`pass_rate`, `coverage` or `mean_grade`."""
    comparison: Comparison
    """What the figure is held against."""
    against_baseline: Literal[False] = False
    """It needs no baseline."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return self.scope.named(self.measure)

    @property
    def threshold(self) -> float:
        """What the figure is compared with."""
        return self.comparison.threshold

    def answer(self, facts: Facts) -> Answer:
        """Answer from the one metric that fits; an untrusted one says nothing."""
        found = self.scope.metrics(facts.metrics)
        if len(found) != 1:
            return not_one(self.metric, len(found))
        if not found[0].trusted:
            return unknown(untrusted(found[0]), n=found[0].n)
        if self.measure == "coverage":
            return answer_share(_coverage(found[0]), self.comparison)
        if self.measure == "mean_grade":
            return answer_grade(found[0], self.scope, facts, self.comparison)
        return self._rate(found[0], facts)

    def _rate(self, metric: Metric, facts: Facts) -> Answer:
        if metric.correction is not None:
            cases = self.scope.cases(facts.cases)
            if self.comparison.confidence is not None and not cases and self.scope.suite not in facts.whole:
                return unknown("The single cases are needed for this, and are not there.", n=metric.n)
            return answer_corrected(metric, metric.correction, self.comparison, cases)
        if self.comparison.confidence is None:
            share = pass_share(metric.passed, metric.unscored, metric.n, unasked=metric.stopped)
            return answer_share(share, self.comparison)
        return answer_rate(metric, self.scope, facts, self.comparison)

    def by_case(self, whole: Container[str]) -> str | None:
        """Return the suite for a mean grade, and for a confidence where its trials are not independent."""
        if self.measure == "mean_grade":
            return self.scope.suite
        return self.scope.suite if self.comparison.confidence is not None and self.scope.suite not in whole else None


@dataclass(frozen=True)
class AgainstQuestion:
    """A figure of the trials of one suite, of one tag of it, or of one scorer, against that of the baseline."""

    scope: Scope
    """Which trials."""
    measure: Compared
    """What is compared."""
    against: AgainstBaseline
    """How much better or worse it must be."""
    against_baseline: Literal[True] = True
    """It needs a baseline."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return self.scope.named(self.measure)

    @property
    def threshold(self) -> float:
        """What the difference of candidate and baseline is compared with: minus the margin, or 0."""
        return -self.against.margin if self.against.claim == "not_worse" else 0.0

    def answer(self, facts: Facts) -> Answer:
        """Answer from the cases that candidate and baseline both tried."""
        return answer_against(self.scope, self.measure, self.against, facts)

    def by_case(self, _whole: Container[str]) -> str:
        """Return the suite: only single cases can be paired."""
        return self.scope.suite


def _coverage(metric: Metric) -> PartShare:
    """Return the share of scored trials; one without a score may still get one, so it is unknown, not failed."""
    words = {"more_hits": "scored trial", "more_misses": "unscored trial"}
    scored = metric.passed + metric.failed
    return PartShare(scored, metric.unscored, metric.n, "trials", "have a score", **words, left=metric.stopped)


def _read(text: str) -> SuiteQuestion | AgainstQuestion:
    compared = read_against(text)
    if compared is not None:
        return _read_against(*compared)
    if " baseline" in text:
        raise ConditionError("cannot be read", f"Write it as `{_AGAINST}` or `{_BETTER}`.")
    target, comparison = read_comparison(text, _WRITTEN)
    scope, measure = _read_target(target, _WRITTEN)
    check_share(comparison)
    if measure == "coverage" and comparison.confidence is not None:
        raise ConditionError("asks for confidence in a share that is counted, not sampled", "Leave out the confidence.")
    return SuiteQuestion(scope, measure, comparison)


def _read_against(target: str, against: AgainstBaseline) -> AgainstQuestion:
    scope, measure = _read_target(target, _AGAINST)
    if measure == "coverage":
        raise ConditionError("compares a share that is counted, not sampled", "Compare pass_rate or mean_grade.")
    if against.relative:
        raise ConditionError("has a margin in percent", "Write it as a share from 0 to 1, such as 0.05.")
    if against.margin >= 1:
        raise ConditionError("can never fail", "Write a margin below 1, such as 0.05.")
    return AgainstQuestion(scope, "mean_grade" if measure == "mean_grade" else "pass_rate", against)


def _read_target(target: str, written: str) -> tuple[Scope, str]:
    match = _TARGET.fullmatch(target)
    if match is None:
        raise ConditionError("cannot be read", f"Write it as `{written}`.")
    if match["measure"] not in MEASURES:
        raise UnknownMetricError(target)
    return Scope(match["suite"], match["tag"], match["scorer"]), match["measure"]


def _metrics(subjects: Subjects) -> Iterable[str]:
    for suite in subjects.suites:
        tags: list[str | None] = [None, *suite.tags]
        scorers: list[str | None] = [None, *suite.scorers]
        for tag, scorer, measure in product(tags, scorers, MEASURES):
            # Metrics are taken by tag or by scorer, and several scorers together have no common grade.
            together = scorer is None and bool(suite.scorers)
            if (tag is None or scorer is None) and not (measure == "mean_grade" and together):
                yield Scope(suite.id, tag, scorer).named(measure)


FORM: Final = Form(_WRITTEN, _read, _metrics)

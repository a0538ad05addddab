"""Do enough trials of a suite pass, and do enough have a score at all?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from assay.gate.comparison import read_comparison
from assay.gate.corrected import answer_corrected
from assay.gate.question import ConditionError, Form, UnknownMetricError, not_one, unknown
from assay.gate.share import Share, answer_share, check_share

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from assay.gate.comparison import Comparison
    from assay.gate.evidence import Facts, Subjects
    from assay.gate.question import Answer
    from assay.schema.score import Metric

__all__ = ["FORM", "SuiteQuestion"]

_WRITTEN = "suite:<id>[#<tag> or /<scorer label>].pass_rate >= 0.9 [with 95% confidence]"
_TARGET = re.compile(r"suite:(?P<suite>[^#/]+)(?:#(?P<tag>[^/]+))?(?:/(?P<scorer>.+))?\.(?P<measure>[a-z0-9_]+)")


def _pass_rate(metric: Metric) -> Share:
    """Return the share of passes; a trial without a score might be one."""
    return Share(
        metric.passed,
        metric.unscored,
        metric.n,
        "trials",
        "passed",
        more_hits="passing trial",
        more_misses="failing trial",
    )


def _coverage(metric: Metric) -> Share:
    """Return the share of scored trials; one without a score may still get one, so it is unknown, not failed."""
    scored = metric.passed + metric.failed
    return Share(
        scored,
        metric.unscored,
        metric.n,
        "trials",
        "have a score",
        more_hits="scored trial",
        more_misses="unscored trial",
    )


MEASURES: Final[dict[str, Callable[[Metric], Share]]] = {"pass_rate": _pass_rate, "coverage": _coverage}
"""What can be asked of a suite."""


@dataclass(frozen=True)
class SuiteQuestion:
    """A share of the trials of one suite, of one tag of it, or of one scorer, against a threshold."""

    suite: str
    """Suite id."""
    tag: str | None
    """Only cases with this tag, or None for all."""
    scorer: str | None
    """Only this scorer, or None for all of them together."""
    measure: str
    """Name in MEASURES."""
    comparison: Comparison
    """What the share is held against."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        tag = f"#{self.tag}" if self.tag is not None else ""
        scorer = f"/{self.scorer}" if self.scorer is not None else ""
        return f"suite:{self.suite}{tag}{scorer}.{self.measure}"

    @property
    def threshold(self) -> float:
        """What the share is compared with."""
        return self.comparison.threshold

    def answer(self, facts: Facts) -> Answer:
        """Answer from the one metric that fits; an untrusted one says nothing."""
        key = (self.suite, self.tag, self.scorer)
        found = [metric for metric in facts.metrics if (metric.suite, metric.tag, metric.scorer) == key]
        if len(found) != 1:
            return not_one(self.metric, len(found))
        if not found[0].trusted:
            doubt = found[0].doubt or "a judge without trust took part"
            return unknown(f"{doubt[0].upper()}{doubt[1:]}.", n=found[0].n)
        if self.comparison.confidence is not None and found[0].cases < found[0].n:
            # Trials of one case are alike: counted one by one they would claim a precision that is not there.
            return unknown("Each case was tried several times: a confidence needs one trial a case.", n=found[0].n)
        if found[0].correction is not None and self.measure == "pass_rate":
            return answer_corrected(found[0], found[0].correction, self.comparison)
        return answer_share(MEASURES[self.measure](found[0]), self.comparison)

    def by_case(self, whole: Container[str]) -> str | None:
        """Return the suite where a confidence is asked for and its trials are not independent of each other."""
        return self.suite if self.comparison.confidence is not None and self.suite not in whole else None


def _read(text: str) -> SuiteQuestion:
    target, comparison = read_comparison(text, _WRITTEN)
    match = _TARGET.fullmatch(target)
    if match is None:
        raise ConditionError("cannot be read", f"Write it as `{_WRITTEN}`.")
    if match["measure"] not in MEASURES:
        raise UnknownMetricError(target)
    check_share(comparison)
    if match["measure"] == "coverage" and comparison.confidence is not None:
        raise ConditionError("asks for confidence in a share that is counted, not sampled", "Leave out the confidence.")
    return SuiteQuestion(match["suite"], match["tag"], match["scorer"], match["measure"], comparison)


def _metrics(subjects: Subjects) -> Iterable[str]:
    for suite in subjects.suites:
        tags = ("", *(f"#{tag}" for tag in suite.tags))
        scorers = ("", *(f"/{scorer}" for scorer in suite.scorers))
        for tag, scorer, measure in product(tags, scorers, MEASURES):
            if not (tag and scorer):  # metrics are taken by tag or by scorer
                yield f"suite:{suite.id}{tag}{scorer}.{measure}"


FORM: Final = Form(_WRITTEN, _read, _metrics)

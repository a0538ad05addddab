"""Is the candidate proven to be as good as the baseline, or better, on the cases that both tried?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.gate.by_case import LEAST_CLUSTERS, cautious_limits, differences, further, graded, passed, proves
from assay.gate.comparison import Comparison
from assay.gate.grades import VERDICTS_ONLY
from assay.gate.means import LEAST_CASES_FOR_A_MEAN
from assay.gate.paired import tango_limits
from assay.gate.pairing import pair
from assay.gate.question import Answer, not_one, unknown
from assay.gate.scope import untrusted
from assay.gate.wins import answer_better, answer_not_worse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    from assay.gate.by_case import CaseFigures
    from assay.gate.comparison import AgainstBaseline
    from assay.gate.evidence import Facts
    from assay.gate.paired import PairedTable
    from assay.gate.pairing import Pairing
    from assay.gate.scope import Scope
    from assay.schema.score import CaseResult, Metric

    Compared = Literal["pass_rate", "mean_grade"]

__all__ = ["answer_against"]

_DIGITS = 12
"""Decimals of differences of shares: the last bits differ between machines."""


class _DoubtError(Exception):
    """Nothing can be compared."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


def answer_against(scope: Scope, measure: Compared, against: AgainstBaseline, facts: Facts) -> Answer:
    """Return what a comparison of the candidate with the baseline comes to.

    Cases are paired by their digests, never by position. Single trials of independent cases are compared by Tango's
    score test (not worse) and by McNemar's mid-p (better); several trials a case, cases that share a source, and grades
    by the mean of the differences of the pairs.
    """
    try:
        pairing = _paired(scope, measure, facts)
        if measure == "pass_rate":
            figures = differences(passed(scope, pairing.own), passed(scope, pairing.other))
            if pairing.single and figures.clusters is None:
                return _single(scope, pairing, against, facts)
            # Sources that differ little must not make a proof easier than independent cases would.
            table = pairing.tables(scope) if pairing.single else None
            return _by_mean(_Means(pairing.said, figures, table), against, facts)
        figures = _grades(scope, pairing)
    except _DoubtError as doubt:
        return doubt.answer
    return _by_mean(_Means(pairing.said, figures, None, LEAST_CASES_FOR_A_MEAN), against, facts)


def _paired(scope: Scope, measure: Compared, facts: Facts) -> Pairing:
    """Return the pairs that can be compared.

    Raises:
        _DoubtError: there are too few, or something speaks against comparing them.
    """
    baseline = facts.baseline
    if baseline is None:
        raise _DoubtError(unknown("There is no baseline."))
    metric = _metric(scope, measure, facts.metrics, "")
    if baseline.record is None and baseline.candidate == metric.candidate:
        raise _DoubtError(unknown("The candidate is the baseline: it cannot be compared with itself.", n=metric.n))
    whose = f" of the baseline {baseline.candidate}"
    earlier = _metric(scope, measure, baseline.metrics, whose)
    own, other = scope.cases(facts.cases), scope.cases(baseline.cases)
    for doubt, words in ((scope.doubt(metric, own), ""), (scope.doubt(earlier, other), f" They are those{whose}.")):
        if doubt is not None:
            raise _DoubtError(unknown(f"{doubt}{words}", n=metric.n))
    pairing = pair(own, other)
    if len(pairing.own) < pairing.needed:
        reason = f"There are only {pairing.said}: a comparison needs {pairing.needed}."
        answer = unknown(reason, n=len(pairing.own))
        raise _DoubtError(replace(answer, needed=pairing.needed - len(pairing.own)))
    return pairing


def _metric(scope: Scope, measure: Compared, metrics: tuple[Metric, ...], whose: str) -> Metric:
    """Return the one metric that is compared.

    Raises:
        _DoubtError: there is not one, or its word carries nothing here.
    """
    found = scope.metrics(metrics)
    if len(found) != 1:
        raise _DoubtError(not_one(f"{scope.named(measure)}{whose}", len(found)))
    metric = found[0]
    if not metric.trusted:
        words = f" This is said{whose}." if whose else ""
        raise _DoubtError(unknown(f"{untrusted(metric)}{words}", n=metric.n))
    if metric.correction is not None:
        reason = VERDICTS_ONLY if measure == "mean_grade" else "Human labels correct each judged rate, not each case."
        raise _DoubtError(unknown(reason, n=metric.n))
    if metric.unscored == metric.n:
        raise _DoubtError(unknown(f"Not one of {metric.n} trials{whose} has a score.", n=metric.n))
    return metric


def _grades(scope: Scope, pairing: Pairing) -> CaseFigures:
    """Return the differences of the mean grades of each pair.

    Raises:
        _DoubtError: no one scorer graded all of them.
    """
    label, other = scope.grades(pairing.own), scope.grades(pairing.other)
    if label is None or label != other:
        raise _DoubtError(unknown("The cases have no scorer in common that grades them.", n=len(pairing.own)))
    return differences(graded(label, pairing.own), graded(label, pairing.other))


def _single(scope: Scope, pairing: Pairing, against: AgainstBaseline, facts: Facts) -> Answer:
    """Return the answer where each case had one trial on both sides."""
    if against.claim == "not_worse":
        return answer_not_worse(scope, pairing, against, facts.looks)
    other = scope.cases(facts.baseline.cases) if facts.baseline is not None else ()
    rivals = [pair(scope.cases(own), other) for own in _rivals(facts).values()]
    return answer_better(scope, pairing, rivals, against)


def _rivals(facts: Facts) -> Mapping[str, Sequence[CaseResult]]:
    """Return the other candidates that are decided on, but for the baseline itself."""
    own = facts.baseline.candidate if facts.baseline is not None and facts.baseline.record is None else None
    return {name: cases for name, cases in facts.rivals.items() if name != own}


@dataclass(frozen=True)
class _Means:
    """Differences of the case means of each pair."""

    said: str
    """How many pairs there are, in words."""
    figures: CaseFigures
    """The differences."""
    tables: tuple[PairedTable, PairedTable] | None
    """How the pairs came out at worst and at best, where each case had one trial."""
    least: int = LEAST_CLUSTERS
    """Cases, or sources, that a confidence takes."""

    @property
    def method(self) -> str:
        """How the limits are found."""
        return self.figures.method if self.tables is None else f"{self.figures.method}; Tango score"

    def with_more(self, count: int, difference: float) -> _Means:
        """Return these with further pairs that all differ alike."""
        tables = self.tables
        if tables is not None:
            grown = [replace(own, both=own.both + count) for own in tables]
            if difference:
                grown = [replace(own, gained=own.gained + count) for own in tables]
            tables = (grown[0], grown[1])
        return replace(self, figures=self.figures.with_more(count, difference), tables=tables)

    def prove(self, comparison: Comparison) -> bool:
        """Return whether these prove it."""
        confidence = comparison.confidence or 0
        if not proves(self.figures, null=comparison.threshold, confidence=confidence, above=True):
            return False
        return self.tables is None or comparison.holds(tango_limits(self.tables[0], confidence)[0])

    def limits(self, comparison: Comparison) -> tuple[float, float]:
        """Return the one-sided limits of the mean difference: of several, the outer ones."""
        confidence = comparison.confidence or 0
        low, high = cautious_limits(self.figures, null=comparison.threshold, confidence=confidence)
        if self.tables is not None:
            worst, best = self.tables
            low = min(low, tango_limits(worst, confidence)[0])
            high = max(high, tango_limits(best, confidence)[1])
        return round(max(-1.0, low), _DIGITS), round(min(1.0, high), _DIGITS)


def _by_mean(means: _Means, against: AgainstBaseline, facts: Facts) -> Answer:
    """Return the answer by the mean of the pairs' differences.

    Where it must be better and rivals are compared with the same baseline, the level is divided by their number
    (Bonferroni): limits have no p-values that Holm could order.
    """
    better = against.claim == "better"
    compared = 1 + (len(_rivals(facts)) if better else 0)
    confidence = 1 - (1 - against.confidence) / compared
    comparison = Comparison(">", 0.0, confidence) if better else Comparison(">=", -against.margin, confidence)
    figures = means.figures
    over = f", over {figures.counted}" if figures.clusters is not None else ""
    said = f"{means.said}{over}"
    few = figures.too_few(said, means.least)
    if few is not None:
        return few
    low, high = means.limits(comparison)
    status, margin = comparison.weigh(low, high)
    answer = Answer(
        status,
        f"{said}: the mean difference is {comparison.proven(status, low, high)}.",
        observed=round(math.fsum(figures.low) / len(figures.low), _DIGITS),
        low=low,
        high=high,
        n=len(figures.low),
        margin=margin,
        method=f"{means.method}, Bonferroni over {compared}" if compared > 1 else means.method,
    )
    if status != "unknown":
        return answer
    more = further(lambda count: means.with_more(count, float(better)).prove(comparison))
    pairs = "pair" if more == 1 else "pairs"
    kind = "in which only the candidate is right" if better else "that come out alike"
    apart = "" if figures.clusters is None else ", each of a source of its own,"
    count = "over ten thousand" if more is None else more
    need = f"{count} more {pairs} {kind}{apart} needed for {comparison.confidence_text}"
    return replace(answer, reason=f"{said}: {need}.", needed=more)

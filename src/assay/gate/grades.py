"""Is a mean grade high enough, whatever the trials without a grade would have had?"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assay.gate.by_case import cautious_limits, further, graded, proves
from assay.gate.means import LEAST_CASES_FOR_A_MEAN, bca_limits
from assay.gate.question import Answer, unknown

if TYPE_CHECKING:
    from assay.gate.by_case import CaseFigures
    from assay.gate.comparison import Comparison
    from assay.gate.evidence import Facts
    from assay.gate.scope import Scope
    from assay.schema.score import Metric

__all__ = ["VERDICTS_ONLY", "answer_grade", "checked_limits"]

VERDICTS_ONLY: Final = "Human labels speak of a judge's verdicts, not of its grades."
"""Why a judge's grades carry no condition."""

_DIGITS: Final = 9
"""Decimals of the sums of grades that are stored."""


def answer_grade(metric: Metric, scope: Scope, facts: Facts, comparison: Comparison) -> Answer:
    """Return what the mean grade of a trusted metric comes to; a trial without a grade may have any.

    With a confidence it is met only when both the t limits and those of the bootstrap say so, and not met likewise.
    """
    if metric.correction is not None:
        return unknown(VERDICTS_ONLY, n=metric.n)
    cases = scope.cases(facts.cases)
    doubt = scope.doubt(metric, cases)
    label = scope.grades(cases)
    if doubt is None and label is None:
        doubt = "Its cases have no scorer in common that grades them." if cases else "No trials were due."
    if doubt is not None or label is None:
        return unknown(doubt or "", n=metric.n)
    if metric.unscored == metric.n:
        return unknown(f"Not one of {metric.n} trials has a grade.", n=metric.n)
    figures = graded(label, cases)
    low, high = (round(math.fsum(own) / len(own), _DIGITS) for own in (figures.low, figures.high))
    said = f"The mean grade over {len(cases)} {'case' if len(cases) == 1 else 'cases'} is {low:.6g}"
    if metric.unscored:
        have = "has" if metric.unscored == 1 else "have"
        said += f" to {high:.6g}, for {metric.unscored} of {metric.n} trials {have} no grade"
    # Without a grade a trial counts as one of grade 0: where low grades are good, it may be worse than that.
    silent = (f"{metric.unscored} trials",) if metric.unscored and not comparison.wants_high else ()
    if comparison.confidence is not None:
        return replace(_proven(figures, said, comparison), observed=low, n=metric.n, silent=silent)
    status, margin = comparison.weigh(low, high)
    return Answer(status, f"{said}.", observed=low, n=metric.n, margin=margin, silent=silent)


def _proven(figures: CaseFigures, said: str, comparison: Comparison) -> Answer:
    """Return the answer by the limits of the mean."""
    few = figures.too_few(said, LEAST_CASES_FOR_A_MEAN)
    if few is not None:
        return few
    confidence = comparison.confidence or 0
    low, high = checked_limits(figures, comparison.threshold, confidence)
    low, high = max(0.0, low), min(1.0, high)
    status, margin = comparison.weigh(low, high)
    answer = Answer(
        status,
        f"{said}: {comparison.proven(status, low, high)}.",
        low=low,
        high=high,
        margin=margin,
        method=f"{figures.method}; BCa as a check",
    )
    if status != "unknown":
        return answer
    up = comparison.wants_high

    def enough(more: int) -> bool:
        """Return whether so many further cases with the best grade would prove it; the bootstrap would take long."""
        grown = figures.with_more(more, float(up))
        return proves(grown, null=comparison.threshold, confidence=confidence, above=up)

    more = further(enough)
    count = "over ten thousand" if more is None else f"at least {more}"
    case = "case" if more == 1 else "cases"
    need = f"{count} more {case} of grade {up:d} needed for {comparison.confidence_text}"
    return replace(answer, reason=f"{said}: {need}.", needed=more)


def checked_limits(figures: CaseFigures, null: float, confidence: float) -> tuple[float, float]:
    """Return the wider ones of the t limits and of the bootstrap's, where these exist.

    The bootstrap draws by position: the figures are put in order first, so that the order of cases does not matter.
    """
    low, high = cautious_limits(figures, null=null, confidence=confidence)
    below = bca_limits(sorted(figures.low), confidence)
    above = below if figures.high == figures.low else bca_limits(sorted(figures.high), confidence)
    return (low if below is None else min(low, below[0])), (high if above is None else max(high, above[1]))

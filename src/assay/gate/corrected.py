"""Is a judged pass rate high enough, once people's labels have corrected the judge?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.gate.poststratified import JudgedLabels, labels_carry, post_stratified, post_stratified_limits
from assay.gate.question import Answer, unknown

if TYPE_CHECKING:
    from assay.gate.comparison import Comparison
    from assay.schema.score import Correction, Metric

__all__ = ["answer_corrected", "corrected"]

_DIGITS = 12


def corrected(counts: tuple[int, int, int, int, int, int]) -> tuple[float | None, float, float, float | None]:
    """Return the rate by human judgement, its 95 % limits, and how many labels it is worth, from six counts.

    Args:
        counts: judged passes, judged trials, labels of the judge's passes and how many of them people passed, the
            same of its fails; as in `assay.schema.score.Correction`.
    """
    labels = JudgedLabels(*counts)
    estimate, worth = post_stratified(labels), labels_carry(labels)
    return estimate.value, estimate.low, estimate.high, worth.labels if worth is not None else None


def answer_corrected(metric: Metric, correction: Correction, comparison: Comparison) -> Answer:
    """Return what a judged rate comes to by human judgement; trials without a verdict are taken both ways."""
    labels = JudgedLabels(
        correction.judged_passed,
        correction.judged_n,
        correction.pass_labels,
        correction.pass_labels_passed,
        correction.fail_labels,
        correction.fail_labels_passed,
    )
    estimate = post_stratified(labels)
    if estimate.value is None:
        return unknown("People labelled none of the answers that the judge passed, or none that it failed.", n=metric.n)
    low, high = (estimate.value, estimate.value)
    told = f"{estimate.low:.3g} to {estimate.high:.3g} with 95% confidence"
    if comparison.confidence is not None:
        low, high = (round(limit, _DIGITS) for limit in post_stratified_limits(labels, comparison.confidence))
        told = f"{low:.3g} to {high:.3g}"
    share = correction.judged_n / metric.n
    low, high = low * share, high * share + (1 - share)
    status, margin = comparison.weigh(low, high)
    reason = (
        f"The judge passed {labels.judged_passed} of {labels.judged_n}; by {labels.labelled} human labels the rate is "
        f"{estimate.value:.3g}, {told}"
    )
    if unread := metric.n - correction.judged_n:
        reason += f"; {unread} more trials have no verdict and may be either"
    elif status == "unknown":
        reason += "; more labels would tell"
    return Answer(status, f"{reason}.", observed=estimate.value * share, low=low, high=high, n=metric.n, margin=margin)

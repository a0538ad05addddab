"""Is a judged pass rate high enough, once people's labels have corrected the judge?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.gate.by_case import clusters_of, further
from assay.gate.poststratified import JudgedLabels, labels_carry, post_stratified, post_stratified_limits
from assay.gate.question import Answer, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.gate.comparison import Comparison
    from assay.schema.score import CaseResult, Correction, Metric

__all__ = ["answer_corrected", "corrected"]

POST_STRATIFIED = "post-stratified, MOVER-Wilson"
"""Name of the interval that decides; `assay.gate.poststratified` has its sources."""
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


def answer_corrected(
    metric: Metric, correction: Correction, comparison: Comparison, cases: Sequence[CaseResult] = ()
) -> Answer:
    """Return what a judged rate comes to by human judgement; trials without a verdict are taken both ways.

    Labels and verdicts are counted as independent. With several trials a case, or cases that share a source, they are
    not, and no confidence can be given.
    """
    if comparison.confidence is not None:
        # Trials of one case are alike: counted one by one they would claim a precision that is not there.
        if metric.cases < metric.n:
            return unknown(
                "Each case was tried several times: labels give a confidence for one trial a case.", n=metric.n
            )
        if clusters_of(cases) is not None:
            return unknown("Cases share sources: labels give a confidence for independent cases only.", n=metric.n)
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
    needed = None
    if status == "unknown" and not unread:
        needed = _labels_needed(labels, comparison)
        label = "label" if needed == 1 else "labels"
        reason += f"; about {needed} more {label} needed" if needed is not None else "; more labels of them cannot tell"
    return Answer(
        status,
        f"{reason}.",
        observed=estimate.value * share,
        low=low,
        high=high,
        n=metric.n,
        margin=margin,
        method=POST_STRATIFIED if comparison.confidence is not None else None,
        needed=needed,
        # Without a verdict a trial counts as a failure: where passes are bad, it may be worse than that.
        silent=(f"{unread} trials",) if unread and not comparison.wants_high else (),
    )


def _labels_needed(labels: JudgedLabels, comparison: Comparison) -> int | None:
    """Return how many further labels would decide, if they agree with the judge as often as those that are there.

    They are drawn from both strata by their size. None where not even a label on every answer would.
    """
    strata = (
        (labels.judged_passed, labels.pass_labels, labels.pass_labels_passed),
        (labels.judged_n - labels.judged_passed, labels.fail_labels, labels.fail_labels_passed),
    )

    def enough(more: int) -> bool:
        """Return whether so many further labels would decide."""
        grown: list[int] = []
        for size, given, agreed in strata:
            number = min(size, given + round(more * size / labels.judged_n))
            grown += [number, round(agreed * number / given) if given else 0]
        limits = post_stratified_limits(
            JudgedLabels(labels.judged_passed, labels.judged_n, *grown), comparison.confidence or 0
        )
        return comparison.weigh(*limits)[0] != "unknown"

    return further(enough)

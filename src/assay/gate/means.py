"""How sure can we be of a mean of graded scores, or of a mean difference, and of cases that belong together?

Each value is one case: the mean over its trials. Rows of one case are no cases of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.gate.bounded import bounded_limits

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

__all__ = ["LEAST_CASES_FOR_A_MEAN", "MeanLimits", "bca_limits", "clustered_se", "mean_limits"]

LEAST_CASES_FOR_A_MEAN: Final = 30
"""Fewer cases, or clusters, decide nothing about a mean.

By simulation (`benchmarks/gate/README.md`) no number makes Student's t safe by itself: where high scores meet rare
zeros its lower limit is too high in 6 to 10 % of runs at a stated 5, with 50 cases as with 300. Limits that know the
scale keep the level from the first case on. The number is where they are no more than twice as wide as t, so that what
was seen says more than what might have been.
"""

_DIGITS: Final = 12
"""Decimals to which limits are given: the last bits differ between machines."""

_RESAMPLES: Final = 2_000
"""Draws of the bootstrap; its limits then move by a tenth of their distance from the mean between seeds."""

_SEED: Final = 6
"""Any fixed number: the same evidence must give the same limits whenever a record is verified."""

_BATCH: Final = 1_000_000
"""Numbers that the bootstrap holds at a time: 8 MB."""


@dataclass(frozen=True)
class MeanLimits:
    """A mean with two one-sided limits."""

    value: float
    """Mean of the values."""
    low: float
    """Lower limit, at the confidence asked for by itself, on the scale of the values."""
    high: float
    """Upper limit, likewise; always above the lower one."""
    clusters: int
    """Groups of cases that were taken as independent; the cases themselves where they are in no groups."""


def clustered_se(values: Sequence[float], clusters: Sequence[Hashable]) -> float:
    """Return the standard error of a mean of cases of which those of one cluster may resemble each other.

    It is the sandwich estimate with the small-sample factor sqrt(G / (G - 1)) for G clusters, which statsmodels calls
    CR1; without the factor it is Miller's formula.

    Source: Miller 2024, Adding Error Bars to Evals (arXiv 2411.00640), section 2.2; Cameron & Miller 2015, J. Hum.
    Resour. 50:317-372, section II, for the factor.

    Raises:
        ValueError: there are fewer than two clusters, or not one cluster for each value.
    """
    own = _totals(values, clusters)
    if len(own) < 2:  # noqa: PLR2004 - one cluster has nothing to differ from
        raise ValueError("a standard error needs two clusters")
    mean = math.fsum(values) / len(values)
    return _se([total - count * mean for total, count in own], len(values))


def mean_limits(
    values: Sequence[float],
    clusters: Sequence[Hashable] | None,
    *,
    null: float,
    confidence: float,
    pseudo: float = 0.5,
    scale: tuple[float, float] | None = None,
) -> MeanLimits:
    """Return the limits of a mean for a test against `null`, by Student's t with one pseudo-win and one pseudo-loss.

    To the values less `null` two made-up ones are added, `pseudo` and -`pseudo`, so that no interval has zero width
    where all values agree. Where cases form clusters, each made-up one stands for a whole cluster of middling size: as
    a single case it would be lost among them, and ten clusters that agree would count for as many cases as they hold.
    The degrees of freedom are those of the real clusters.

    With a scale the limits are also no narrower than `bounded_limits` of the clusters' totals, which keep the level
    where t does not: with scores that are mostly high and seldom zero. What decides should be asked with a scale.

    Args:
        values: One number for each case: a score 0 to 1, or a difference of two scores.
        clusters: What each case belongs to, such as its source; None where each stands alone.
        null: What the mean is compared with: a threshold, or minus the margin for differences.
        confidence: Of each limit by itself, above 0.5 and below 1.
        pseudo: Half of the range of the scores.
        scale: Lowest and highest value that can be: (0, 1) for scores, (-1, 1) for differences.

    Returns:
        Limits that decide about `null`; far from it they are drawn towards it, yet never past the mean itself. They are
        no further from `null` than 1, the most that scores can differ, unless the mean is. With fewer than two
        clusters they are at that distance.

    Source: Agresti & Caffo 2000, Am. Stat. 54:280-288, and Agresti & Min 2005, Stat. Med. 24:729-740, for adding
    outcomes on both sides; `clustered_se` for the standard error; t with G - 1 as in Cameron & Miller 2015, section VI.

    Raises:
        ValueError: there are no values, not one cluster for each value, a value or `null` outside the scale, or the
            confidence is out of range.
    """
    _check_confidence(confidence)
    if not values:
        raise ValueError("there is no mean of nothing")
    own = _totals([value - null for value in values], range(len(values)) if clusters is None else clusters)
    mean = round(math.fsum(values) / len(values), _DIGITS)
    low, high = (-1.0, 1.0) if len(own) < 2 else _t_limits(own, confidence, pseudo)  # noqa: PLR2004 - as above
    if scale is not None:
        if not scale[0] <= min(null, *values) <= max(null, *values) <= scale[1]:
            raise ValueError(f"not all values and {null} lie within {scale[0]} and {scale[1]}")
        safe_low, safe_high = _safe_limits(own, confidence, (scale[0] - null, scale[1] - null))
        low, high = min(low, safe_low), max(high, safe_high)
    return MeanLimits(
        value=mean,
        low=round(min(mean, null + max(low, -1.0)), _DIGITS),
        high=round(max(mean, null + min(high, 1.0)), _DIGITS),
        clusters=len(own),
    )


def bca_limits(values: Sequence[float], confidence: float) -> tuple[float, float] | None:
    """Return the lower and upper limit of a mean by the bootstrap (BCa), each one-sided; a check on `mean_limits`.

    Returns:
        None where the bootstrap has no answer, as where all values agree; it never decides alone.

    Source: Efron 1987, J. Am. Stat. Assoc. 82:171-185; `scipy.stats.bootstrap`.

    Raises:
        ValueError: the confidence does not lie between 0.5 and 1.
    """
    _check_confidence(confidence)
    if not values or min(values) == max(values):
        return None
    import numpy as np
    from scipy.stats import bootstrap

    found = bootstrap(
        (np.asarray(values, dtype=float),),
        np.mean,
        n_resamples=_RESAMPLES,
        batch=max(1, _BATCH // len(values)),
        confidence_level=2 * confidence - 1,
        method="BCa",
        rng=_SEED,
    ).confidence_interval
    low, high = float(found.low), float(found.high)
    return None if math.isnan(low) or math.isnan(high) else (round(low, _DIGITS), round(high, _DIGITS))


def _totals(values: Iterable[float], clusters: Iterable[Hashable]) -> list[tuple[float, int]]:
    """Return the sum of the values and their number for each cluster, in the order of their first cases."""
    members: dict[Hashable, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        members.setdefault(cluster, []).append(value)
    return [(math.fsum(own), len(own)) for own in members.values()]


def _t_limits(own: Sequence[tuple[float, int]], confidence: float, pseudo: float) -> tuple[float, float]:
    """Return the limits of a mean about 0 from the sum and size of each cluster, with the two made-up clusters."""
    from scipy.special import stdtrit

    size = sum(count for _, count in own) / len(own)
    n = sum(count for _, count in own) + 2 * size
    mean = math.fsum(total for total, _ in own) / n
    residuals = [total - count * mean for total, count in own]
    residuals += [size * (pseudo - mean), size * (-pseudo - mean)]
    half = float(stdtrit(len(own) - 1, confidence)) * _se(residuals, n)
    return mean - half, mean + half


def _safe_limits(
    own: Sequence[tuple[float, int]], confidence: float, scale: tuple[float, float]
) -> tuple[float, float]:
    """Return the limits of a mean about 0 from the totals of clusters, none of which is larger than the largest.

    A mean is above 0 when the totals are so on average, however the sizes differ.
    """
    largest = max(count for _, count in own)
    least, most = scale[0] * largest, scale[1] * largest
    totals = [min(most, max(least, total)) for total, _ in own]  # but for the last bit they lie there
    size = sum(count for _, count in own) / len(own)
    low, high = bounded_limits(totals, confidence, least=least, most=most)
    return low / size, high / size


def _se(residuals: Sequence[float], n: float) -> float:
    """Return the standard error (CR1) from each cluster's sum of deviations from the mean of n cases."""
    groups = len(residuals)
    return math.sqrt(math.fsum(own * own for own in residuals) * groups / (groups - 1)) / n


def _check_confidence(confidence: float) -> None:
    """Raise ValueError unless a one-sided confidence lies between 0.5 and 1."""
    if not 0.5 < confidence < 1:  # noqa: PLR2004 - a coin is no confidence
        raise ValueError(f"{confidence} does not lie between 0.5 and 1")

"""How much better or worse is a candidate than the baseline on the cases that both tried?

Whether it is *not worse by more than a margin* is the score test of Tango; the other functions describe. Neither scipy
nor a released statsmodels has the intervals of Tango or Newcombe, nor the mid-p of McNemar's test.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from assay.gate.statistics import wilson

__all__ = [
    "PairedTable",
    "mcnemar_exact",
    "mcnemar_mid_p",
    "newcombe_interval",
    "tango_interval",
    "tango_limits",
    "tango_z",
]

_DIGITS: Final = 12
"""Decimals to which limits and probabilities are given: the last bits differ between machines."""

_STEPS: Final = 60
"""Halvings of an interval within -1 and 1: as far as floats go."""


@dataclass(frozen=True)
class PairedTable:
    """How often candidate and baseline were right on the same cases.

    Raises:
        ValueError: a count is negative.
    """

    both: int
    """Cases that both got right."""
    gained: int
    """Cases that the candidate alone got right."""
    lost: int
    """Cases that the baseline alone got right."""
    neither: int
    """Cases that neither got right."""

    def __post_init__(self) -> None:
        """Check that all counts are counts."""
        if min(self.both, self.gained, self.lost, self.neither) < 0:
            raise ValueError(f"no count can be negative: {self}")

    @property
    def n(self) -> int:
        """Cases that both tried."""
        return self.both + self.gained + self.lost + self.neither

    @property
    def difference(self) -> float:
        """The candidate's rate less the baseline's, -1 to 1; 0 without cases."""
        return (self.gained - self.lost) / self.n if self.n else 0.0

    @property
    def discordance(self) -> float:
        """Share of the cases that came out differently, 0 to 1; 0 without cases."""
        return (self.gained + self.lost) / self.n if self.n else 0.0


def tango_z(table: PairedTable, difference: float) -> float:
    """Return by how many standard errors the observed difference lies above a supposed one.

    The standard error is the one that the supposed difference implies, so it does not vanish where all pairs agree: n
    pairs without a discordant one give sqrt(n d / (1 - d)) against -d. It falls as the supposed difference grows.

    Returns:
        A finite number, or an infinite one where the supposed difference, 1 or -1, is ruled out; 0 where nothing
        speaks for either side. Never NaN.

    Source: Tango 1998, Stat. Med. 17:891-908, equation for the score statistic with the closed form of the estimate.

    Raises:
        ValueError: the difference does not lie within -1 and 1.
    """
    if not -1 <= difference <= 1:
        raise ValueError(f"{difference} is no difference of two rates")
    if difference < 0:  # by symmetry: for a positive one no two large terms cancel below
        return -_score(table.n, table.lost, table.gained, -difference)
    return _score(table.n, table.gained, table.lost, difference)


def tango_limits(table: PairedTable, confidence: float) -> tuple[float, float]:
    """Return the lower and the upper limit of the difference, each one-sided at the confidence.

    The lower limit reaches -margin exactly when `tango_z(table, -margin)` reaches the normal quantile of the
    confidence: that is the test of non-inferiority. Without cases the limits are (-1, 1).

    Source: Tango 1998, Stat. Med. 17:891-908.

    Raises:
        ValueError: the confidence does not lie between 0.5 and 1.
    """
    _check_confidence(confidence)
    z = NormalDist().inv_cdf(confidence)
    swapped = PairedTable(table.both, table.lost, table.gained, table.neither)
    return _lower(table, z), -_lower(swapped, z)


def tango_interval(table: PairedTable, confidence: float = 0.95) -> tuple[float, float]:
    """Return Tango's two-sided score interval of the difference; its width is never zero.

    Source: Tango 1998, Stat. Med. 17:891-908.

    Raises:
        ValueError: the confidence does not lie between 0 and 1.
    """
    return tango_limits(table, (1 + confidence) / 2)


def newcombe_interval(table: PairedTable, confidence: float = 0.95) -> tuple[float, float]:
    """Return Newcombe's two-sided interval of the difference, made of the Wilson intervals of both rates; to show.

    Without cases it is (-1, 1).

    Source: Newcombe 1998, Stat. Med. 17:2635-2650, method 10.

    Raises:
        ValueError: the confidence does not lie between 0 and 1.
    """
    n = table.n
    if n == 0:
        return -1.0, 1.0
    candidate, baseline = table.both + table.gained, table.both + table.lost
    (low_1, high_1), (low_2, high_2) = wilson(candidate, n, confidence), wilson(baseline, n, confidence)
    below_1, above_1 = candidate / n - low_1, high_1 - candidate / n
    below_2, above_2 = baseline / n - low_2, high_2 - baseline / n
    phi = _correlation(table)

    def half(one: float, other: float) -> float:
        """Return the length of one side from the parts that the two rates bring in."""
        return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))

    return (
        round(table.difference - half(below_1, above_2), _DIGITS),
        round(table.difference + half(above_1, below_2), _DIGITS),
    )


def mcnemar_exact(gained: int, lost: int) -> float:
    """Return the two-sided p-value of McNemar's exact test: is there any difference? 1 without discordant pairs.

    Source: McNemar 1947, Psychometrika 12:153-157; the exact form is a binomial test at one half.

    Raises:
        ValueError: a count is negative.
    """
    below, at = _half_binomial(gained, lost)
    return round(min(1.0, 2 * (below + at)), _DIGITS)


def mcnemar_mid_p(gained: int, lost: int) -> float:
    """Return the two-sided mid-p of McNemar's test: is there any difference? 1 without discordant pairs.

    Half of the probability of the observed counts is left out. It answers whether there is a difference and must not be
    read the other way: a large p is no evidence that there is none.

    Source: Fagerland, Lydersen & Laake 2013, BMC Med. Res. Methodol. 13:91, with its supplement for equal counts.

    Raises:
        ValueError: a count is negative.
    """
    below, at = _half_binomial(gained, lost)
    if gained == lost:
        return round(1 - at / 2, _DIGITS) if gained else 1.0
    return round(2 * below + at, _DIGITS)


def _score(n: int, gained: int, lost: int, difference: float) -> float:
    """Return Tango's statistic for a supposed difference of 0 or more."""
    linear = (2 * n - gained + lost) * difference - gained - lost
    constant = -lost * difference * (1 - difference)
    root = math.sqrt(linear * linear - 8 * n * constant)
    # The estimate of the chance of a loss; of the two forms of a root, the one that adds numbers of the same sign.
    loss = -2 * constant / (linear + root) if linear > 0 else (root - linear) / max(1, 4 * n)
    above = gained - lost - n * difference
    variance = n * (2 * loss + difference * (1 - difference))
    if variance > 0:
        return above / math.sqrt(variance)
    return math.copysign(math.inf, above) if above else 0.0


def _lower(table: PairedTable, z: float) -> float:
    """Return the least difference that lies no more than z standard errors below the observed one."""
    low, high = -1.0, table.difference
    if tango_z(table, low) <= z:
        return low
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if tango_z(table, middle) > z:
            low = middle
        else:
            high = middle
    return round(high, _DIGITS)


def _correlation(table: PairedTable) -> float:
    """Return the correlation of the two outcomes, nearer to zero by half a case where it is positive."""
    right_1, right_2 = table.both + table.gained, table.both + table.lost
    product = right_1 * (table.n - right_1) * right_2 * (table.n - right_2)
    if product == 0:
        return 0.0
    excess: float = table.both * table.neither - table.gained * table.lost
    if excess > 0:
        excess = max(0.0, excess - table.n / 2)
    return excess / math.sqrt(product)


def _half_binomial(gained: int, lost: int) -> tuple[float, float]:
    """Return the chances of fewer hits than the smaller count, and of just as many, where each is a coin."""
    if min(gained, lost) < 0:
        raise ValueError(f"no count can be negative: {gained}, {lost}")
    from scipy.special import bdtr

    few, pairs = min(gained, lost), gained + lost
    below = float(bdtr(few - 1, pairs, 0.5)) if few else 0.0
    return below, float(bdtr(few, pairs, 0.5)) - below


def _check_confidence(confidence: float) -> None:
    """Raise ValueError unless a one-sided confidence lies between 0.5 and 1."""
    if not 0.5 < confidence < 1:  # noqa: PLR2004 - a coin is no confidence
        raise ValueError(f"{confidence} does not lie between 0.5 and 1")

"""How low or high can the mean of bounded scores truly be, whatever their distribution?

Student's t trusts that the scores seen show their spread. Where most are high and a few are zero they often do not, and
its lower limit is too high in up to 12 % of runs at a stated 5. The limits here know only the scale on which scores are
given. On scores of 0 and 1 they are the exact binomial limits, to the last digit.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bounded_limits", "bounded_p_value"]

_DIGITS: Final = 9
"""Decimals of a limit; the integral is good for eleven."""

_VALUE_DIGITS: Final = 12
"""Decimals of a value; what differs less is taken as equal."""

_STEP: Final = 0.05
"""Step of the integral in the logarithm of its variable; it converges as fast as the step shrinks."""

_DEPTH: Final = 34.0
"""Logarithm of what is left out at either end: 1e-15."""

_BATCH: Final = 1_000_000
"""Numbers of the integrand that are held at a time: 8 MB each for a few of them."""

_FURTHEST: Final = 64
"""Standard deviations from the mean beyond which a limit is not looked for."""


def bounded_limits(
    values: Sequence[float], confidence: float, *, least: float = 0.0, most: float = 1.0
) -> tuple[float, float]:
    """Return the lower and the upper limit of a mean of values on a bounded scale, each one-sided at the confidence.

    The lower limit is the quantile of a random mean: the values and one more, which is the worst possible, weighted at
    random (uniformly among all weights that add up to 1). So n values that all agree have a width as well, and 59 best
    scores show 0.95. Without values the limits are the ends of the scale.

    Args:
        values: One number for each case, all independent: the mean of its trials, or a difference of two such.
        confidence: Of each limit by itself, above 0.5 and below 1.
        least: Lowest value that can be; -1 for differences of scores.
        most: Highest value that can be.

    Source: Gaffke 2005, Three test statistics for a nonparametric one-sided hypothesis on the mean of a nonnegative
    variable, Math. Methods Stat. 14:451-467; Learned-Miller & Thomas 2020 (arXiv 1905.06208), who found no exception
    to the stated level, but give no proof for all distributions.

    Raises:
        ValueError: a value lies outside the scale, or the confidence is out of range.
    """
    if not 0.5 < confidence < 1:  # noqa: PLR2004 - a coin is no confidence
        raise ValueError(f"{confidence} does not lie between 0.5 and 1")
    lower = _lower(values, 1 - confidence, least, most)
    upper = -_lower([-value for value in values], 1 - confidence, -most, -least)
    return round(lower, _DIGITS), round(upper, _DIGITS)


def bounded_p_value(values: Sequence[float], null: float, *, least: float = 0.0, most: float = 1.0) -> float:
    """Return the p-value for a mean above `null`: at most the level exactly when the lower limit reaches `null`.

    Source: as for `bounded_limits`.

    Raises:
        ValueError: a value lies outside the scale.
    """
    return _chance_below(_counted(values, least, most), null)


def _lower(values: Sequence[float], level: float, least: float, most: float) -> float:
    """Return the quantile of the random mean at a level."""
    counts = _counted(values, least, most)
    if len(counts) == 1:
        return next(iter(counts))
    from scipy.optimize import brentq

    n = sum(counts.values())
    mean = math.fsum(value * count for value, count in counts.items()) / n
    spread = math.sqrt(math.fsum((value - mean) ** 2 * count for value, count in counts.items()) / n / (n + 1))
    high, away = max(counts), 1
    low = mean - spread
    while low > min(counts) and away < _FURTHEST and _chance_below(counts, low) > level:
        high, away = low, 2 * away
        low = mean - away * spread
    low = max(low, min(counts))
    return float(brentq(lambda own: _excess(counts, own, level), low, high, xtol=1e-13))


def _excess(counts: Counter[float], null: float, level: float) -> float:
    """Return by how much the chance below a number exceeds the level."""
    return _chance_below(counts, null) - level


def _chance_below(counts: Counter[float], null: float) -> float:
    """Return the chance that the mean of values with uniformly random weights is at most a number.

    Such weights are independent exponential variables over their sum, so it is the chance that a sum of exponentials,
    each times its value's distance from the number, is at most 0. It follows from the characteristic function by an
    integral, which is smooth in the logarithm of its variable.

    Source: Imhof 1961, Biometrika 48:419-426, equation 3.2, with weights of either sign.
    """
    if null <= min(counts) or null >= max(counts):
        return float(null >= max(counts))
    import numpy as np

    distances = np.array(list(counts)) - null
    weights = np.array(list(counts.values()), dtype=float)
    scale = 1 / math.sqrt(float(weights @ distances**2))
    last = 1.0
    while float(np.log1p((distances * scale * math.exp(last)) ** 2) @ weights) < 2 * _DEPTH:
        last += 1
    points = np.exp(np.arange(-_DEPTH, last, _STEP)) * scale
    rows = max(1, _BATCH // len(counts))
    parts = []
    for first in range(0, len(points), rows):
        products = np.outer(points[first : first + rows], distances)
        angle = np.arctan(products) @ weights
        size = np.exp(-(np.log1p(products**2) @ weights) / 2)
        parts += (np.sin(angle) * size).tolist()
    chance = 0.5 - _STEP * math.fsum(parts) / math.pi
    return min(1.0, max(0.0, chance))


def _counted(values: Sequence[float], least: float, most: float) -> Counter[float]:
    """Return how often each value occurs, with one more of the worst.

    Raises:
        ValueError: a value lies outside the scale.
    """
    if not least < most:
        raise ValueError(f"{least} to {most} is no scale")
    if values and not least <= min(values) <= max(values) <= most:
        raise ValueError(f"not all values lie within {least} and {most}")
    return Counter([*(round(value, _VALUE_DIGITS) for value in values), round(least, _VALUE_DIGITS)])

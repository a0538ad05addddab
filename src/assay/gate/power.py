"""What can a number of trials prove at best, and how good must a candidate be for it to be proven?

These figures are for planning: they belong before a run, where a gate that no result can pass is still cheap.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from functools import lru_cache, partial
from itertools import pairwise
from typing import Final

from assay.gate.statistics import exact_lower, passes_needed

__all__ = [
    "floor_on_n",
    "likely_counts",
    "most_failures",
    "smallest_margin",
    "smallest_paired_difference",
    "true_rate_needed",
]

_POWER: Final = 0.8
"""The usual chance of success to plan for."""

_STEPS: Final = 40
"""Halvings of an interval within 0 and 1: enough for twelve decimals."""

_DIGITS: Final = 12
"""Decimals to which probabilities are compared: on the border itself the last bits differ between machines."""


def most_failures(n: int, threshold: float, confidence: float) -> int | None:
    """Return the most failures among n trials with which the rate is still proven to reach the threshold.

    The proof is the exact one-sided binomial test, as in `exact_lower`: 4 of 100 for a threshold of 0.9 at confidence
    0.95. None when not even n passes prove it.

    Raises:
        ValueError: n is negative, or the confidence does not lie within 0 and 1.
    """
    if n < 0:
        raise ValueError(f"{n} is no number of trials")
    # Each further failure lowers the limit, so the answers to "is it too low?" are sorted: all no, then all yes.
    too_many = bisect_left(range(n + 1), 1, key=lambda f: exact_lower(n - f, n, confidence) < threshold)
    return too_many - 1 if too_many else None


def true_rate_needed(n: int, threshold: float, confidence: float, power: float = _POWER) -> float | None:
    """Return the least true pass rate with which n trials prove the threshold with the given chance.

    0.996 for a threshold of 0.95 with 59 trials: a candidate that is just good enough is seldom proven so. None when
    no result of n trials proves the threshold, however good the candidate.

    Source: the quantile of a beta distribution at which the binomial chance of at most `most_failures` failures is
    the power; Clopper & Pearson 1934, Biometrika 26:404-413, turned around.

    Raises:
        ValueError: n is negative, or the confidence or the power does not lie within 0 and 1.
    """
    failures = most_failures(n, threshold, confidence)
    # A lower limit is the rate at which so many passes or more come with a chance of 1 - confidence.
    return None if failures is None else exact_lower(n - failures, n, 1 - power)


def smallest_margin(n: int, threshold: float, confidence: float, power: float = _POWER) -> float | None:
    """Return by how much a candidate must truly exceed a threshold to be proven so with the given chance.

    None when no result of n trials proves the threshold.

    Raises:
        ValueError: n is negative, or the confidence or the power does not lie within 0 and 1.
    """
    needed = true_rate_needed(n, threshold, confidence, power)
    return None if needed is None else needed - threshold


def floor_on_n(threshold: float, confidence: float) -> int | None:
    """Return with how many trials, all passing, a threshold is just proven: fewer cannot prove it at any result.

    59 for 0.95 at confidence 0.95, 299 for 0.99. None when more than ten million would be needed, or it is 1.

    Source: Wilks 1941, Ann. Math. Stat. 12:91-96.

    Raises:
        ValueError: the confidence does not lie within 0 and 1.
    """
    return passes_needed(0, 0, threshold, confidence)


def smallest_paired_difference(n: int, discordance: float, confidence: float, power: float = _POWER) -> float | None:
    """Return the least true difference of two pass rates that n shared cases show with the given chance.

    The test is McNemar's with mid-p, two-sided at 1 - confidence: 0.082 with 100 cases of which 10 % truly come out
    differently, at confidence 0.95. The chance counts results in the true direction only, and is computed exactly.

    Args:
        n: Cases that both candidates tried.
        discordance: True share of cases that exactly one of the two passes; no difference can exceed it.
        confidence: 1 less the two-sided level of the test.
        power: The chance to plan for.

    Returns:
        Above 0, at most the discordance; None where not even the largest difference shows with that chance.

    Source: Fagerland, Lydersen & Laake 2013, BMC Med. Res. Methodol. 13:91, for the test; Connor 1987, Biometrics
    43:207-211, is the approximation for large n.

    Raises:
        ValueError: n is negative, or a share does not lie within 0 and 1.
    """
    for share in (discordance, confidence, power):
        if not 0 < share < 1:
            raise ValueError(f"{share} does not lie between 0 and 1")
    if n < 0:
        raise ValueError(f"{n} is no number of trials")
    regions = _regions(n, discordance, 1 - confidence)
    low, high = 0.0, discordance
    if _paired_power(regions, 1.0) < power:
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _paired_power(regions, (1 + middle / discordance) / 2) < power:
            low = middle
        else:
            high = middle
    return high


@lru_cache(maxsize=1024)
def likely_counts(n: int, rate: float) -> tuple[tuple[int, float], ...]:
    """Return the numbers of hits among n that can happen at all, rising, each with its binomial chance.

    Left out is what lies more than eight standard deviations and ten hits from the mean. The last ones are kept: an
    exact level asks for the same again and again while it looks for the outcome that would turn a condition.
    """
    import numpy as np
    from scipy.special import bdtr

    spread = 8 * math.sqrt(n * rate * (1 - rate)) + 10
    first, last = max(0, math.floor(n * rate - spread)), min(n, math.ceil(n * rate + spread))
    start = max(0, first - 1)
    below = [float(chance) for chance in bdtr(np.arange(start, last + 1, dtype=float), n, rate)]
    if first == 0:
        below.insert(0, 0.0)
    return tuple((first + index, own - before) for index, (before, own) in enumerate(pairwise(below)))


def _regions(n: int, discordance: float, level: float) -> list[tuple[float, int, int]]:
    """Return how likely each number of discordant cases is, the number, and the most losses that are significant."""
    from scipy.special import bdtr

    def below(count: int, trials: int, rate: float) -> float:
        """Return the chance of at most `count` hits."""
        return float(bdtr(count, trials, rate)) if count >= 0 else 0.0

    def mid_p(discordant: int, losses: int) -> float:
        """Return the two-sided mid-p of so few losses, less than half of the discordant cases."""
        return round(below(losses, discordant, 0.5) + below(losses - 1, discordant, 0.5), _DIGITS)

    found = []
    for discordant, weight in likely_counts(n, discordance):
        few = range((discordant + 1) // 2)
        most = bisect_right(few, round(level, _DIGITS), key=partial(mid_p, discordant)) - 1
        if most >= 0:
            found.append((weight, discordant, most))
    return found


def _paired_power(regions: list[tuple[float, int, int]], win: float) -> float:
    """Return the chance of a significant result, when a discordant case is a win with the given chance."""
    from scipy.special import bdtr

    return math.fsum(weight * float(bdtr(most, discordant, 1 - win)) for weight, discordant, most in regions)

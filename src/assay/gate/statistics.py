"""How sure can we be of a rate or a percentile, and how many more trials would make us sure?

`scipy.special` alone is used, and late: loading it costs 0.2 s, and `scipy.stats` half a second.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from statistics import NormalDist

__all__ = [
    "exact_lower",
    "exact_upper",
    "order_statistic_ranks",
    "passes_needed",
    "requests_needed",
    "wilson",
]

_MOST_NEEDED = 10_000_000
"""More trials than this are no advice to anybody."""

_DIGITS = 12
"""Decimals to which probabilities are compared: on the border itself the last bits differ between machines."""


def wilson(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the two-sided Wilson score interval of a rate of k in n; without trials it is (0, 1).

    Its width is never zero, also where all trials agree.

    Source: Wilson 1927, J. Am. Stat. Assoc. 22:209-212; method 3 of Newcombe 1998, Stat. Med. 17:857-872.

    Raises:
        ValueError: k is not within 0 and n, or the confidence not within 0 and 1.
    """
    _check(k, n, confidence)
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)

    def low(hits: int) -> float:
        """Return the lower limit of a rate; it is exactly 0 without hits."""
        half = z * math.sqrt(hits * (n - hits) / n + z * z / 4)
        return (hits + z * z / 2 - half) / (n + z * z)

    return low(k), 1 - low(n - k)


def exact_lower(k: int, n: int, confidence: float) -> float:
    """Return the one-sided exact lower limit of a rate of k in n; 0 when k is 0.

    The rate of k in n passes a binomial test against a threshold at level 1 - confidence exactly when this limit
    is at least the threshold.

    Source: Clopper & Pearson 1934, Biometrika 26:404-413, as the quantile of a beta distribution.

    Raises:
        ValueError: k is not within 0 and n, or the confidence not within 0 and 1.
    """
    _check(k, n, confidence)
    if k == 0:
        return 0.0
    from scipy.special import betaincinv

    return round(float(betaincinv(k, n - k + 1, 1 - confidence)), _DIGITS)


def exact_upper(k: int, n: int, confidence: float) -> float:
    """Return the one-sided exact upper limit of a rate of k in n; 1 when k is n.

    Source: Clopper & Pearson 1934, Biometrika 26:404-413.

    Raises:
        ValueError: k is not within 0 and n, or the confidence not within 0 and 1.
    """
    return round(1 - exact_lower(n - k, n, confidence), _DIGITS)


def order_statistic_ranks(n: int, q: float, confidence: float = 0.95) -> tuple[int | None, int | None]:
    """Return the ranks, from 1, of the two-sided interval of the q-quantile of n sorted values.

    The value of the lower rank lies above the quantile, and that of the upper rank below it, each with a
    probability of at most (1 - confidence) / 2, whatever the distribution. A side that n cannot give is None.
    For a one-sided limit at confidence c, ask for 2c - 1 and take one side.

    Source: Conover 1999, Practical Nonparametric Statistics, 3rd ed., section 3.2; Wilks 1941, Ann. Math. Stat.
    12:91-96, for the least n.

    Raises:
        ValueError: n is negative, or q or the confidence not within 0 and 1.
    """
    _check(0, n, confidence)
    _check(0, n, q)
    from scipy.special import bdtr

    tail = round((1 - confidence) / 2, _DIGITS)

    def below(count: int) -> float:
        """Return the probability that at most `count` of n values lie at or below the quantile."""
        return round(float(bdtr(count, n, q)), _DIGITS)

    lower = bisect_right(range(n), tail, key=below)
    upper = bisect_left(range(n), round(1 - tail, _DIGITS), key=below) + 1
    return (lower or None), (upper if upper <= n else None)


def passes_needed(k: int, n: int, threshold: float, confidence: float) -> int | None:
    """Return how many further trials, all passing, bring `exact_lower` to the threshold; 0 when it is there.

    None when no number does (a threshold of 1) or more than ten million would be needed. With k = n = 0 and a
    threshold of 0.95 at confidence 0.95 it is 59.

    Source: Wilks 1941, Ann. Math. Stat. 12:91-96, for the case without failures.

    Raises:
        ValueError: k is not within 0 and n, or the confidence not within 0 and 1.
    """
    _check(k, n, confidence)
    # Each further pass raises the limit, so the answers to "is it enough?" are sorted: all no, then all yes.
    candidates = range(_MOST_NEEDED + 1)
    needed = bisect_left(candidates, threshold, key=lambda more: exact_lower(k + more, n + more, confidence))
    return needed if needed < len(candidates) else None


def requests_needed(violations: int, n: int, q: float, confidence: float) -> int | None:
    """Return how many further requests, none of them a violation, prove that the q-quantile keeps the limit.

    59 in all for q = 0.95 without a violation, 93 with one, 124 with two.

    Source: Wilks 1941, Ann. Math. Stat. 12:91-96 (the 95/95 table).

    Raises:
        ValueError: violations are not within 0 and n, or the confidence not within 0 and 1.
    """
    return passes_needed(n - violations, n, q, confidence)


def _check(k: int, n: int, share: float) -> None:
    """Raise ValueError unless k is within 0 and n, and the share strictly within 0 and 1."""
    if not 0 <= k <= n:
        message = f"{k} of {n} is no rate"
        raise ValueError(message)
    if not 0 < share < 1:
        message = f"{share} does not lie between 0 and 1"
        raise ValueError(message)

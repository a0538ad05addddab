"""Which value does a share of the requests stay within, and how many requests does it take to say so?

Times are integer microseconds, percentiles are members of the sample (nearest rank), and None is infinite: a failed
request. Dropping those would let a server look faster the more it fails.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from assay.schema.bench import Percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeVar

    Value = TypeVar("Value")
    Ranks = Callable[[int, float], tuple[int | None, int | None]]

__all__ = ["QUANTILES", "at_rank", "median", "n_needed", "nearest_rank", "percentiles"]

QUANTILES = (0.5, 0.95, 0.99)
"""The percentiles that are told of every measurement, as shares."""
_CONFIDENCE = 0.95


def nearest_rank(values: Iterable[int | None], q: float) -> int | None:
    """Return the nearest-rank percentile of times: the least that at least a share q of all does not exceed.

    Args:
        values: at least one; None is infinite.
        q: percentile as a share, to three decimals.
    """
    return at_rank(_ordered(values), q)


def at_rank(ordered: Sequence[Value], q: float) -> Value:
    """Return the value at rank ceil(q * n) of a sorted sample.

    Args:
        ordered: at least one value, rising.
        q: percentile as a share above 0, to three decimals.
    """
    # In thousandths: 0.55 * 100 is a binary fraction above 55, and ceil() would take the next rank.
    return ordered[-(-round(q * 1000) * len(ordered) // 1000) - 1]


def n_needed(q: float, confidence: float = _CONFIDENCE) -> int:
    """Return from how many values on their largest is a one-sided upper limit of a percentile.

    The smallest n with 1 - q**n >= confidence (Wilks 1941, Ann. Math. Stat. 12:91-96): 5, 59 and 299 for the 50th,
    95th and 99th percentile at 95 %.
    """
    return math.ceil(math.log(1 - confidence) / math.log(q))


def percentiles(values: Sequence[int | None], ranks: Ranks) -> tuple[Percentile, ...]:
    """Return p50, p95 and p99 with their intervals.

    Args:
        values: microseconds; None is infinite.
        ranks: for n and a percentile as a share, the ranks (from 1) of the order statistics that bound its 95 %
            interval; None for a limit that n cannot give.
    """
    ordered, n = _ordered(values), len(values)

    def percentile(q: float) -> Percentile:
        low, high = ranks(n, q) if n else (None, None)
        return Percentile(
            q=q,
            value_us=nearest_rank(ordered, q) if n else None,
            low_us=None if low is None else ordered[low - 1],
            high_us=None if high is None else ordered[high - 1],
            n=n,
            n_needed=n_needed(q),
            supported=n >= n_needed(q),
        )

    return tuple(percentile(q) for q in QUANTILES)


def median(values: Iterable[int | None]) -> int | None:
    """Return the nearest-rank median of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return nearest_rank(known, 0.5) if known else None


def _ordered(values: Iterable[int | None]) -> list[int | None]:
    return sorted(values, key=lambda value: math.inf if value is None else value)

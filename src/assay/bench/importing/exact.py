"""What are the figures under our own definitions, where a tool kept every request?

Times become integer microseconds, a percentile is a member of the sample (nearest rank), and a failed request is
infinite: the same rules as for what Assay measures itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.bench import ImportedStatistic

__all__ = ["as_us", "exact_percentiles"]

_PERCENTS: dict[ImportedStatistic, int] = {"p50": 50, "p95": 95, "p99": 99}
_US_PER_S = 1_000_000


def as_us(seconds: float) -> int:
    """Return seconds as integer microseconds."""
    return round(seconds * _US_PER_S)


def exact_percentiles(times_us: Sequence[int | None]) -> dict[ImportedStatistic, float | None]:
    """Return p50, p95 and p99 in seconds by nearest rank: the value at rank ceil(q * n) of the sorted sample.

    Args:
        times_us: microseconds of every request, None for one that failed; it is larger than every time.

    Returns:
        None where the percentile falls on a failed request; no statistic at all for an empty sample.
    """
    if not times_us:
        return {}
    known = sorted(time for time in times_us if time is not None)
    found: dict[ImportedStatistic, float | None] = {}
    for statistic, percent in _PERCENTS.items():
        rank = -(-percent * len(times_us) // 100)  # whole numbers: 0.95 * 60 in floats can land one rank too high
        found[statistic] = known[rank - 1] / _US_PER_S if rank <= len(known) else None
    return found

"""What are the figures under our own definitions, where a tool kept every request?

Times become integer microseconds, a percentile is a member of the sample (nearest rank), and a failed request is
infinite: the same rules as for what Assay measures itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.bench.percentiles import nearest_rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.bench import ImportedStatistic

__all__ = ["as_us", "exact_percentiles"]

_QUANTILES: dict[ImportedStatistic, float] = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
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
    found = {statistic: nearest_rank(times_us, q) for statistic, q in _QUANTILES.items()}
    return {statistic: None if time is None else time / _US_PER_S for statistic, time in found.items()}

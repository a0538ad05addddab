"""Did an open loop send what was due, and did the server keep up with it?"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from assay.bench.percentiles import nearest_rank
from assay.bench.series import e2e_us
from assay.schema._base import rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.bench import RequestEvent

__all__ = ["behind", "growth", "rates", "rounds"]

_US_PER_S = 1_000_000


def rates(measured: Sequence[RequestEvent]) -> tuple[float | None, float | None]:
    """Return how many requests an open loop sent each second, and that rate over the one at which they were due."""
    due = sent = intervals = 0
    for group in rounds(measured):
        scheduled = [event.scheduled_us for event in group if event.scheduled_us is not None]
        if len(scheduled) < len(group) or len(group) < 2:  # noqa: PLR2004 - an interval has two ends
            return None, None
        starts = [event.sent_us for event in group]
        due += max(scheduled) - min(scheduled)
        sent += max(starts) - min(starts)
        intervals += len(group) - 1
    if not sent or not due:
        return None, None
    return rounded(intervals * _US_PER_S / sent), rounded(due / sent)


def behind(measured: Sequence[RequestEvent]) -> int | None:
    """Return the 99th percentile of the microseconds from when a request was due to when the client took it up."""
    waits = [event.taken_us - event.scheduled_us for event in measured if event.scheduled_us is not None]
    return nearest_rank(waits, 0.99) if waits else None


def growth(measured: Sequence[RequestEvent]) -> tuple[int | None, int | None] | None:
    """Return the median latencies of the first and the last third of each round of an open loop; None is infinite."""
    if any(event.scheduled_us is None for event in measured):
        return None
    thirds = [(sorted(group, key=lambda event: event.seq), len(group) // 3) for group in rounds(measured)]
    first = list(chain.from_iterable(group[:third] for group, third in thirds))
    last = list(chain.from_iterable(group[len(group) - third :] for group, third in thirds))
    if not first:
        return None
    return nearest_rank(map(e2e_us, first), 0.5), nearest_rank(map(e2e_us, last), 0.5)


def rounds(events: Sequence[RequestEvent]) -> list[list[RequestEvent]]:
    """Return requests by round of the ladder."""
    return [[event for event in events if event.repeat == own] for own in sorted({event.repeat for event in events})]

"""Which figures follow from the stored events and samples? The same ones each time: verifying derives them again.

Times are integer microseconds, percentiles are members of the sample (nearest rank), and a failed request is an
infinite latency: dropping it would let a server look faster the more it fails.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from assay.bench.validity import Signals, judged
from assay.schema._base import rounded
from assay.schema.bench import BenchCell, Memory, Percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeVar

    from assay.schema.bench import RequestEvent, ResourceSample

    Line = TypeVar("Line", RequestEvent, ResourceSample)
    Key = tuple[str, str, int]
    Latency = tuple[int | None, int | None]
    Ranks = Callable[[int, float], tuple[int | None, int | None]]

__all__ = ["cells_of", "latencies_of", "n_needed", "nearest_rank"]

_QUANTILES = (0.5, 0.95, 0.99)
_CONFIDENCE = 0.95
_US_PER_S = 1_000_000


def cells_of(events: Sequence[RequestEvent], samples: Sequence[ResourceSample], ranks: Ranks) -> tuple[BenchCell, ...]:
    """Return the figures of each candidate, profile and concurrency, in the order in which they first appear.

    Of each repeat only the last series counts: the ones before it were broken off. The requests of all repeats are
    taken together.

    Args:
        events: lines of `requests.jsonl`.
        samples: lines of `resources.jsonl`.
        ranks: for n and a percentile as a share, the ranks (from 1) of the order statistics that bound its 95 %
            interval; None for a limit that n cannot give.
    """
    seen = _by_cell(samples)
    return tuple(_cell(_last_series(group), seen.get(key, []), ranks) for key, group in _by_cell(events).items())


def latencies_of(events: Sequence[RequestEvent]) -> Mapping[tuple[str, int], tuple[Latency, ...]]:
    """Return the latencies that count, by profile and concurrency, for the events of one candidate.

    Each is a pair of microseconds, from sent to the last and to the first token; None is infinite: the request failed.
    """
    return {
        (profile, concurrency): tuple(_latency(event) for event in _last_series(group) if event.phase == "measured")
        for (_, profile, concurrency), group in _by_cell(events).items()
    }


def nearest_rank(values: Iterable[int | None], q: float) -> int | None:
    """Return the nearest-rank percentile: the least value that at least a share q of all values does not exceed.

    Args:
        values: at least one; None is infinite.
        q: percentile as a share, to three decimals.
    """
    ordered = _ordered(values)
    # In thousandths: 0.55 * 100 is a binary fraction above 55, and ceil() would take the next rank.
    return ordered[-(-round(q * 1000) * len(ordered) // 1000) - 1]


def n_needed(q: float) -> int:
    """Return from how many values on their largest is a one-sided 95 % upper limit of a percentile.

    The smallest n with 1 - q**n >= 0.95 (Wilks 1941, Ann. Math. Stat. 12:91-96): 5, 59 and 299 for the 50th, 95th and
    99th percentile.
    """
    return math.ceil(math.log(1 - _CONFIDENCE) / math.log(q))


def _by_cell(lines: Iterable[Line]) -> dict[Key, list[Line]]:
    groups: dict[Key, list[Line]] = {}
    for line in lines:
        groups.setdefault((line.candidate, line.profile, line.concurrency), []).append(line)
    return groups


def _last_series(events: Sequence[RequestEvent]) -> list[RequestEvent]:
    last: dict[int, int] = {}
    for event in events:
        last[event.repeat] = max(event.series, last.get(event.repeat, event.series))
    return [event for event in events if event.series == last[event.repeat]]


def _latency(event: RequestEvent) -> Latency:
    if event.fault is not None or event.last_us is None:
        return None, None
    return event.last_us - event.sent_us, None if event.first_us is None else event.first_us - event.sent_us


def _cell(events: Sequence[RequestEvent], samples: Sequence[ResourceSample], ranks: Ranks) -> BenchCell:
    measured = [event for event in events if event.phase == "measured"]
    latencies = [_latency(event) for event in measured]
    answered = [event for event, (e2e_us, _) in zip(measured, latencies, strict=True) if e2e_us is not None]
    e2e = _percentiles([e2e_us for e2e_us, _ in latencies], ranks)
    # An answer in one piece hides its first token: that is no failed request, only nothing seen.
    ttft = _percentiles([ttft for e2e_us, ttft in latencies if e2e_us is None or ttft is not None], ranks)
    window_us = _window_us(measured)
    warmup = len(events) - len(measured)
    cached_share = _cached_share(answered)
    signals = Signals(
        profile=events[0].profile,
        concurrency=events[0].concurrency,
        n=len(measured),
        warmup=warmup,
        answered=len(answered),
        faults=tuple(event.fault.kind for event in measured if event.fault is not None),
        e2e_p50_us=e2e[0].value_us,
        ttft_p50_us=ttft[0].value_us,
        lag_p99_us=nearest_rank((event.lag_us for event in measured), 0.99) if measured else None,
        cached_share=cached_share,
        in_flight=sum(event.end_us - event.sent_us for event in measured) / window_us if window_us else None,
    )
    validity, reasons = judged(signals)
    return BenchCell(
        candidate=events[0].candidate,
        profile=events[0].profile,
        concurrency=events[0].concurrency,
        n=len(measured),
        failed=len(measured) - len(answered),
        warmup=warmup,
        e2e=e2e,
        ttft=ttft,
        tpot_p50_us=_median(_tpot_us(event) for event in answered),
        output_tokens_per_s=_per_s([event.output_tokens for event in answered], window_us),
        requests_per_s=_per_s([1] * len(answered), window_us),
        prompt_tokens_p50=_median(event.prompt_tokens for event in answered),
        output_tokens_p50=_median(event.output_tokens for event in answered),
        cached_share=cached_share,
        truncated=sum(event.finish_reason == "length" for event in answered),
        memory=_memory(samples),
        validity=validity,
        reasons=reasons,
    )


def _percentiles(values: Sequence[int | None], ranks: Ranks) -> tuple[Percentile, ...]:
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

    return tuple(percentile(q) for q in _QUANTILES)


def _ordered(values: Iterable[int | None]) -> list[int | None]:
    return sorted(values, key=lambda value: math.inf if value is None else value)


def _median(values: Iterable[int | None]) -> int | None:
    """Return the nearest-rank median of what is known."""
    known = [value for value in values if value is not None]
    return nearest_rank(known, 0.5) if known else None


def _tpot_us(event: RequestEvent) -> int | None:
    """Return the mean time per token after the first; None where one token or one chunk is all there is."""
    if event.first_us is None or event.last_us is None or event.output_tokens is None:
        return None
    if event.output_tokens < 2 or event.chunks < 2:  # noqa: PLR2004 - a gap has two ends
        return None
    return round((event.last_us - event.first_us) / (event.output_tokens - 1))


def _window_us(events: Sequence[RequestEvent]) -> int:
    """Return the time from first sent to last end, added up over the repeats."""
    repeats: dict[int, list[RequestEvent]] = {}
    for event in events:
        repeats.setdefault(event.repeat, []).append(event)
    return sum(max(e.end_us for e in group) - min(e.sent_us for e in group) for group in repeats.values())


def _per_s(counts: Sequence[int | None], window_us: int) -> float | None:
    """Return a rate; None where nothing was answered or the server did not count some answer."""
    known = [count for count in counts if count is not None]
    if not known or len(known) < len(counts) or window_us <= 0:
        return None
    return rounded(sum(known) * _US_PER_S / window_us)


def _cached_share(events: Sequence[RequestEvent]) -> float | None:
    """Return the share over the requests for which the server gives both counts."""
    pairs = [
        (event.cached_tokens, event.prompt_tokens)
        for event in events
        if event.cached_tokens is not None and event.prompt_tokens is not None
    ]
    prompt_tokens = sum(prompt for _, prompt in pairs)
    return rounded(sum(cached for cached, _ in pairs) / prompt_tokens) if prompt_tokens else None


def _memory(samples: Sequence[ResourceSample]) -> Memory | None:
    if not samples:
        return None
    return Memory(
        rss_peak_bytes=max(sample.rss_bytes for sample in samples),
        anonymous_peak_bytes=max(
            (sample.anonymous_bytes for sample in samples if sample.anonymous_bytes is not None), default=None
        ),
        host_available_min_bytes=min(sample.host_available_bytes for sample in samples),
        samples=len(samples),
    )

"""What do a measurement's samples and the server's own times come to?

Pure: the same samples give the same figures each time, for verifying derives them again. The samples and events given
are those of the series that count; a series that was broken off is left out before.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from assay.bench.percentiles import at_rank
from assay.schema._base import rounded
from assay.schema.bench import CounterFigures, GpuMemory, Memory, ServerAccount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from assay.schema.bench import CounterSample, GpuUse, RequestEvent, ResourceSample, ServerTimings

    SeriesSamples = Sequence[CounterSample]

__all__ = ["ALLOWED_SHARE", "LEAST_ALLOWED_US", "counters_of", "mean_account", "memory_of", "server_account"]

LEAST_ALLOWED_US = 10_000
"""Microseconds by which client and server may always differ.

Between them lie the network of one host, the reading of the request and the writing of its first chunk, all of a few
milliseconds, and llama.cpp leaves tokenizing the prompt out of its account.
"""

ALLOWED_SHARE = 0.1
"""Share of the client's time by which both may differ: candidates are compared by tenths."""


def memory_of(samples: Sequence[ResourceSample]) -> Memory | None:
    """Return the peaks over some samples, or None without any; a peak is over the samples that tell the figure."""
    if not samples:
        return None
    uses: dict[int, list[GpuUse]] = {}
    for sample in samples:
        for use in sample.gpus:
            uses.setdefault(use.index, []).append(use)
    return Memory(
        rss_peak_bytes=_peak(sample.rss_bytes for sample in samples),
        anonymous_peak_bytes=_peak(sample.anonymous_bytes for sample in samples),
        pss_peak_bytes=_peak(sample.pss_bytes for sample in samples),
        host_available_min_bytes=min(sample.host_available_bytes for sample in samples),
        gpus=tuple(_gpu(uses[index]) for index in sorted(uses)),
        samples=len(samples),
    )


def counters_of(samples: Sequence[CounterSample]) -> CounterFigures | None:
    """Return what a runtime's counters came to, or None without samples.

    Sums are the differences between the first and the last sample of each series, added over the series; they include
    the warm-up requests. A counter that falls was begun anew: its difference is not known, and neither is the sum.

    Args:
        samples: all of one candidate and load; a series may be of any round.
    """
    if not samples:
        return None
    series = _by_series(samples)
    grown = _Growth(series)
    requests = grown.of(lambda sample: sample.requests)
    waiting = [sample.waiting for sample in samples if sample.waiting is not None]
    looked_up = grown.of(lambda sample: sample.looked_up_tokens)
    cached = grown.of(lambda sample: sample.cached_tokens)
    return CounterFigures(
        source=samples[0].source,
        samples=len(samples),
        requests=requests,
        running_peak=_peak(sample.running for sample in samples),
        waiting_peak=max(waiting, default=None),
        waiting_share=rounded(sum(one > 0 for one in waiting) / len(waiting)) if waiting else None,
        kv_cache_peak=max((one.kv_cache_share for one in samples if one.kv_cache_share is not None), default=None),
        preemptions=grown.of(lambda sample: sample.preemptions),
        cached_share=rounded(min(1.0, cached / looked_up)) if cached is not None and looked_up else None,
        queue_mean_us=_mean(grown.of(lambda sample: sample.queue_us), requests),
        ttft_mean_us=_mean(grown.of(lambda sample: sample.ttft_us), requests),
        e2e_mean_us=_mean(grown.of(lambda sample: sample.e2e_us), requests),
        spilled_bytes=_peak(_spilled(sample) for sample in samples),
        unloaded=_unloaded(series),
        restarted=grown.restarted(),
    )


def server_account(events: Sequence[RequestEvent]) -> ServerAccount | None:
    """Return the client's times beside the server's, or None when no request has both.

    Only answered, measured requests count. The server's time to first token is that for the prompt, with queue and
    load where it tells them; the client's begins when the request's head was written. The time from the first to the
    last token is compared where the answer came in more than one chunk. For the client it lasts to the end of the
    stream, since the token that ends an answer is decoded as well and has no chunk of its own.

    Both medians may differ by 10 ms, or by a tenth of the lesser of the client's two medians where that is more. One
    limit serves both figures, and the lesser keeps a long answer from excusing a late first token.

    llama.cpp does not tell how long a request waited for a slot, or for the batch that was being worked on when it
    came: measured, one batch of a prompt with two requests on two slots, and a whole answer with four. So where a wait
    is not told, and more than one request may be in flight, a later first token is the wait's, and the rest decides.
    """
    both = [
        (event, event.server)
        for event in events
        if event.phase == "measured" and event.fault is None and event.server is not None
    ]
    ttft = [pair for event, server in both if (pair := _ttft(event, server)) is not None]
    decode = [pair for event, server in both if (pair := _decode(event, server)) is not None]
    if not ttft and not decode:
        return None
    medians = [at_rank(sorted(pair.client_us for pair in pairs), 0.5) for pairs in (ttft, decode) if pairs]
    allowed = max(LEAST_ALLOWED_US, int(ALLOWED_SHARE * min(medians)))
    untold = any(_wait_untold(event, server) for event, server in both)
    differences = [[pair.client_us - pair.server_us for pair in pairs] for pairs in (ttft, decode)]
    middle = [at_rank(sorted(found), 0.5) if found else None for found in differences]
    high = [at_rank(sorted(map(abs, found)), 0.95) if found else None for found in differences]
    return ServerAccount(
        source=", ".join(sorted({server.source for _, server in both})),
        n=sum(_ttft(event, server) is not None or _decode(event, server) is not None for event, server in both),
        ttft_us=middle[0],
        ttft_p95_us=high[0],
        decode_us=middle[1],
        decode_p95_us=high[1],
        allowed_us=allowed,
        agrees=_agrees(middle[0], middle[1], allowed, untold=untold),
    )


def mean_account(events: Sequence[RequestEvent], counters: CounterFigures | None) -> ServerAccount | None:
    """Return the client's mean times beside those that follow from a runtime's counters, or None without such.

    Only where the server answered just the requests that the client saw answered: with any other, the means are of
    different things. Both may differ as in `server_account`. vLLM counts from when its front end takes a request to
    when it hands the token over.

    Args:
        events: all requests of the same series as the counters, warm-up included.
        counters: what the counters came to.
    """
    answered = [e for e in events if e.fault is None and e.first_us is not None and e.last_us is not None]
    if counters is None or counters.ttft_mean_us is None or not answered or counters.requests != len(answered):
        return None
    ttft = sum((e.first_us or 0) - e.sent_us for e in answered) // len(answered)
    decode = sum(e.end_us - (e.first_us or 0) for e in answered) // len(answered)
    served = None if counters.e2e_mean_us is None else counters.e2e_mean_us - counters.ttft_mean_us
    differences = (ttft - counters.ttft_mean_us, None if served is None else decode - served)
    allowed = max(LEAST_ALLOWED_US, int(ALLOWED_SHARE * min(ttft, decode)))
    return ServerAccount(
        source=counters.source,
        compared="means",
        n=len(answered),
        ttft_us=differences[0],
        ttft_p95_us=None,
        decode_us=differences[1],
        decode_p95_us=None,
        allowed_us=allowed,
        agrees=all(abs(own) <= allowed for own in differences if own is not None),
    )


def _peak(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)


def _gpu(uses: Sequence[GpuUse]) -> GpuMemory:
    return GpuMemory(
        index=uses[0].index,
        name=uses[0].name,
        used_peak_bytes=max(use.used_bytes for use in uses),
        total_bytes=max(use.total_bytes for use in uses),
        process_peak_bytes=_peak(use.process_bytes for use in uses),
    )


def _by_series(samples: Sequence[CounterSample]) -> tuple[SeriesSamples, ...]:
    """Return the samples of each series in the order of time."""
    groups: dict[tuple[int, int], list[CounterSample]] = {}
    for sample in samples:
        groups.setdefault((sample.repeat, sample.series), []).append(sample)
    return tuple(sorted(group, key=lambda sample: sample.at_us) for group in groups.values())


class _Growth:
    """Differences of counters over some series; it notes whether one of them fell."""

    def __init__(self, series: Sequence[SeriesSamples]) -> None:
        self._series = series

    def of(self, counter: Callable[[CounterSample], int | None]) -> int | None:
        """Return how far a counter grew in all series together, or None where one of them cannot tell."""
        parts = [_grown(values) for values in self._values(counter)]
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None

    def restarted(self) -> bool:
        """Return whether any counter fell within a series, those that no figure is made of included."""
        counters: tuple[Callable[[CounterSample], int | None], ...] = (
            lambda sample: sample.preemptions,
            lambda sample: sample.cached_tokens,
            lambda sample: sample.looked_up_tokens,
            lambda sample: sample.prompt_tokens,
            lambda sample: sample.output_tokens,
            lambda sample: sample.queue_us,
            lambda sample: sample.ttft_us,
            lambda sample: sample.e2e_us,
            lambda sample: sample.requests,
        )
        return any(_fell(values) for counter in counters for values in self._values(counter))

    def _values(self, counter: Callable[[CounterSample], int | None]) -> list[list[int]]:
        return [[value for sample in one if (value := counter(sample)) is not None] for one in self._series]


def _fell(values: Sequence[int]) -> bool:
    return any(later < earlier for earlier, later in pairwise(values))


def _grown(values: Sequence[int]) -> int | None:
    if len(values) < 2 or _fell(values):  # noqa: PLR2004 - a difference is between two
        return None
    return values[-1] - values[0]


def _mean(total: int | None, n: int | None) -> int | None:
    return round(total / n) if total is not None and n else None


def _spilled(sample: CounterSample) -> int | None:
    if sample.model_bytes is None or sample.model_vram_bytes is None:
        return None
    return max(0, sample.model_bytes - sample.model_vram_bytes)


def _unloaded(series: Sequence[SeriesSamples]) -> bool | None:
    """Return whether the model was seen not loaded, but for the looks before the load brought it in."""
    told = [[sample.loaded for sample in one if sample.loaded is not None] for one in series]
    told = [one for one in told if one]
    if not told:
        return None
    return any(False in (one[one.index(True) :] if True in one else one) for one in told)


def _agrees(ttft: int | None, decode: int | None, allowed: int, *, untold: bool) -> bool:
    """Return whether the medians are within the limit; at least one of them must have been held against it."""
    if untold and decode is not None and ttft is not None and ttft > allowed:
        ttft = None
    return all(abs(one) <= allowed for one in (ttft, decode) if one is not None)


def _wait_untold(event: RequestEvent, server: ServerTimings) -> bool:
    return server.prompt_us is not None and server.queue_us is None and event.concurrency != 1


class _Times(NamedTuple):
    client_us: int
    server_us: int


def _ttft(event: RequestEvent, server: ServerTimings) -> _Times | None:
    if event.first_us is None or server.prompt_us is None:
        return None
    return _Times(event.first_us - event.sent_us, server.prompt_us + (server.queue_us or 0) + (server.load_us or 0))


def _decode(event: RequestEvent, server: ServerTimings) -> _Times | None:
    if event.first_us is None or event.chunks < 2 or server.decode_us is None:  # noqa: PLR2004 - a gap has two ends
        return None
    return _Times(event.end_us - event.first_us, server.decode_us)

"""What follows under our definitions from the requests that GuideLLM keeps?

`info.timings` are seconds of the wall clock. `request_start` is when httpx begins to send the head of the request, and
`first_token_iteration` and `last_token_iteration` are when chunks of text, thinking or a tool call came: start and
ends of our own definitions. Nothing is derived unless every request is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.bench.importing.exact import as_us, exact_percentiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.bench.importing.drafts import LoadDraft
    from assay.bench.importing.tree import Tree

__all__ = ["derive"]


@dataclass(frozen=True)
class _Request:
    """Seconds of one request that was answered, and its tokens."""

    start: float
    first: float | None
    last: float | None
    end: float
    chunks: int | None
    tokens: int | None


def derive(load: LoadDraft, benchmark: Tree) -> None:
    """Add to a load the figures under our definitions, where all its requests are in the file.

    Args:
        load: gets them; how long requests that were cut off would have taken nobody knows.
        benchmark: one of GuideLLM's benchmarks.
    """
    requests = benchmark.child("requests")
    kept = requests.length("successful") or 0
    if not kept or load.completed is None or load.failed is None:
        return
    errored = requests.children("errored")
    trimmed = benchmark.number("warmup_duration") or benchmark.number("cooldown_duration")
    if load.cut_off or trimmed or (kept, len(errored)) != (load.completed, load.failed):
        text = f"{kept} of {load.completed} answered and {len(errored)} of {load.failed} failed requests are kept"
        why = " and some were cut off" if load.cut_off else " and some are warm-up" if trimmed else ""
        load.warn("requests_missing", f"{text}{why}: nothing is derived under our definitions")
        return
    answered = [request for own in requests.children("successful") if (request := _request(own)) is not None]
    if len(answered) < kept:
        load.warn("requests_missing", f"{kept - len(answered)} requests have no times: nothing is derived from them")
        return
    if any(_runs_backwards(request) for request in answered):
        load.warn("negative_time", "some requests end before they begin: the clock was set", discredits=True)
        return
    _latencies(load, answered, load.failed)
    ends = [*(own.end for own in answered), *(end for own in errored if (end := _timings(own).number("request_end")))]
    starts = [
        *(own.start for own in answered),
        *(start for own in errored if (start := _timings(own).number("request_start"))),
    ]
    if len(ends) == len(starts) == kept + len(errored) and max(ends) > min(starts):
        _throughput(load, answered, max(ends) - min(starts))


def _timings(request: Tree) -> Tree:
    return request.child("info").child("timings")


def _request(own: Tree) -> _Request | None:
    times, output = _timings(own), own.child("output_metrics")
    start, end = times.number("request_start"), times.number("request_end")
    if start is None or end is None:
        return None
    return _Request(
        start=start,
        first=times.number("first_token_iteration"),
        last=times.number("last_token_iteration"),
        end=end,
        chunks=times.count("token_iterations"),
        tokens=output.count("total_tokens"),
    )


def _runs_backwards(request: _Request) -> bool:
    times = [time for time in (request.start, request.first, request.last, request.end) if time is not None]
    return times != sorted(times)


def _latencies(load: LoadDraft, answered: Sequence[_Request], failed: int) -> None:
    infinite = [None] * failed
    n = len(answered) + failed
    ttft = [as_us(own.first - own.start) for own in answered if own.first is not None]
    e2e = [as_us(own.last - own.start) for own in answered if own.last is not None]
    if len(ttft) == len(e2e) == len(answered):
        load.add_ours("e2e.v1", "e2e", exact_percentiles([*e2e, *infinite]), n=n)
        load.add_ours("ttft.v1", "ttft", exact_percentiles([*ttft, *infinite]), n=n)
    # How many tokens the first chunk held is known only where there are as many chunks as tokens: one in each.
    tpot = [
        as_us((own.last - own.first) / (own.tokens - 1))
        for own in answered
        if own.first is not None and own.last is not None and own.tokens == own.chunks and (own.tokens or 0) > 1
        if own.tokens is not None
    ]
    if len(tpot) == len(answered):
        load.add_ours("tpot.v1", "tpot", exact_percentiles([*tpot, *infinite]), n=n)


def _throughput(load: LoadDraft, answered: Sequence[_Request], seconds: float) -> None:
    n = len(answered)
    load.add_ours("requests_per_s.v1", "requests_per_s", {"mean": n / seconds}, n=n)
    tokens = [own.tokens for own in answered if own.tokens is not None]
    if len(tokens) == n:
        load.add_ours("output_tokens_per_s.v1", "output_tokens_per_s", {"mean": sum(tokens) / seconds}, n=n)

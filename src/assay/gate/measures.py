"""What can be asked of one measurement under load, and what does it come to?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from assay.gate.power import most_failures
from assay.gate.question import Answer, unknown
from assay.gate.share import Share, answer_share
from assay.gate.statistics import order_statistic_ranks, requests_needed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.gate.comparison import Comparison
    from assay.gate.evidence import Latency
    from assay.schema.bench import BenchCell

    Swayed = Literal["all", "client", "nothing"]

__all__ = ["MEASURES", "Measure", "least_requests"]

_MICROSECONDS = 1_000_000
_GIB = 1 << 30
_WHOLE = 100


@dataclass(frozen=True)
class Measure:
    """One figure of a measurement and what can be asked of it."""

    good: Literal["low", "high"]
    """Which figures are the good ones."""
    answer: Callable[[BenchCell, Sequence[Latency] | None, Comparison], Answer]
    """Answer from a measurement that can be believed and the latencies of its requests."""
    sampled: bool = False
    """Whether a confidence can be asked for."""
    share: bool = False
    """Whether it lies between 0 and 1."""
    count: bool = False
    """Whether it counts what may never happen, so that `<= 0` can be met."""
    swayed_by: Swayed = "all"
    """Which reasons against a measurement can have made this figure: all, those about the client, or none."""


def _percentile(
    series: Literal["e2e", "ttft", "tpot"],
    percent: int,
    cell: BenchCell,
    rows: Sequence[Latency] | None,
    comparison: Comparison,
) -> Answer:
    """Compare a percentile of the sample or, with a confidence, the limits of its order-statistic interval."""
    percentiles = {"e2e": cell.e2e, "ttft": cell.ttft, "tpot": cell.tpot}[series]
    found = [own for own in percentiles if round(100 * own.q) == percent and own.n > 0]
    if len(found) != 1:
        return unknown(f"p{percent} was not measured.", n=cell.n)
    # An answer in one piece hides its first token: a percentile may rest on fewer requests than were measured.
    value_us, n = found[0].value_us, found[0].n
    seconds = math.inf if value_us is None else value_us / _MICROSECONDS
    where = f"is {seconds:.6g} s" if math.isfinite(seconds) else "falls on a failed one"
    said = f"p{percent} of {n} requests {where}"
    if comparison.confidence is not None:
        if n < cell.n:
            return unknown(f"{said}: of {cell.n - n} others it was not seen, and all are needed to prove it.", n=n)
        answer = _proven(percent, _series(series, rows), n, comparison)
        return replace(answer, reason=f"{said}: {answer.reason}", observed=seconds)
    needed = least_requests(percent) - n
    if needed > 0:
        return unknown(f"{said}; they are too few to hold it: {_requests(needed)} needed.", n=n, needed=needed)
    status, margin = comparison.weigh(seconds, seconds)
    answer = Answer(status, f"{said}.", observed=seconds, n=n, margin=margin)
    return _with_flip(answer, _series(series, rows), comparison, least_kept=-(-percent * n // _WHOLE))


def least_requests(percent: int) -> int:
    """Return how many requests a sample percentile needs, so that at least one lies beyond it: 2, 20, 100."""
    return math.ceil(_WHOLE / (_WHOLE - percent))


def _series(series: Literal["e2e", "ttft", "tpot"], rows: Sequence[Latency] | None) -> list[float]:
    """Return the latencies in seconds, smallest first, a failed one infinite; none where they are not kept."""
    known = [row[series == "ttft"] for row in rows or ()] if series != "tpot" else []
    return sorted(math.inf if own is None else own / _MICROSECONDS for own in known)


def _requests(count: int, more: str = "more ") -> str:
    return f"{count} {more}request{'' if count == 1 else 's'}"


def _with_flip(answer: Answer, ordered: Sequence[float], comparison: Comparison, least_kept: int | None) -> Answer:
    """Return an answer with the requests that would turn it, were they on the other side of the limit.

    `least_kept` is the least number within the limit with which it is met; None when so few requests cannot meet it.
    """
    if least_kept is None or len(ordered) != answer.n:
        return answer
    kept = sum(comparison.holds(own) for own in ordered)
    if answer.status == "met":
        return replace(answer, flip=f"{_requests(kept - least_kept + 1)} of the same {len(ordered)} beyond the limit")
    return replace(answer, flip=f"{_requests(least_kept - kept)} of the same {len(ordered)} within the limit")


def _proven(percent: int, ordered: Sequence[float], n: int, comparison: Comparison) -> Answer:
    """Compare the one-sided limits of a percentile.

    They are the values at two ranks, so the percentile is met exactly when a binomial test shows that enough
    requests keep the limit, a failed request being one that does not.
    """
    confidence = comparison.confidence or 0
    if len(ordered) != n:
        return unknown(f"the latencies of all of them are needed, {len(ordered)} are there.", n=n)
    lower, upper = order_statistic_ranks(n, percent / 100, 2 * confidence - 1)
    low = ordered[lower - 1] if lower is not None else -math.inf
    high = ordered[upper - 1] if upper is not None else math.inf
    status, margin = comparison.weigh(low, high)
    more = None
    if status == "unknown":
        violations = sum(not comparison.holds(own) for own in ordered)
        more = requests_needed(violations, n, percent / 100, confidence)
        said = "over ten million more requests" if more is None else _requests(more)
        reason = f"{said} within the limit needed for {comparison.confidence_text}."
    elif math.isinf(low):
        reason = f"a failed one with {comparison.confidence_text}."
    else:
        reason = f"{comparison.proven(status, low, high, unit=' s')}."
    answer = Answer(
        status, reason, low=low, high=high, n=n, margin=margin, method="order statistics of requests", needed=more
    )
    failures = most_failures(n, percent / 100, confidence)
    return _with_flip(answer, ordered, comparison, None if failures is None else n - failures)


def _error_rate(cell: BenchCell, _rows: Sequence[Latency] | None, comparison: Comparison) -> Answer:
    """Compare the share of requests that failed."""
    words = {"more_hits": "failed request", "more_misses": "answered request"}
    return answer_share(Share(cell.failed, 0, cell.n, "requests", "failed", **words), comparison)


def _point(
    read: Callable[[BenchCell], float | None],
    unit: str,
    cell: BenchCell,
    _rows: Sequence[Latency] | None,
    comparison: Comparison,
) -> Answer:
    """Compare a single figure, for which no interval is known."""
    value = read(cell)
    if value is None or not math.isfinite(value):
        return unknown("It could not be measured.", n=cell.n)
    status, margin = comparison.weigh(value, value)
    return Answer(status, f"{value:.6g} {unit} over {cell.n} requests.", observed=value, n=cell.n, margin=margin)


def _good_share(cell: BenchCell, _rows: Sequence[Latency] | None, comparison: Comparison) -> Answer:
    """Compare the share of requests within every service level of the profile; a failed one is within none."""
    if cell.good is None:
        return unknown("The plan declares no service level for this profile.", n=cell.n)
    words = {"more_hits": "request within the levels", "more_misses": "request outside them"}
    return answer_share(Share(cell.good, 0, cell.n, "requests", "within the levels", **words), comparison)


def _gap(cell: BenchCell) -> float | None:
    return None if cell.gap_p99_us is None else cell.gap_p99_us / _MICROSECONDS


def _memory(cell: BenchCell) -> float | None:
    peak = None if cell.memory is None else cell.memory.rss_peak_bytes
    return peak / _GIB if peak else None


def _vram(cell: BenchCell) -> float | None:
    """Return the most that was in use on any one device: that is the one that runs out."""
    peaks = [gpu.used_peak_bytes for gpu in cell.memory.gpus] if cell.memory is not None else []
    return max(peaks) / _GIB if peaks else None


def _host_headroom(cell: BenchCell) -> float | None:
    seen = cell.memory is not None and cell.memory.samples > 0
    return cell.memory.host_available_min_bytes / _GIB if cell.memory is not None and seen else None


def _vram_headroom(cell: BenchCell) -> float | None:
    """Return the least that was left on any one device: that is the one that runs out."""
    left = [gpu.total_bytes - gpu.used_peak_bytes for gpu in cell.memory.gpus] if cell.memory is not None else []
    return min(left) / _GIB if left else None


def _preemptions(cell: BenchCell) -> float | None:
    return None if cell.counters is None else cell.counters.preemptions


MEASURES: Final[dict[str, Measure]] = {
    "e2e_p50_s": Measure("low", partial(_percentile, "e2e", 50), sampled=True),
    "e2e_p95_s": Measure("low", partial(_percentile, "e2e", 95), sampled=True),
    "e2e_p99_s": Measure("low", partial(_percentile, "e2e", 99), sampled=True),
    "ttft_p50_s": Measure("low", partial(_percentile, "ttft", 50), sampled=True),
    "ttft_p95_s": Measure("low", partial(_percentile, "ttft", 95), sampled=True),
    "ttft_p99_s": Measure("low", partial(_percentile, "ttft", 99), sampled=True),
    "tpot_p50_s": Measure("low", partial(_percentile, "tpot", 50)),
    "tpot_p95_s": Measure("low", partial(_percentile, "tpot", 95)),
    "gap_p99_s": Measure("low", partial(_point, _gap, "s between chunks")),
    "output_tokens_per_s": Measure("high", partial(_point, lambda cell: cell.output_tokens_per_s, "tokens per second")),
    "requests_per_s": Measure("high", partial(_point, lambda cell: cell.requests_per_s, "requests per second")),
    "good_share": Measure("high", _good_share, sampled=True, share=True),
    "error_rate": Measure("low", _error_rate, sampled=True, share=True, swayed_by="client"),
    "memory_peak_gib": Measure("low", partial(_point, _memory, "GiB at most"), swayed_by="nothing"),
    "vram_peak_gib": Measure("low", partial(_point, _vram, "GiB at most"), swayed_by="nothing"),
    "host_headroom_gib": Measure("high", partial(_point, _host_headroom, "GiB left at least"), swayed_by="nothing"),
    "vram_headroom_gib": Measure("high", partial(_point, _vram_headroom, "GiB left at least"), swayed_by="nothing"),
    "preemptions": Measure("low", partial(_point, _preemptions, "preemptions"), count=True, swayed_by="nothing"),
}
"""What can be asked of a measurement."""

"""Events and figures to build tests from: a request that is sent at 0 and answered in a second, unless it is said."""

from __future__ import annotations

from assay.schema.bench import BenchCell, Percentile, RequestEvent, ResourceSample
from assay.schema.run import Fault

S = 1_000_000
EVENT = RequestEvent(
    candidate="a",
    profile="short",
    concurrency=1,
    series=1,
    repeat=1,
    seq=0,
    phase="measured",
    sent_us=0,
    first_us=S // 10,
    last_us=S,
    end_us=S,
    chunks=11,
    prompt_tokens=60,
    output_tokens=11,
    cached_tokens=None,
    finish_reason="stop",
    fault=None,
    lag_us=100,
)
FAILED = {"first_us": None, "last_us": None, "chunks": 0, "fault": Fault(kind="timeout", message="late")}
SAMPLE = ResourceSample(
    candidate="a",
    profile="short",
    concurrency=1,
    at_us=0,
    rss_bytes=100,
    anonymous_bytes=40,
    host_available_bytes=1000,
)


def event(**changes: object) -> RequestEvent:
    """Return EVENT with changes, checked."""
    return RequestEvent.model_validate({**EVENT.model_dump(), **changes})


def events(count: int, **changes: object) -> list[RequestEvent]:
    """Return a warm-up and events one after the other, a second apart, all with the changes."""
    times = [
        {"sent_us": n * S, "first_us": n * S + S // 10, "last_us": (n + 1) * S, "end_us": (n + 1) * S}
        for n in range(count)
    ]
    return [event(phase="warmup", **changes), *(event(**{"seq": n, **own, **changes}) for n, own in enumerate(times))]


def percentiles(*values_us: int | None) -> tuple[Percentile, ...]:
    """Return p50, p95 and p99 of ten requests."""
    return tuple(
        Percentile(q=q, value_us=value, low_us=None, high_us=None, n=10, n_needed=needed, supported=needed <= 10)
        for q, value, needed in zip((0.5, 0.95, 0.99), values_us, (5, 59, 299), strict=True)
    )


def cell(**changes: object) -> BenchCell:
    """Return figures of ten requests, checked."""
    return BenchCell.model_validate(
        {
            "candidate": "a",
            "profile": "short",
            "concurrency": 1,
            "n": 10,
            "failed": 1,
            "warmup": 2,
            "e2e": percentiles(1_500_250, 2_000_000, None),
            "ttft": percentiles(100_000, 200_000, None),
            "tpot_p50_us": 20_000,
            "output_tokens_per_s": 47.5,
            "requests_per_s": 0.75,
            "prompt_tokens_p50": 60,
            "output_tokens_p50": 32,
            "cached_share": None,
            "truncated": 3,
            "memory": None,
            "validity": "DEGRADED",
            "reasons": ("1 of 10 requests failed (1 timeout)", "no warm-up request was sent before"),
            **changes,
        }
    )

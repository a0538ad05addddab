"""Events and figures to build tests from: a request that is sent at 0 and answered in a second, unless it is said."""

from __future__ import annotations

from assay.schema.bench import BenchCell, Percentile, Reason, RequestEvent, ResourceSample
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
    taken_us=0,
    sent_us=0,
    first_us=S // 10,
    visible_us=S // 10,
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
FAILED: dict[str, object] = {
    "first_us": None,
    "visible_us": None,
    "last_us": None,
    "chunks": 0,
    "fault": Fault(kind="timeout", message="late"),
}
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
    moments = (
        {
            **dict.fromkeys(("taken_us", "sent_us"), n * S),
            **dict.fromkeys(("first_us", "visible_us"), n * S + S // 10),
            **dict.fromkeys(("last_us", "end_us"), (n + 1) * S),
        }
        for n in range(count)
    )
    return [event(phase="warmup", **changes), *(event(**{"seq": n, **own, **changes}) for n, own in enumerate(moments))]


def percentiles(*values_us: int | None, n: int = 10, **changes: object) -> tuple[Percentile, ...]:
    """Return p50, p95 and p99 of ten requests, unless it is said."""
    plain = Percentile(q=0.5, value_us=None, low_us=None, high_us=None, n=n, n_needed=5, supported=True)
    return tuple(
        plain.model_copy(update={"q": q, "value_us": value, "n_needed": needed, "supported": needed <= n, **changes})
        for q, value, needed in zip((0.5, 0.95, 0.99), values_us, (5, 59, 299), strict=True)
    )


def cell(**changes: object) -> BenchCell:
    """Return figures of ten requests at one at once, checked; what no test needs is unknown."""
    return BenchCell.model_validate(
        {
            **dict.fromkeys(BenchCell.model_fields),
            "candidate": "a",
            "profile": "short",
            "arrivals": "closed",
            "concurrency": 1,
            "cache": "cold",
            "n": 10,
            "planned": 12,
            "failed": 1,
            "faults": {"timeout": 1},
            "warmup": 2,
            "definitions": (),
            "e2e": percentiles(1_500_250, 2_000_000, None),
            "ttft": percentiles(100_000, 200_000, None),
            "tpot": percentiles(20_000, 30_000, None),
            "output_tokens_per_s": 47.5,
            "requests_per_s": 0.75,
            "prompt_tokens_p50": 60,
            "output_tokens_p50": 32,
            "truncated": 3,
            "repeats": (),
            "validity": "DEGRADED",
            "reasons": (
                Reason(code="failures", text="1 of 10 requests failed (1 timeout)", leans="for"),
                Reason(code="cold", text="no warm-up request was sent before", leans="against"),
            ),
            **changes,
        }
    )

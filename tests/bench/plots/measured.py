"""Cells, ladders, events and samples to draw plots from: as much as the plots read, all of it made up."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING

from assay.schema.bench import BenchCell, GpuUse, Ladder, Percentile, RequestEvent, ResourceSample
from assay.schema.run import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

S = 1_000_000
MIB = 2**20
NEEDED = {0.5: 5, 0.95: 59, 0.99: 299}


def load(at: float | str, profile: str = "short", candidate: str = "a") -> dict[str, object]:
    """Return the key of a closed load (`4`), an open one (`"2/s"`), or one with a warm cache (`"4:warm"`)."""
    text, _, cache = str(at).partition(":")
    key: dict[str, object] = {"candidate": candidate, "profile": profile, "cache": cache or "cold"}
    if text.endswith("/s"):
        return {**key, "arrivals": "poisson", "rate_per_s": float(text[:-2])}
    return {**key, "concurrency": int(text)}


def events(
    key: dict[str, object], latencies_us: Sequence[int | None], first_share: float | None = 0.2
) -> list[RequestEvent]:
    """Return one measured request for each latency; None is one that failed."""
    return [
        RequestEvent.model_validate(
            {
                **key,
                "series": 1,
                "repeat": 1,
                "seq": seq,
                "phase": "measured",
                "scheduled_us": 7 if "rate_per_s" in key else None,
                "taken_us": 0,
                "sent_us": 7,
                "first_us": None if us is None or first_share is None else 7 + int(us * first_share),
                "last_us": None if us is None else 7 + us,
                "end_us": 7 + (us or S),
                "chunks": 0 if us is None else 9,
                "prompt_tokens": 60,
                "output_tokens": 11,
                "cached_tokens": None,
                "finish_reason": "stop",
                "fault": Fault(kind="timeout", message="late") if us is None else None,
                "lag_us": 100,
            }
        )
        for seq, us in enumerate(latencies_us)
    ]


def percentiles(values_us: Sequence[int | None]) -> tuple[Percentile, ...]:
    """Return p50, p95 and p99 by nearest rank, with limits a few ranks away where n has as many."""
    ordered = sorted(values_us, key=lambda us: math.inf if us is None else us)
    n = len(ordered)

    def percentile(q: float) -> Percentile:
        rank = -(-round(q * 1000) * n // 1000)
        reach = math.ceil(2 * math.sqrt(n * q * (1 - q)))
        low, high = (rank - reach, rank + reach) if n else (0, 1)
        return Percentile(
            q=q,
            value_us=ordered[rank - 1] if n else None,
            low_us=ordered[low - 1] if low >= 1 else None,
            high_us=ordered[high - 1] if high <= n else None,
            n=n,
            n_needed=NEEDED[q],
            supported=n >= NEEDED[q],
        )

    return tuple(percentile(q) for q in NEEDED)


def cell(key: dict[str, object], measured: Sequence[RequestEvent], **changes: object) -> BenchCell:
    """Return the figures of some events."""
    whole = [None if e.last_us is None else e.last_us - e.sent_us for e in measured]
    first = [None if e.first_us is None else e.first_us - e.sent_us for e in measured]
    plain: dict[str, object] = dict.fromkeys(BenchCell.model_fields)
    return BenchCell.model_validate(
        {
            **plain,
            "arrivals": "closed",
            **key,
            "n": len(measured),
            "planned": len(measured),
            "failed": whole.count(None),
            "faults": {"timeout": whole.count(None)} if None in whole else {},
            "warmup": 0,
            "definitions": (),
            "e2e": percentiles(whole),
            "ttft": percentiles(first),
            "tpot": (),
            "truncated": 0,
            "repeats": (),
            "validity": "VALID",
            "reasons": (),
            **changes,
        }
    )


def ladder(cells: Sequence[BenchCell], throughput: Sequence[float], **changes: object) -> Ladder:
    """Return the ladder of closed cells of one candidate and profile."""
    return Ladder.model_validate(
        {
            "candidate": cells[0].candidate,
            "profile": cells[0].profile,
            "cache": cells[0].cache,
            "concurrencies": tuple(each.concurrency for each in cells),
            "unit": "tokens",
            "throughput": tuple(throughput),
            "e2e_p95_us": tuple(each.e2e[1].value_us for each in cells),
            "saturation": None,
            "knee": None,
            "within_slo": None,
            **changes,
        }
    )


def samples(
    key: dict[str, object], resident_mib: Sequence[float | None], *, gpu_mib: float | None = None, each_us: int = S // 4
) -> list[ResourceSample]:
    """Return one sample for each resident memory, three fifths of it anonymous."""
    gpus = (
        ()
        if gpu_mib is None
        else (GpuUse(index=0, name="made up", used_bytes=int(gpu_mib * MIB), total_bytes=80_000 * MIB),)
    )
    return [
        ResourceSample.model_validate(
            {
                **key,
                "at_us": place * each_us,
                "rss_bytes": None if mib is None else int(mib * MIB),
                "anonymous_bytes": None if mib is None else int(mib * 0.6 * MIB),
                "host_available_bytes": 12_000 * MIB - int((mib or 0) * MIB),
                "gpus": gpus,
            }
        )
        for place, mib in enumerate(resident_mib)
    ]


def spread(n: int, median_us: float, sigma: float, seed: int, failed: int = 0) -> list[int | None]:
    """Return n latencies that look like those of a server, some of them failed."""
    draw = Random(seed)
    return [None] * failed + [int(median_us * math.exp(draw.gauss(0, sigma))) for _ in range(n - failed)]

"""How do the figures look in a spreadsheet?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assay.schema.bench import BenchCell, Percentile

    Value = str | int | float | bool | None

__all__ = ["write_csv"]

_COLUMNS = (
    "candidate",
    "profile",
    "concurrency",
    "validity",
    "reasons",
    "requests",
    "failed",
    "warmup",
    *(
        f"{series}_{percentile}_{figure}"
        for series in ("e2e", "ttft")
        for percentile in ("p50", "p95", "p99")
        for figure in ("ms", "low_ms", "high_ms", "supported")
    ),
    "tpot_p50_ms",
    "output_tokens_per_s",
    "requests_per_s",
    "prompt_tokens_p50",
    "output_tokens_p50",
    "cached_share",
    "truncated",
    "rss_peak_bytes",
    "anonymous_peak_bytes",
    "host_available_min_bytes",
    "memory_samples",
)


def write_csv(cells: Sequence[BenchCell], path: Path) -> None:
    """Write one row for each cell, with the unit in the name of its column.

    What is not known stays empty, and so does a percentile that falls on a failed request.

    Args:
        cells: the figures.
        path: file to write; one that exists is replaced.
    """
    import pandas as pd

    # As objects: a column of integers with a gap would otherwise turn into floats.
    table = pd.DataFrame([_row(cell) for cell in cells], columns=list(_COLUMNS), dtype=object)
    table.to_csv(path, index=False, lineterminator="\n")


def _row(cell: BenchCell) -> dict[str, Value]:
    memory = cell.memory
    row: dict[str, Value] = {
        "candidate": cell.candidate,
        "profile": cell.profile,
        "concurrency": cell.concurrency,
        "validity": cell.validity,
        "reasons": "; ".join(cell.reasons),
        "requests": cell.n,
        "failed": cell.failed,
        "warmup": cell.warmup,
        "tpot_p50_ms": _ms(cell.tpot_p50_us),
        "output_tokens_per_s": cell.output_tokens_per_s,
        "requests_per_s": cell.requests_per_s,
        "prompt_tokens_p50": cell.prompt_tokens_p50,
        "output_tokens_p50": cell.output_tokens_p50,
        "cached_share": cell.cached_share,
        "truncated": cell.truncated,
        "rss_peak_bytes": None if memory is None else memory.rss_peak_bytes,
        "anonymous_peak_bytes": None if memory is None else memory.anonymous_peak_bytes,
        "host_available_min_bytes": None if memory is None else memory.host_available_min_bytes,
        "memory_samples": None if memory is None else memory.samples,
    }
    for series, percentiles in (("e2e", cell.e2e), ("ttft", cell.ttft)):
        for percentile in percentiles:
            row |= _percentile(f"{series}_p{round(percentile.q * 100)}", percentile)
    return row


def _percentile(name: str, percentile: Percentile) -> dict[str, Value]:
    return {
        f"{name}_ms": _ms(percentile.value_us),
        f"{name}_low_ms": _ms(percentile.low_us),
        f"{name}_high_ms": _ms(percentile.high_us),
        f"{name}_supported": percentile.supported,
    }


def _ms(value_us: int | None) -> float | None:
    return None if value_us is None else value_us / 1000

"""How do the figures look in a spreadsheet?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from assay.schema.bench import BenchCell, CounterFigures, Memory, Percentile, ServerAccount

    Value = str | int | float | bool | None

__all__ = ["write_csv"]

_SERIES = ("e2e", "ttft", "tpot")


def write_csv(cells: Sequence[BenchCell], path: Path) -> None:
    """Write one row for each measurement, with the unit in the name of its column.

    What is not known stays empty, and so does a percentile that falls on a failed request.

    Args:
        cells: the figures.
        path: file to write; one that exists is replaced.
    """
    import pandas as pd

    # As objects: a column of integers with a gap would otherwise turn into floats.
    table = pd.DataFrame([_row(cell) for cell in cells], columns=_columns(), dtype=object)
    table.to_csv(path, index=False, lineterminator="\n")


def _ms(value_us: int | None) -> float | None:
    return None if value_us is None else value_us / 1000


_BEFORE: dict[str, Callable[[BenchCell], Value]] = {
    "candidate": lambda cell: cell.candidate,
    "profile": lambda cell: cell.profile,
    "arrivals": lambda cell: cell.arrivals,
    "concurrency": lambda cell: cell.concurrency,
    "rate_per_s": lambda cell: cell.rate_per_s,
    "cache": lambda cell: cell.cache,
    "validity": lambda cell: cell.validity,
    "reasons": lambda cell: "; ".join(reason.text for reason in cell.reasons),
    "requests": lambda cell: cell.n,
    "planned": lambda cell: cell.planned,
    "failed": lambda cell: cell.failed,
    "warmup": lambda cell: cell.warmup,
}
_AFTER: dict[str, Callable[[BenchCell], Value]] = {
    "gap_p50_ms": lambda cell: _ms(cell.gap_p50_us),
    "gap_p99_ms": lambda cell: _ms(cell.gap_p99_us),
    "gap_max_ms": lambda cell: _ms(cell.gap_max_us),
    "tokens_per_chunk": lambda cell: cell.tokens_per_chunk,
    "output_tokens_per_s": lambda cell: cell.output_tokens_per_s,
    "requests_per_s": lambda cell: cell.requests_per_s,
    "sent_per_s": lambda cell: cell.sent_per_s,
    "within_slo": lambda cell: cell.good,
    "prompt_tokens_p50": lambda cell: cell.prompt_tokens_p50,
    "output_tokens_p50": lambda cell: cell.output_tokens_p50,
    "cached_share": lambda cell: cell.cached_share,
    "truncated": lambda cell: cell.truncated,
    "client_late_p99_ms": lambda cell: _ms(cell.lag_p99_us),
    "other_cpu_share": lambda cell: cell.other_cpu_share,
    "spread": lambda cell: cell.spread,
}
_MEMORY: dict[str, Callable[[Memory], Value]] = {
    "rss_peak_bytes": lambda memory: memory.rss_peak_bytes,
    "anonymous_peak_bytes": lambda memory: memory.anonymous_peak_bytes,
    "pss_peak_bytes": lambda memory: memory.pss_peak_bytes,
    "host_available_min_bytes": lambda memory: memory.host_available_min_bytes,
    "vram_peak_bytes": lambda memory: max((gpu.used_peak_bytes for gpu in memory.gpus), default=None),
    "memory_samples": lambda memory: memory.samples,
}
_COUNTERS: dict[str, Callable[[CounterFigures], Value]] = {
    "kv_cache_peak": lambda counters: counters.kv_cache_peak,
    "waiting_peak": lambda counters: counters.waiting_peak,
    "preemptions": lambda counters: counters.preemptions,
}
_SERVER: dict[str, Callable[[ServerAccount], Value]] = {
    "server_ttft_difference_ms": lambda server: _ms(server.ttft_us),
    "server_agrees": lambda server: server.agrees,
}


def _columns() -> list[str]:
    figures = ("ms", "low_ms", "high_ms", "supported")
    names = [f"{series}_{p}_{figure}" for series in _SERIES for p in ("p50", "p95", "p99") for figure in figures]
    return [*_BEFORE, *names, *_AFTER, *_MEMORY, *_COUNTERS, *_SERVER]


def _row(cell: BenchCell) -> dict[str, Value]:
    row = {name: read(cell) for columns in (_BEFORE, _AFTER) for name, read in columns.items()}
    for series, percentiles in zip(_SERIES, (cell.e2e, cell.ttft, cell.tpot), strict=True):
        for percentile in percentiles:
            row |= _percentile(f"{series}_p{round(percentile.q * 100)}", percentile)
    if cell.memory is not None:
        row |= {name: read(cell.memory) for name, read in _MEMORY.items()}
    if cell.counters is not None:
        row |= {name: read(cell.counters) for name, read in _COUNTERS.items()}
    if cell.server is not None:
        row |= {name: read(cell.server) for name, read in _SERVER.items()}
    return row


def _percentile(name: str, percentile: Percentile) -> dict[str, Value]:
    return {
        f"{name}_ms": _ms(percentile.value_us),
        f"{name}_low_ms": _ms(percentile.low_us),
        f"{name}_high_ms": _ms(percentile.high_us),
        f"{name}_supported": percentile.supported,
    }

"""Which measurement meets every condition on a load, and which one just fails one of them?"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assay.gate.selftest.asked import CANDIDATE, least, limit
from assay.gate.statistics import requests_needed
from assay.schema.bench import BenchCell, CounterFigures, GpuMemory, Memory, Percentile, Reason, Repeat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.gate.evidence import Facts, Latency, Subjects
    from assay.gate.selftest.asked import Asked

__all__ = ["bench_of", "cells_of", "load_of", "spoil_bench", "with_rows"]

_LABEL = re.compile(r"(?P<profile>.+)@(?:(?P<rate>[0-9.]+)/s|(?P<concurrency>[0-9]+))(?P<warm>:warm)?")
_METRIC = re.compile(r"bench:(?P<load>[^@]+@[0-9.]+(?:/s)?(?::warm)?)(?:\.(?P<measure>[a-z0-9_]+)| valid)")
_QUANTILES: Final = (0.5, 0.95, 0.99)
_USUAL, _MOST = 200, 5000
"""Requests of a measurement: at least, and at most."""
_QUICK: Final[Latency] = (10, 5)
"""Microseconds of a request that any limit allows."""
_MICROSECONDS, _GIB, _ROOM, _MANY = 1_000_000, 1 << 30, 1 << 60, 1e9
_ROUNDS, _STEPS, _ROUND_US, _ROUND_RATE = 8, 400, 1_000_000, 1_000.0
"""Rounds; steps from twice as good as the baseline to twice as bad; a baseline's latency and tokens a second."""


def load_of(metric: str) -> str | None:
    """Return the load that a metric of the benchmark is about; None for all of them."""
    match = _METRIC.fullmatch(metric)
    return None if match is None else match["load"]


def bench_of(subjects: Subjects, conditions: Sequence[Asked]) -> dict[str, tuple[Latency, ...]]:
    """Return the latencies under each load of a plan: so many, and so short, that they meet the conditions on it."""
    return {label: (_QUICK,) * _requests(label, conditions) for label in subjects.loads}


def _requests(label: str, conditions: Sequence[Asked]) -> int:
    """Return how many requests show all conditions on a load with room to fail some: twice those that just do."""
    needed = [_USUAL]
    for own in conditions:
        if own.comparison is not None and own.comparison.confidence is not None and load_of(own.metric) == label:
            percent = re.search(r"_p([0-9]+)_s$", own.metric)
            share = int(percent[1]) / 100 if percent else max(own.comparison.threshold, 1 - own.comparison.threshold)
            needed.append(2 * (requests_needed(0, 0, share, own.comparison.confidence) or _MOST))
    return min(_MOST, max(needed))


def cells_of(rows: dict[str, tuple[Latency, ...]], candidate: str = CANDIDATE) -> tuple[BenchCell, ...]:
    """Return the figures of measurements with these latencies; all else about them could hardly be better."""
    return tuple(_cell(label, own, candidate) for label, own in rows.items())


def _cell(label: str, rows: tuple[Latency, ...], candidate: str) -> BenchCell:
    match = _LABEL.fullmatch(label)
    if match is None:
        raise ValueError(f"{label} is no load")
    gpu = GpuMemory(index=0, name="made up", used_peak_bytes=1, total_bytes=_ROOM, process_peak_bytes=None)
    cell = BenchCell.model_validate(
        {
            **dict.fromkeys(BenchCell.model_fields),
            "candidate": candidate,
            "profile": match["profile"],
            "arrivals": "closed" if match["rate"] is None else "poisson",
            "concurrency": None if match["concurrency"] is None else int(match["concurrency"]),
            "rate_per_s": None if match["rate"] is None else float(match["rate"]),
            "cache": "warm" if match["warm"] else "cold",
            "n": len(rows),
            "planned": len(rows),
            "failed": 0,
            "faults": {},
            "warmup": 0,
            "definitions": (),
            "e2e": (),
            "ttft": (),
            "tpot": _percentiles([1] * len(rows)),
            "gap_p99_us": 1,
            "output_tokens_per_s": _MANY,
            "requests_per_s": _MANY,
            "truncated": 0,
            "repeats": _rounds(0.5 if candidate == CANDIDATE else 1.0),
            "memory": Memory(
                rss_peak_bytes=1, anonymous_peak_bytes=None, host_available_min_bytes=_ROOM, gpus=(gpu,), samples=1
            ),
            "counters": CounterFigures(source="made up", samples=1, preemptions=0),
            "validity": "VALID",
            "reasons": (),
        }
    )
    return with_rows(cell, rows)


def with_rows(cell: BenchCell, rows: Sequence[Latency]) -> BenchCell:
    """Return a measurement with the figures that follow from the latencies of its requests."""
    failed = sum(whole is None for whole, _ in rows)
    figures = {
        "failed": failed,
        "good": len(rows) - failed,
        "e2e": _percentiles([whole for whole, _ in rows]),
        "ttft": _percentiles([first for _, first in rows]),
    }
    return cell.model_copy(update=figures)


def _percentiles(latencies: Sequence[int | None]) -> tuple[Percentile, ...]:
    """Return the nearest-rank percentiles; a failed request is infinite."""
    ordered = sorted(math.inf if own is None else own for own in latencies)
    nearest = [ordered[math.ceil(q * len(ordered)) - 1] for q in _QUANTILES] if ordered else []
    return tuple(
        Percentile(
            q=q,
            value_us=int(value) if math.isfinite(value) else None,
            low_us=None,
            high_us=None,
            n=len(ordered),
            n_needed=1,
            supported=True,
        )
        for q, value in zip(_QUANTILES, nearest, strict=False)
    )


def _rounds(factor: float) -> tuple[Repeat, ...]:
    """Return rounds that are so many times as slow as a baseline's."""
    slow = round(factor * _ROUND_US)
    figures = {"e2e_p50_us": slow, "e2e_p95_us": slow, "ttft_p50_us": slow, "output_tokens_per_s": _ROUND_RATE / factor}
    return tuple(
        Repeat.model_validate({"repeat": own, "n": _USUAL, "failed": 0, **figures}) for own in range(1, _ROUNDS + 1)
    )


def spoil_bench(facts: Facts, own: Asked, broken: Callable[[Facts], bool]) -> Iterator[Facts]:
    """Yield evidence with measurements that just fail a condition: each load in turn where it asks of all."""
    load = load_of(own.metric)
    for cell in facts.cells:
        if load in {None, cell.label}:
            match = _METRIC.fullmatch(own.metric)
            measure = None if match is None else match["measure"]
            found = _spoilt(facts, cell, own, measure, broken)
            if found is not None:
                yield found


def _spoilt(
    facts: Facts, cell: BenchCell, own: Asked, measure: str | None, broken: Callable[[Facts], bool]
) -> Facts | None:
    rows = facts.latencies[cell.label]
    if measure is None:
        doubt = Reason(code="client_late", text="the client was late", leans="against")
        return with_cell(facts, cell.model_copy(update={"validity": "DEGRADED", "reasons": (doubt,)}))
    if own.against is not None:
        return least(
            lambda bad: with_cell(facts, cell.model_copy(update={"repeats": _rounds(0.5 * 4 ** (bad / _STEPS))})),
            _STEPS,
            broken,
        )
    if measure == "error_rate":
        return least(lambda bad: with_latencies(facts, cell, ((None, None),) * bad + rows[bad:]), len(rows), broken)
    if measure == "good_share":
        good = cell.n
        return least(lambda bad: with_cell(facts, cell.model_copy(update={"good": good - bad})), good, broken)
    if measure.startswith(("e2e", "ttft", "tpot")):
        return _slower(facts, cell, own, measure.partition("_")[0], broken)
    found = with_cell(facts, _POINTS[measure](cell, own)) if measure in _POINTS else None
    return found if found is not None and broken(found) else None


def _slower(facts: Facts, cell: BenchCell, own: Asked, series: str, broken: Callable[[Facts], bool]) -> Facts | None:
    """Return the evidence with the fewest requests just beyond a limit that breaks a condition on a percentile."""
    slow, rows = _beyond(own, _MICROSECONDS), facts.latencies[cell.label]

    def make(bad: int) -> Facts:
        """Return the evidence with so many slow requests."""
        if series == "tpot":
            latencies = [slow] * bad + [1] * (cell.n - bad)
            return with_cell(facts, cell.model_copy(update={"tpot": _percentiles(latencies)}))
        slowed = tuple((slow, first) if series == "e2e" else (whole, slow) for whole, first in rows[:bad])
        return with_latencies(facts, cell, slowed + rows[bad:])

    return least(make, cell.n, broken)


def _beyond(own: Asked, unit: int) -> int:
    """Return the least whole figure on the bad side of a limit that wants small ones, in a finer unit."""
    threshold, excluded = limit(own)
    whole = math.ceil(threshold * unit)
    return whole if whole > threshold * unit or excluded else whole + 1


def _short_of(own: Asked, unit: int) -> int:
    """Return the largest whole figure on the bad side of a limit that wants large ones, in a finer unit."""
    threshold, excluded = limit(own)
    whole = math.floor(threshold * unit)
    return whole if whole < threshold * unit or excluded else whole - 1


def _below(own: Asked) -> float:
    threshold, excluded = limit(own)
    return threshold if excluded else math.nextafter(threshold, -math.inf)


def _memory(cell: BenchCell, **figures: object) -> BenchCell:
    memory = cell.memory.model_copy(update=figures) if cell.memory is not None else None
    return cell.model_copy(update={"memory": memory})


def _device(cell: BenchCell, used: int, total: int) -> BenchCell:
    gpu = GpuMemory(index=0, name="made up", used_peak_bytes=used, total_bytes=total, process_peak_bytes=None)
    return _memory(cell, gpus=(gpu,))


def _preempted(cell: BenchCell, own: Asked) -> BenchCell:
    counters = cell.counters.model_copy(update={"preemptions": _beyond(own, 1)}) if cell.counters is not None else None
    return cell.model_copy(update={"counters": counters})


_POINTS: Final[dict[str, Callable[[BenchCell, Asked], BenchCell]]] = {
    "gap_p99_s": lambda cell, own: cell.model_copy(update={"gap_p99_us": _beyond(own, _MICROSECONDS)}),
    "output_tokens_per_s": lambda cell, own: cell.model_copy(update={"output_tokens_per_s": _below(own)}),
    "requests_per_s": lambda cell, own: cell.model_copy(update={"requests_per_s": _below(own)}),
    "memory_peak_gib": lambda cell, own: _memory(cell, rss_peak_bytes=_beyond(own, _GIB)),
    "vram_peak_gib": lambda cell, own: _device(cell, _beyond(own, _GIB), _beyond(own, _GIB) + _ROOM),
    "host_headroom_gib": lambda cell, own: _memory(cell, host_available_min_bytes=_short_of(own, _GIB)),
    "vram_headroom_gib": lambda cell, own: _device(cell, 1, 1 + _short_of(own, _GIB)),
    "preemptions": _preempted,
}
"""A measurement with a single figure just on the bad side of a limit, by the name of the figure."""


def with_latencies(facts: Facts, cell: BenchCell, rows: tuple[Latency, ...]) -> Facts:
    """Return evidence with other latencies of one measurement, and the figures that follow from them."""
    latencies = {**facts.latencies, cell.label: rows}
    return replace(with_cell(facts, with_rows(cell, rows)), latencies=latencies)


def with_cell(facts: Facts, cell: BenchCell) -> Facts:
    """Return evidence in which one measurement came out otherwise."""
    return replace(facts, cells=tuple(cell if own.label == cell.label else own for own in facts.cells))

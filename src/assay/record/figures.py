"""Which numbers does a record have of a candidate, each with its limits and what its own record doubts of it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.schema._base import Noun, rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.bench import BenchCell, Percentile
    from assay.schema.record import Record
    from assay.schema.score import Metric

__all__ = ["Estimate", "Interval", "OneFigure", "Unit", "loads_of", "rates_of"]

Unit = Literal["share", "s", "tokens/s", "requests/s", "bytes"]
"""In what a figure is told."""
Interval = Callable[[int, int], tuple[float, float]]
"""Returns the 95 % limits of a rate of so many in so many."""
_MAIN: Final = frozenset({"e2e p50", "e2e p95", "ttft p95", "errors", "output"})
"""Figures of a load that are shown first."""


class Estimate(Noun):
    """A figure as one record has it."""

    value: float | None
    """The figure in the unit of its comparison; None with `endless` is a failed request's, and unknown without."""
    endless: bool = False
    """Whether a percentile falls on a failed request, whose latency is infinite."""
    low: float | None
    """Lower limit of its 95 % interval, or None where there is none."""
    high: float | None
    """Upper limit, or None where there is none."""
    n: int | None
    """Trials or requests that it rests on, where it is counted."""
    doubt: str | None = None
    """What stands against it in its own record, for example `DEGRADED`; None where nothing does."""


@dataclass(frozen=True)
class OneFigure:
    """One figure of one record."""

    unit: Unit
    """Unit of its values."""
    estimate: Estimate
    """The figure with its limits."""
    is_main: bool
    """Whether it is among those that are shown first."""


def rates_of(record: Record, candidate: str) -> dict[tuple[str, str], OneFigure]:
    """Return the pass rates of a candidate by suite, `#tag` and `/scorer`, and by what they are."""
    found = {}
    for metric in record.metrics:
        if metric.candidate == candidate:
            parts = [metric.suite, *([f"#{metric.tag}"] if metric.tag else []), *_scorer(metric)]
            main = metric.tag is None and metric.scorer is None
            found[" ".join(parts), "pass rate"] = OneFigure("share", _rate(metric), is_main=main)
            if (own := metric.correction) is not None and own.value is not None:
                corrected = Estimate(value=own.value, low=own.low, high=own.high, n=own.judged_n)
                found[" ".join(parts), "pass rate by people"] = OneFigure("share", corrected, is_main=main)
    return found


def _scorer(metric: Metric) -> list[str]:
    return [] if metric.scorer is None else [f"/{metric.scorer}"]


def _rate(metric: Metric) -> Estimate:
    doubt = None if metric.trusted else metric.doubt or "judge not trusted"
    asked = metric.n - metric.stopped
    return Estimate(value=metric.rate, low=metric.low, high=metric.high, n=asked, doubt=doubt)


def loads_of(record: Record, candidate: str, interval: Interval) -> dict[tuple[str, str], OneFigure]:
    """Return the figures of a candidate's measurements by load, and by what they are.

    Args:
        record: the record.
        candidate: candidate id.
        interval: returns the 95 % limits of a rate of so many in so many.
    """
    found = {}
    for cell in record.bench:
        if cell.candidate == candidate:
            doubt = None if cell.validity == "VALID" else cell.validity
            for name, unit, estimate in _figures(cell, doubt, interval):
                found[cell.label, name] = OneFigure(unit, estimate, is_main=name in _MAIN)
    return found


def _figures(cell: BenchCell, doubt: str | None, interval: Interval) -> Iterator[tuple[str, Unit, Estimate]]:
    for kind, percentiles in (("e2e", cell.e2e), ("ttft", cell.ttft), ("per token", cell.tpot)):
        for percentile in percentiles:
            if percentile.n:
                yield f"{kind} p{percentile.q * 100:.0f}", "s", _latency(percentile, doubt)
    if cell.n:
        low, high = map(rounded, interval(cell.failed, cell.n))
        failed = Estimate(value=rounded(cell.failed / cell.n), low=low, high=high, n=cell.n, doubt=doubt)
        yield "errors", "share", failed
    for name, unit, value in _without_limits(cell):
        if value is not None:
            yield name, unit, Estimate(value=float(value), low=None, high=None, n=None, doubt=doubt)


def _without_limits(cell: BenchCell) -> Iterator[tuple[str, Unit, float | None]]:
    yield "output", "tokens/s", cell.output_tokens_per_s
    yield "answered", "requests/s", cell.requests_per_s
    if cell.memory is not None:
        yield "memory", "bytes", cell.memory.rss_peak_bytes
        yield from ((f"memory of GPU {gpu.index}", "bytes", gpu.used_peak_bytes) for gpu in cell.memory.gpus)


def _latency(own: Percentile, doubt: str | None) -> Estimate:
    value, low, high = (None if us is None else us / 1e6 for us in (own.value_us, own.low_us, own.high_us))
    return Estimate(value=value, endless=own.value_us is None, low=low, high=high, n=own.n, doubt=doubt)

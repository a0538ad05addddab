"""How do the numbers of two records differ, and how far do their intervals say that they do?

Two 95 % intervals that do not meet show a change more strictly than a test at 5 % would; two that meet show nothing,
neither a change nor that there is none (Schenker and Gentleman 2001, The American Statistician 55:182-186). Rates of
the same cases are better compared case by case, which is what `assay compare` does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.record.diff.changes import Estimate, FigureChange
from assay.schema._base import rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Literal

    from assay.record.diff.changes import CandidatePair
    from assay.schema.bench import BenchCell, Percentile
    from assay.schema.record import Record
    from assay.schema.score import Metric

    Unit = Literal["share", "s", "tokens/s", "requests/s", "bytes"]
    Interval = Callable[[int, int], tuple[float, float]]

__all__ = ["OneFigure", "compared", "figures_differ"]

_MORE_IS_BETTER: Final = frozenset({"pass rate", "pass rate by people", "output", "answered"})
_MAIN: Final = frozenset({"e2e p50", "e2e p95", "ttft p95", "errors", "output"})
"""Figures of a load that are shown first."""


@dataclass(frozen=True)
class OneFigure:
    """One figure of one record."""

    unit: Unit
    """Unit of its values."""
    estimate: Estimate
    """The figure with its limits."""
    is_main: bool
    """Whether it is among those that are shown first."""


def figures_differ(a: Record, b: Record, pairs: Sequence[CandidatePair], interval: Interval) -> Iterator[FigureChange]:
    """Yield every number of each pair of candidates: pass rates, latencies, errors, throughput, memory.

    Args:
        a: what is compared with.
        b: what is compared.
        pairs: candidates of both.
        interval: returns the 95 % limits of a rate of so many in so many.
    """
    digests = [{own.id: own.digest for own in record.suites} for record in (a, b)]
    elsewhere = a.host.model_copy(update={"load_1m": None}) != b.host.model_copy(update={"load_1m": None})
    for pair in pairs:
        if pair.a is None or pair.b is None:
            continue
        one, other = _rates(a, pair.a), _rates(b, pair.b)
        for key in (*one, *(key for key in other if key not in one)):
            suite = key[0].partition(" ")[0]
            note = "other cases" if digests[0].get(suite) != digests[1].get(suite) else None
            yield compared(pair.label, key, one.get(key), other.get(key), note)
        one, other = _loads(a, pair.a, interval), _loads(b, pair.b, interval)
        for key in (*one, *(key for key in other if key not in one)):
            yield compared(pair.label, key, one.get(key), other.get(key), "another host" if elsewhere else None)


def compared(
    candidate: str, key: tuple[str, str], a: OneFigure | None, b: OneFigure | None, note: str | None
) -> FigureChange:
    """Return one number of two records side by side; at least one of them has it."""
    any_ = a or b
    if any_ is None:
        message = "one of the two must have the figure"
        raise ValueError(message)
    one, other = (own.estimate if own is not None else None for own in (a, b))
    status = _status(one, other)
    rises = one is not None and other is not None and _low(other) > _high(one)
    return FigureChange(
        candidate=candidate,
        group=key[0],
        name=key[1],
        unit=any_.unit,
        a=one,
        b=other,
        status=status,
        better=None if status != "apart" else "b" if rises == (key[1] in _MORE_IS_BETTER) else "a",
        main=any_.is_main,
        note=note if status not in {"new", "gone"} else None,
    )


def _status(a: Estimate | None, b: Estimate | None) -> Literal["same", "apart", "meet", "no_interval", "new", "gone"]:
    if a is None or b is None:
        return "new" if a is None else "gone"
    if (a.value, a.endless, a.low, a.high) == (b.value, b.endless, b.low, b.high):
        return "same"
    if not (_has_limits(a) and _has_limits(b)):
        return "no_interval"
    return "apart" if _low(b) > _high(a) or _low(a) > _high(b) else "meet"


def _has_limits(own: Estimate) -> bool:
    return own.low is not None or own.high is not None


def _low(own: Estimate) -> float:
    """Return the lower limit; without one nothing is too low."""
    return -math.inf if own.low is None else own.low


def _high(own: Estimate) -> float:
    return math.inf if own.high is None else own.high


def _rates(record: Record, candidate: str) -> dict[tuple[str, str], OneFigure]:
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


def _loads(record: Record, candidate: str, interval: Interval) -> dict[tuple[str, str], OneFigure]:
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

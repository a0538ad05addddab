"""How are the latencies of one prompt profile distributed: which share of requests is answered within which time?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.bench.plots.chosen import few, left_out, pens
from assay.bench.plots.frame import Box, Entry, Labels, axes, heading, inked, legend, mark, notes, trace, upright_bound
from assay.bench.plots.scales import Axis, duration, times
from assay.bench.plots.svg import WIDTH, clipped, document, number, text_width, words
from assay.bench.series import counted, latency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.bench.plots.theme import Pen
    from assay.schema.bench import BenchCell, Percentile, RequestEvent
    from assay.schema.suite import Slo

__all__ = ["latency_plot"]

_LEFT = 70.0
_HEIGHT = 240.0
_TITLES = ("Time to the last token", "Time to the first token")
_SHARES = ((0.0, "0 %"), (0.25, "25 %"), (0.5, "p50"), (0.75, "75 %"), (0.95, "p95"), (1.0, "100 %"))
_SINCE = {True: "since a request was sent", False: "in an open loop since it was due"}
_ROOM_FOR_SLO = 3
_MEDIAN = 0.5


@dataclass(frozen=True)
class _Curve:
    """Latencies of one measurement, rising; None, which is infinite, last."""

    cell: BenchCell
    pen: Pen
    values_us: tuple[int | None, ...]
    percentiles: tuple[Percentile, ...]

    @property
    def finite_us(self) -> tuple[int, ...]:
        return tuple(value for value in self.values_us if value is not None)

    @property
    def failed(self) -> int:
        return len(self.values_us) - len(self.finite_us)


def latency_plot(
    name: str, profile: str, cells: Sequence[BenchCell], events: Sequence[RequestEvent], slo: Slo | None
) -> str | None:
    """Return the distributions of the latencies of one profile as SVG, or None where no request was measured.

    Each line is the empirical distribution function of one candidate under one load. A failed request is infinitely
    late: such a line ends below 100 %.

    Args:
        name: file name without its ending.
        profile: prompt profile; other cells and events are passed over.
        cells: figures; their percentiles are marked.
        events: requests; those of the warm-up and of series that were broken off are passed over.
        slo: service levels of the profile.
    """
    of: dict[tuple[str, str], list[RequestEvent]] = {}
    for event in counted(event for event in events if event.profile == profile):
        of.setdefault(event.key, []).append(event)
    known = {cell.key: cell for cell in _in_order(cells) if cell.key in of}
    if not known:
        return None
    keys = few(list(known))
    shown = [known[key] for key in keys]
    styles = pens(keys, [cell.validity == "INVALID" for cell in shown])
    whole, first = [], []
    for cell, pen in zip(shown, styles, strict=True):
        pairs = [_latency_us(event) for event in of[cell.key]]
        whole.append(_curve(cell, pen, [last for last, _ in pairs], cell.e2e))
        # An answer in one piece hides its first token: nothing was seen of it, and nothing failed.
        seen = [start for last, start in pairs if last is None or start is not None]
        first.append(_curve(cell, pen, seen, cell.ttft))
    panels = [(whole, slo.e2e_p95_s if slo else None)]
    if any(curve.finite_us for curve in first):
        panels.append((first, slo.ttft_p95_s if slo else None))
    missing = [_named(cell) for key, cell in known.items() if key not in keys]
    return _drawn(name, profile, panels, missing)


def _in_order(cells: Sequence[BenchCell]) -> list[BenchCell]:
    candidates = list(dict.fromkeys(cell.candidate for cell in cells))
    return sorted(
        cells,
        key=lambda cell: (
            candidates.index(cell.candidate),
            cell.cache,
            cell.concurrency is None,
            cell.concurrency or cell.rate_per_s or 0,
        ),
    )


def _latency_us(event: RequestEvent) -> tuple[int | None, int | None]:
    last, first = latency(event)
    return None if last is None else max(last, 0), None if first is None else max(first, 0)


def _curve(cell: BenchCell, pen: Pen, values_us: list[int | None], percentiles: tuple[Percentile, ...]) -> _Curve:
    return _Curve(cell, pen, tuple(sorted(values_us, key=lambda value: (value is None, value or 0))), percentiles)


def _named(cell: BenchCell) -> str:
    return f"{clipped(cell.candidate)}{cell.label.removeprefix(cell.profile)}"


def _drawn(name: str, profile: str, panels: list[tuple[list[_Curve], float | None]], missing: list[str]) -> str:
    title = f"Latency of profile {clipped(profile)}"
    body = heading(title, "Share of requests answered within a time; a failed request is never answered")
    whole = panels[0][0]
    remarks = ["Markers stand at p50, p95 and p99 (nearest rank); a hollow one has too few requests to support it."]
    top = 100.0
    for (curves, limit_s), what in zip(panels, _TITLES, strict=False):
        drawn, beyond = _panel(top, curves, limit_s, what)
        body += drawn
        remarks += beyond
        top += _HEIGHT + 82
    keys, below = legend(top - 8, [Entry(curve.pen, _told(curve)) for curve in whole])
    if any(curve.pen.faint for curve in whole):
        remarks.append("Faint lines are INVALID measurements: their figures say nothing of the server.")
    small, below = notes(below + 10, [*remarks, *left_out(missing, "measurements")])
    told = "; ".join(f"{_told(curve)}, p50 {_at(curve, 0.5)}, p99 {_at(curve, 0.99)}" for curve in whole)
    description = f"Empirical distributions of the latency to the last token. {told}."
    return document(name, below + 6, title, description, body + keys + small)


def _at(curve: _Curve, q: float) -> str:
    values = [percentile.value_us for percentile in curve.percentiles if percentile.q == q]
    return duration(values[0]) if values else "unknown"


def _told(curve: _Curve) -> str:
    n = len(curve.values_us)
    parts = [f"{_named(curve.cell)}: n {n}", f"p95 {_at(curve, 0.95)}"]
    parts += [f"{curve.failed} failed"] if curve.failed else []
    parts += [curve.cell.validity] if curve.cell.validity != "VALID" else []
    return ", ".join(parts)


def _panel(top: float, curves: list[_Curve], limit_s: float | None, what: str) -> tuple[list[str], list[str]]:
    """Return one panel, and what has to be said of it below."""
    ends = [f"{curve.failed} of {len(curve.values_us)} failed" for curve in curves if curve.failed]
    right = WIDTH - (max(text_width(end, 11) for end in ends) + 40 if ends else 28)
    box = Box(_LEFT, top, right, top + _HEIGHT)
    finite = [value for curve in curves for value in curve.finite_us]
    limit_us = None if limit_s is None else limit_s * 1_000_000
    on_axis = limit_us is not None and (not finite or limit_us <= _ROOM_FOR_SLO * max(finite))
    x = times([*finite, *([limit_us] if limit_us is not None and on_axis else [])], box.left, box.right)
    y = Axis(0, 1, box.bottom, box.top, _SHARES)
    labels = Labels(box)
    unit = "milliseconds" if x.unit == "ms" else "seconds"
    loops = {curve.cell.rate_per_s is None for curve in curves}
    since = "; ".join(text for closed, text in _SINCE.items() if closed in loops)
    drawn = axes(box, x, y, what, f"{unit} {since}{' (logarithmic)' if x.log else ''}")
    if limit_us is not None and on_axis:
        drawn += upright_bound(box, labels, f"SLO: p95 within {duration(limit_us)}", x.at(limit_us))
    paths = [_steps(curve, x, y) for curve in curves]
    for curve, path in zip(curves, paths, strict=True):
        labels.follow(path)
        drawn.append(_inked(curve, path, x, y))
    drawn += _loads(curves, labels, x, y)
    drawn += _ends(curves, y, box)
    hidden = limit_us is not None and not on_axis
    return drawn, [
        f"{what}: the service level (p95 within {duration(limit_us)}) lies beyond the axis."
    ] if hidden else []


def _inked(curve: _Curve, path: list[tuple[float, float]], x: Axis, y: Axis) -> str:
    (across, level), *rest = path
    steps = f"M{number(across)} {number(level)}" + "".join(f"H{number(each[0])}V{number(each[1])}" for each in rest)
    marks = [mark(curve.pen, *spot, full=each.supported) for each, spot in _marked(curve, x, y)]
    return inked(curve.pen, trace(curve.pen, steps), *marks, name=_named(curve.cell))


def _marked(curve: _Curve, x: Axis, y: Axis) -> list[tuple[Percentile, tuple[float, float]]]:
    return [(each, (x.at(each.value_us), y.at(each.q))) for each in curve.percentiles if each.value_us is not None]


def _steps(curve: _Curve, x: Axis, y: Axis) -> list[tuple[float, float]]:
    """Return the corners of the distribution function, of each step the upper end.

    Steps below a pixel are taken together, as no one could see them.
    """
    finite, n = curve.finite_us, len(curve.values_us)
    path = [(x.at(finite[0]) if finite else x.start, y.start)]
    for place, value in enumerate(finite, 1):
        spot = x.at(value), y.at(place / n)
        if place == len(finite) or spot[0] - path[-1][0] >= 1 or path[-1][1] - spot[1] >= 1:
            path.append(spot)
    # What fails is never answered: the line goes on at its height, however long one waits.
    return [*path, (x.end, path[-1][1])] if curve.failed else path


def _loads(curves: list[_Curve], labels: Labels, x: Axis, y: Axis) -> list[str]:
    """Return the load beside the median of each line, where one candidate has several."""
    if len({curve.cell.candidate for curve in curves}) == len(curves):
        return []
    marked = [(curve, each, spot) for curve in curves for each, spot in _marked(curve, x, y)]
    for _, _, spot in marked:
        labels.cover(*spot)
    spots = [(curve, spot) for curve, each, spot in marked if each.q == _MEDIAN]
    return [
        label for curve, spot in spots for label in labels.put(*spot, curve.cell.label.removeprefix(curve.cell.profile))
    ]


def _ends(curves: list[_Curve], y: Axis, box: Box) -> list[str]:
    """Return how many failed, at the right end of each line that ends below the top."""
    failing = [curve for curve in curves if curve.failed]
    drawn: list[str] = []
    free_below = box.top - 4
    spots = sorted((y.at(len(curve.finite_us) / len(curve.values_us)), place) for place, curve in enumerate(failing))
    for rank, (level, place) in enumerate(spots):
        curve = failing[place]
        # Later ones need room as well: this one may not sink below what is left for them.
        lowest = box.bottom + 4 - 14 * (len(spots) - 1 - rank)
        base = min(max(level + 4, free_below + 14), lowest)
        free_below = base
        drawn.append(inked(curve.pen, mark(curve.pen, box.right + 14, base - 4)))
        drawn.append(words(box.right + 24, base, f"{curve.failed} of {len(curve.values_us)} failed", "tag"))
    return drawn

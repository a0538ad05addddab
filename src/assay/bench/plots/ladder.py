"""What do throughput and latency do as more requests run at once?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from assay.bench.plots.chosen import few, left_out, pens
from assay.bench.plots.frame import Box, Entry, Labels, axes, heading, inked, legend, level_bound, mark, notes, trace
from assay.bench.plots.scales import Axis, duration, linear, short_number, times
from assay.bench.plots.svg import WIDTH, clipped, document, element, number, words
from assay.bench.plots.theme import MOST_LINES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.bench.plots.theme import Pen
    from assay.schema.bench import BenchCell, Ladder, Percentile
    from assay.schema.suite import Slo

__all__ = ["ladder_plot"]

_LEFT = 70.0
_RIGHT = WIDTH - 36.0
_HEIGHT = 200.0
_P95 = 0.95
_DODGE = 7.0
_OPEN = 16.0
_HINTS = {
    "knee": "Ring: the knee, beyond which throughput gains fall behind.",
    "saturation": "Stem: saturation, the least concurrency with at least 95 % of the highest throughput.",
    "whiskers": "Whiskers: the 95 % order-statistic interval of p95.",
    "open": "Arrow on a marker: n is too small for an upper limit of that interval.",
    "hollow": "Hollow marker: too few requests to support p95.",
    "infinite": "Arrow at ∞: more requests failed than p95 can do without.",
}


@dataclass(frozen=True)
class _Step:
    """One concurrency of one ladder."""

    concurrency: int
    throughput: float | None
    p95_us: int | None
    percentile: Percentile | None


@dataclass(frozen=True)
class _Line:
    """One ladder as it is drawn."""

    ladder: Ladder
    pen: Pen
    shift: float
    steps: tuple[_Step, ...]


def ladder_plot(
    name: str, profile: str, ladders: Sequence[Ladder], cells: Sequence[BenchCell], slo: Slo | None
) -> str | None:
    """Return throughput and latency of one profile against concurrency as SVG, or None where no step was measured.

    Args:
        name: file name without its ending.
        profile: prompt profile; ladders and cells of others are passed over.
        ladders: steps that can be believed, knee and saturation.
        cells: figures; the intervals of p95 are theirs, and the requests each second where ladders count differently.
        slo: service levels of the profile.
    """
    ours = [ladder for ladder in ladders if ladder.profile == profile]
    names = list(dict.fromkeys(ladder.candidate for ladder in ours))
    ours.sort(key=lambda ladder: (names.index(ladder.candidate), ladder.cache))
    known: dict[tuple[str, str], Ladder] = {
        (ladder.candidate, ladder.cache): ladder for ladder in ours if ladder.concurrencies
    }
    if not known:
        return None
    units = {ladder.unit for ladder in known.values()}
    unit = units.pop() if len(units) == 1 else "requests"
    at: dict[tuple[str, str, int], BenchCell] = {
        (cell.candidate, cell.cache, cell.concurrency): cell
        for cell in cells
        if cell.profile == profile and cell.concurrency is not None
    }
    keys = few(list(known))
    lines = [
        _Line(known[key], pen, (place - (len(keys) - 1) / 2) * _DODGE, _steps(known[key], at, unit))
        for place, (key, pen) in enumerate(zip(keys, pens(keys), strict=True))
    ]
    empty = [_named(ladder) for ladder in ours if not ladder.concurrencies]
    remarks = [f"Not one step can be believed: {', '.join(empty[:MOST_LINES])}."] if empty else []
    remarks += left_out([_named(ladder) for key, ladder in known.items() if key not in keys], "ladders")
    return _drawn(name, profile, lines, unit, slo, remarks=remarks)


def _steps(ladder: Ladder, at: dict[tuple[str, str, int], BenchCell], unit: str) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    for concurrency, throughput, p95_us in zip(
        ladder.concurrencies, ladder.throughput, ladder.e2e_p95_us, strict=False
    ):
        cell = at.get((ladder.candidate, ladder.cache, concurrency))
        rate = throughput if ladder.unit == unit else cell.requests_per_s if cell else None
        found = [each for each in cell.e2e if each.q == _P95] if cell else []
        known = rate is not None and math.isfinite(rate)
        steps.append(_Step(concurrency, rate if known else None, p95_us, found[0] if found else None))
    return tuple(steps)


def _named(ladder: Ladder) -> str:
    return clipped(ladder.candidate) + (":warm" if ladder.cache == "warm" else "")


def _drawn(name: str, profile: str, lines: list[_Line], unit: str, slo: Slo | None, *, remarks: list[str]) -> str:
    title = f"Ladder of concurrency, profile {clipped(profile)}"
    body = heading(title, "Throughput and latency as more requests run at once")
    counts = sorted({step.concurrency for line in lines for step in line.steps})
    pad = (len(lines) - 1) / 2 * _DODGE + 14
    x = _doublings(counts, _LEFT + pad, _RIGHT - pad)
    upper = Box(_LEFT, 100, _RIGHT, 100 + _HEIGHT)
    lower = Box(_LEFT, upper.bottom + 56, _RIGHT, upper.bottom + 56 + _HEIGHT)
    body += _rates(upper, x, lines, f"Throughput, {'output tokens' if unit == 'tokens' else 'requests'}/s")
    body += _latencies(lower, x, lines, slo.e2e_p95_s if slo else None)
    keys, below = legend(lower.bottom + 66, [Entry(line.pen, _told(line)) for line in lines])
    hints = [text for sign, text in _HINTS.items() if sign in _seen(lines)]
    small, below = notes(below + 10, [" ".join(hints), *remarks])
    told = "; ".join(f"{_told(line)}: {_values(line, unit)}" for line in lines)
    return document(name, below + 6, title, f"Throughput and p95 latency by concurrency. {told}.", body + keys + small)


def _seen(lines: list[_Line]) -> set[str]:
    """Return the signs that a reader needs to be told of."""
    ladders = [line.ladder for line in lines]
    steps = [step for line in lines for step in line.steps]
    bars = [step.percentile for step in steps if step.percentile is not None and step.p95_us is not None]
    signs = {
        "knee": any(ladder.knee is not None for ladder in ladders),
        "saturation": any(ladder.saturation is not None for ladder in ladders),
        "whiskers": bool(bars),
        "open": any(bar.high_us is None for bar in bars),
        "hollow": any(not bar.supported for bar in bars),
        "infinite": any(step.p95_us is None for step in steps),
    }
    return {sign for sign, seen in signs.items() if seen}


def _told(line: _Line) -> str:
    parts = [
        f"{what} {value}"
        for what, value in (
            ("knee", line.ladder.knee),
            ("saturation", line.ladder.saturation),
            ("within SLO to", line.ladder.within_slo),
        )
        if value is not None
    ]
    return f"{_named(line.ladder)}{': ' if parts else ''}{', '.join(parts)}"


def _values(line: _Line, unit: str) -> str:
    return ", ".join(f"at {step.concurrency} {_rate(step)} {unit}/s and {duration(step.p95_us)}" for step in line.steps)


def _rate(step: _Step) -> str:
    return "unknown" if step.throughput is None else short_number(step.throughput)


def _doublings(counts: list[int], start: float, end: float) -> Axis:
    """Return an axis on which each doubling is as wide as the one before."""
    ticks = tuple((count, str(count)) for count in counts)
    if len(counts) == 1:
        return Axis(0, 2 * counts[0], start, end, ticks)
    return Axis(counts[0], counts[-1], start, end, ticks, log=True)


def _joined(spots: list[tuple[float, float] | None]) -> str:
    """Return a path through points; it is broken where one is None."""
    path = ""
    for before, spot in zip([None, *spots], spots, strict=False):
        if spot is not None:
            path += f"{'L' if before else 'M'}{number(spot[0])} {number(spot[1])}"
    return path


def _rates(box: Box, x: Axis, lines: list[_Line], title: str) -> list[str]:
    y = linear((step.throughput for line in lines for step in line.steps if step.throughput), box.bottom, box.top)
    labels = Labels(box)
    drawn = axes(box, x, y, title)
    later: list[tuple[float, float, str]] = []
    for line in lines:
        spots = [
            None if step.throughput is None else (x.at(step.concurrency) + line.shift, y.at(step.throughput))
            for step in line.steps
        ]
        labels.follow([spot for spot in spots if spot is not None])
        parts = [trace(line.pen, _joined(spots))]
        for step, spot in zip(line.steps, spots, strict=True):
            if spot is not None:
                labels.cover(*spot)
                parts += [*_signs(line.ladder, step.concurrency, spot, box.bottom), mark(line.pen, *spot)]
                later.append((*spot, _word(line.ladder, step.concurrency)))
        drawn.append(inked(line.pen, *parts, name=_named(line.ladder)))
    return drawn + [each for x_at, y_at, word in later if word for each in labels.put(x_at, y_at, word)]


def _word(ladder: Ladder, concurrency: int) -> str:
    signs = (("knee", ladder.knee), ("saturation", ladder.saturation))
    return ", ".join(word for word, at in signs if at == concurrency)


def _signs(ladder: Ladder, concurrency: int, spot: tuple[float, float], ground: float) -> list[str]:
    across, level = spot
    drawn: list[str] = []
    if ladder.knee == concurrency:
        drawn.append(element("circle", class_="thin", cx=across, cy=level, r=9))
    if ladder.saturation == concurrency:
        drawn.append(
            element(
                "path", class_="thin", stroke_dasharray="2 2", d=f"M{number(across)} {number(level)}V{number(ground)}"
            )
        )
    return drawn


def _latencies(box: Box, x: Axis, lines: list[_Line], limit_s: float | None) -> list[str]:
    values: list[float] = [] if limit_s is None else [limit_s * 1_000_000]
    for step in (step for line in lines for step in line.steps):
        values += [step.p95_us] if step.p95_us is not None else []
        values += _limits_us(step)
    y = times(values, box.bottom, box.top + _OPEN, zero=True)
    title = f"Latency to the last token, p95, {y.unit}{', logarithmic' if y.log else ''}"
    drawn = axes(box, x, y, title, "requests in flight at once")
    if any(step.p95_us is None for line in lines for step in line.steps):
        drawn.append(words(box.left - 8, box.top + 6, "∞", "small", anchor="end"))
    labels = Labels(box)
    inks: list[str] = []
    for line in lines:
        spots = [
            None if step.p95_us is None else (x.at(step.concurrency) + line.shift, y.at(step.p95_us))
            for step in line.steps
        ]
        labels.follow([spot for spot in spots if spot is not None])
        parts = [trace(line.pen, _joined(spots))]
        for step, spot in zip(line.steps, spots, strict=True):
            across = x.at(step.concurrency) + line.shift
            labels.follow([(across, box.top if value is None else y.at(value)) for value in _reach_us(step)])
            parts += [_arrow_up(across, box)] if spot is None else [_whisker(step, spot, y), _mark(line, step, spot)]
        inks.append(inked(line.pen, *parts, name=_named(line.ladder)))
    if limit_s is not None:
        text = f"SLO: p95 within {duration(limit_s * 1_000_000)}"
        drawn += level_bound(box, labels, text, y.at(limit_s * 1_000_000), _between(x))
    return drawn + inks


def _between(x: Axis) -> list[float]:
    """Return the middles between the steps, which is where a label has most room."""
    places = [x.start, *(x.at(value) for value, _ in x.ticks), x.end]
    return [(left + right) / 2 for left, right in pairwise(places) if right > left]


def _arrow_up(across: float, box: Box) -> str:
    return element("path", class_="thin", d=_arrow(across, box.top + _OPEN, box.top + 2))


def _mark(line: _Line, step: _Step, spot: tuple[float, float]) -> str:
    return mark(line.pen, *spot, full=step.percentile is None or step.percentile.supported)


def _reach_us(step: _Step) -> tuple[int | None, int | None]:
    """Return from where to where a whisker may go; None is the upper edge."""
    known = [*_limits_us(step), *([] if step.p95_us is None else [step.p95_us])]
    return (min(known), None) if known else (None, None)


def _limits_us(step: _Step) -> list[int]:
    if step.percentile is None:
        return []
    return [limit for limit in (step.percentile.low_us, step.percentile.high_us) if limit is not None]


def _whisker(step: _Step, spot: tuple[float, float], y: Axis) -> str:
    across, level = spot
    if step.percentile is None:
        return ""
    low_us, high_us = step.percentile.low_us, step.percentile.high_us
    path = "" if low_us is None else f"M{number(across - 4)} {number(y.at(low_us))}h8m-4 0V{number(level)}"
    if high_us is None:
        path += _arrow(across, level, level - _OPEN)
    else:
        path += f"M{number(across - 4)} {number(y.at(high_us))}h8m-4 0V{number(level)}"
    return element("path", class_="thin", d=path)


def _arrow(across: float, level: float, tip: float) -> str:
    return f"M{number(across)} {number(level)}V{number(tip)}m-4 5l4-5 4 5"

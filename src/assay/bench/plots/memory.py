"""How much memory did each server hold while it was measured?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.bench.plots.chosen import left_out
from assay.bench.plots.frame import EDGE, Box, Entry, Labels, axes, heading, inked, legend, mark, notes, trace
from assay.bench.plots.scales import Axis, linear, short_number, size
from assay.bench.plots.svg import WIDTH, clipped, document, element, number, text_width, words
from assay.bench.plots.theme import MOST_LINES, Pen
from assay.bench.series import last_series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.bench import ResourceSample

__all__ = ["memory_plot"]

_LEFT = 70.0
_RIGHT = WIDTH - 28.0
_HEIGHT = 130.0
_S = 1_000_000
_MIN = 60 * _S
_LONG = 10 * _MIN
_GIB = 2**30
_MIB = 2**20
_SHORTEST_US = _S
"""A measurement with one sample still takes a second of the axis."""
_TAG = 11
_COLUMN = 2
_MOST_LABEL = 24
_PENS = {"resident": Pen(0, 0, 0), "anonymous": Pen(1, 1, 1), "graphics": Pen(2, 3, 2)}


@dataclass(frozen=True)
class _Stretch:
    """One measurement on the joined axis of time."""

    label: str
    start_us: int
    end_us: int
    samples: tuple[ResourceSample, ...]


@dataclass(frozen=True)
class _Trail:
    """What one candidate held, in bytes, by kind; the lists in it are one for each stretch."""

    candidate: str
    stretches: tuple[_Stretch, ...]
    held: dict[str, list[list[tuple[int, int]]]]
    whole_device: bool

    def peak(self, kind: str) -> tuple[int, int] | None:
        """Return when the most was held, and how much; None where nothing was seen."""
        points = [point for stretch in self.held[kind] for point in stretch]
        return max(points, key=lambda point: (point[1], -point[0]), default=None)


def memory_plot(name: str, samples: Sequence[ResourceSample]) -> str | None:
    """Return the memory of every candidate over time as SVG, or None where no server's memory was seen.

    The measurements of a candidate stand one after the other, in the order in which they were sampled.

    Args:
        name: file name without its ending.
        samples: samples of memory; those of series that were broken off are passed over.
    """
    of: dict[str, list[ResourceSample]] = {}
    for sample in last_series(samples):
        of.setdefault(sample.candidate, []).append(sample)
    every = [_trail(candidate, own) for candidate, own in of.items()]
    seen = [trail for trail in every if any(trail.peak(kind) for kind in _PENS)]
    unseen = [clipped(trail.candidate) for trail in every if trail not in seen]
    if not seen:
        return None
    remarks = [f"No memory was seen of {', '.join(unseen[:MOST_LINES])}."] if unseen else []
    remarks += left_out([clipped(trail.candidate) for trail in seen[MOST_LINES:]], "candidates")
    return _drawn(name, seen[:MOST_LINES], remarks)


def _trail(candidate: str, samples: list[ResourceSample]) -> _Trail:
    groups: dict[tuple[str, int], list[ResourceSample]] = {}
    for sample in samples:
        groups.setdefault((sample.label, sample.repeat), []).append(sample)
    # The driver tells the memory of single processes only at times; a mix of both would rise and fall for no reason.
    whole_device = any(gpu.process_bytes is None for sample in samples for gpu in sample.gpus)
    stretches: list[_Stretch] = []
    held: dict[str, list[list[tuple[int, int]]]] = {kind: [] for kind in _PENS}
    start_us = 0
    for (label, _), group in groups.items():
        ordered = sorted(group, key=lambda sample: sample.at_us)
        first_us = min(ordered[0].at_us, 0)
        end_us = start_us + max(ordered[-1].at_us - first_us, _SHORTEST_US)
        stretches.append(_Stretch(clipped(label, _MOST_LABEL), start_us, end_us, tuple(ordered)))
        for kind, points in held.items():
            values = [(start_us + sample.at_us - first_us, _bytes(kind, sample, whole_device)) for sample in ordered]
            points.append([(at, value) for at, value in values if value is not None])
        start_us = end_us
    return _Trail(candidate, tuple(stretches), held, whole_device)


def _bytes(kind: str, sample: ResourceSample, whole_device: bool) -> int | None:  # noqa: FBT001
    if kind == "resident":
        return sample.rss_bytes
    if kind == "anonymous":
        return sample.anonymous_bytes
    if not sample.gpus:
        return None
    return sum(gpu.used_bytes if whole_device else gpu.process_bytes or 0 for gpu in sample.gpus)


def _drawn(name: str, trails: list[_Trail], remarks: list[str]) -> str:
    title = "Memory of the servers under load"
    body = heading(title, "Each server over its own measurements, one after the other; one scale for all")
    most = max(peak[1] for trail in trails for kind in _PENS if (peak := trail.peak(kind)) is not None)
    per, unit = (_GIB, "GiB") if most >= _GIB else (_MIB, "MiB")
    top = 92.0
    for trail in trails:
        rise = _rise(trail)
        box = Box(_LEFT, top + rise, _RIGHT, top + rise + _HEIGHT)
        # A tenth more than the peak, so that its label has room.
        y = linear([most * 1.1], box.bottom, box.top, per=per, unit=unit)
        body += _panel(box, y, trail, rise)
        top = box.bottom + 76
    entries = [Entry(pen, _kind(kind, trails)) for kind, pen in _PENS.items() if any(t.peak(kind) for t in trails)]
    keys, below = legend(top - 14, entries)
    hints = ["Markers stand at the peaks. Bands are measurements: profile and load, as conditions write them."]
    small, below = notes(below + 10, [*hints, *remarks])
    told = ". ".join(f"{clipped(trail.candidate)}: {_told(trail, trails)}" for trail in trails)
    return document(name, below + 6, title, f"Memory over time. {told}.", body + keys + small)


def _kind(kind: str, trails: list[_Trail]) -> str:
    if kind == "graphics":
        return "graphics memory, " + ("whole device" if any(t.whole_device for t in trails) else "the server's own")
    return {"resident": "resident memory (RSS), file pages included", "anonymous": "anonymous memory"}[kind]


def _told(trail: _Trail, trails: list[_Trail]) -> str:
    peaks = [(kind, trail.peak(kind)) for kind in _PENS]
    return "; ".join([*(f"{_kind(k, trails)}, peak {size(peak[1])}" for k, peak in peaks if peak), _host(trail)])


def _host(trail: _Trail) -> str:
    least = min(sample.host_available_bytes for stretch in trail.stretches for sample in stretch.samples)
    return f"the host could still give out at least {size(least)}"


def _time(trail: _Trail, box: Box) -> Axis:
    end_us = trail.stretches[-1].end_us
    per, unit = (_MIN, "minutes") if end_us >= _LONG else (_S, "seconds")
    round_axis = linear([end_us], box.left, box.right, per=per, unit=unit)
    # The axis ends with the data: an empty tail would look like memory given back.
    ticks = tuple(tick for tick in round_axis.ticks if tick[0] <= end_us)
    return Axis(0, end_us, box.left, box.right, ticks, unit)


def _widths(trail: _Trail) -> list[tuple[_Stretch, float]]:
    whole = trail.stretches[-1].end_us
    return [(each, (each.end_us - each.start_us) / whole * (_RIGHT - _LEFT)) for each in trail.stretches]


def _upright(trail: _Trail) -> bool:
    return any(text_width(stretch.label, _TAG) + 6 > width for stretch, width in _widths(trail))


def _rise(trail: _Trail) -> float:
    """Return how much room the labels of the measurements need above a panel."""
    longest = max(text_width(stretch.label, _TAG) for stretch in trail.stretches)
    return longest + 10 if _upright(trail) else 20


def _panel(box: Box, y: Axis, trail: _Trail, rise: float) -> list[str]:
    x = _time(trail, box)
    heads = Box(box.left, box.top - rise, box.right, box.bottom)
    drawn = _bands(heads, x, trail)
    ground = axes(box, x, y, "", f"{x.unit} of measurement")
    title_level = heads.top - 12
    drawn += [words(EDGE, title_level, f"{clipped(trail.candidate)}, {y.unit}", "part"), *ground]
    drawn.append(words(box.right, title_level, _host(trail), "small", anchor="end"))
    labels = Labels(box)
    peaks: list[tuple[float, float, str]] = []
    per = _GIB if y.unit == "GiB" else _MIB
    for kind, pen in _PENS.items():
        peak = trail.peak(kind)
        if peak is None:
            continue
        spot = (x.at(peak[0]), y.at(peak[1]))
        runs = [_run(points, x, y) for points in trail.held[kind]]
        for run in runs:
            labels.follow(run)
        path = "".join(map(_path, runs))
        drawn.append(inked(pen, trace(pen, path), mark(pen, *spot), name=kind))
        labels.cover(*spot)
        peaks.append((*spot, f"peak {short_number(peak[1] / per)} {y.unit}"))
    return drawn + [each for across, level, text in peaks for each in labels.put(across, level, text, always=True)]


def _bands(heads: Box, x: Axis, trail: _Trail) -> list[str]:
    drawn: list[str] = []
    upright = _upright(trail)
    for place, (stretch, width) in enumerate(_widths(trail)):
        left = x.at(stretch.start_us)
        if place % 2 == 0:
            height = heads.bottom - heads.top
            drawn.append(element("rect", class_="band", x=left, y=heads.top, width=width, height=height))
        if not upright:
            drawn.append(words(left + width / 2, heads.top + 14, stretch.label, "small", anchor="middle"))
        elif width > _TAG + 1:
            drawn.append(_standing(stretch.label, left + width / 2 + 4, heads.top + _rise(trail) - 5))
    return drawn


def _standing(label: str, across: float, level: float) -> str:
    text = words(0, 0, label, "small")
    return element("g", text, transform=f"translate({number(across)} {number(level)}) rotate(-90)")


def _run(points: list[tuple[int, int]], x: Axis, y: Axis) -> list[tuple[float, float]]:
    """Return the line of one measurement; of the samples in two pixels the first, least, most and last are drawn."""
    columns: dict[int, list[tuple[float, float]]] = {}
    for at, value in points:
        spot = (x.at(at), y.at(value))
        columns.setdefault(int(spot[0] / _COLUMN), []).append(spot)
    run: list[tuple[float, float]] = []
    for column in columns.values():
        ends = {column[0], min(column, key=lambda spot: spot[1]), max(column, key=lambda spot: spot[1]), column[-1]}
        run += sorted(ends, key=column.index)
    return run


def _path(run: list[tuple[float, float]]) -> str:
    path = "L".join(f"{number(across)} {number(level)}" for across, level in run)
    # The stroke of a line without length is not drawn.
    return f"M{path}{'h2' if len(run) == 1 else ''}" if run else ""

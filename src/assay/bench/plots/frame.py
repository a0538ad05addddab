"""How are panels, lines, labels and the legend laid out, so that nothing covers anything else?"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from assay.bench.plots.svg import WIDTH, element, escaped, number, text_width, words, wrapped
from assay.bench.plots.theme import DASHES, MOST_LINES, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assay.bench.plots.scales import Axis
    from assay.bench.plots.theme import Pen

__all__ = [
    "EDGE",
    "Box",
    "Entry",
    "Labels",
    "axes",
    "heading",
    "inked",
    "legend",
    "level_bound",
    "mark",
    "notes",
    "trace",
    "upright_bound",
]

EDGE = 24
"""Margin left and right of all that is written, in pixels."""

_TAG_SIZE = 11
_LINE = 16
_ROW = 20
_SAMPLE = 34
_GAP = 24
_STRIDE = 4.0


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    left: float
    """Its left edge."""
    top: float
    """Its upper edge."""
    right: float
    """Its right edge."""
    bottom: float
    """Its lower edge."""

    def meets(self, other: Box) -> bool:
        """Return whether the two share any ground."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)

    def within(self, other: Box) -> bool:
        """Return whether all of it lies in the other."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.top <= self.top and self.bottom <= other.bottom


@dataclass(frozen=True)
class Entry:
    """One line of the legend."""

    pen: Pen
    """How the line is drawn."""
    text: str
    """What is written beside it."""
    marked: bool = True
    """Whether the line carries markers."""


@dataclass
class Labels:
    """Places that labels have taken in a panel; a label that finds none free is not written."""

    area: Box
    """Where labels may stand."""
    taken: list[Box] = field(default_factory=list)
    """What is covered already."""

    def put(self, x: float, y: float, text: str, look: str = "tag", *, always: bool = False) -> list[str]:
        """Return a label beside a point, or nothing where all places around it are taken.

        Args:
            x: the point, in pixels.
            y: the point, in pixels.
            text: what is written.
            look: classes of the style sheet.
            always: whether it is written in the first place within the panel where all are taken.
        """
        width = text_width(text, _TAG_SIZE)
        places = [
            (left, base, box)
            for left, base in _around(x, y, width)
            if (box := Box(left - 1, base - _TAG_SIZE, left + width + 1, base + 3)).within(self.area)
        ]
        free = [place for place in places if not any(place[2].meets(other) for other in self.taken)]
        for left, base, box in (free or places if always else free)[:1]:
            self.taken.append(box)
            return [words(left, base, text, look)]
        return []

    def cover(self, x: float, y: float, reach: float = 5) -> None:
        """Keep labels off a marker."""
        self.taken.append(Box(x - reach, y - reach, x + reach, y + reach))

    def follow(self, spots: Sequence[tuple[float, float]]) -> None:
        """Keep labels off a line through points."""
        for (left, start), (right, end) in pairwise(spots):
            count = int(max(abs(right - left), abs(end - start)) / _STRIDE) + 1
            for place in range(count + 1):
                share = place / count
                self.cover(left + share * (right - left), start + share * (end - start), 1.5)


def _around(x: float, y: float, width: float) -> Iterable[tuple[float, float]]:
    for left in (x - width / 2, x + 9, x - 9 - width):
        yield left, y - 9
        yield left, y + 18
    yield x + 9, y + 4
    yield x - 9 - width, y + 4


def heading(title: str, subtitle: str) -> list[str]:
    """Return what stands at the top of a plot; panels begin below 64 pixels."""
    return [words(EDGE, 32, title, "head"), words(EDGE, 51, subtitle, "soft")]


def axes(box: Box, x: Axis | None, y: Axis, title: str, x_title: str = "") -> list[str]:
    """Return the ground of a panel: its title above, gridlines, ticks and their labels.

    Args:
        box: where the data stand.
        x: the axis below, or None where another panel has it.
        y: the axis at the left.
        title: what the panel shows, with the unit of its left axis.
        x_title: what the axis below shows, with its unit.
    """
    drawn = [words(EDGE, box.top - 12, title, "part")] if title else []
    for value, label in y.ticks:
        level = y.at(value)
        drawn.append(element("path", class_="grid", d=f"M{number(box.left)} {number(level)}H{number(box.right)}"))
        drawn.append(words(box.left - 8, level + 4, label, "small", anchor="end"))
    drawn.extend(_x_ticks(box, x) if x else [])
    drawn.append(element("path", class_="axis", d=f"M{number(box.left)} {number(box.bottom)}H{number(box.right)}"))
    if x_title:
        drawn.append(words((box.left + box.right) / 2, box.bottom + 36, x_title, "small", anchor="middle"))
    return drawn


def _x_ticks(box: Box, x: Axis) -> list[str]:
    drawn: list[str] = []
    free_from = 0.0
    for value, label in x.ticks:
        place = x.at(value)
        drawn.append(element("path", class_="grid", d=f"M{number(place)} {number(box.top)}V{number(box.bottom)}"))
        half = text_width(label, _TAG_SIZE) / 2
        if place - half >= free_from:
            drawn.append(words(place, box.bottom + 17, label, "small", anchor="middle"))
            free_from = place + half + 6
    return drawn


def inked(pen: Pen, *parts: str, name: str = "") -> str:
    """Return parts of a drawing in the colour of a pen, with a name for those who point at it."""
    look = f"k{pen.colour % MOST_LINES}" + (" faint" if pen.faint else "")
    return element("g", *([element("title", escaped(name))] if name else []), *parts, class_=look)


def trace(pen: Pen, path: str) -> str:
    """Return a line along a path, with the dash of a pen."""
    return element("path", class_="line", stroke_dasharray=DASHES[pen.dash % len(DASHES)], d=path)


def mark(pen: Pen, x: float, y: float, *, full: bool = True) -> str:
    """Return the marker of a pen, full or hollow."""
    place = f"translate({number(x)} {number(y)})"
    return element("path", class_="full" if full else "hollow", d=SHAPES[pen.shape % len(SHAPES)], transform=place)


def upright_bound(box: Box, labels: Labels, text: str, x: float) -> list[str]:
    """Return a service level as a standing line, labelled at its foot; labels written later keep off both.

    Args:
        box: the panel.
        labels: those of the panel.
        text: what is written.
        x: where the line stands, in pixels.
    """
    width, base = text_width(text, _TAG_SIZE), box.bottom - 10
    left = x + 7 if x + 10 + width <= box.right else x - 7 - width
    labels.follow([(x, box.top), (x, box.bottom)])
    labels.taken.append(Box(left, base - _TAG_SIZE, left + width, base + 3))
    line = element("path", class_="bound", d=f"M{number(x)} {number(box.top)}V{number(box.bottom)}")
    return [line, words(left, base, text, "tag limit")]


def level_bound(box: Box, labels: Labels, text: str, y: float, middles: Sequence[float]) -> list[str]:
    """Return a service level as a lying line, labelled where there is room.

    Args:
        box: the panel.
        labels: those of the panel; what the label shall keep off is in them already.
        text: what is written.
        y: where the line lies, in pixels.
        middles: where the middle of the label may be, in pixels, the best first; in need it stands at the first.
    """
    labels.follow([(box.left, y), (box.right, y)])
    found = (labels.put(x, y, text, "tag limit") for x in middles)
    label = next(filter(None, found), None) or labels.put(middles[0], y, text, "tag limit", always=True)
    return [element("path", class_="bound", d=f"M{number(box.left)} {number(y)}H{number(box.right)}"), *label]


def legend(top: float, entries: Sequence[Entry]) -> tuple[list[str], float]:
    """Return the legend, in two columns where its texts are short, and where the next thing may begin."""
    room = (WIDTH - 2 * EDGE - _GAP) / 2
    columns = 2 if all(_SAMPLE + 10 + text_width(entry.text) <= room for entry in entries) else 1
    rows = -(-len(entries) // columns)
    drawn: list[str] = []
    for place, entry in enumerate(entries):
        left = EDGE + (place // rows) * (room + _GAP)
        level = top + (place % rows) * _ROW
        parts = [trace(entry.pen, f"M{number(left)} {number(level)}h{_SAMPLE}")]
        parts += [mark(entry.pen, left + _SAMPLE / 2, level)] if entry.marked else []
        drawn += [inked(entry.pen, *parts), words(left + _SAMPLE + 10, level + 4, entry.text)]
    return drawn, top + rows * _ROW


def notes(top: float, texts: Iterable[str]) -> tuple[list[str], float]:
    """Return remarks in small letters, each from a new line, and where the next thing may begin."""
    lines = [line for text in texts for line in wrapped(text, WIDTH - 2 * EDGE, _TAG_SIZE)]
    drawn = [words(EDGE, top + place * _LINE, line, "small") for place, line in enumerate(lines)]
    return drawn, top + len(lines) * _LINE

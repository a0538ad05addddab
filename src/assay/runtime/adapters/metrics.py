"""Which numbers stand in a page of metrics in Prometheus' text format?

Only single series are looked for by name; the page is bounded where it is read, and nothing else of it is kept.
The format is that of https://prometheus.io/docs/instrumenting/exposition_formats/.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from assay.runtime.adapters.asking import Answer

__all__ = ["Sample", "count", "labels", "samples", "share"]

_MOST_WHOLE = 2**53 - 1
_MOST_LINE = 4096
_SERIES = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_LABELS = re.compile(r'\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}')
_LABEL = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a page."""

    name: str
    """Name of the series."""
    labels: Mapping[str, str]
    """Its labels."""
    value: float
    """The number; NaN where there is none."""


def samples(text: str, names: AbstractSet[str]) -> list[Sample]:
    """Return the samples of some series, in one pass over a page.

    A line of more than 4096 characters is left out, and so is one without a number's place.

    Args:
        text: the page.
        names: series to look for.
    """
    found = []
    for line in text.splitlines():
        series = _SERIES.match(line)
        if series is None or series[0] not in names or len(line) > _MOST_LINE:
            continue
        label_part = _LABELS.match(line, series.end())
        rest = line[label_part.end() if label_part else series.end() :].split()
        if not rest or rest[0].startswith("{"):
            continue
        try:
            value = float(rest[0])
        except ValueError:
            value = math.nan
        own = {one[1]: one[2] for one in _LABEL.finditer(label_part[0])} if label_part else {}
        found.append(Sample(series[0], own, value))
    return found


def count(page: Answer, name: str) -> int | None:
    """Return a whole number from 0 on, summed over the labels of a series; None when it is not there."""
    values = list(_values(page, name))
    total = sum(values) if values else math.nan
    return round(total) if 0 <= total <= _MOST_WHOLE else None


def share(page: Answer, name: str) -> str | None:
    """Return the largest value of a series from 0 to 1 as text, for example `12.5%`; None when it is not there."""
    largest = max(_values(page, name), default=math.nan)
    return f"{100 * largest:.3g}%" if 0 <= largest <= 1 else None


def labels(page: Answer, name: str) -> dict[str, str]:
    """Return the labels of the first sample of a series."""
    line = next(_lines(page, name), "")
    return {found[1]: found[2] for found in _LABEL.finditer(line)}


def _values(page: Answer, name: str) -> Iterator[float]:
    for line in _lines(page, name):
        try:
            yield float(line.rpartition("}")[2].split()[0] if "}" in line else line.split()[1])
        except (ValueError, IndexError):
            continue


def _lines(page: Answer, name: str) -> Iterator[str]:
    for line in page.text.splitlines():
        if line.startswith(name) and line[len(name) : len(name) + 1] in {"{", " "}:
            yield line

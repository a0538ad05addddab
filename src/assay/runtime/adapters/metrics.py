"""Which numbers stand in a page of metrics in Prometheus' text format?

Only single series are looked for by name; the page is bounded where it is read, and nothing else of it is kept.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.runtime.adapters.asking import Answer

__all__ = ["count", "labels", "share"]

_MOST_WHOLE = 2**53 - 1
_LABEL = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"')


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

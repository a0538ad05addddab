"""What of a page is shown where a build server takes only so many bytes?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Part", "fitted"]

_RESERVE = 200
"""Bytes for the line that says what was left out."""


@dataclass(frozen=True)
class Part:
    """A piece of a page that may be cut between two of its rows."""

    rows: Sequence[str]
    """Lines, the most wanted first."""
    opening: Sequence[str] = ()
    """Lines before them, there whenever a row is."""
    closing: Sequence[str] = ()
    """Lines behind them, there whenever a row is: what must not stay open."""


def fitted(parts: Iterable[Part], most: int, pointer: str) -> str:
    """Return a page of at most so many bytes of UTF-8.

    Args:
        parts: its parts, the most wanted first.
        most: bytes that it may have; at least those of the first row, the pointer and 200 more.
        pointer: where the rest stands, in words that follow a number of lines.
    """
    lines: list[str] = []
    left = most
    missing = 0
    is_full = False
    for part in parts:
        frame = _size([*part.opening, *part.closing])
        room = left - _RESERVE - len(pointer.encode()) - frame
        own: list[str] = []
        for row in part.rows:
            is_full = is_full or _size([row]) > room
            if is_full:
                missing += bool(row)
            else:
                own.append(row)
                room -= _size([row])
        if own:
            lines += [*part.opening, *own, *part.closing]
            left -= frame + _size(own)
    if missing:
        lines += ["", f"{missing} more lines stand in {pointer}."]
    return "\n".join(lines) + "\n"


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)

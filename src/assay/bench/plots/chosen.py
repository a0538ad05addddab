"""Which lines are drawn when there are more than a reader can tell apart, and with which pens?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.bench.plots.theme import MOST_LINES, Pen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["few", "left_out", "pens"]

_MOST_NAMED = 6


def few(keys: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return at most eight of the keys, in their order: first the first of each candidate, then the last, then others.

    Args:
        keys: candidate and what else tells the lines apart, those of a candidate in rising order.
    """
    if len(keys) <= MOST_LINES:
        return list(keys)
    of: dict[str, list[tuple[str, str]]] = {}
    for key in keys:
        of.setdefault(key[0], []).append(key)
    turns = [[group[0], *reversed(group[1:])] for group in of.values()]
    by_turn = [turn[place] for place in range(max(map(len, turns))) for turn in turns if place < len(turn)]
    kept = set(by_turn[:MOST_LINES])
    return [key for key in keys if key in kept]


def left_out(names: Sequence[str], what: str) -> list[str]:
    """Return a note that names what was left out of a plot, or nothing where all is in it."""
    if not names:
        return []
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return [f"Left out, to keep the lines apart: {what} {', '.join(names[:_MOST_NAMED])}{more}."]


def pens(keys: Sequence[tuple[str, str]], faint: Iterable[bool] = ()) -> list[Pen]:
    """Return one pen for each key: colour and marker tell the candidate, the dash tells the rest.

    Where there is one candidate, each line has a colour of its own.
    """
    candidates = list(dict.fromkeys(candidate for candidate, _ in keys))
    rest = list(dict.fromkeys(other for _, other in keys))
    faints = list(faint) or [False] * len(keys)
    drawn: list[Pen] = []
    for (candidate, other), held_back in zip(keys, faints, strict=True):
        dash = rest.index(other)
        colour = candidates.index(candidate) if len(candidates) > 1 else dash
        # With one line for each candidate, dashes can help to tell candidates apart.
        drawn.append(Pen(colour, colour if len(rest) == 1 else dash, colour, held_back))
    return drawn

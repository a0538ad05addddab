"""How is a pattern that somebody else wrote searched for, so that none can hang or break a run?

Patterns run in the package `regex` (https://github.com/mrabarnett/mrab-regex), whose searches can be stopped. It says
that it stopped one, not how long the others took, and scoring reads no clock; so a budget is kept by counting. Every
search is first given a moment. One that needs more takes one of a few long turns, and there is a most of them and of
searches. So the time of all together has a bound, and a pattern of the usual kind never meets it.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from assay.scoring.text import composed

if TYPE_CHECKING:
    from regex import Match, Pattern

__all__ = ["LONGEST_S", "PatternError", "Searches", "compiled"]

LONGEST_S: Final = 0.25
"""Seconds of the processor after which one search is stopped."""

_MOMENT_S: Final = 0.001
_MOST_LONG: Final = 4
_MOST_SEARCHES: Final = 10_000
_LONGEST_PATTERN: Final = 5_000
# A repeat is written out when a pattern is made ready, which no time limit reaches: `a{1000000}` takes a third of a
# second there, and `(?:ab|c){1000000}` ends the process.
_LARGEST_WRITTEN_OUT: Final = 50_000
_PIECE = re.compile(
    r"\\(?:[pP]\{[^}]*\}|.)|\[\^?\]?(?:\\.|[^\]\\])*+\]|\{(?P<least>\d{1,9})(?:,\d*)?\}|(?P<open>\()|(?P<close>\))|.",
    re.DOTALL,
)


class PatternError(ValueError):
    """A pattern cannot be made ready; the message says why."""


@functools.lru_cache(maxsize=1024)
def compiled(pattern: str, flags: int = 0) -> Pattern[str]:
    """Return a pattern in Unicode normal form C, ready to use.

    Raises:
        PatternError: it is no regular expression, or too large.
    """
    import regex

    if len(pattern) > _LONGEST_PATTERN:
        raise PatternError(f"it has more than {_LONGEST_PATTERN} characters")
    if _written_out(pattern) > _LARGEST_WRITTEN_OUT:
        raise PatternError(f"its repeats come to more than {_LARGEST_WRITTEN_OUT} pieces when they are written out")
    try:
        return regex.compile(composed(pattern), flags)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        raise PatternError(str(error)) from None


def _written_out(pattern: str) -> int:
    """Return how many pieces a pattern has once each repeat stands there as often as it must."""
    groups, last = [0], 0
    for piece in _PIECE.finditer(pattern):
        if piece["open"]:
            groups.append(1)
            last = 0
        elif piece["close"] and len(groups) > 1:
            last = groups.pop()
            groups[-1] += last
        elif piece["least"]:
            more = last * (max(int(piece["least"]), 1) - 1)
            groups[-1] += more
            last += more
        else:
            groups[-1] += 1
            last = 1
    return sum(groups)


class Searches:
    """The searches in one answer, which share a budget."""

    def __init__(self) -> None:
        self._left = _MOST_SEARCHES
        self._long = _MOST_LONG

    def search(self, pattern: Pattern[str], text: str, *, whole: bool = False) -> Match[str] | None:
        """Return where a pattern matches first, or None.

        Args:
            pattern: What is looked for.
            text: Where it is looked for.
            whole: Whether it must match all of the text.

        Raises:
            TimeoutError: the search was stopped, or the budget is spent; nothing is known.
        """
        if not self._left:
            raise TimeoutError
        self._left -= 1
        search = pattern.fullmatch if whole else pattern.search
        try:
            return search(text, timeout=_MOMENT_S)
        except TimeoutError:
            if not self._long:
                raise
        self._long -= 1
        try:
            return search(text, timeout=LONGEST_S)
        except TimeoutError:
            self._long = 0  # what is left may have a moment each: a bad pattern seldom stands alone
            raise

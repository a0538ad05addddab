r"""How does a pattern of a JSON Schema read for the package `regex`, without a change of meaning?

JSON Schema means the regular expressions of ECMA-262 with its flag `u`. There `\d`, `\w` and `\b` are ASCII, `$` is
the very end and not the place before a last line break, `.` is no line end of any kind, and a group is named
`(?<name>…)`. What ECMA-262 has not, such as `\A`, is left as it stands, so a pattern for Python mostly works too.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from assay.scoring.patterns import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from regex import Pattern

__all__ = ["ecma_pattern"]

_WORD: Final = "A-Za-z0-9_"
_LAST: Final = "\\U0010ffff"
_EDGE: Final = f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
_INSIDE: Final = f"(?:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))"
_SPACES: Final = r"\t\n\x0b\x0c\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
# What a class escape stands for within brackets; outside of them it stands in brackets of its own.
_CLASSES: Final = {
    "d": "0-9",
    "D": rf"\x00-/:-{_LAST}",
    "w": _WORD,
    "W": rf"\x00-/:-@\[-\^`{{-{_LAST}",
    "s": _SPACES,
    "S": (
        r"\x00-\x08\x0e-\x1f!-\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff"
        rf"\u3001-\ufefe\uff00-{_LAST}"
    ),
}
_PAIR = r"\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
_PIECE = re.compile(
    rf"{_PAIR}|\\u\{{(?P<point>[0-9a-fA-F]{{1,8}})\}}|\\c(?P<control>[A-Za-z])|\\k<(?P<name>[^>]+)>"
    r"|\\(?P<property>[pP]\{[^}]*\})|\\(?P<class>[dDwWsS])|\\(?P<escaped>.)|(?P<none>\[\])|(?P<all>\[\^\])"
    r"|(?P<repeat>\{\d+(?:,\d*)?\})|(?P<plain>.)",
    re.DOTALL,
)
_ESCAPED: Final = {r"\b": _EDGE, r"\B": _INSIDE, r"\0": r"\x00"}
_OUTSIDE: Final = {"$": r"\Z", ".": r"[^\n\r\u2028\u2029]", "{": r"\{", "}": r"\}"}


@functools.lru_cache(maxsize=1024)
def ecma_pattern(pattern: str) -> Pattern[str]:
    """Return a pattern of a JSON Schema, ready to be searched for.

    Raises:
        PatternError: it is no regular expression, or too large.
    """
    parts: list[str] = []
    in_class = False
    for found in _PIECE.finditer(pattern):
        kind, piece = str(found.lastgroup), found[0]
        if kind in {"none", "all"} and in_class:
            in_class, part = False, rf"\{piece}"  # `[a[]`: the second bracket is one of the class
        elif kind == "plain":
            in_class, part = _plain(piece, in_class=in_class)
        elif kind == "class":
            part = _CLASSES[found["class"]] if in_class else f"[{_CLASSES[found['class']]}]"
        elif kind == "escaped":
            part = piece if in_class else _ESCAPED.get(piece, piece)
        else:
            part = _WRITTEN[kind](found)
        parts.append(part)
    return compiled("".join(parts))


def _plain(piece: str, *, in_class: bool) -> tuple[bool, str]:
    """Return whether a class is open after a character, and the character as it is to be written."""
    if in_class:
        return piece != "]", rf"\{piece}" if piece in "[&|~" else piece
    return piece == "[", _OUTSIDE.get(piece, piece)


def _pair(found: re.Match[str]) -> str:
    """Return the character that two escaped surrogates stand for."""
    return rf"\U{0x10000 + ((int(found['high'], 16) - 0xD800) << 10) + int(found['low'], 16) - 0xDC00:08x}"


_WRITTEN: Final[dict[str, Callable[[re.Match[str]], str]]] = {
    "low": _pair,
    "point": lambda found: rf"\U{int(found['point'], 16):08x}",
    "control": lambda found: rf"\x{ord(found['control']) % 32:02x}",
    "name": lambda found: rf"(?P={found['name']})",
    "none": lambda _found: "(?!)",
    "all": lambda _found: rf"[\x00-{_LAST}]",
    "property": lambda found: found[0],
    "repeat": lambda found: found[0],
}

"""In what do two texts differ, shown short enough to be read and so that the difference can be seen?"""

from __future__ import annotations

import json
import unicodedata
from itertools import takewhile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["apart"]

_MOST_SHOWN: Final = 58
_BEFORE: Final = 24
"""Characters that stay before the first difference where the beginning is cut off."""


def apart(one: JsonValue, other: JsonValue) -> tuple[str, str]:
    """Return two differing JSON values as JSON, cut to the part around their first difference.

    What can be read stands as it is, and controls, marks of direction and the like are written out. Where only accents
    are composed otherwise, all that is not ASCII is written out, for it would look the same. `…` stands where something
    is cut off, so each has at most 60 characters before that writing out.
    """
    plain = tuple(json.dumps(own, ensure_ascii=False) for own in (one, other))
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*plain, strict=False)))
    start = max(0, same - _BEFORE) if any(len(own) > _MOST_SHOWN for own in plain) else 0
    first, second = (_cut(own, start) for own in plain)
    alike = unicodedata.normalize("NFC", first) == unicodedata.normalize("NFC", second)
    return _written(first, alike=alike), _written(second, alike=alike)


def _cut(text: str, start: int) -> str:
    end = start + _MOST_SHOWN
    return ("…" if start else "") + text[start:end] + ("…" if len(text) > end else "")


def _written(text: str, *, alike: bool) -> str:
    """Return a text with what cannot be seen in it as JSON escapes it; of what looks alike, all but ASCII and cuts."""
    stands = (own.isprintable() and (own.isascii() or own == "…" or not alike) for own in text)
    return "".join(own if plain else _escape(own) for own, plain in zip(text, stands, strict=True))


def _escape(character: str) -> str:
    return json.dumps(character)[1:-1] if not character.isascii() else f"\\u{ord(character):04x}"

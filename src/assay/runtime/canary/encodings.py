"""In which guises can a mark stand in bytes, and where does it stand there?

A mark ends in 26 characters of base32: two halves of 13. Every half begins with the same five characters, the tag of
the look. So one quick search for the tag, in each guise, finds every place that is worth a second glance, however many
marks there are; a table of the halves then says which it is. A mark that was cut somewhere still has one whole half.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["HALF", "LONGEST", "TAG", "Lexicon", "Sighting"]

TAG: Final = 5
"""Characters of the tag."""
HALF: Final = 13
"""Characters of half a mark, the tag among them: 40 bits beside the 25 of the tag."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Half a mark in some bytes."""

    offset: int
    """Where it begins, in bytes."""
    length: int
    """Bytes that it takes there."""
    encoding: str
    """In which guise it stands."""
    mark: int
    """Which of the marks it is of."""
    half: int
    """0 for the first half, 1 for the second."""


@dataclass(frozen=True, slots=True)
class _Guise:
    """One way to write a half."""

    name: str
    written: Callable[[bytes], bytes]
    anchor: Callable[[bytes], bytes]
    """How the tag is written in it."""
    shift: int = 0
    """Where the anchor begins in the whole, in bytes."""
    any_case: bool = False


def _base64(before: int) -> Callable[[bytes], bytes]:
    """Return how bytes look in base64 when so many bytes, mod 3, stand before them: the characters all their own.

    RFC 4648: three bytes are four characters of six bits. Letters and digits of base32 never need the characters that
    the URL-safe alphabet writes otherwise.
    """

    def written(half: bytes) -> bytes:
        first, last = -(-before * 8 // 6), (before + len(half)) * 8 // 6
        return base64.b64encode(bytes(before) + half)[first:last]

    return written


def _json(half: bytes) -> bytes:
    return b"".join(b"\\u%04x" % own for own in half)


def _percent(half: bytes) -> bytes:
    return b"".join(b"%%%02x" % own for own in half)


def _utf_16(half: bytes) -> bytes:
    # Without its last zero byte it is found in both byte orders.
    return half.decode().encode("utf-16-le")[:-1]


def _reversed(half: bytes) -> bytes:
    return half[::-1]


def _plain(half: bytes) -> bytes:
    return half


_GUISES: Final = (
    _Guise("raw", _plain, _plain, any_case=True),
    _Guise("percent-encoded", _percent, _percent, any_case=True),
    _Guise("json-escaped", _json, _json, any_case=True),
    _Guise("hex", lambda half: half.hex().encode(), lambda tag: tag.hex().encode(), any_case=True),
    _Guise("reversed", _reversed, _reversed, shift=HALF - TAG, any_case=True),
    _Guise("utf-16", _utf_16, _utf_16, any_case=True),
    *(_Guise("base64", _base64(before), _base64(before)) for before in range(3)),
)
LONGEST: Final = 6 * HALF
"""Bytes of the longest guise, that of JSON."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A guise with every half of every mark."""

    name: str
    any_case: bool
    anchor: bytes
    shift: int
    length: int
    halves: dict[bytes, tuple[int, int]]


class Lexicon:
    """All marks of one look in all guises."""

    def __init__(self, marks: Sequence[str]) -> None:
        """Take the marks.

        Args:
            marks: 26 lower-case base32 characters each; both halves of each begin with the same tag.
        """
        self.marks = tuple(marks)
        self._entries = [self._entry(guise) for guise in _GUISES] if marks else []

    def _entry(self, guise: _Guise) -> _Entry:
        halves = {
            guise.written(mark[half * HALF : (half + 1) * HALF].encode()): (number, half)
            for number, mark in enumerate(self.marks)
            for half in (0, 1)
        }
        length = len(next(iter(halves)))
        anchor = guise.anchor(self.marks[0][:TAG].encode())
        return _Entry(guise.name, guise.any_case, anchor, guise.shift, length, halves)

    def sightings(self, data: bytes) -> Iterator[Sighting]:
        """Yield every half of a mark in some bytes, guise by guise."""
        lower = data.lower()
        for entry in self._entries:
            where = lower if entry.any_case else data
            at = where.find(entry.anchor)
            while at >= 0:
                start = at - entry.shift
                found = entry.halves.get(where[start : start + entry.length]) if start >= 0 else None
                if found is not None:
                    yield Sighting(start, entry.length, _named(entry, data, start), *found)
                at = where.find(entry.anchor, at + 1)


def _named(entry: _Entry, data: bytes, start: int) -> str:
    own = data[start : start + entry.length]
    return "case-folded" if entry.name == "raw" and own != own.lower() else entry.name

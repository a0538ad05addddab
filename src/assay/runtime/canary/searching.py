"""Which marks stand in a file, a page or a column, packed or not, and is that all of it?"""

from __future__ import annotations

import re
import time
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from assay.runtime.canary.encodings import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.runtime.canary.encodings import Lexicon, Sighting

__all__ = ["PACKED", "Budget", "Found", "InBytes", "Source", "TooMuchError", "search"]

_CHUNK: Final = 4 << 20
_PIECE: Final = 64 << 10
_NESTED: Final = 16 << 20
"""A packed part is itself searched for packed parts when it has at most so many bytes unpacked."""
_DEEPEST: Final = 2
PACKED: Final = re.compile(
    rb"(?P<gzip>\x1f\x8b\x08)|(?P<zlib>\x78[\x01\x5e\x9c\xda])"
    rb"|(?P<zstd>\x28\xb5\x2f\xfd)|(?P<bzip2>BZh[1-9]1AY&SY)|(?P<xz>\xfd7zXZ\x00)"
    rb"|(?P<zip>PK\x03\x04)|(?P<lz4>\x04\x22\x4d\x18)"
)
"""How packed parts begin: RFC 1952, RFC 1950, RFC 8878, and the formats of bzip2, xz, ZIP and LZ4 frames."""
_WINDOW_BITS: Final = {"gzip": 31, "zlib": 15}


class TooMuchError(Exception):
    """There is more to search than may be; the message says of what, as a clause."""


@dataclass
class Budget:
    """How much may still be searched."""

    left: int
    """Bytes, unpacked ones among them."""
    until_s: float
    """Reading of the performance counter at which the search ends."""

    def spend(self, count: int) -> None:
        """Take bytes out of it.

        Raises:
            TooMuchError: it has none left, or its time is over.
        """
        self.left -= count
        if self.left < 0:
            message = "it holds more than may be searched"
            raise TooMuchError(message)
        if time.perf_counter() > self.until_s:
            message = "searching it took too long"
            raise TooMuchError(message)


class Source(Protocol):
    """Bytes that can be read from any place."""

    def read(self, offset: int, length: int) -> bytes:
        """Return so many bytes from there on, fewer only at the end."""


@dataclass(frozen=True)
class InBytes:
    """Bytes in memory."""

    data: bytes
    """All of them."""

    def read(self, offset: int, length: int) -> bytes:
        """Return so many bytes from there on."""
        return self.data[offset : offset + length]


@dataclass
class Found:
    """What a search came to."""

    places: dict[tuple[int, str], list[Sighting]] = field(default_factory=dict)
    """By mark and encoding the first sighting of each half."""
    counts: dict[tuple[int, str], int] = field(default_factory=dict)
    """How often one of its halves stands there."""
    unread: set[str] = field(default_factory=set)
    """Formats of packed parts that cannot be unpacked here."""
    searched: int = 0
    """Bytes, as they lie there."""

    def take(self, sighting: Sighting, offset: int, encoding: str) -> None:
        """Note one sighting."""
        key = (sighting.mark, encoding)
        seen = self.places.setdefault(key, [])
        self.counts[key] = self.counts.get(key, 0) + 1
        if sighting.half not in {own.half for own in seen}:
            seen.append(replace(sighting, offset=offset))


def search(lexicon: Lexicon, source: Source, start: int, budget: Budget, found: Found) -> None:
    """Search from a place to the end; what is found is noted at once, so that it stays when the search is cut off.

    Args:
        lexicon: the marks.
        source: the bytes.
        start: where to begin.
        budget: how much may be searched.
        found: takes what is found; offsets count from the beginning of the source, those of packed parts are where the
            packed part begins.

    Raises:
        TooMuchError: not all was searched.
    """
    _Search(lexicon, budget, found).through(source, start)


@dataclass
class _Search:
    lexicon: Lexicon
    budget: Budget
    found: Found
    depth: int = 0
    packed_at: int | None = None
    packed_as: str = ""

    def through(self, source: Source, start: int) -> None:
        offset, carry = start, b""
        while piece := source.read(offset, _CHUNK):
            self.budget.spend(len(piece))
            if not self.depth:
                self.found.searched += len(piece)
            data = carry + piece
            self.scan(data, offset - len(carry), len(carry))
            if self.depth < _DEEPEST:
                self._unpack_in(data, source, offset - len(carry), len(carry))
            offset += len(piece)
            carry = data[-LONGEST:]

    def scan(self, data: bytes, base: int, known: int) -> None:
        """Note the marks in a piece; what lies wholly in its first `known` bytes was noted before."""
        for own in self.lexicon.sightings(data):
            if own.offset + own.length > known:
                at = base + own.offset if self.packed_at is None else self.packed_at
                self.found.take(own, at, f"{own.encoding} in {self.packed_as}" if self.packed_as else own.encoding)

    def _unpack_in(self, data: bytes, source: Source, base: int, known: int) -> None:
        for begin in PACKED.finditer(data):
            kind = str(begin.lastgroup)
            if begin.end() <= known:
                continue
            if kind not in _WINDOW_BITS:
                self.found.unread.add(kind)
                continue
            at = base + begin.start()
            inner = _Search(
                self.lexicon,
                self.budget,
                self.found,
                self.depth + 1,
                at if self.packed_at is None else self.packed_at,
                f"{kind} in {self.packed_as}" if self.packed_as else kind,
            )
            inner.unpacked(self._plain(source, at, _WINDOW_BITS[kind]))

    def unpacked(self, plain: Iterator[bytes]) -> None:
        """Search what was unpacked; one that is not large is searched for packed parts of its own."""
        kept, carry, deeper = bytearray(), b"", set[str]()
        for piece in plain:
            self.scan(carry + piece, 0, len(carry))
            deeper |= {str(begin.lastgroup) for begin in PACKED.finditer(carry + piece)}
            carry = (carry + piece)[-LONGEST:]
            if len(kept) <= _NESTED:
                kept += piece
        if len(kept) <= _NESTED and self.depth < _DEEPEST:
            self._unpack_in(bytes(kept), InBytes(bytes(kept)), 0, 0)
        else:
            # The two bytes with which zlib begins stand in many a text.
            self.found.unread |= {f"{kind} in {self.packed_as}" for kind in deeper - {"zlib"}}

    def _plain(self, source: Source, at: int, window_bits: int) -> Iterator[bytes]:
        """Yield what a packed part holds, as far as it is whole: a log that is still written has no end."""
        unpacking = zlib.decompressobj(window_bits)
        while not unpacking.eof and (piece := source.read(at, _PIECE)):
            at += len(piece)
            self.budget.spend(0)
            while piece and not unpacking.eof:
                try:
                    plain = unpacking.decompress(piece, _CHUNK)
                except zlib.error:
                    return
                self.budget.spend(len(plain))
                if plain:
                    yield plain
                piece = unpacking.unconsumed_tail

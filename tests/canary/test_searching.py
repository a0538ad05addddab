"""Is a whole file searched, over the seams of its pieces and in its packed parts, and is what is too much said?"""

from __future__ import annotations

import base64
import bz2
import gzip
import time
import zlib

import pytest

from assay.runtime.canary import searching
from assay.runtime.canary.marks import Marks
from assay.runtime.canary.searching import Budget, Found, InBytes, TooMuchError, search

MARKS = Marks(bytes(range(32)), "abc123def456")
MARK = MARKS.mark("success", 1, "user").encode()
LEXICON = MARKS.lexicon()
PIECE = 4096


def _searched(data: bytes, start: int = 0, left: int = 1 << 30) -> Found:
    found = Found()
    search(LEXICON, InBytes(data), start, Budget(left, time.perf_counter() + 60), found)
    return found


def _told(found: Found) -> list[tuple[str, int, int]]:
    """Return encoding, offset and halves of everything that was found."""
    return [(encoding, min(one.offset for one in own), len(own)) for (_, encoding), own in sorted(found.places.items())]


@pytest.mark.parametrize("before", [PIECE - 60, PIECE - 40, PIECE - 20, PIECE - 1, PIECE, 2 * PIECE - 40])
def test_a_mark_on_a_seam_is_found_once(monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    """Where one piece ends and the next begins nothing is lost and nothing counted twice."""
    monkeypatch.setattr(searching, "_CHUNK", PIECE)
    found = _searched(bytes(before) + MARK + b" tail")
    assert _told(found) == [("raw", before + 26, 2)]
    assert list(found.counts.values()) == [2]


def test_only_the_new_part_is_searched() -> None:
    """What lies before the start is not looked at, and offsets count from the beginning of the file."""
    found = _searched(MARK + b"\n" + base64.b64encode(MARK), start=len(MARK) + 1)
    assert (_told(found), found.searched) == ([("base64", len(MARK) + 1 + 35, 2)], 72)


@pytest.mark.parametrize(
    ("packed", "told"),
    [
        (gzip.compress(b"x" * 99 + MARK), "raw in gzip"),
        (zlib.compress(base64.b64encode(MARK)), "base64 in zlib"),
        (gzip.compress(zlib.compress(MARK)), "raw in zlib in gzip"),
        (gzip.compress(MARK + bytes(100_000))[:-12], "raw in gzip"),
        (gzip.compress(b"first") + gzip.compress(MARK), "raw in gzip"),
    ],
)
def test_packed_parts_are_unpacked(packed: bytes, told: str) -> None:
    """A packed part is seen through where it stands, nested, one after another, or not yet whole."""
    at = max(packed.rfind(b"\x1f\x8b\x08"), 0)
    assert (told, 9 + at, 2) in _told(_searched(b"log line\n" + packed))


def test_what_is_packed_otherwise_is_named() -> None:
    """A format that is not unpacked here is said, so that nobody takes it for searched."""
    assert _searched(b"a" + bz2.compress(MARK)).unread == {"bzip2"}
    assert _searched(b"a\x28\xb5\x2f\xfdb").unread == {"zstd"}


@pytest.mark.parametrize("data", [b"xxxx", gzip.compress(bytes(5_000_000))])
def test_more_than_may_be_searched_is_no_silence(data: bytes) -> None:
    """A search that has no bytes left, packed ones among them, ends with the reason."""
    with pytest.raises(TooMuchError, match="it holds more than may be searched"):
        _searched(data, left=3 if len(data) == 4 else 1_000_000)


def test_a_search_ends_in_time() -> None:
    """When its time is over it says so."""
    with pytest.raises(TooMuchError, match="searching it took too long"):
        search(LEXICON, InBytes(b"x"), 0, Budget(100, 0.0), Found())


@pytest.mark.parametrize(
    ("packed", "told"),
    [
        (gzip.compress(gzip.compress(gzip.compress(MARK))), {"gzip in gzip in gzip"}),
        (gzip.compress(bytes(17 << 20) + gzip.compress(MARK)), {"gzip in gzip"}),
        (b"PK\x03\x04 and more", {"zip"}),
        (b"\x04\x22\x4d\x18 and more", {"lz4"}),
    ],
)
def test_what_is_packed_too_deep_is_named(packed: bytes, told: set[str]) -> None:
    """Parts that are not unpacked, because they lie too deep or in too large a part, make no silence."""
    assert _searched(packed).unread == told

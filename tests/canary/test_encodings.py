"""Is a mark found in every guise, at its place, and never where there is none?"""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assay.runtime.canary.encodings import HALF, LONGEST, TAG, Lexicon
from assay.runtime.canary.marks import Carried, Marks, digest_of_mark

SEED = bytes(range(32))
MARKS = Marks(SEED, "abc123def456")
TEXTS = [MARKS.mark("success", number, "user") for number in range(1, 21)]
LEXICON = MARKS.lexicon()
_ANY = st.binary(max_size=300)
_NUMBER = st.integers(0, len(TEXTS) - 1)


def _core(number: int) -> str:
    return TEXTS[number][-2 * HALF :]


def test_marks_follow_from_seed_and_place() -> None:
    """The same look has the same marks, another seed has none of them, and each part of each request its own."""
    again = Marks(SEED, "abc123def456")
    assert [again.mark("success", number, "user") for number in range(1, 21)] == TEXTS
    assert len(set(TEXTS)) == len(TEXTS)
    assert all(text.startswith("cnry-abc123def456-success-") and len(text) == 52 for text in TEXTS)
    other = Marks(bytes(32), "abc123def456")
    assert other.mark("success", 1, "user") not in TEXTS
    assert again.carried[0] == Carried("success", 1, "user")
    assert len(digest_of_mark(TEXTS[0])) == 64
    assert "seed" not in repr(again)


def test_both_halves_begin_with_the_tag() -> None:
    """What makes one search find all marks holds for marks and beacons."""
    own = Marks(SEED, "abc123def456")
    texts = [own.mark("stream", 1, "system"), own.beacon("stream", 1)]
    assert {text[at : at + TAG] for text in texts for at in (-2 * HALF, -HALF)} == {TEXTS[0][-HALF : -HALF + TAG]}


@given(_ANY, _ANY, _NUMBER)
def test_a_raw_mark_is_found_at_its_place(before: bytes, after: bytes, number: int) -> None:
    """Whatever stands around it, both halves are found where they are."""
    own = _core(number).encode()
    found = list(LEXICON.sightings(before + own + after))
    assert [(one.offset, one.encoding, one.mark, one.half) for one in found] == [
        (len(before), "raw", number, 0),
        (len(before) + HALF, "raw", number, 1),
    ]


@given(_ANY, _NUMBER)
@example(TEXTS[0][:-1].encode(), 0)
def test_nothing_is_found_where_nothing_is(other: bytes, number: int) -> None:
    """Bytes without a mark have none, nor has a mark of another look or one with a letter changed in each half."""
    broken = bytearray(_core(number).encode())
    for at in (TAG, HALF + TAG):
        broken[at] = ord("a") if broken[at] != ord("a") else ord("b")
    foreign = Marks(bytes(32), "abc123def456").mark("success", 1, "user").encode()
    assert not list(LEXICON.sightings(bytes(broken) + b" " + foreign))
    if TEXTS[0][-HALF : -HALF + TAG].encode() not in other.lower():
        assert not list(LEXICON.sightings(other))


@given(st.text(max_size=80), st.text(max_size=80), _NUMBER, st.booleans())
def test_base64_of_any_document_is_seen_through(before: str, after: str, number: int, safe: bool) -> None:
    """In base64 of a whole document the mark is found in each alignment, at the first character that is all its own."""
    document = json.dumps({"messages": [before, TEXTS[number], after]}).encode()
    encode = base64.urlsafe_b64encode if safe else base64.b64encode
    at = document.index(_core(number).encode())
    found = list(LEXICON.sightings(b"log: " + encode(document)))
    assert {(one.encoding, one.mark, one.half) for one in found} == {("base64", number, 0), ("base64", number, 1)}
    assert [one.offset - 5 for one in found if one.half == 0] == [-(-at * 8 // 6)]


@given(_ANY, _NUMBER)
def test_base64_in_lines_keeps_a_half(before: bytes, number: int) -> None:
    """MIME breaks base64 into lines of 76 characters: a break takes one half at most."""
    found = list(LEXICON.sightings(base64.encodebytes(before + _core(number).encode() + b"tail")))
    assert {(one.encoding, one.mark) for one in found} == {("base64", number)}


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("case-folded", lambda text: text.upper().encode()),
        ("percent-encoded", lambda text: "".join(f"%{ord(own):02X}" for own in text).encode()),
        ("json-escaped", lambda text: "".join(f"\\u{ord(own):04x}" for own in text).encode()),
        ("json-escaped", lambda text: "".join(f"\\u{ord(own):04X}" for own in text).encode()),
        ("hex", lambda text: text.encode().hex().encode()),
        ("hex", lambda text: text.encode().hex().upper().encode()),
        ("reversed", lambda text: text[::-1].encode()),
        ("utf-16", lambda text: text.encode("utf-16-le")),
        ("raw", lambda text: quote(text).encode()),
    ],
)
def test_half_a_mark_is_found_in_every_guise(encoding: str, written: object, half: int) -> None:
    """A mark that was cut is known by the half that is left, wherever it stands."""
    text = _core(3)[half * HALF : (half + 1) * HALF]
    for before in (b"", b"x", b"prompt="):
        (found,) = LEXICON.sightings(before + written(text) + b" end")  # type: ignore[operator]  # a function
        assert (found.offset, found.encoding, found.mark, found.half) == (len(before), encoding, 3, half)
        assert found.length <= LONGEST


def test_utf_16_is_found_in_the_other_byte_order_too() -> None:
    """In big-endian text it begins one byte later."""
    found = list(LEXICON.sightings(_core(0).encode("utf-16-be")))
    assert [(one.offset, one.encoding, one.half) for one in found] == [(1, "utf-16", 0), (27, "utf-16", 1)]


def test_without_marks_nothing_is_found() -> None:
    """A look that sent nothing finds nothing."""
    assert not list(Lexicon(()).sightings(b"anything"))

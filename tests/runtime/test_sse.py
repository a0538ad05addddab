"""Events come out of a stream whatever its line ends are and wherever the network cuts it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.runtime.sse import MOST_EVENT_BYTES, SseParser

STREAM = (
    ': ping\r\n\r\ndata: {"a":"äöü €"}\r\n\r\n:\n\ndata:{"b":"🦜"}\n\nevent: note\nid: 7\r\n'
    "data: one\r\ndata: two\r\n\r\nretry: 5\n\ndata\n\rdata: three\r\rdata: [DONE]\n\n"
).encode()
EVENTS = ['{"a":"äöü €"}'.encode(), '{"b":"🦜"}'.encode(), b"one\ntwo", b"three", b"[DONE]"]


def _events(*reads: bytes) -> list[bytes]:
    parser = SseParser()
    return [data for read in reads for data in parser.feed(read)] + parser.close()


def test_events_in_every_spelling() -> None:
    """Comments, other fields, empty events, CR, LF, CRLF, a missing space and several data lines are understood."""
    assert _events(STREAM) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_cuts_do_not_matter(cuts: list[int]) -> None:
    """Reads may end anywhere: within a character, within a CRLF, or be empty."""
    borders = [0, *sorted(cuts), len(STREAM)]
    assert _events(*(STREAM[a:b] for a, b in pairwise(borders))) == EVENTS


def test_byte_by_byte() -> None:
    """A stream that comes one byte at a time is the same stream."""
    assert _events(*(bytes([byte]) for byte in STREAM)) == EVENTS


def test_events_come_when_they_end() -> None:
    """An event is given with the read that ends it, no later."""
    parser = SseParser()
    assert parser.feed(b"data: 1\n") == []
    assert parser.feed(b"\ndata: 2") == [b"1"]
    assert parser.feed(b"\r\n\r") == [b"2"]
    assert parser.feed(b"\n") == []


@pytest.mark.parametrize("tail", [b"data: last", b"data: last\n", b"data: last\r\n"])
def test_last_event_without_its_blank_line(tail: bytes) -> None:
    """The end of the stream ends the last event as well."""
    assert _events(b"data: first\n\n", tail) == [b"first", b"last"]


@pytest.mark.parametrize(
    "reads",
    [
        [b"data: "] + [b"x" * 65_536] * 17,
        [b": " + b"x" * 65_536] * 17,
        [b"data: " + b"x" * 65_536 + b"\n"] * 17,
        [b"data: " + b"x" * MOST_EVENT_BYTES + b"x\n\n"],
    ],
    ids=["line", "comment", "event of many lines", "event in one read"],
)
def test_endless_events_are_refused(reads: list[bytes]) -> None:
    """More than a mebibyte without an end is an error and is not kept in memory."""
    parser = SseParser()
    with pytest.raises(ValueError, match="longer than 1048576 bytes"):
        list(map(parser.feed, reads))


def test_the_bound_is_on_one_event() -> None:
    """A stream may be as long as it likes, keep-alive comments without blank lines included."""
    parser = SseParser()
    event = b"data: " + b"x" * 1000 + b"\n\n"
    assert sum(len(parser.feed(event)) for _ in range(2000)) == 2000
    assert [parser.feed(b": " + b"x" * 1000) + parser.feed(b"x\n") for _ in range(2000)] == [[]] * 2000

"""Which events does a stream of server-sent events hold, however the network cut it up?

The framing is that of the HTML standard, section 9.2.6: lines end with CR, LF or CRLF, a colon begins a comment, one
space after `data:` is optional, a blank line ends an event. Runtimes use all of it: llama.cpp sends `:` as keep-alive,
gateways drop the space.
"""

from __future__ import annotations

__all__ = ["MOST_EVENT_BYTES", "SseParser"]

MOST_EVENT_BYTES = 1 << 20
"""Longest line and longest event that are taken, in bytes; a server that sends more is broken or hostile."""


class SseParser:
    """Takes bytes as they come and gives the data of each event that they complete.

    Bytes are cut into lines before anyone decodes them, so a character that is split over two reads stays whole.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []  # of the line that has not ended yet
        self._data: list[bytes] = []  # of the event that has not ended yet
        self._held = 0
        self._after_cr = False

    def feed(self, read: bytes) -> list[bytes]:
        """Return the data of the events that end within these bytes, in order.

        Raises:
            ValueError: a line or an event is longer than MOST_EVENT_BYTES.
        """
        if self._after_cr:  # the other half of a CRLF
            read = read.removeprefix(b"\n")
        self._after_cr = read.endswith(b"\r")
        if b"\n" not in read and b"\r" not in read:
            self._hold(len(read))
            self._pieces.append(read)
            return []
        lines = b"".join((*self._pieces, read)).splitlines(keepends=True)
        self._held -= sum(map(len, self._pieces))
        self._pieces = [] if lines[-1].endswith((b"\n", b"\r")) else [lines.pop()]
        ended = [data for line in lines if (data := self._take(line.rstrip(b"\r\n"))) is not None]
        self._hold(sum(map(len, self._pieces)))
        return ended

    def close(self) -> list[bytes]:
        """Return the data of the event that the end of the stream cut short of its blank line, if there is one.

        The standard drops it; servers that forget the last blank line exist, and a caller can tell half an event by
        its JSON.
        """
        last = self._take(b"".join(self._pieces)) if self._pieces else None
        self._pieces = []
        return [data for data in (last, self._take(b"")) if data is not None]

    def _take(self, line: bytes) -> bytes | None:
        """Take one whole line; return the event's data when it has some and the line is the blank one that ends it."""
        if not line:
            data, self._data, self._held = self._data, [], 0
            return b"\n".join(data) or None
        name, _, value = line.partition(b":")
        if name == b"data":
            self._hold(len(value))
            self._data.append(value.removeprefix(b" "))
        return None

    def _hold(self, count: int) -> None:
        self._held += count
        if self._held > MOST_EVENT_BYTES:
            raise ValueError(f"an event of the stream is longer than {MOST_EVENT_BYTES} bytes")

"""Which bytes go to stdout, and what of them does a terminal get to see?

Other programs read data as it is stored: UTF-8, whatever the locale says. A terminal obeys or hides some characters;
there the same data stands with these characters written out, in the way of its format where that has one.
"""

from __future__ import annotations

import codecs
import io
import sys
import unicodedata
from typing import IO, TYPE_CHECKING, Final, Literal

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed import ReadableBuffer

__all__ = ["MOVING", "Form", "data_stream", "fit_streams", "seen", "write_data"]

Form = Literal["json", "xml", "text"]

MOVING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories of what a terminal obeys, hides or breaks a line at."""
_LAYOUT: Final = frozenset("\n\t")
_UTF_16: Final = 0x10000


def fit_streams() -> None:
    """Make data UTF-8 whatever the locale is, and let no character end a verb that a terminal or a log cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if stream is sys.stderr or stream.isatty():
            stream.reconfigure(errors="backslashreplace")
        else:
            # Half of a surrogate pair, which UTF-8 cannot hold, becomes what JSON writes for it.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def write_data(text: str, form: Form = "json") -> None:
    """Write data to stdout, as it is stored unless that is a terminal.

    Args:
        text: the data, whole.
        form: how a character that a terminal obeys or hides is written there.
    """
    sys.stdout.write(seen(text, form) if sys.stdout.isatty() else text)


def data_stream(form: Form) -> IO[bytes]:
    """Return where the bytes of an export go: stdout itself, unless that is a terminal."""
    sys.stdout.flush()
    return _Seen(form) if sys.stdout.isatty() else sys.stdout.buffer  # type: ignore[return-value]  # it is written only


def seen(text: str, form: Form) -> str:
    r"""Return data with what a terminal obeys or hides written out; JSON and XML stay the same data by it.

    Args:
        text: the data; tabs and line ends stay.
        form: `json` writes `\u202e` (RFC 8259, section 7; beyond U+FFFF both halves), `xml` writes `&#x202e;` (XML 1.0,
            section 4.1), `text` what a record's page writes, `\u202e`.
    """
    return "".join(
        character
        if character in _LAYOUT or unicodedata.category(character) not in MOVING
        else _written_out(character, form)
        for character in text
    )


def _written_out(character: str, form: Form) -> str:
    point = ord(character)
    if form == "xml":
        return f"&#x{point:x};"
    if form == "json" and point >= _UTF_16:
        units = character.encode("utf-16-be").hex()
        return f"\\u{units[:4]}\\u{units[4:]}"
    return f"\\u{point:04x}"


class _Seen(io.BufferedIOBase):
    """A terminal that takes bytes of UTF-8 and shows what it would obey or hide."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self._form = form
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, content: ReadableBuffer, /) -> int:
        own = bytes(content)
        sys.stdout.write(seen(self._decoder.decode(own), self._form))
        return len(own)

    @override
    def writelines(self, lines: Iterable[ReadableBuffer], /) -> None:
        for line in lines:
            self.write(line)

    @override
    def flush(self) -> None:
        sys.stdout.flush()

r"""How do scores become CSV that a spreadsheet shows and never runs?

RFC 4180 with `\n` line ends, UTF-8 without a byte order mark, the names of the columns first. A cell with nothing is
empty, tags are joined by `;` (a `;` or `\` in a tag has a `\` before it).

Spreadsheets run a text cell that begins with `=`, `+`, `-` or `@`, and some first strip a tab or a line end before it;
East Asian editions take the wide forms of these signs as well. Such a text gets an apostrophe before it, unless it is a
plain number, and so does a text that has apostrophes before such a sign: whoever takes one apostrophe off every cell
that begins with one or more of them and such a sign has the text back.

Controls, the escapes of terminals, and marks that turn the direction of text are written as `\x1b`, `\u202e`: a
terminal or an editor that shows the table would obey them. Tab and line ends stay. The raw text stands in Parquet and
in `trials.jsonl`.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

from assay.record.export.columns import COLUMNS, rows
from assay.record.export.exporter import Exporter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.record.export.source import Source

__all__ = ["EXPORTER", "cell", "defused", "line", "visible"]

_RUNS = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_QUOTED = re.compile('[",\r\n]|\\A\\s|\\s\\Z')
_SEPARATOR = re.compile(r"([\\;])")

Cell = str | float | tuple[str, ...] | None


def visible(text: str) -> str:
    """Return a text with what a terminal or an editor would obey written out."""
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if _RUNS.match(text) and not _NUMBER.fullmatch(text) else text


def cell(value: Cell) -> str:
    """Return a value as it stands between two commas."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return repr(value)
    whole = value if isinstance(value, str) else ";".join(_SEPARATOR.sub(r"\\\1", tag) for tag in value)
    text = defused(visible(whole))
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def line(values: Iterable[Cell]) -> bytes:
    """Return one line of the table, with its line end."""
    return (",".join(map(cell, values)) + "\n").encode()


def _write(source: Source, out: IO[bytes]) -> int:
    out.write(line(COLUMNS))
    count = 0
    for count, row in enumerate(rows(source), start=1):  # noqa: B007 - the last number is the count
        out.write(line(row))
    return count


EXPORTER = Exporter("A row for each score, with its trial, as CSV.", "scores", _write)

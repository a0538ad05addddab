"""Which lines make a GitHub runner put annotations beside the files of a change?

The runner reads commands from both streams of a step (actions/runner, `ScriptHandler.cs`: one `OutputManager` each); it
decodes `%25`, `%0D`, `%0A`, and in properties `%3A` and `%2C` too (`ActionCommand.cs`). It keeps 10 annotations of a
kind for a step and drops the rest without a word, so at most 9 are written, and one that counts the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.record.reports.matters import bounded, matters_of
from assay.record.text import printable

if TYPE_CHECKING:
    from assay.record.reports.matters import Level
    from assay.record.reports.places import Places
    from assay.schema.record import Record

__all__ = ["MOST_OF_A_KIND", "lines"]

MOST_OF_A_KIND = 9
"""One less than the runner keeps."""
_COMMANDS: dict[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}
_MOST_TITLE = 120
_MOST_MESSAGE = 500


def lines(record: Record, places: Places) -> list[str]:
    """Return the commands, without line ends."""
    written = []
    matters = matters_of(record)
    for level, command in _COMMANDS.items():
        own = [matter for matter in matters if matter.level == level]
        for matter in own[:MOST_OF_A_KIND]:
            file, line = places.of(matter.condition)
            title = _property(bounded(matter.rule, _MOST_TITLE))
            message = _data(bounded(matter.message, _MOST_MESSAGE))
            written.append(f"::{command} file={_property(file)},line={line},title={title}::{message}")
        if len(own) > MOST_OF_A_KIND:
            written.append(f"::{command}::{len(own) - MOST_OF_A_KIND} more in the summary")
    return written


def _data(text: str) -> str:
    """Return a text as it may stand behind a command; what cannot be seen is written out as its code point."""
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""Was the last line of a journal ever finished, and which file is a failed write about?"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["CANARIES_FILE", "is_torn", "last_line", "named", "naming"]

CANARIES_FILE = "canaries.jsonl"
"""Where marks that were sent as prompts turned up, one line for each server; the marks themselves are in no file."""

_TAIL_BYTES = 1 << 16


def last_line(path: Path) -> bytes:
    """Return what stands after the last line end of a file; only its tail is read."""
    if not path.exists():
        return b""
    with path.open("rb") as file:
        end = start = file.seek(0, os.SEEK_END)
        while start > 0:
            start = max(0, start - _TAIL_BYTES)
            file.seek(start)
            if (found := file.read(_TAIL_BYTES).rfind(b"\n")) >= 0:
                start += found + 1
                break
        file.seek(start)
        return file.read(end - start)


def is_torn(line: bytes) -> bool:
    """Say whether a line was never finished: it has no end, and is no whole JSON object either."""
    if not line or line.endswith(b"\n"):
        return False
    try:
        return not isinstance(from_json(line), dict)
    except ValueError:
        return True


def named(error: OSError, path: Path) -> OSError:
    """Return an error of the system with the file that it is about, which a failed write does not name."""
    return OSError(error.errno, error.strerror, str(path))


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let errors of the system within name a file, where they name none themselves."""
    try:
        yield
    except OSError as error:
        raise (error if error.filename is not None else named(error, path)) from None

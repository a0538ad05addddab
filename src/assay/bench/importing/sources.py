"""What does a file of another benchmark tool hold, read within bounds?

Such files come from anywhere. Every way to fail here is an `InputError`, one line for each problem.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from assay.errors import InputError, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

__all__ = ["MOST_BYTES", "Source", "parse_documents", "read_bytes", "read_source", "unfit"]

MOST_BYTES = 256 << 20
"""Largest file that is read, in bytes."""
_MOST_LEVELS = 100


@dataclass(frozen=True)
class Source:
    """A file, read."""

    name: str
    """The file as the user named it, for messages."""
    file: str
    """Its name without the folder."""
    sha256: str
    """SHA-256 of its bytes."""
    documents: tuple[JsonValue, ...]
    """Its one JSON value, or one for each line of JSONL."""


def unfit(name: str, message: str, line: int | None = None, remedy: str = "Export the file anew.") -> InputError:
    """Return the error of a file that is not what its format says."""
    return InputError(Problem("bad-import", message, remedy, name, line))


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the content of a regular file.

    Raises:
        InputError: it cannot be read, or it has more than `most` bytes.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputError(Problem("no-such-file", "it is no regular file", "Name a file.", str(path)))
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except (OSError, ValueError) as error:
        # A path with a NUL character is a ValueError.
        reason = getattr(error, "strerror", None) or type(error).__name__
        message = f"cannot read the file: {reason}"
        raise InputError(Problem("no-such-file", message, "Check the path.", str(path))) from None
    if len(raw) > most:
        message = f"the file is larger than {most >> 20} MiB"
        raise InputError(Problem("file-too-large", message, "Export it without the texts of the requests.", str(path)))
    return raw


def parse_documents(raw: bytes, name: str) -> tuple[JsonValue, ...]:
    """Return the JSON value of a file, or those of its lines when it holds several.

    Raises:
        InputError: it is not UTF-8, not JSON, holds NaN or an infinity or a key twice, or nests too deep.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise unfit(name, "the file is not UTF-8", line, "Save it as UTF-8.") from None
    if not text.strip():
        raise unfit(name, "the file is empty")
    try:
        whole = _parsed(text, name, None)
    except _SeveralValuesError:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        return tuple(_line(line, name, number) for number, line in lines)
    return (whole,)


class _SeveralValuesError(Exception):
    """A JSON text is followed by something else."""


def _line(text: str, name: str, line: int) -> JsonValue:
    try:
        return _parsed(text, name, line)
    except _SeveralValuesError:
        raise unfit(name, "not valid JSON: something follows the value", line) from None


def _parsed(text: str, name: str, line: int | None) -> JsonValue:
    try:
        value: JsonValue = json.loads(text, object_pairs_hook=_mapping, parse_constant=_not_finite, parse_float=_finite)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise _SeveralValuesError from None
        raise unfit(name, f"not valid JSON: {error.msg}", line or error.lineno) from None
    except RecursionError:
        raise unfit(name, "the values are nested too deep", line) from None
    except ValueError as error:
        # What the hooks below refuse, and an integer of thousands of digits.
        ours = str(error).startswith("the ")
        raise unfit(name, str(error) if ours else "a value cannot be read", line) from None
    if _is_deep(value):
        raise unfit(name, "the values are nested too deep", line)
    return value


def _mapping(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    result = dict(pairs)
    if len(result) < len(pairs):
        # The last would win in silence, whichever of them was measured.
        keys = [key for key, _ in pairs]
        message = f"the key {next(key for key in keys if keys.count(key) > 1)[:60]!r} stands twice"
        raise ValueError(message)
    return result


def _not_finite(text: str) -> NoReturn:
    message = f"the number {text} is not finite"
    raise ValueError(message)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _not_finite(text[:40])
    return number


def _is_deep(value: JsonValue) -> bool:
    level = [value]
    for _ in range(_MOST_LEVELS):
        inner: list[JsonValue] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        if not inner:
            return False
        level = inner
    return True


def read_source(path: Path) -> Source:
    """Return a file of another tool, read and digested.

    Raises:
        InputError: it cannot be read, is too large, or is no sound JSON.
    """
    raw = read_bytes(path)
    digest = hashlib.sha256(raw).hexdigest()
    return Source(str(path), path.name, digest, parse_documents(raw, str(path)))

"""How are files of weights opened, hashed and listed, none of them trusted?"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from assay.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pydantic import JsonValue

__all__ = ["clean", "json_of", "opened", "sha256_of", "text_of", "wrong"]

_CHUNK_BYTES: Final = 1 << 20
_MOST_TEXT_BYTES: Final = 256 << 10
_MOST_JSON_BYTES: Final = 4 << 20
_LONGEST_TEXT: Final = 200


def wrong(
    path: Path, what: str, remedy: str = "Get the file again and compare its digest with the publisher's."
) -> InputError:
    """Return the error that a file of weights is not what it should be."""
    return InputError(Problem("bad-weights", f"the weights file {what}", remedy, str(path)))


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Yield a regular file and its size; what waits, like a pipe, is never opened.

    Raises:
        InputError: it cannot be read, or is no regular file (`bad-weights`).
    """
    try:
        # Opened without waiting, for a pipe would never answer, and looked at only then, so that nobody swaps it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise wrong(path, "is no regular file")
            yield file, status.st_size
    except OSError as error:
        happened = f"the weights file cannot be read: {error.strerror}"
        raise InputError(Problem("bad-weights", happened, "Name a file that this user can read.", str(path))) from error


def sha256_of(path: Path, advance: Callable[[int], None] | None = None) -> str:
    """Hash a file in chunks, so that its size does not matter.

    Args:
        path: the file.
        advance: called with the number of bytes after each chunk.

    Returns:
        The SHA-256 as 64 hexadecimal digits.

    Raises:
        InputError: the file cannot be read (slug `bad-weights`).
    """
    digest = hashlib.sha256()
    with opened(path) as (file, _):
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            if advance is not None:
                advance(len(chunk))
    return digest.hexdigest()


def text_of(path: Path) -> str | None:
    """Return a text of at most 256 KiB; None where there is none, or a longer one, or something else."""
    try:
        with opened(path) as (file, size):
            content = file.read(_MOST_TEXT_BYTES + 1) if size <= _MOST_TEXT_BYTES else b""
    except InputError:
        return None
    return content.decode("utf-8", "replace") if 0 < len(content) <= _MOST_TEXT_BYTES else None


def json_of(path: Path) -> dict[str, JsonValue] | None:
    """Return the JSON object in a file of at most 4 MiB, or None."""
    try:
        with opened(path) as (file, size):
            content = file.read() if size <= _MOST_JSON_BYTES else b""
        value = json.loads(content)
    except (InputError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def clean(text: str) -> str:
    """Make a hostile text short and printable, on one line."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text[: 4 * _LONGEST_TEXT]).split())
    return line if len(line) <= _LONGEST_TEXT else line[: _LONGEST_TEXT - 1] + "…"

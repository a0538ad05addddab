"""How are files of signatures read, and how does one more get in, when two persons may sign at once?"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from typing import TYPE_CHECKING

from assay.record.signing.envelope import MOST_BYTES, lines_of, without_order

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NoFileError", "add_line", "content_of"]


class NoFileError(OSError):
    """What stands in the place of a file of signatures is a folder, a pipe or a device."""


def content_of(path: Path) -> bytes | None:
    """Return what a file of signatures holds, or None where there is none.

    Of one that is larger than any may be, only so much is read that this is seen.

    Raises:
        NoFileError: something else stands in its place.
        OSError: it cannot be read.
    """
    try:
        # Whoever opens a pipe waits for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NoFileError(errno.EINVAL, "it is no regular file", str(path))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MOST_BYTES + 1)


def add_line(path: Path, line: bytes) -> None:
    """Add a line to a file of signatures, which need not be there yet; one that stands there stays as it is.

    Raises:
        ValueError: the file is damaged; nothing is written.
    """
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        # On the folder, as the numbers of records are: the file itself is replaced.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        content = content_of(path)
        lines = lines_of(content) if content is not None else ()
        draft = path.with_name(path.name + ".part")
        draft.write_bytes(without_order([*lines, line]))
        draft.replace(path)
    finally:
        os.close(descriptor)

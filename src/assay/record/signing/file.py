"""How does one more signature get into a record's file, when two persons may sign at once?"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from assay.record.signing.envelope import lines_of, without_order

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["add_line"]


def add_line(path: Path, line: bytes) -> None:
    """Add a line to a file of signatures, which need not be there yet; one that stands there stays as it is.

    Raises:
        ValueError: the file is damaged; nothing is written.
    """
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        # On the folder, as the numbers of records are: the file itself is replaced.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        lines = lines_of(path.read_bytes()) if path.exists() else ()
        draft = path.with_name(path.name + ".part")
        draft.write_bytes(without_order([*lines, line]))
        draft.replace(path)
    finally:
        os.close(descriptor)

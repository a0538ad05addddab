"""What does a format offer: which words say it, what it writes, and where it may be written?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.record.export.source import Source

__all__ = ["Exporter"]


@dataclass(frozen=True)
class Exporter:
    """One format of an export."""

    summary: str
    """One sentence on what is written."""
    counted: str
    """What `write` counts, in words that follow a number."""
    write: Callable[[Source, IO[bytes]], int]
    """Writes a run and returns how many entries it wrote."""
    as_text: bool = True
    """Whether it may go to a terminal or a pipe; what is not text wants a file."""
    is_filled_in: bool = False
    """Whether people write into the file, so that it must never be replaced."""

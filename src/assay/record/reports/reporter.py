"""What does a report offer: which words say it, what it writes, and where?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.record.reports.places import Places
    from assay.schema.record import Record

__all__ = ["Reporter"]


@dataclass(frozen=True)
class Reporter:
    """One format in which a record is shown to a build server. It reads the record and decides nothing."""

    summary: str
    """One sentence on what is written."""
    write: Callable[[Record, Places], str]
    """Returns the whole text of the file."""
    notes: Callable[[Record, Places], list[str]] | None = None
    """Returns lines for the log of the build as well."""
    variable: str | None = None
    """Variable of the environment that names the file where none is given; that file is added to, never replaced."""

"""What does another tool's description of a record offer, and what may whoever asks for it wish?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.record.figures import Interval
    from assay.schema.record import Record

__all__ = ["Sheet", "Wishes"]


@dataclass(frozen=True)
class Wishes:
    """What is wanted, beside the record itself."""

    interval: Interval
    """Returns the 95 % limits of a rate of so many in so many."""
    candidate: str | None = None
    """Candidate that a sheet on one model is about; None takes the only one that is decided on."""
    source: str | None = None
    """Address at which people can read the record, or None."""


@dataclass(frozen=True)
class Sheet:
    """One format in which a record is described for other tools."""

    summary: str
    """One sentence on what is written."""
    write: Callable[[Record, Wishes], str]
    """Returns the text; the same record gives the same text."""

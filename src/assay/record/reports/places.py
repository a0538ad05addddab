"""At which line of the repository does a reader find what a report speaks of?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.schema.record import Record

__all__ = ["Places", "Weighed"]


@dataclass(frozen=True)
class Weighed:
    """What was decided on again, where the decision itself is not kept and has neither files nor a number."""

    kind: Literal["run", "record"]
    """Which of the two it is."""
    name: str
    """Its id."""
    evidence_sha256: str | None
    """SHA-256 of the record's evidence zip; None for a run."""


@dataclass(frozen=True)
class Places:
    """Paths from the top of the repository, with `/` between folders, as build servers want them."""

    record: str
    """The record's JSON; where it is not kept, the JSON of the record or the folder of the run that was weighed."""
    locate: Callable[[str], tuple[str, int] | None] = lambda _condition: None
    """Returns file and line, from 1, that define the condition of an id; None where that is not known."""
    weighed: Weighed | None = None
    """What was weighed, where the record is not kept; None where it is."""

    def named(self, record: Record) -> str:
        """Return the id of what is there: the record, or what was weighed."""
        return record.id if self.weighed is None else self.weighed.name

    def evidence_of(self, record: Record) -> str | None:
        """Return the SHA-256 of the evidence zip that is there, or None where there is none."""
        return record.evidence.sha256 if self.weighed is None else self.weighed.evidence_sha256

    def rest(self) -> str:
        """Return where all of it is found that a report has no room for."""
        return self.record if self.weighed is None else "the output of assay decide --json"

    def of(self, condition: str | None) -> tuple[str, int]:
        """Return where a condition is defined, or else the first line of the record."""
        found = self.locate(condition) if condition is not None else None
        return found or (self.record, 1)

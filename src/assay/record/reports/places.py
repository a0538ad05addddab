"""At which line of the repository does a reader find what a report speaks of?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Places"]


@dataclass(frozen=True)
class Places:
    """Paths from the top of the repository, with `/` between folders, as build servers want them."""

    record: str
    """The record's JSON."""
    locate: Callable[[str], tuple[str, int] | None] = lambda _condition: None
    """Returns file and line, from 1, that define the condition of an id; None where that is not known."""

    def of(self, condition: str | None) -> tuple[str, int]:
        """Return where a condition is defined, or else the first line of the record."""
        found = self.locate(condition) if condition is not None else None
        return found or (self.record, 1)

"""How does long work say how far it is, without knowing who looks?"""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "Silent"]


class Progress(Protocol):
    """Told by the workflow, shown by the roof."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of so many steps; the one before it is over."""

    def advance(self, steps: int = 1) -> None:
        """Say that steps of the stage are done."""

    def spare(self, steps: int = 1) -> None:
        """Say that steps of the stage need not be done after all."""

    def note(self, text: str) -> None:
        """Say something worth reading, one line."""


class Silent:
    """Progress that nobody looks at."""

    def stage(self, name: str, total: int) -> None:
        """Do nothing."""

    def advance(self, steps: int = 1) -> None:
        """Do nothing."""

    def spare(self, steps: int = 1) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""

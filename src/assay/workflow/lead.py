"""How are candidates kept abreast, so that a machine that slows down does so for all of them alike?

Every candidate is asked the same questions in the same order. The one ahead waits until the last one is within reach:
the run takes as long as its slowest candidate in any case, so nothing is lost by it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Lead"]


class Lead:
    """Where each candidate is in the common order of questions."""

    def __init__(self, names: Iterable[str], most: int) -> None:
        """Start all at the first question.

        Args:
            names: ids of the candidates.
            most: how many questions one may be ahead of the last.
        """
        self._at = dict.fromkeys(names, 0)
        self._most = most
        self._moved = asyncio.Event()

    async def reach(self, name: str, position: int) -> None:
        """Wait until a candidate may go on to a position."""
        if position > self._at.get(name, position):
            self._at[name] = position
            self._tell()
        while len(self._at) > 1 and name in self._at and position > min(self._at.values()) + self._most:
            await self._moved.wait()

    def leave(self, name: str) -> None:
        """Say that a candidate has no further question, so that nobody waits for it."""
        if self._at.pop(name, None) is not None:
            self._tell()

    def open(self) -> None:
        """Let all go on: nobody is waited for any more."""
        self._at.clear()
        self._tell()

    def _tell(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

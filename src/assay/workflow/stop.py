"""How does a person's wish to stop reach work in flight, so that what is asked is finished and nothing new begun?"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Stop"]


class Stop:
    """Set from outside, by a signal; read by whoever takes the next piece of work."""

    def __init__(self) -> None:
        self.wanted = False
        """Whether nothing new is to be begun."""
        self._finishing = False
        self._bells: list[Callable[[], None]] = []

    def ask(self) -> bool:
        """Ask for a stop; False when there is nothing that could be finished first, or it was asked before."""
        if self.wanted or not self._finishing:
            return False
        self.wanted = True
        for ring in self._bells:
            ring()
        return True

    @contextmanager
    def waking(self, *sleepers: Callable[[], None]) -> Iterator[None]:
        """Call these as soon as a stop is asked for, within the event loop that runs now, however deep it sleeps.

        Args:
            sleepers: what lets go of whoever waits for a moment to begin something new.
        """
        loop = asyncio.get_running_loop()

        def ring() -> None:
            for wake in sleepers:
                loop.call_soon_threadsafe(wake)

        self._bells.append(ring)
        try:
            yield
        finally:
            self._bells.remove(ring)

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """Say that the work within ends by itself soon after a stop is asked for.

        Raises:
            KeyboardInterrupt: a stop was asked for, and what was in flight is done.
        """
        self._finishing = True
        try:
            yield
        finally:
            self._finishing = False
        if self.wanted:
            raise KeyboardInterrupt

"""How does a person's wish to stop reach work in flight, so that what is asked is finished and nothing new begun?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Stop"]


class Stop:
    """Set from outside, by a signal; read by whoever takes the next piece of work."""

    def __init__(self) -> None:
        self.wanted = False
        """Whether nothing new is to be begun."""
        self._finishing = False

    def ask(self) -> bool:
        """Ask for a stop; False when there is nothing that could be finished first, or it was asked before."""
        if self.wanted or not self._finishing:
            return False
        self.wanted = True
        return True

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

"""How late was the client itself while a request was under way?"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

__all__ = ["Lag"]

_TICK_S = 0.005


class Lag:
    """Asks to be woken every 5 ms and notes how late that happens: as late as any chunk that came meanwhile.

    Only what a later question can still be answered by is kept, the falling maxima from the end: some ten numbers, be
    the load as long as it may.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._ticks = 0
        self._at: list[int] = []  # numbers of the ticks later than all that came after them, rising
        self._late_ns: list[int] = []  # how late these were, falling
        self._due_ns = clock()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Watch while the block runs."""
        watcher = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)

    def mark(self) -> int:
        """Return a mark for now."""
        return self._ticks

    def since(self, mark: int) -> int:
        """Return the longest lateness since a mark in nanoseconds, the one that still lasts included."""
        place = bisect_left(self._at, mark)
        ended = self._late_ns[place] if place < len(self._at) else 0
        return max(0, self._clock() - self._due_ns, ended)

    def note(self, late_ns: int) -> None:
        """Take one tick that came so many nanoseconds late."""
        while self._late_ns and self._late_ns[-1] <= late_ns:
            self._at.pop()
            self._late_ns.pop()
        self._at.append(self._ticks)
        self._late_ns.append(late_ns)
        self._ticks += 1

    async def _watch(self) -> None:
        while True:
            self._due_ns = self._clock() + round(_TICK_S * 1e9)
            await asyncio.sleep(_TICK_S)
            self.note(self._clock() - self._due_ns)

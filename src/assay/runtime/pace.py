"""How many requests may be in flight at one server just now?

Starts at the most that the plan or the server allows. A server that says it is busy (429, 503), or that lets requests
time out, halves it; one whose answers take several times as long as they did, without more of them coming back, takes
a fifth off; calm lets it grow again, by one for each round of answers (additive increase, multiplicative decrease;
Chiu & Jain 1989, Comput. Netw. ISDN Syst. 17:1-14). Local servers seldom send 429: they queue, and only time tells.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from assay.schema.run import FaultKind

__all__ = ["Pace"]

_PUSHED_BACK: frozenset[FaultKind] = frozenset({"rate_limited", "loading", "timeout"})
_LEAST_ROUND = 8
_INFLATED = 3.0
_FASTER = 1.1
_LESS = 0.8


class Pace:
    """A limit on requests in flight that follows what the server bears."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        """Start at the most.

        Args:
            most: never more in flight than this.
            clock: seconds, monotonic.
        """
        self.limit = most
        """Requests that may be in flight now."""
        self.lowest = most
        """The lowest that the limit has been."""
        self._most, self._clock = most, clock
        self._in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._quiet_until = 0.0
        self._round: list[float] = []
        self._round_began = clock()
        self._cut_at = float("-inf")
        self._quickest: float | None = None
        self._best_rate = 0.0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait until one more request may be sent, and hold its place."""
        while self._in_flight >= self.limit:
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            await place
        self._in_flight += 1
        try:
            if (wait := self._quiet_until - self._clock()) > 0:
                await asyncio.sleep(wait)
            yield
        finally:
            self._in_flight -= 1
            self._wake()

    def answered(self, elapsed_s: float) -> None:
        """Take note of an answer and how long it took."""
        self._round.append(elapsed_s)
        if len(self._round) >= max(self.limit, _LEAST_ROUND):
            self._end_round()

    def failed(self, kind: FaultKind, elapsed_s: float, wait_s: float | None) -> None:
        """Take note of a fault; those that say that there is too much to do lower the limit.

        Args:
            kind: what went wrong.
            elapsed_s: how long it took to fail.
            wait_s: how long the server asks everybody to wait, or None.
        """
        if kind not in _PUSHED_BACK:
            return
        now = self._clock()
        if wait_s is not None:
            self._quiet_until = max(self._quiet_until, now + wait_s)
        # The requests that were in flight together fail together: that is one sign, not many.
        if now - elapsed_s >= self._cut_at:
            self._cut(0.5, now)

    def _end_round(self) -> None:
        now = self._clock()
        middle, rate = median(self._round), len(self._round) / max(now - self._round_began, 1e-9)
        inflated = self._quickest is not None and middle > _INFLATED * self._quickest
        if inflated and rate < _FASTER * self._best_rate:
            self._cut(_LESS, now)
        elif self.limit < self._most:
            self.limit += 1
            self._wake()
        self._quickest = middle if self._quickest is None else min(self._quickest, middle)
        self._best_rate = max(self._best_rate, rate)
        self._round, self._round_began = [], now

    def _cut(self, share: float, now: float) -> None:
        self.limit = max(1, min(int(self.limit * share), self.limit - 1))
        self.lowest = min(self.lowest, self.limit)
        self._cut_at = now
        self._round, self._round_began = [], now

    def _wake(self) -> None:
        free = self.limit - self._in_flight
        while self._waiting and free > 0:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                free -= 1

"""How many requests may be in flight at one server just now?

Starts at the most that the plan or the server allows, and looks back after each round of requests. A server that pushes
half of them back (429, 503, no answer in time) is asked half as many at once; one that pushes some back, or whose
answers take several times as long as they did without more of them coming back, a fifth fewer; calm lets the limit grow
again, by one a round (additive increase, multiplicative decrease; Chiu & Jain 1989, Comput. Netw. ISDN Syst. 17:1-14).
Local servers seldom send 429: they queue, and only time tells.

A request that is asked to come back later waits alone; when several of a round are, all wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, suppress
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from assay.schema.run import FaultKind

__all__ = ["NotSentError", "Pace"]

_PUSHED_BACK: frozenset[FaultKind] = frozenset({"rate_limited", "loading", "timeout"})
_LEAST_ROUND = 8
_MANY, _SOME = 0.5, 0.1
_HALF, _LESS = 0.5, 0.8
_LEAST_SHARE = 8
"""A server that pushes back some requests whatever it is asked keeps an eighth of the most: less would not help."""
_INFLATED = 3.0
_FASTER = 1.1
_NOTICEABLE_S = 0.05
"""Answers quicker than this are no sign of a load, however quick others were."""
_WORTH_SAYING_S = 10.0


class NotSentError(Exception):
    """A request was not sent, or not sent again: the pace was closed first."""


class Pace:
    """A limit on requests in flight that follows what the server bears."""

    def __init__(
        self, most: int, clock: Callable[[], float], *, on_quiet: Callable[[float], None] | None = None
    ) -> None:
        """Start at the most.

        Args:
            most: never more in flight than this.
            clock: seconds, monotonic.
            on_quiet: told for how many seconds all wait, when that is long.
        """
        self.limit = most
        """Requests that may be in flight now."""
        self.lowest = most
        """The lowest that the limit has been."""
        self._most, self._clock, self._on_quiet = most, clock, on_quiet
        self._closed = asyncio.Event()
        self._in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._quiet_until = 0.0
        self._round: list[float] = []
        self._round_began = self._idle_since = clock()
        self._idle_s = 0.0
        self._pushed_back = 0
        self._quickest: float | None = None
        self._best_rate = 0.0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait until one more request may be sent, and hold its place.

        Raises:
            NotSentError: the pace was closed.
        """
        while self._in_flight >= self.limit and not self._closed.is_set():
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            await place
        if self._closed.is_set():
            raise NotSentError
        if not self._in_flight:
            self._idle_s += self._clock() - self._idle_since
        self._in_flight += 1
        try:
            if (wait := self._quiet_until - self._clock()) > 0:
                await self.pause(wait)
            yield
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle_since = self._clock()
            self._wake()

    async def pause(self, seconds: float) -> None:
        """Wait before a request is sent, or sent again.

        Raises:
            NotSentError: the pace was closed meanwhile.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), seconds)
        if self._closed.is_set():
            raise NotSentError

    def close(self) -> None:
        """Let nothing more be sent: whoever waits is told so now, whoever comes then; what is in flight goes on."""
        self._closed.set()
        for place in self._waiting:
            if not place.done():
                place.set_result(None)
        self._waiting.clear()

    def answered(self, elapsed_s: float) -> None:
        """Take note of an answer and how long it took."""
        self._round.append(elapsed_s)
        self._look_back()

    def failed(self, kind: FaultKind, wait_s: float | None) -> None:
        """Take note of a fault; those that say that there is too much to do lower the limit.

        Args:
            kind: what went wrong.
            wait_s: how long the server asks to wait, or None.
        """
        if kind not in _PUSHED_BACK:
            return
        self._pushed_back += 1
        # One request may be pushed back for what it is; several say that the server has too much to do.
        if wait_s is not None and self._pushed_back >= max(2, self._round_size * _SOME):
            self._keep_quiet(wait_s)
        self._look_back()

    def _keep_quiet(self, wait_s: float) -> None:
        now = self._clock()
        if self._on_quiet is not None and wait_s >= _WORTH_SAYING_S and now >= self._quiet_until:
            self._on_quiet(wait_s)
        self._quiet_until = max(self._quiet_until, now + wait_s)

    @property
    def _round_size(self) -> int:
        return max(self.limit, _LEAST_ROUND)

    def _look_back(self) -> None:
        """At the end of a round, set the limit by what came of it."""
        asked = len(self._round) + self._pushed_back
        if asked < self._round_size:
            return
        share, now = self._pushed_back / asked, self._clock()
        if share >= _MANY:
            self._cut(_HALF, 1)
        elif share >= _SOME:
            self._cut(_LESS, -(-self._most // _LEAST_SHARE))
        elif self._is_inflated(now - self._round_began - self._idle_s):
            self._cut(_LESS, 1)
        elif self.limit < self._most:
            self.limit += 1
            self._wake()
        self._round, self._pushed_back, self._round_began, self._idle_s = [], 0, now, 0.0

    def _is_inflated(self, lasted_s: float) -> bool:
        """Say whether answers take several times as long as the quickest round did, and no more of them come back."""
        middle, rate = median(self._round), len(self._round) / max(lasted_s, 1e-9)
        quickest = middle if self._quickest is None else self._quickest
        inflated = middle > max(_INFLATED * quickest, _NOTICEABLE_S) and rate < _FASTER * self._best_rate
        self._quickest, self._best_rate = min(quickest, middle), max(self._best_rate, rate)
        return inflated

    def _cut(self, share: float, least: int) -> None:
        self.limit = max(min(int(self.limit * share), self.limit - 1), min(least, self.limit), 1)
        self.lowest = min(self.lowest, self.limit)

    def _wake(self) -> None:
        free = self.limit - self._in_flight
        while self._waiting and free > 0:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                free -= 1

"""An event loop whose time passes at once, so that loads of many seconds take none and are the same each time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    T = TypeVar("T")

__all__ = ["QuickLoop", "run"]


class QuickLoop(asyncio.SelectorEventLoop):
    """Where nothing is left to do but wait, it is the time already for which everything waits."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def time(self) -> float:  # type: ignore[explicit-override]  # Python 3.11 has no such decorator
        """Return the seconds that passed."""
        return self.now_s

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]  # the loop of the standard library
            self.now_s = max(self.now_s, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]

    def clock(self) -> int:
        """Return the same in nanoseconds: the clock of what is measured on this loop."""
        return round(self.now_s * 1e9)

    def block(self, seconds: float) -> None:
        """Let time pass in which the loop does nothing, as a long computation in a callback does."""
        self.now_s += seconds


def run(make: Callable[[QuickLoop], Coroutine[object, object, T]]) -> T:
    """Run what is made for a loop on it."""
    with asyncio.Runner(loop_factory=QuickLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, QuickLoop)
        return runner.run(make(loop))

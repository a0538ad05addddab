"""How is a server looked at while it is under load, without standing in the load's way?

Looking is done in a thread: it reads `/proc` or waits for an answer, and the event loop carries the load meanwhile.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

from assay.schema.bench import CounterSample

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    Seen = TypeVar("Seen")

__all__ = ["Moment", "counting", "watching"]

_COUNT_EVERY_S = 1.0

Moment = Literal["start", "under load", "end"]
"""When a look is taken: before the load, while it runs, or after it."""


@asynccontextmanager
async def watching(
    look: Callable[[int, Moment], Seen | None],
    *,
    every_s: float,
    record: Callable[[Seen], None],
    clock: Callable[[], int],
) -> AsyncIterator[None]:
    """Look at once, again and again while the block runs, and at its end.

    Only one look is under way at a time: one that takes longer than the period delays the next one.

    Args:
        look: takes the microseconds since the block began and the moment; called in a thread. None is not recorded.
        every_s: seconds between two looks.
        record: takes what was seen, in the event loop.
        clock: monotonic nanoseconds.
    """
    start_ns = clock()
    ended = asyncio.Event()

    async def one(moment: Moment) -> None:
        seen = await asyncio.to_thread(look, (clock() - start_ns) // 1000, moment)
        if seen is not None:
            record(seen)

    async def repeat() -> None:
        while True:
            try:
                await asyncio.wait_for(ended.wait(), every_s)
            except TimeoutError:
                await one("under load")
            else:
                return

    await one("start")
    watcher = asyncio.create_task(repeat())
    try:
        yield
    finally:
        ended.set()
        await watcher
        await one("end")


@asynccontextmanager
async def counting(
    read: Callable[[], Mapping[str, object] | None],
    fields: Mapping[str, object],
    *,
    record: Callable[[CounterSample], None],
    clock: Callable[[], int],
) -> AsyncIterator[None]:
    """Read a runtime's own counters at once, every second while the block runs, and at its end.

    The differences between first and last include the warm-up requests.

    Args:
        read: returns the fields of a `CounterSample` but its key and time, or None where there are none; it is called
            in a thread and raises nothing.
        fields: where each sample belongs: the fields of the load, `series` and `repeat`.
        record: takes each sample, in the event loop.
        clock: monotonic nanoseconds.
    """

    def look(at_us: int, _: Moment) -> CounterSample | None:
        counters = read()
        return None if counters is None else CounterSample.model_validate({**fields, "at_us": at_us, **counters})

    async with watching(look, every_s=_COUNT_EVERY_S, record=record, clock=clock):
        yield

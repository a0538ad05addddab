"""How is the client put under a load of known times: so many streams at once, and how late was its own loop?

A closed loop like the benchmark's own, whose prompts and dialects a known server has no use for.
"""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, Protocol

from assay.schema.bench import RequestEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from assay.schema.bench import ServerTimings
    from assay.schema.run import Fault, Usage

__all__ = ["Streamed", "put_known_load"]

_TICK_S = 0.005
_STAGGER_S = 0.02
_MOST_STAGGER_S = 1.0  # from the first worker to the last


class Streamed(Protocol):
    """What the loop wants to know of a request. Times are nanoseconds of the clock that the loop was given."""

    @property
    def taken_ns(self) -> int:
        """When the request was taken up."""

    @property
    def sent_ns(self) -> int:
        """When its head was written."""

    @property
    def first_ns(self) -> int | None:
        """When the first token came."""

    @property
    def last_ns(self) -> int | None:
        """When the last token came."""

    @property
    def end_ns(self) -> int:
        """When it ended."""

    @property
    def chunk_ns(self) -> tuple[int, ...]:
        """When each chunk with tokens came."""

    @property
    def usage(self) -> Usage | None:
        """Token counts."""

    @property
    def response_id(self) -> str | None:
        """The server's name for its answer."""

    @property
    def finish_reason(self) -> str | None:
        """Why decoding ended."""

    @property
    def fault(self) -> Fault | None:
        """Why there is no whole answer."""

    @property
    def server(self) -> ServerTimings | None:
        """The server's own account."""


async def put_known_load(
    concurrency: int,
    requests: int,
    send: Callable[[int], Awaitable[Streamed]],
    *,
    clock: Callable[[], int],
    advance: Callable[[int], None],
) -> tuple[RequestEvent, ...]:
    """Send one warm-up request for each stream, then the measured ones, and return what happened to all of them.

    Where every warm-up request failed, nothing is measured: each would wait for its deadline.

    Args:
        concurrency: streams at once, at least 1.
        requests: measured requests.
        send: sends the request of that number; it returns a fault and does not raise one.
        clock: monotonic nanoseconds; `send` must stamp with the same one.
        advance: is told after each request how many more are done.
    """
    loop = _Loop(concurrency, send, clock)
    gc.collect()
    gc.freeze()  # a full pass over all that lives would stop every stream at once
    try:
        async with loop.watching():
            await loop.run("warmup", iter(range(concurrency)), advance)
            if all(event.fault is not None for event in loop.events):
                return tuple(loop.events)
            await loop.run("measured", iter(range(concurrency, concurrency + requests)), advance)
    finally:
        gc.unfreeze()
    return tuple(loop.events)


class _Loop:
    """One load under way."""

    def __init__(self, concurrency: int, send: Callable[[int], Awaitable[Streamed]], clock: Callable[[], int]) -> None:
        self._concurrency = concurrency
        self._send = send
        self._clock = clock
        self._start_ns = self._due_ns = clock()
        self._late_ns: list[int] = []
        self.events: list[RequestEvent] = []

    async def run(
        self, phase: Literal["warmup", "measured"], numbers: Iterator[int], advance: Callable[[int], None]
    ) -> None:
        """Send the requests of one phase; all workers draw from the same numbers."""
        gap_s = min(_STAGGER_S, _MOST_STAGGER_S / self._concurrency)

        async def work(position: int) -> None:
            await asyncio.sleep(position * gap_s)
            for number in numbers:
                mark = len(self._late_ns)
                sent = await self._send(number)
                late_ns = max(0, self._clock() - self._due_ns, *self._late_ns[mark:])
                self.events.append(self._event(phase, number, sent, late_ns))
                advance(1)

        async with asyncio.TaskGroup() as group:
            for position in range(self._concurrency):
                group.create_task(work(position))

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Ask to be woken every 5 ms while the block runs, and note how late that happens."""

        async def watch() -> None:
            while True:
                self._due_ns = self._clock() + round(_TICK_S * 1e9)
                await asyncio.sleep(_TICK_S)
                self._late_ns.append(self._clock() - self._due_ns)

        watcher = asyncio.create_task(watch())
        try:
            yield
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)

    def _event(self, phase: Literal["warmup", "measured"], number: int, sent: Streamed, late_ns: int) -> RequestEvent:
        usage = sent.usage
        return RequestEvent(
            candidate="self-test",
            profile="short",
            concurrency=self._concurrency,
            series=1,
            repeat=1,
            seq=number,
            phase=phase,
            taken_us=self._us(sent.taken_ns),
            sent_us=self._us(sent.sent_ns),
            first_us=None if sent.first_ns is None else self._us(sent.first_ns),
            last_us=None if sent.last_ns is None else self._us(sent.last_ns),
            end_us=self._us(sent.end_ns),
            chunks=len(sent.chunk_ns),
            gaps_us=tuple((after - before) // 1000 for before, after in pairwise(sent.chunk_ns)),
            prompt_tokens=usage.prompt_tokens if usage else None,
            output_tokens=usage.completion_tokens if usage else None,
            cached_tokens=usage.cached_tokens if usage else None,
            response_id=sent.response_id,
            finish_reason=sent.finish_reason,
            fault=sent.fault,
            lag_us=late_ns // 1000,
            server=sent.server,
        )

    def _us(self, at_ns: int) -> int:
        return (at_ns - self._start_ns) // 1000

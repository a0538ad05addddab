"""How is load put on a server, and how late was the client itself while it did so?

A closed loop: each of `concurrency` workers sends its next request when the last one is answered. Latency counts from
the moment a request is sent, and nothing is corrected for requests that were not sent meanwhile: in a closed loop there
are none. (Load at a given rate needs an open loop, and times from when a request was due.)
"""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from assay.bench.prompts import BenchPrompt, prompt
from assay.schema.bench import RequestEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from assay.schema.run import Fault, Usage
    from assay.schema.suite import ProfileName

__all__ = ["CellSpec", "Sent", "measure"]

_TICK_S = 0.005
# Workers that all start at once meet in one queue again and again, and that queue is the harness's, not the server's.
_STAGGER_S = 0.02
_MOST_STAGGER_S = 1.0  # from the first worker to the last


@dataclass(frozen=True, slots=True)
class CellSpec:
    """One measurement: which load on which candidate."""

    candidate: str
    """Candidate id."""
    profile: ProfileName
    """Prompt profile."""
    concurrency: int
    """Requests in flight at once, at least 1."""
    requests: int
    """Measured requests."""
    warmup: int
    """Requests before them that are stored and not counted."""
    series: int
    """Number of the measurement in the run."""
    repeat: int
    """Round of the ladder, from 1."""
    nonce: str
    """Text that no other run used; it keeps the server from answering out of its prefix cache."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one request. Times are nanoseconds of the clock that `measure` was given."""

    sent_ns: int
    """When the request was sent."""
    first_ns: int | None
    """When the first token of any channel came, or None."""
    last_ns: int | None
    """When the last token came, or None."""
    end_ns: int
    """When the stream ended or the request was given up."""
    chunks: int
    """Chunks that carried tokens."""
    usage: Usage | None
    """Token counts, when the server gave them."""
    finish_reason: str | None
    """Why decoding ended."""
    fault: Fault | None
    """Why it failed, or None."""


async def measure(
    cell: CellSpec,
    send: Callable[[BenchPrompt], Awaitable[Sent]],
    *,
    record: Callable[[RequestEvent], None],
    clock: Callable[[], int],
    advance: Callable[[int], None],
) -> None:
    """Send the warm-up requests, wait for all of them, then send the measured ones.

    Args:
        cell: what to measure.
        send: sends one request; it returns a fault and does not raise one.
        record: takes each event as its request ends; it runs between requests, so it must be quick.
        clock: monotonic nanoseconds; `send` must stamp with the same one.
        advance: is told after each request how many more are done.
    """
    series = _Series(cell, send, record, clock)
    with _still_heap():
        async with series.lag.watching():
            for phase, numbers in series.phases():
                try:
                    await series.run(phase, iter(numbers), min(cell.concurrency, len(numbers)), advance)
                except ExceptionGroup as several:
                    raise several.exceptions[0] from None


class _Series:
    """One measurement under way."""

    def __init__(
        self,
        cell: CellSpec,
        send: Callable[[BenchPrompt], Awaitable[Sent]],
        record: Callable[[RequestEvent], None],
        clock: Callable[[], int],
    ) -> None:
        self._cell = cell
        self._send = send
        self._record = record
        self._start_ns = clock()
        self._nonce = f"{cell.nonce}/{cell.candidate}/{cell.concurrency}/{cell.repeat}/{cell.series}"
        self.lag = _Lag(clock)

    def phases(self) -> tuple[tuple[Literal["warmup", "measured"], range], ...]:
        """Return each phase with the numbers of its requests."""
        warm, end = self._cell.warmup, self._cell.warmup + self._cell.requests
        return (("warmup", range(warm)), ("measured", range(warm, end)))

    async def run(
        self, phase: Literal["warmup", "measured"], numbers: Iterator[int], workers: int, advance: Callable[[int], None]
    ) -> None:
        """Send the requests of one phase; all workers draw from the same numbers."""
        gap_s = min(_STAGGER_S, _MOST_STAGGER_S / max(1, workers))

        async def work(position: int) -> None:
            await asyncio.sleep(position * gap_s)
            for seq in numbers:
                self._record(await self._one(phase, seq))
                advance(1)

        async with asyncio.TaskGroup() as group:
            for position in range(workers):
                group.create_task(work(position))

    async def _one(self, phase: Literal["warmup", "measured"], seq: int) -> RequestEvent:
        asked = prompt(self._cell.profile, seq, self._nonce)
        mark = self.lag.mark()
        sent = await self._send(asked)
        usage = sent.usage
        return RequestEvent(
            candidate=self._cell.candidate,
            profile=self._cell.profile,
            concurrency=self._cell.concurrency,
            series=self._cell.series,
            repeat=self._cell.repeat,
            seq=seq,
            phase=phase,
            sent_us=self._us(sent.sent_ns),
            first_us=None if sent.first_ns is None else self._us(sent.first_ns),
            last_us=None if sent.last_ns is None else self._us(sent.last_ns),
            end_us=self._us(sent.end_ns),
            chunks=sent.chunks,
            prompt_tokens=usage.prompt_tokens if usage else None,
            output_tokens=usage.completion_tokens if usage else None,
            cached_tokens=usage.cached_tokens if usage else None,
            finish_reason=sent.finish_reason,
            fault=sent.fault,
            lag_us=self.lag.since(mark) // 1000,
        )

    def _us(self, at_ns: int) -> int:
        return (at_ns - self._start_ns) // 1000


class _Lag:
    """Asks to be woken every 5 ms and notes how late that happens: as late as any chunk that came meanwhile."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._late_ns: list[int] = []
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
        return len(self._late_ns)

    def since(self, mark: int) -> int:
        """Return the longest lateness since a mark in nanoseconds, the one that still lasts included."""
        return max(0, self._clock() - self._due_ns, *self._late_ns[mark:])

    async def _watch(self) -> None:
        while True:
            self._due_ns = self._clock() + round(_TICK_S * 1e9)
            await asyncio.sleep(_TICK_S)
            self._late_ns.append(self._clock() - self._due_ns)


@contextmanager
def _still_heap() -> Iterator[None]:
    """Take what lives already out of garbage collection: a full pass over it would stop all streams at once."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()

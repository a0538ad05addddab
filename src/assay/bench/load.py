"""How is load put on a server, and what is written down of each request?

Closed loop: each of `concurrency` workers sends its next request when the last one is answered. Latency counts from the
moment a request is sent, and nothing is corrected for requests that were not sent meanwhile: there are none. Open loop:
requests are sent when they are due, however many are under way, and latency counts from when they were due: a server
that falls behind cannot slow its own questions down (coordinated omission).
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from assay.bench.arrivals import due_times
from assay.bench.lag import Lag
from assay.schema.bench import RequestEvent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from assay.bench.prompts import BenchPrompt
    from assay.bench.sent import Sent
    from assay.schema.bench import LoadKey

    Phase = Literal["warmup", "measured"]

__all__ = ["CellSpec", "Ended", "Instruments", "measure"]

# Workers that all start at once meet in one queue again and again, and that queue is the harness's, not the server's.
_STAGGER_S = 0.02
_MOST_STAGGER_S = 1.0  # from the first worker to the last
_SWITCH_S = 0.0005
_LONGEST_SLEEP_S = 1.0
_MOST_IN_FLIGHT = 2048  # of an open loop: beyond it requests wait for their turn, and the wait counts as latency


@dataclass(frozen=True, slots=True)
class CellSpec:
    """One measurement: which load on which candidate."""

    load: LoadKey
    """Candidate, profile and load."""
    requests: int
    """Measured requests."""
    warmup: int
    """Requests before them that are stored and not counted."""
    series: int
    """Number of the measurement in the run."""
    repeat: int
    """Round of the ladder, from 1."""
    nonce: str
    """Text that no other run used."""

    @property
    def seed(self) -> str:
        """What tells this measurement from every other; it begins each prompt and seeds the arrivals."""
        return "/".join((self.nonce, *self.load.key, str(self.repeat), str(self.series)))

    @property
    def fields(self) -> dict[str, object]:
        """What events and samples carry to say where they belong."""
        return {**self.load.model_dump(), "series": self.series, "repeat": self.repeat}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a measurement ended."""

    sent: int
    """Measured requests that were sent; all of them have ended."""
    duration_us: int
    """From its beginning to the end of the last request."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """What a measurement is taken with."""

    clock: Callable[[], int]
    """Monotonic nanoseconds; requests must be stamped with the same one."""
    record: Callable[[RequestEvent], None]
    """Takes each event as its request ends; it runs between requests, so it must be quick."""
    advance: Callable[[int], None]
    """Told after each request how many more are done."""
    over: Callable[[], bool] = lambda: False
    """Read before each request; once it says so, no further one is sent."""


async def measure(
    cell: CellSpec,
    ask: Callable[[int], BenchPrompt],
    send: Callable[[BenchPrompt], Awaitable[Sent]],
    instruments: Instruments,
) -> Ended:
    """Send the warm-up requests and the measured ones.

    In a closed loop all warm-up requests have ended before the first measured one is sent; in an open loop they are the
    first ones due.

    Args:
        cell: what to measure.
        ask: gives the prompt of a request by its number in the series.
        send: sends one request; it returns a fault and does not raise one.
        instruments: clock, and who is told what.
    """
    series = _Series(cell, ask, send, instruments)
    with _undisturbed():
        async with series.lag.watching():
            try:
                await (series.closed(cell.load.concurrency) if cell.load.concurrency is not None else series.open())
            except ExceptionGroup as several:
                raise several.exceptions[0] from None
    return Ended(series.sent, series.us(instruments.clock()))


class _Series:
    """One measurement under way."""

    def __init__(
        self,
        cell: CellSpec,
        ask: Callable[[int], BenchPrompt],
        send: Callable[[BenchPrompt], Awaitable[Sent]],
        instruments: Instruments,
    ) -> None:
        self._cell, self._ask, self._send, self._with = cell, ask, send, instruments
        self._start_ns = instruments.clock()
        self.lag = Lag(instruments.clock)
        self.sent = 0

    async def closed(self, concurrency: int) -> None:
        """Send each phase from as many workers; all of them draw from the same numbers."""
        warm, end = self._cell.warmup, self._cell.warmup + self._cell.requests
        phases: tuple[tuple[Phase, range], ...] = (("warmup", range(warm)), ("measured", range(warm, end)))
        for phase, numbers in phases:
            workers = min(concurrency, len(numbers))
            gap_s = min(_STAGGER_S, _MOST_STAGGER_S / max(1, workers))
            left = itertools.takewhile(lambda _: not self._with.over(), numbers)
            async with asyncio.TaskGroup() as group:
                for position in range(workers):
                    group.create_task(self._work(phase, left, position * gap_s))

    async def _work(self, phase: Phase, numbers: Iterator[int], wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        for seq in numbers:
            await self._one(phase, seq, None)

    async def open(self) -> None:
        """Send each request when it is due."""
        load = self._cell.load
        if load.rate_per_s is None or load.arrivals == "closed":
            raise ValueError("an open loop needs a rate and arrivals")
        turns = asyncio.Semaphore(_MOST_IN_FLIGHT)
        begun_ns = self._with.clock()
        due = due_times(load.arrivals, load.rate_per_s, self._cell.seed)
        async with asyncio.TaskGroup() as group:
            for seq in range(self._cell.warmup + self._cell.requests):
                due_ns = begun_ns + next(due)
                if not await self._reached(due_ns):
                    return
                await turns.acquire()
                task = group.create_task(self._one("warmup" if seq < self._cell.warmup else "measured", seq, due_ns))
                task.add_done_callback(lambda _: turns.release())

    async def _reached(self, due_ns: int) -> bool:
        """Wait for a moment; return False as soon as no further request is wanted, however far off it is."""
        while not self._with.over():
            left_ns = due_ns - self._with.clock()
            if left_ns <= 0:
                return True
            await asyncio.sleep(min(left_ns / 1e9, _LONGEST_SLEEP_S))
        return False

    async def _one(self, phase: Phase, seq: int, due_ns: int | None) -> None:
        self.sent += phase == "measured"
        asked = self._ask(seq)
        mark = self.lag.mark()
        sent = await self._send(asked)
        self._with.record(self._event(phase, seq, due_ns, sent, self.lag.since(mark) // 1000))
        self._with.advance(1)

    def _event(self, phase: Phase, seq: int, due_ns: int | None, sent: Sent, lag_us: int) -> RequestEvent:
        usage = sent.usage
        chunk_us = [self.us(at) for at in sent.chunk_ns]
        return RequestEvent(
            **self._cell.load.model_dump(),
            series=self._cell.series,
            repeat=self._cell.repeat,
            seq=seq,
            phase=phase,
            scheduled_us=self._us(due_ns),
            taken_us=self.us(sent.taken_ns),
            sent_us=self.us(sent.sent_ns),
            headers_us=self._us(sent.headers_ns),
            first_event_us=self._us(sent.first_event_ns),
            first_us=self._us(sent.first_ns),
            visible_us=self._us(sent.visible_ns),
            last_us=self._us(sent.last_ns),
            finish_us=self._us(sent.finish_ns),
            end_us=self.us(sent.end_ns),
            chunks=sent.chunks,
            gaps_us=tuple(after - before for before, after in itertools.pairwise(chunk_us)),
            chunk_tokens=sent.chunk_tokens,
            prompt_tokens=usage.prompt_tokens if usage else None,
            output_tokens=usage.completion_tokens if usage else None,
            cached_tokens=usage.cached_tokens if usage else None,
            response_id=sent.response_id,
            finish_reason=sent.finish_reason,
            fault=sent.fault,
            lag_us=lag_us,
            server=sent.server,
        )

    def us(self, at_ns: int) -> int:
        """Return a moment in microseconds since the series began."""
        return (at_ns - self._start_ns) // 1000

    def _us(self, at_ns: int | None) -> int | None:
        return None if at_ns is None else self.us(at_ns)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the interpreter from making the client late.

    What lives already is taken out of garbage collection: a full pass over it would stop all streams at once. And a
    thread that looks at the server must hand the interpreter back after half a millisecond, not after five.
    """
    interval_s = sys.getswitchinterval()
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(interval_s)
        gc.unfreeze()

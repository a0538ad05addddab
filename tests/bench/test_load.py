"""The closed loop keeps its concurrency, keeps warm-up apart, and says how late it was itself."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING

import pytest

from assay.bench import BenchPrompt, CellSpec, Sent, cells_of, measure
from assay.runtime.stream import Streamer, StreamRequest
from assay.schema.run import Fault, Usage
from tests.bench.scripted import CHUNKED, END, MS, Clock, Scripted, chunk, event, serving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assay.schema.bench import RequestEvent

CELL = CellSpec(candidate="a", profile="short", concurrency=4, requests=20, warmup=3, series=5, repeat=2, nonce="run-1")
DONE = b"data: [DONE]\n\n"
ANSWER = Sent(
    sent_ns=0,
    first_ns=None,
    last_ns=None,
    end_ns=0,
    chunks=0,
    usage=None,
    finish_reason="stop",
    fault=None,
)


def _measure(
    cell: CellSpec,
    send: Callable[[BenchPrompt], Awaitable[Sent]],
    clock: Callable[[], int] = time.perf_counter_ns,
    steps: list[int] | None = None,
) -> list[RequestEvent]:
    events: list[RequestEvent] = []
    done = [] if steps is None else steps
    asyncio.run(measure(cell, send, record=events.append, clock=clock, advance=done.append))
    return events


class _Server:
    """Answers after a few turns of the loop and knows how many requests it had at once."""

    def __init__(self) -> None:
        self.open = 0
        self.most = 0
        self.log: list[str] = []

    async def send(self, asked: BenchPrompt) -> Sent:
        self.open += 1
        self.most = max(self.most, self.open)
        self.log.append(asked.messages[0].content)
        sent_ns = time.perf_counter_ns()
        await asyncio.sleep(0.03)
        self.open -= 1
        return dataclasses.replace(ANSWER, sent_ns=sent_ns, end_ns=time.perf_counter_ns())


def test_closed_loop() -> None:
    """Never more than `concurrency` requests are open, every request is asked once, each with its own prompt."""
    server, steps = _Server(), []
    events = _measure(CELL, server.send, steps=steps)
    assert server.most == 4
    assert sorted(own.seq for own in events) == list(range(23))
    assert len(set(server.log)) == 23
    assert steps == [1] * 23
    assert {(own.candidate, own.profile, own.concurrency, own.series, own.repeat) for own in events} == {
        ("a", "short", 4, 5, 2)
    }


def test_warmup_is_over_before_measuring_begins() -> None:
    """Warm-up requests come first and have ended before the first measured one is sent."""
    events = _measure(CELL, _Server().send)
    warmup = [own for own in events if own.phase == "warmup"]
    measured = [own for own in events if own.phase == "measured"]
    assert sorted(own.seq for own in warmup) == [0, 1, 2]
    assert len(measured) == 20
    assert max(own.end_us for own in warmup) <= min(own.sent_us for own in measured)


def test_start_is_staggered() -> None:
    """Workers do not start all at once: the first has done what there is to do before the last one begins."""
    workers = set()

    async def send(_: BenchPrompt) -> Sent:
        workers.add(asyncio.current_task())
        await asyncio.sleep(0)
        return ANSWER

    _measure(dataclasses.replace(CELL, warmup=0, requests=8), send)
    assert len(workers) < 4


@pytest.mark.parametrize(("requests", "warmup"), [(0, 0), (0, 2), (2, 0)])
def test_few_requests(requests: int, warmup: int) -> None:
    """Fewer requests than workers, or none, are no trouble."""
    events = _measure(dataclasses.replace(CELL, requests=requests, warmup=warmup), _Server().send)
    assert len(events) == requests + warmup


def test_no_two_measurements_share_a_prompt() -> None:
    """Other series, repeats, concurrencies, candidates and runs ask other prompts, for a cache outlives them."""
    server = _Server()
    cell = dataclasses.replace(CELL, requests=2, warmup=0)
    changes = ({}, {"series": 6}, {"repeat": 3}, {"concurrency": 2}, {"candidate": "b"}, {"nonce": "run-2"})
    for change in changes:
        _measure(dataclasses.replace(cell, **change), server.send)
    assert len(set(server.log)) == 2 * len(changes)


def test_event_holds_what_was_sent() -> None:
    """Times count in microseconds from the start of the series; tokens and faults are kept as they came."""
    clock = Clock()
    clock.now_ns = 7 * MS
    fault = Fault(kind="stream_cut", message="cut")

    async def send(_: BenchPrompt) -> Sent:
        clock.now_ns = 90 * MS
        usage = Usage(prompt_tokens=60, completion_tokens=8, cached_tokens=24)
        return Sent(8 * MS, 20 * MS, 80 * MS + 999, 90 * MS, 8, usage, "length", fault)

    (found,) = _measure(dataclasses.replace(CELL, requests=1, warmup=0), send, clock)
    assert found.model_dump(exclude={"candidate", "profile", "concurrency", "series", "repeat"}) == {
        "seq": 0,
        "phase": "measured",
        "sent_us": 1_000,
        "first_us": 13_000,
        "last_us": 73_000,
        "end_us": 83_000,
        "chunks": 8,
        "prompt_tokens": 60,
        "output_tokens": 8,
        "cached_tokens": 24,
        "finish_reason": "length",
        "fault": fault.model_dump(),
        "lag_us": 78_000,
    }


@pytest.mark.parametrize("lasts", [True, False], ids=["still late", "late before"])
def test_lag_of_the_loop(lasts: bool) -> None:
    """A loop that is held up for 50 ms is found 45 ms late, whether the request ends at once or later."""
    clock = Clock()

    async def send(_: BenchPrompt) -> Sent:
        await asyncio.sleep(0)  # the watcher is waiting for its tick now
        clock.now_ns += 50 * MS
        if not lasts:
            await asyncio.sleep(0.02)
        return ANSWER

    (found,) = _measure(dataclasses.replace(CELL, requests=1, warmup=0), send, clock)
    assert found.lag_us == 45_000


def test_lag_counts_only_during_the_request() -> None:
    """What held up an earlier request is not held against a later one."""
    clock = Clock()
    late = iter([50 * MS, 0])

    async def send(_: BenchPrompt) -> Sent:
        await asyncio.sleep(0)
        clock.now_ns += next(late)
        await asyncio.sleep(0.02)
        return ANSWER

    found = _measure(dataclasses.replace(CELL, concurrency=1, requests=2, warmup=0), send, clock)
    assert found[0].lag_us == 45_000
    assert found[1].lag_us == 0


def test_what_cannot_be_recorded_stops_the_measurement() -> None:
    """An error of the disk comes through as itself, and nothing more is sent."""
    server = _Server()

    def record(_: RequestEvent) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        asyncio.run(measure(CELL, server.send, record=record, clock=time.perf_counter_ns, advance=lambda _: None))
    assert len(server.log) <= 4


def test_interrupted_measurement_keeps_what_was_done() -> None:
    """Events are recorded as their requests end; an interrupt leaves the ones before it."""
    events: list[RequestEvent] = []
    server = _Server()

    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None

        def record(own: RequestEvent) -> None:
            events.append(own)
            if len(events) == 6:
                task.cancel()

        await measure(CELL, server.send, record=record, clock=time.perf_counter_ns, advance=lambda _: None)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert 6 <= len(events) <= 9


def test_against_a_server_with_a_known_account() -> None:
    """Client and server tell one story: sent before it arrived, each token read after it was written."""
    tokens = [(0, chunk(event({"content": text}))) for text in "abc"]
    end = event({}, finish_reason="length") + event(usage={"prompt_tokens": 60, "completion_tokens": 3}) + DONE
    script = [(0, CHUNKED), (0, chunk(event({"role": "assistant", "content": ""}))), *tokens, (0, chunk(end) + END)]
    told: dict[str, Sent] = {}
    events: list[RequestEvent] = []

    async def run() -> Scripted:
        async with serving(script, pause_s=0.005) as server, Streamer(time.perf_counter_ns) as streamer:

            async def send(asked: BenchPrompt) -> Sent:
                text = asked.messages[0].content
                result = await streamer.send(StreamRequest(server.url, None, {"prompt": text}, 10.0))
                told[text] = Sent(**{own.name: getattr(result, own.name) for own in dataclasses.fields(Sent)})
                return told[text]

            await measure(CELL, send, record=events.append, clock=time.perf_counter_ns, advance=lambda _: None)
            return server

    for asked in asyncio.run(run()).asked:
        client = told.pop(str(asked.body["prompt"]))
        assert client.sent_ns <= asked.arrived_ns
        assert asked.written_ns[2] <= (client.first_ns or 0)
        assert asked.written_ns[4] <= (client.last_ns or 0) <= client.end_ns
    assert told == {}
    (found,) = cells_of(events, (), lambda _n, _q: (None, None))
    assert (found.n, found.failed, found.warmup, found.truncated, found.output_tokens_p50) == (20, 0, 3, 20, 3)
    assert {own.chunks for own in events} == {3}

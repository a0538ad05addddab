"""Closed loops keep their concurrency, open ones their times, and both say how late they were themselves."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import time
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from assay.bench import BenchPrompt, CellSpec, Ended, Stored, cells_of, latencies_of, load, measure, shaped
from assay.bench.arrivals import due_times
from assay.bench.load import Instruments
from assay.runtime.stream import Streamer, StreamRequest, StreamResult
from assay.schema.bench import LoadKey, ServerTimings
from assay.schema.run import Fault, Usage
from tests.bench.quick import QuickLoop, run
from tests.bench.scripted import CHUNKED, END, MS, Clock, Scripted, chunk, event, serving
from tests.gate.build import ask, facts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assay.gate import Facts
    from assay.schema.bench import BenchCell, RequestEvent

    Send = Callable[[BenchPrompt], Awaitable[StreamResult]]
    _Told = dict[str, StreamResult]

CLOSED = LoadKey(candidate="c", profile="short", concurrency=4)
CELL = CellSpec(load=CLOSED, requests=20, warmup=3, series=5, repeat=2, nonce="run-1")
OPEN = dataclasses.replace(CELL, load=LoadKey(candidate="c", profile="short", arrivals="constant", rate_per_s=10))
POISSON = dataclasses.replace(CELL, load=LoadKey(candidate="c", profile="short", arrivals="poisson", rate_per_s=10))
DONE = b"data: [DONE]\n\n"
ANSWER = StreamResult(
    taken_ns=0,
    sent_ns=0,
    headers_ns=None,
    first_event_ns=None,
    first_ns=None,
    visible_ns=None,
    last_ns=None,
    finish_ns=None,
    end_ns=0,
    chunk_ns=(),
    chunk_tokens=None,
    usage=None,
    response_id=None,
    finish_reason="stop",
    server=None,
    fault=None,
    text_bytes=0,
)


@dataclasses.dataclass
class _Done:
    """A measurement that ended."""

    events: list[RequestEvent]
    ended: Ended

    def cell(self) -> BenchCell:
        """Return its figures."""
        (cell,) = cells_of(Stored(self.events), lambda _n, _q: (None, None))
        return cell

    def facts(self) -> Facts:
        """Return them as the gate sees them."""
        return dataclasses.replace(facts(cells=[self.cell()]), latencies=latencies_of(self.events))


class _Server:
    """Answers after a while of its loop, the first token after a fifth of it, and knows what it had at once."""

    def __init__(self, loop: QuickLoop, takes_s: float = 0.5) -> None:
        self.loop, self.takes_s = loop, takes_s
        self.open = 0
        self.most = 0
        self.asked: list[str] = []
        self.workers: dict[object, int] = {}

    async def send(self, asked: BenchPrompt) -> StreamResult:
        self.open += 1
        self.most = max(self.most, self.open)
        self.asked.append(asked.messages[0].content)
        sent = self.loop.clock()
        self.workers.setdefault(asyncio.current_task(), sent)
        await asyncio.sleep(self.takes_s / 5)
        first = self.loop.clock()
        await asyncio.sleep(self.takes_s * 4 / 5)
        last = self.loop.clock()
        self.open -= 1
        return dataclasses.replace(
            ANSWER, taken_ns=sent, sent_ns=sent, first_ns=first, visible_ns=first, last_ns=last, end_ns=last
        )


def _quickly(
    cell: CellSpec,
    *,
    takes_s: float = 0.5,
    over: Callable[[list[RequestEvent]], bool] = lambda _: False,
    after: Callable[[QuickLoop, RequestEvent], None] = lambda _loop, _event: None,
) -> tuple[_Done, _Server]:
    """Measure a server on a loop whose time passes at once; `after` is called as each event is recorded."""
    events: list[RequestEvent] = []

    async def measured(loop: QuickLoop) -> tuple[_Done, _Server]:
        server = _Server(loop, takes_s)

        def record(own: RequestEvent) -> None:
            events.append(own)
            after(loop, own)

        instruments = Instruments(loop.clock, record, lambda _: None, lambda: over(events))
        ended = await measure(cell, shaped("short", cell.seed), server.send, instruments)
        return _Done(events, ended), server

    return run(measured)


def _once(send: Send, clock: Callable[[], int], cell: CellSpec) -> list[RequestEvent]:
    """Measure on a loop of real time, with a clock of the test's."""
    events: list[RequestEvent] = []
    instruments = Instruments(clock, events.append, lambda _: None)
    asyncio.run(measure(cell, shaped("short", cell.seed), send, instruments))
    return events


# --- closed loops -------------------------------------------------------------------------------------------


def test_closed_loop() -> None:
    """Never more than `concurrency` requests are open, every request is asked once, each with its own prompt."""
    done, server = _quickly(CELL)
    assert server.most == 4
    assert sorted(own.seq for own in done.events) == list(range(23))
    assert len(set(server.asked)) == 23
    assert {(own.key, own.arrivals, own.series, own.repeat) for own in done.events} == {
        (("c", "short@4"), "closed", 5, 2)
    }
    assert {own.scheduled_us for own in done.events} == {None}
    # One warm-up and five measured requests of half a second for each worker, the last of which begins 60 ms later.
    assert done.ended == Ended(sent=20, duration_us=540_000 + 2_560_000)


def test_warmup_is_over_before_measuring_begins() -> None:
    """Warm-up requests come first and have ended before the first measured one is sent."""
    events = _quickly(CELL)[0].events
    warmup = [own for own in events if own.phase == "warmup"]
    measured = [own for own in events if own.phase == "measured"]
    assert sorted(own.seq for own in warmup) == [0, 1, 2]
    assert len(measured) == 20
    assert max(own.end_us for own in warmup) <= min(own.sent_us for own in measured)


def test_start_is_staggered() -> None:
    """Workers begin 20 ms apart, or all of them within a second."""
    server = _quickly(dataclasses.replace(CELL, warmup=0))[1]
    assert [at // MS for at in server.workers.values()] == [0, 20, 40, 60]
    many = CELL.load.model_copy(update={"concurrency": 200})
    server = _quickly(dataclasses.replace(CELL, load=many, warmup=0, requests=400), takes_s=5)[1]
    assert [at // MS for at in server.workers.values()] == [5 * n for n in range(200)]


@pytest.mark.parametrize("cell", [CELL, OPEN], ids=["closed", "open"])
@pytest.mark.parametrize(("requests", "warmup"), [(0, 0), (0, 2), (2, 0)])
def test_few_requests(cell: CellSpec, requests: int, warmup: int) -> None:
    """Fewer requests than workers, or none, are no trouble."""
    done, _ = _quickly(dataclasses.replace(cell, requests=requests, warmup=warmup))
    assert (len(done.events), done.ended.sent) == (requests + warmup, requests)


def test_no_two_measurements_share_a_prompt() -> None:
    """Other series, repeats, loads, candidates and runs ask other prompts, for a cache outlives them."""
    loads = ({"concurrency": 2}, {"candidate": "b"}, {"cache": "warm"})
    cells = [
        CELL,
        OPEN,
        *(dataclasses.replace(CELL, load=CELL.load.model_copy(update=change)) for change in loads),
        dataclasses.replace(CELL, series=6),
        dataclasses.replace(CELL, repeat=3),
        dataclasses.replace(CELL, nonce="run-2"),
    ]
    asked = [text for cell in cells for text in _quickly(dataclasses.replace(cell, requests=2, warmup=0))[1].asked]
    assert len({text[:8] for text in asked}) == 2 * len(cells)


def test_each_request_is_told_as_it_ends() -> None:
    """Who shows the progress hears of one request at a time, and the heap is left as it was."""
    steps: list[int] = []
    frozen: list[int] = []
    before = gc.get_freeze_count()

    async def send(_: BenchPrompt) -> StreamResult:
        frozen.append(gc.get_freeze_count())
        return ANSWER

    instruments = Instruments(time.perf_counter_ns, lambda _: None, steps.append)
    asyncio.run(measure(CELL, shaped("short", CELL.seed), send, instruments))
    assert steps == [1] * 23
    assert min(frozen) > before == gc.get_freeze_count()


@pytest.mark.parametrize("cell", [CELL, OPEN, POISSON], ids=["closed", "constant", "poisson"])
@pytest.mark.parametrize("least", [1, 3, 8])
def test_time_that_is_over_sends_no_more(cell: CellSpec, least: int) -> None:
    """Once it is over no further request is sent; those under way are answered and recorded."""
    done, server = _quickly(cell, over=lambda events: len(events) >= least)
    measured = sum(own.phase == "measured" for own in done.events)
    assert least <= len(done.events) < 23
    assert (len(server.asked), server.open) == (len(done.events), 0)
    assert done.ended.sent == measured


def test_nothing_is_sent_when_it_is_over_at_once() -> None:
    """Without any time left nothing is asked."""
    for cell in (CELL, OPEN):
        done, server = _quickly(cell, over=lambda _: True)
        assert (done.events, server.asked, done.ended.sent) == ([], [], 0)


# --- open loops ---------------------------------------------------------------------------------------------


def test_requests_are_sent_when_due_though_none_is_answered() -> None:
    """At ten a second and five seconds an answer, all of them are under way before the first has ended."""
    done, server = _quickly(OPEN, takes_s=5)
    assert server.most == 23
    assert [own.seq for own in done.events] == list(range(23))
    assert [own.scheduled_us for own in done.events] == [100_000 * n for n in range(23)]
    assert [own.taken_us for own in done.events] == pytest.approx([100_000 * n for n in range(23)], abs=1)
    assert [own.phase for own in done.events] == ["warmup"] * 3 + ["measured"] * 20
    cell = done.cell()
    assert (cell.n, cell.warmup, cell.sent_per_s) == (20, 3, 10.0)
    assert [own.value_us for own in cell.e2e] == pytest.approx([5_000_000] * 3, abs=1)
    assert cell.definitions[2] == "e2e_scheduled.v1"


def test_waiting_for_a_turn_counts_as_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no more requests may be under way, one that is due waits, and its latency counts from when it was due."""
    monkeypatch.setattr(load, "_MOST_IN_FLIGHT", 2)
    done, server = _quickly(dataclasses.replace(OPEN, warmup=0, requests=10), takes_s=1)
    assert server.most == 2
    assert [own.scheduled_us for own in done.events] == [100_000 * n for n in range(10)]
    assert [(own.last_us or 0) - (own.scheduled_us or 0) for own in done.events] == pytest.approx(
        [1_000_000 + 800_000 * (n // 2) for n in range(10)], abs=1
    )


def test_poisson_times_are_those_of_the_measurement() -> None:
    """They come from what tells this measurement from others, so it can be sent again, and no two are the same."""
    due = list(islice(due_times("poisson", 10, POISSON.seed), 23))
    events = sorted(_quickly(POISSON)[0].events, key=lambda own: own.seq)
    assert [own.scheduled_us for own in events] == [at // 1000 for at in due]
    assert all(0 <= own.taken_us - (own.scheduled_us or 0) <= 1 for own in events)
    again = sorted(_quickly(dataclasses.replace(POISSON, repeat=3))[0].events, key=lambda own: own.seq)
    assert [own.scheduled_us for own in again][1:] != [own.scheduled_us for own in events][1:]


@pytest.mark.parametrize(
    "key",
    [{"arrivals": "closed", "rate_per_s": 5}, {"arrivals": "poisson"}],
    ids=["no arrivals", "no rate"],
)
def test_an_open_loop_needs_rate_and_arrivals(key: dict[str, object]) -> None:
    """A load that is neither closed nor open is a mistake of the caller's."""
    cell = dataclasses.replace(CELL, load=LoadKey.model_validate({"candidate": "c", "profile": "short", **key}))
    with pytest.raises(ValueError, match="an open loop needs a rate and arrivals"):
        _quickly(cell)


# --- what is recorded ---------------------------------------------------------------------------------------


def test_event_holds_what_was_sent() -> None:
    """Times count in microseconds from the start of the series; tokens and faults are kept as they came."""
    clock = Clock()
    clock.now_ns = 7 * MS
    fault = Fault(kind="stream_cut", message="cut")
    server = ServerTimings(source="llama.cpp timings", prompt_us=5)
    result = StreamResult(
        taken_ns=7 * MS + 500_000,
        sent_ns=8 * MS,
        headers_ns=9 * MS,
        first_event_ns=10 * MS,
        first_ns=20 * MS,
        visible_ns=30 * MS,
        last_ns=80 * MS + 999,
        finish_ns=85 * MS,
        end_ns=90 * MS,
        chunk_ns=(20 * MS, 30 * MS, 80 * MS + 999),
        chunk_tokens=(1, 5, 2),
        usage=Usage(prompt_tokens=60, completion_tokens=8, cached_tokens=24),
        response_id="chatcmpl-1",
        finish_reason="length",
        server=server,
        fault=fault,
        text_bytes=40,
    )

    async def send(_: BenchPrompt) -> StreamResult:
        clock.now_ns = 90 * MS
        return result

    (found,) = _once(send, clock, dataclasses.replace(CELL, requests=1, warmup=0))
    assert found.model_dump(exclude={*LoadKey.model_fields, "series", "repeat"}) == {
        "seq": 0,
        "phase": "measured",
        "scheduled_us": None,
        "taken_us": 500,
        "sent_us": 1_000,
        "headers_us": 2_000,
        "first_event_us": 3_000,
        "first_us": 13_000,
        "visible_us": 23_000,
        "last_us": 73_000,
        "finish_us": 78_000,
        "end_us": 83_000,
        "chunks": 3,
        "gaps_us": (10_000, 50_000),
        "chunk_tokens": (1, 5, 2),
        "prompt_tokens": 60,
        "output_tokens": 8,
        "cached_tokens": 24,
        "response_id": "chatcmpl-1",
        "finish_reason": "length",
        "fault": fault.model_dump(),
        "lag_us": 78_000,
        "server": server.model_dump(),
    }


@pytest.mark.parametrize("cell", [CELL, OPEN], ids=["closed", "open"])
def test_what_cannot_be_recorded_stops_the_measurement(cell: CellSpec) -> None:
    """An error of the disk comes through as itself, and nothing more is sent."""

    def fail(_loop: QuickLoop, _event: RequestEvent) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        _quickly(cell, after=fail)


def test_interrupted_measurement_keeps_what_was_done() -> None:
    """Events are recorded as their requests end; an interrupt leaves the ones before it."""
    kept: list[RequestEvent] = []

    async def interrupted(loop: QuickLoop) -> None:
        task = asyncio.current_task()
        assert task is not None

        def record(own: RequestEvent) -> None:
            kept.append(own)
            if len(kept) == 6:
                task.cancel()

        await measure(
            CELL,
            shaped("short", CELL.seed),
            _Server(loop).send,
            Instruments(loop.clock, record, lambda _: None),
        )

    with pytest.raises(asyncio.CancelledError):
        run(interrupted)
    assert 6 <= len(kept) <= 9


# --- how late the client was --------------------------------------------------------------------------------


@pytest.mark.parametrize("lasts", [True, False], ids=["still late", "late before"])
def test_lag_of_the_loop(lasts: bool) -> None:
    """A loop that is held up for 50 ms is found 45 ms late, whether the request ends at once or later."""
    clock = Clock()

    async def send(_: BenchPrompt) -> StreamResult:
        await asyncio.sleep(0)  # the watcher is waiting for its tick now
        clock.now_ns += 50 * MS
        if not lasts:
            await asyncio.sleep(0.02)
        return ANSWER

    (found,) = _once(send, clock, dataclasses.replace(CELL, requests=1, warmup=0))
    assert found.lag_us == 45_000


def test_lag_counts_only_during_the_request() -> None:
    """What held up an earlier request is not held against a later one."""
    clock = Clock()
    late = iter([50 * MS, 0])

    async def send(_: BenchPrompt) -> StreamResult:
        await asyncio.sleep(0)
        clock.now_ns += next(late)
        await asyncio.sleep(0.02)
        return ANSWER

    one_by_one = CELL.load.model_copy(update={"concurrency": 1})
    found = _once(send, clock, dataclasses.replace(CELL, load=one_by_one, requests=2, warmup=0))
    assert [own.lag_us for own in found] == [45_000, 0]


@pytest.mark.parametrize(
    ("blocks_s", "validity", "codes"),
    [
        (0.0, "VALID", []),
        (0.03, "DEGRADED", ["client_late"]),
        (0.3, "INVALID", ["client_spoiled", "client_late"]),
    ],
)
def test_a_client_that_is_held_up_condemns_no_server(blocks_s: float, validity: str, codes: list[str]) -> None:
    """Latencies that it makes longer leave a limit open that they pass; one that they keep is kept, while DEGRADED."""

    def hold_up(loop: QuickLoop, own: RequestEvent) -> None:
        if own.seq % 4 == 0:
            loop.block(blocks_s)

    cell = dataclasses.replace(CELL, requests=40)
    done, _ = _quickly(cell, after=hold_up)
    found, known = done.cell(), done.facts()
    assert (found.validity, [own.code for own in found.reasons]) == (validity, codes)
    assert {own.leans for own in found.reasons} <= {"against"}
    passed = {"VALID": "not_met", "DEGRADED": "unknown", "INVALID": "unknown"}[validity]
    kept = {"VALID": "met", "DEGRADED": "met", "INVALID": "unknown"}[validity]
    for figure in ("e2e_p50_s", "e2e_p95_s", "ttft_p50_s"):
        assert ask(known, f"bench:short@4.{figure} < 0.01").status == passed
        assert ask(known, f"bench:short@4.{figure} < 5").status == kept
    assert ask(known, "bench:short@4.e2e_p50_s < 5 with 95% confidence").status == kept


def _script() -> list[tuple[int, bytes]]:
    """Return an answer of three tokens, its role in a chunk of its own."""
    tokens = [(0, chunk(event({"content": text}))) for text in "abc"]
    end = event({}, finish_reason="length") + event(usage={"prompt_tokens": 60, "completion_tokens": 3}) + DONE
    return [(0, CHUNKED), (0, chunk(event({"role": "assistant", "content": ""}))), *tokens, (0, chunk(end) + END)]


async def _against_server(cell: CellSpec, pause_s: float, hold_up_s: float = 0.0) -> tuple[_Done, Scripted, _Told]:
    """Measure a server on this machine that pauses before each write; the client may be held up at each answer."""
    told: _Told = {}
    events: list[RequestEvent] = []

    def record(own: RequestEvent) -> None:
        events.append(own)
        time.sleep(hold_up_s)

    async with serving(_script(), pause_s=pause_s) as server, Streamer(time.perf_counter_ns) as streamer:

        async def send(asked: BenchPrompt) -> StreamResult:
            text = asked.messages[0].content
            told[text] = await streamer.send(StreamRequest(server.url, None, {"prompt": text}, 10.0))
            return told[text]

        instruments = Instruments(time.perf_counter_ns, record, lambda _: None)
        ended = await measure(cell, shaped("short", cell.seed), send, instruments)
    return _Done(events, ended), server, told


def test_against_a_server_with_a_known_account() -> None:
    """Client and server tell one story: sent before it arrived, each token read after it was written."""
    done, server, told = asyncio.run(_against_server(CELL, 0.005))
    for asked in server.asked:
        client = told.pop(str(asked.body["prompt"]))
        assert client.taken_ns <= client.sent_ns <= asked.arrived_ns
        assert asked.written_ns[2] <= (client.first_ns or 0)
        assert asked.written_ns[4] <= (client.last_ns or 0) <= client.end_ns
    assert told == {}
    found = done.cell()
    assert (found.n, found.failed, found.warmup, found.truncated, found.output_tokens_p50) == (20, 0, 3, 20, 3)
    assert {(own.chunks, len(own.gaps_us)) for own in done.events} == {(3, 2)}


def test_a_client_that_sleeps_against_a_real_server() -> None:
    """A client whose loop is stopped again and again says so itself, and the gate condemns no server by it."""
    fast = OPEN.load.model_copy(update={"rate_per_s": 50.0})
    done, _, _ = asyncio.run(_against_server(dataclasses.replace(OPEN, load=fast), 0.02, hold_up_s=0.06))
    found = done.cell()
    assert found.validity in {"DEGRADED", "INVALID"}
    assert any(own.code.startswith("client_") and own.leans == "against" for own in found.reasons)
    assert max(own.lag_us for own in done.events) >= 50_000
    for text in ("e2e_p50_s < 0.01", "e2e_p95_s < 0.01", "ttft_p50_s < 0.01", "e2e_p50_s < 0.01 with 95% confidence"):
        result = ask(done.facts(), f"bench:short@50/s.{text}")
        assert result.status == "unknown", result.reason


def test_a_request_far_off_is_not_waited_for() -> None:
    """An open loop ends soon after no further request is wanted, though the next one is due much later."""
    far = dataclasses.replace(
        OPEN, load=LoadKey(candidate="c", profile="short", arrivals="constant", rate_per_s=0.001), warmup=0, requests=2
    )
    events: list[RequestEvent] = []

    async def send(_: BenchPrompt) -> StreamResult:
        return ANSWER

    async def once() -> Ended:
        one = Instruments(time.perf_counter_ns, events.append, lambda _: None, over=lambda: bool(events))
        return await asyncio.wait_for(measure(far, shaped("short", "n"), send, one), 20)

    assert asyncio.run(once()).sent == len(events) == 1

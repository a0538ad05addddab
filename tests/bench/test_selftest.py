"""The client is held against a server whose times are known, and what it lost is counted."""

from __future__ import annotations

import asyncio
import math
import os
import socket
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.bench.load import CellSpec, Instruments, measure
from assay.bench.prompts import shaped
from assay.bench.selftest import KnownServer, client_error, known_server
from assay.bench.selftest.server import Schedule
from assay.errors import ServerError
from assay.runtime.stream import Streamer, StreamRequest, StreamResult
from assay.schema.bench import ClientError, LoadKey, RequestEvent, ServerTimings
from assay.schema.run import Fault, Usage
from assay.workflow import self_test

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.bench.prompts import BenchPrompt

TOKENS = 4


@pytest.fixture(scope="module")
def server() -> Iterator[KnownServer]:
    """Start a quick server once."""
    with known_server(10, 1, TOKENS) as started:
        yield started


def _request(server: KnownServer) -> StreamRequest:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    return StreamRequest(server.base_url, None, body, 30.0)


def _event(**changes: object) -> RequestEvent:
    """Return a request of four tokens, seen 1 ms late, with 10 us more for each token."""
    told = ServerTimings(source="llama.cpp timings", prompt_us=100_000, decode_us=60_000, output_tokens=4)
    whole = {
        "candidate": "self-test",
        "profile": "short",
        "concurrency": 2,
        "series": 1,
        "repeat": 1,
        "seq": 0,
        "phase": "measured",
        "taken_us": 0,
        "sent_us": 500,
        "first_us": 101_500,
        "last_us": 161_530,
        "end_us": 200_500,
        "chunks": 4,
        "prompt_tokens": 9,
        "output_tokens": 4,
        "cached_tokens": 0,
        "finish_reason": "stop",
        "fault": None,
        "lag_us": 700,
        "server": told,
    }
    return RequestEvent.model_validate({**whole, **changes})


def test_stream_of_the_known_server(server: KnownServer) -> None:
    """Its stream is one that the client reads, with its own measured times in it."""

    async def ask() -> StreamResult:
        async with Streamer(time.perf_counter_ns) as streamer:
            return await streamer.send(_request(server))

    result = asyncio.run(ask())
    assert (result.fault, result.finish_reason, result.chunks) == (None, "stop", TOKENS)
    assert result.response_id is not None
    assert result.response_id.startswith("selftest-")
    assert isinstance(result.usage, Usage)
    assert result.usage.completion_tokens == TOKENS
    told = result.server
    assert told is not None
    assert (told.source, told.output_tokens) == ("llama.cpp timings", TOKENS)
    assert told.prompt_us is not None
    assert told.prompt_us >= 9_000  # loops may round a millisecond down
    assert result.first_event_ns is not None
    assert result.first_ns is not None
    assert result.first_event_ns <= result.first_ns  # the role chunk comes at once


def test_client_beside_the_known_server(server: KnownServer) -> None:
    """A closed loop of several streams yields small, finite differences, and nothing is lost."""

    async def run() -> None:
        async with Streamer(time.perf_counter_ns) as streamer:

            async def send(_: BenchPrompt) -> StreamResult:
                return await streamer.send(_request(server))

            load = LoadKey(candidate="self-test", profile="short", concurrency=3)
            spec = CellSpec(load=load, requests=7, warmup=3, series=1, repeat=1, nonce="n")
            instruments = Instruments(time.perf_counter_ns, record=events.append, advance=steps.append)
            await measure(spec, shaped("short", "n"), send, instruments)

    steps: list[int] = []
    events: list[RequestEvent] = []
    asyncio.run(run())
    assert sum(steps) == len(events) == 10
    assert [event.phase for event in events].count("warmup") == 3
    assert sorted(event.seq for event in events) == list(range(10))
    error = client_error(3, events)
    assert error is not None
    assert (error.concurrency, error.n, error.lost) == (3, 7, 0)
    assert error.tokens_per_s > 0
    assert all(len(event.gaps_us) == TOKENS - 1 for event in events)


def test_figures_of_the_error() -> None:
    """Differences are the client's time less the server's; sizes count for p99, loss in requests, chunks, tokens."""
    early = _event(sent_us=4_500)
    failed = _event(first_us=None, last_us=None, server=None, chunks=0, fault=Fault(kind="stream_cut", message="cut"))
    assert client_error(2, [_event(phase="warmup", chunks=0), _event(), early, _event(), failed]) == ClientError(
        concurrency=2,
        n=3,
        tokens_per_s=60.0,
        ttft_p50_us=1_000,
        ttft_p99_us=3_000,
        tpot_p50_us=10,
        tpot_p99_us=10,
        lag_p99_us=700,
        lost=1,
    )


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({}, 0),
        ({"chunks": 2}, 2),
        ({"output_tokens": 3}, 1),
        ({"output_tokens": None, "chunks": 3}, 5),
        ({"chunks": 9}, 0),
        ({"server": None}, 1),
        ({"fault": {"kind": "timeout", "message": "late"}, "chunks": 1}, 1),
    ],
    ids=str,
)
def test_what_is_lost(changes: dict[str, object], lost: int) -> None:
    """A failed request counts once, an answered one with each chunk and token that it lacks."""
    error = client_error(2, [_event(), _event(**changes)])
    assert error is not None
    assert error.lost == lost


@pytest.mark.parametrize("missing", ["first_us", "last_us", "server"])
def test_no_request_in_both_accounts(missing: str) -> None:
    """Without one request that both saw there is no error, not one of zero."""
    assert client_error(2, []) is None
    assert client_error(2, [_event(phase="warmup"), _event(**{missing: None})]) is None


@given(st.lists(st.integers(-1000, 10**7), min_size=1), st.integers(0, 10**6))
def test_error_follows_the_client(late_us: list[int], shift_us: int) -> None:
    """p50 and p99 are values that were seen, and a moved start of the clock changes nothing."""
    events = [_event(first_us=100_500 + late, last_us=160_500 + late) for late in late_us]
    error = client_error(2, events)
    assert error is not None
    assert error.ttft_p50_us in late_us
    assert error.ttft_p99_us in set(map(abs, late_us))
    assert error.ttft_p99_us >= abs(error.ttft_p50_us) or len(late_us) > 1
    assert (error.tpot_p50_us, error.tpot_p99_us, error.n) == (0, 0, len(late_us))
    moved = [
        event.model_copy(
            update={name: getattr(event, name) + shift_us for name in ("sent_us", "first_us", "last_us", "end_us")}
        )
        for event in events
    ]
    assert client_error(2, moved) == error


@given(st.floats(0, 1e4), st.floats(0, 1e3), st.integers(1, 500))
def test_schedule_is_absolute(ttft_ms: float, gap_ms: float, number: int) -> None:
    """A token is due by its number alone."""
    schedule = Schedule(ttft_ms, gap_ms, 512)
    assert math.isclose(schedule.due_s(number) * 1000, ttft_ms + number * gap_ms, abs_tol=1e-9)


@pytest.mark.parametrize("asked", [b"GET / HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n", b"x" * (2 << 20)], ids=len)
def test_strange_requests_are_refused(server: KnownServer, asked: bytes) -> None:
    """What is no completion is refused, and the server lives on."""
    address = urlsplit(server.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        try:
            connection.sendall(asked)
            assert connection.recv(100).startswith(b"HTTP/1.1 400")
        except ConnectionError:
            pass  # it hung up while it was still being written to
    os.kill(server.pid, 0)


def test_server_ends_with_its_block() -> None:
    """After the block the process is gone, whatever happened in it."""
    with pytest.raises(KeyError), known_server(10, 1, 2) as started:
        raise KeyError
    with pytest.raises(ProcessLookupError):
        os.kill(started.pid, 0)


@pytest.mark.parametrize(
    ("program", "deadline_s", "said"),
    [
        ("#!/bin/sh\necho out of luck >&2\nexit 1\n", 30, "out of luck"),
        ("#!/bin/sh\nexec sleep 60\n", 0.2, "nothing was heard of it"),
        ("#!/bin/sh\necho no port\nexec sleep 60\n", 30, "nothing was heard of it"),
    ],
    ids=["ends", "hangs", "babbles"],
)
def test_server_that_does_not_start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    deadline_s: float,
    said: str,
) -> None:
    """A server that cannot start is a fault that says what was heard of it."""
    python = tmp_path / "python"
    python.write_text(program)
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with (
        pytest.raises(ServerError, match=rf"\[self-test-failed\].*{said}"),
        known_server(10, 1, 2, deadline_s=deadline_s),
    ):
        pass


class _Heard:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.total = self.done = 0
        self.notes: list[str] = []

    def stage(self, name: str, total: int) -> None:
        assert name == "self-test"
        self.total = total

    def advance(self, steps: int = 1) -> None:
        self.done += steps

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_client_is_measured_once_at_each_concurrency(monkeypatch: pytest.MonkeyPatch) -> None:
    """Concurrencies are measured once and rising, and progress reaches its end."""
    for name, value in {
        "_TTFT_MS": 5.0,
        "_GAP_MS": 1.0,
        "_TOKENS": 3,
        "_LEAST_REQUESTS": 5,
        "_MOST_STREAMS": 4,
    }.items():
        monkeypatch.setattr(self_test, name, value)
    heard = _Heard()
    found = asyncio.run(self_test.measure_client([4, 1, 5_000, 4], progress=heard, salt="s"))
    assert [(error.concurrency, error.n, error.lost) for error in found] == [(1, 5, 0), (4, 8, 0)]
    assert heard.done == heard.total == 1 + 5 + 4 + 8
    assert heard.notes == []


def test_client_that_sees_nothing_is_not_perfect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no request is answered, there is no figure, and why is said; nobody waits for the measured ones."""
    monkeypatch.setattr(self_test, "_TIMEOUT_S", 0.01)
    heard = _Heard()
    assert asyncio.run(self_test.measure_client([1], progress=heard, salt="s")) == ()
    assert heard.notes == ["self-test: nothing measured with 1 at once (no whole answer within 0.01 s)"]

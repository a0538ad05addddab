"""The streaming client stamps what matters and turns whatever goes wrong into a fault."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.runtime.adapters import dialect_of
from assay.runtime.reading import tokens_of_chunks
from assay.runtime.stream import Streamer, StreamRequest, StreamResult
from assay.schema.bench import ServerTimings
from assay.schema.run import Usage
from tests.bench.scripted import CHUNKED, END, MS, UNTIL_CLOSE, Clock, Script, Scripted, chunk, event, serving

if TYPE_CHECKING:
    from assay.schema.run import FaultKind
    from assay.schema.suite import RuntimeName

ROLE = event({"role": "assistant", "content": ""})
STOP = event({}, finish_reason="stop")
DONE = b"data: [DONE]\n\n"
KEY = "sk-0123456789"


def _request(url: str, timeout_s: float = 30.0) -> StreamRequest:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    return StreamRequest(base_url=url, key=KEY, body=body, timeout_s=timeout_s)


async def _asked(*script: tuple[int, bytes], timeout_s: float = 30.0) -> tuple[StreamResult, Scripted]:
    clock = Clock()
    async with serving(list(script), clock=clock) as server, Streamer(clock) as streamer:
        return await streamer.send(_request(server.url, timeout_s)), server


def _send(*script: tuple[int, bytes], timeout_s: float = 30.0) -> StreamResult:
    return asyncio.run(_asked(*script, timeout_s=timeout_s))[0]


def _stream(*writes: tuple[int, bytes]) -> Script:
    return [(0, CHUNKED), *((at_ms, chunk(data)) for at_ms, data in writes)]


def test_role_chunk_is_no_token() -> None:
    """The first token counts, not the role chunk that comes at once; the last token, not the usage after it."""
    result = _send(
        *_stream(
            (5, ROLE),
            (100, event({"content": "a"}, id="chatcmpl-7")),
            (120, event({"content": "b"}, id="chatcmpl-7")),
            (140, event({"content": ""})),
            (150, STOP),
            (160, event(usage={"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": None})),
            (170, DONE + END),
        )
    )
    assert result == StreamResult(
        taken_ns=0,
        sent_ns=0,
        headers_ns=0,
        first_event_ns=5 * MS,
        first_ns=100 * MS,
        visible_ns=100 * MS,
        last_ns=120 * MS,
        finish_ns=150 * MS,
        end_ns=170 * MS,
        chunk_ns=(100 * MS, 120 * MS),
        chunk_tokens=None,
        usage=Usage(prompt_tokens=9, completion_tokens=2),
        response_id="chatcmpl-7",
        finish_reason="stop",
        server=None,
        fault=None,
        text_bytes=2,
    )
    assert result.chunks == 2


@pytest.mark.parametrize(
    "delta",
    [
        {"role": "assistant", "content": "h"},
        {"content": None, "refusal": "h"},
        {"content": None, "reasoning": "h"},
        {"content": "", "reasoning_content": "h"},
        {"content": None, "tool_calls": [{"index": 0, "function": {"name": "f", "arguments": ""}}]},
    ],
    ids=["role and content", "refusal", "reasoning", "reasoning_content", "tool_calls"],
)
def test_first_token_of_any_channel(delta: dict[str, object]) -> None:
    """A token of any channel is the first token."""
    result = _send(*_stream((0, ROLE), (70, event(delta)), (90, event({"content": "x"})), (95, STOP + DONE)))
    assert (result.first_ns, result.last_ns, result.chunks, result.fault) == (70 * MS, 90 * MS, 2, None)


@pytest.mark.parametrize(
    "shown", [{"content": "x"}, {"reasoning": "y", "content": "x"}, {"tool_calls": [{"index": 0}]}], ids=str
)
def test_thinking_comes_before_what_is_seen(shown: dict[str, object]) -> None:
    """Thinking is a token and is not visible; the first word of the answer, or of a tool call, is."""
    result = _send(*_stream((70, event({"reasoning_content": "hm"})), (90, event(shown)), (95, STOP + DONE)))
    assert (result.first_ns, result.visible_ns, result.chunk_ns) == (70 * MS, 90 * MS, (70 * MS, 90 * MS))


def test_only_thought() -> None:
    """An answer that is all thinking has tokens and nothing visible."""
    result = _send(*_stream((70, event({"reasoning": "hm"})), (95, STOP + DONE)))
    assert (result.first_ns, result.visible_ns, result.text_bytes, result.fault) == (70 * MS, None, 2, None)


def _counted(*counts: object) -> bytes:
    return b"".join(event({"content": "ab"}, usage=count and {"completion_tokens": count}) for count in counts)


@pytest.mark.parametrize(
    ("counts", "tokens"),
    [
        ((1, 3, 3, 7), (1, 2, 0, 4)),
        ((2,), (2,)),
        ((1, None, 3), None),
        ((1, 3, 2), None),
        ((1, True, 3), None),
        ((None, None), None),
    ],
    ids=str,
)
def test_running_counts(counts: tuple[object, ...], tokens: tuple[int, ...] | None) -> None:
    """Running counts become tokens of each chunk; where one is missing or falls, nobody knows."""
    end = event(usage={"prompt_tokens": 5, "completion_tokens": 8}) + DONE
    result = _send(
        *_stream((0, event({"role": "assistant"}, usage={"completion_tokens": 0}) + _counted(*counts) + end))
    )
    assert result.chunk_tokens == tokens
    assert result.usage == Usage(prompt_tokens=5, completion_tokens=8)


@given(st.lists(st.integers(0, 9), min_size=1))
def test_tokens_of_chunks_sum_to_the_last_count(tokens: list[int]) -> None:
    """Differences of running counts are what was summed up."""
    assert tokens_of_chunks(list(itertools.accumulate(tokens))) == tuple(tokens)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("chatcmpl-1", "chatcmpl-1"),
        ("x" * 101, "x" * 100),
        (KEY, "[key]"),
        ("\ud83e", "?"),
        ("", None),
        (7, None),
        (None, None),
    ],
    ids=str,
)
def test_response_id(name: object, stored: str | None) -> None:
    """The server's name for its answer is kept: bounded, writable, without the key."""
    data = json.dumps({"id": name, "choices": [{"delta": {"content": "a"}}]}).encode()
    assert _send(*_stream((0, b"data: " + data + b"\n\n" + DONE))).response_id == stored


@pytest.mark.parametrize("asks_usage", [True, False])
def test_times_of_the_server(*, asks_usage: bool) -> None:
    """llama.cpp's times come with the last chunk: that of the usage, or that of the finish reason."""
    told = {"prompt_n": 3, "prompt_ms": 99.5, "predicted_n": 2, "predicted_ms": 20.25}
    last = event({}, finish_reason="stop", **({} if asks_usage else {"timings": told}))
    last += event(usage={"completion_tokens": 2}, timings=told) if asks_usage else b""
    result = _send(*_stream((0, ROLE), (100, event({"content": "a"})), (120, event({"content": "b"}) + last + DONE)))
    assert result.server == ServerTimings(
        source="llama.cpp timings", prompt_us=99_500, decode_us=20_250, prompt_tokens=3, output_tokens=2
    )


def test_bundled_chunks_share_the_stamp_of_their_read() -> None:
    """Chunks that arrive in one read came at one moment."""
    both = event({"content": "a b"}) + event({"content": "c"})
    result = _send(*_stream((0, ROLE), (100, both), (180, both + STOP + DONE)))
    assert (result.first_ns, result.last_ns, result.chunks, result.text_bytes) == (100 * MS, 180 * MS, 4, 8)


def test_character_split_over_reads() -> None:
    """A character whose bytes come in two reads is whole, and its token is stamped when it is."""
    data = event({"content": "naïve 🦜"})
    cut = data.index("🦜".encode()) + 2
    result = _send(*_stream((0, ROLE), (100, data[:cut]), (110, data[cut:]), (120, STOP + DONE)))
    assert (result.first_ns, result.text_bytes, result.fault) == (110 * MS, len("naïve 🦜".encode()), None)


def test_tolerant_framing() -> None:
    """Keep-alive comments, CRLF and a missing space change nothing."""
    token = event({"content": "a"}).replace(b"data: ", b"data:").replace(b"\n", b"\r\n")
    result = _send(*_stream((0, b":\n\n"), (100, b": ping\r\n\r\n" + token), (110, STOP + DONE)))
    assert (result.first_ns, result.chunks, result.fault) == (100 * MS, 1, None)


def test_usage_in_every_place() -> None:
    """Usage counts with no choice, with an empty choice, and over the nulls of other chunks."""
    first = event(prompt_filter_results=[])  # Azure
    usage = {"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 4}}
    result = _send(*_stream((0, first + event({"content": "a"}, usage=None) + event({}, usage=usage) + STOP + DONE)))
    assert result.usage == Usage(prompt_tokens=5, completion_tokens=1, cached_tokens=4)


def test_hostile_numbers_are_unknown() -> None:
    """A count that is no count is not believed, and half a surrogate pair does not get into a file."""
    usage = {"prompt_tokens": -1, "completion_tokens": 2**70, "prompt_tokens_details": {"cached_tokens": True}}
    half = b'data: {"choices":[{"delta":{"content":"\\ud83e"},"finish_reason":"\\ud83e"}]}\n\n'
    result = _send(*_stream((0, half + event(usage=usage) + DONE)))
    assert result.usage == Usage()
    assert (result.finish_reason, result.chunks, result.fault) == ("?", 1, None)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "boom", "type": "server_error", "code": 500}, "server_error"),
        ({"message": "CUDA error: out of memory"}, "out_of_memory"),
        ("engine died", "server_error"),
    ],
)
def test_error_inside_a_good_status(error: object, kind: FaultKind) -> None:
    """An error object in the stream is a fault, though the status was 200 and [DONE] follows."""
    result = _send(*_stream((0, ROLE + event({"content": "a"})), (50, event(error=error) + DONE)))
    assert result.fault is not None
    assert (result.fault.kind, result.first_ns, result.end_ns) == (kind, 0, 50 * MS)


@pytest.mark.parametrize(
    "script",
    [
        _stream((10, event({"content": "a"}))),
        [(0, UNTIL_CLOSE), (10, event({"content": "a"}))],
        [(0, UNTIL_CLOSE), (10, event({"content": "a"}) + event({"content": ""}))],
        [(0, CHUNKED)],
    ],
    ids=["within the coding", "at its end", "empty chunk before", "before any event"],
)
def test_cut_stream(script: Script) -> None:
    """A stream that ends without [DONE] and without a finish reason was cut; what came before it stays."""
    result = _send(*script)
    assert result.fault is not None
    assert result.fault.kind == "stream_cut"
    assert result.chunks == (1 if len(script) > 1 else 0)


@pytest.mark.parametrize(
    "ends", [STOP, DONE, STOP.removesuffix(b"\n")], ids=["finish reason", "[DONE]", "no blank line"]
)
def test_either_end_will_do(ends: bytes) -> None:
    """A finish reason or [DONE] ends a stream: some servers send only one of them."""
    assert _send((0, UNTIL_CLOSE), (10, event({"content": "a"}) + ends)).fault is None


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (UNTIL_CLOSE + ROLE + STOP + DONE, "bad_answer", "held no token"),
        (UNTIL_CLOSE + b"data: {not json\n\n", "bad_answer", "not a JSON object"),
        (UNTIL_CLOSE + b"data: " + b"[" * 100_000 + b"\n\n", "bad_answer", "not a JSON object"),
        (UNTIL_CLOSE + b"data: " + b"x" * (1 << 20) + b"\n\n", "bad_answer", "longer than"),
        (UNTIL_CLOSE.replace(b"text/event-stream", b"application/json") + b"{}", "bad_answer", "in one piece"),
        (
            b"HTTP/1.1 401 No\r\ncontent-length: 27\r\n\r\n" + b'{"error":"wrong sk-0123456789"}'[:27],
            "unauthorized",
            "",
        ),
        (b"HTTP/1.1 503 No\r\nconnection: close\r\n\r\nloading model", "loading", ""),
        (b"HTTP/1.1 500 No\r\nconnection: close\r\n\r\n" + b"x" * 5_000_000, "server_error", ""),
        (b"HTTP/1.1 307 No\r\nlocation: http://127.0.0.1:1/\r\nconnection: close\r\n\r\nmoved", "bad_request", "moved"),
        (b"no HTTP at all\r\n\r\n", "connection", ""),
        (b"", "connection", ""),
    ],
    ids=["no token", "no JSON", "deep", "endless", "one piece", "401", "503", "500", "redirect", "no HTTP", "nothing"],
)
def test_answers_that_are_none(answer: bytes, kind: FaultKind, said: str) -> None:
    """Whatever is no stream of tokens becomes a fault of the right kind; nobody follows a redirect."""
    fault = _send((0, answer)).fault
    assert fault is not None
    assert fault.kind == kind
    assert said in fault.message
    assert len(fault.message) <= 500


def test_server_that_is_not_there() -> None:
    """A refused connection is a fault that says so."""

    async def ask() -> StreamResult:
        async with serving([]) as server:
            pass
        async with Streamer(Clock()) as streamer:
            return await streamer.send(_request(server.url))

    fault = asyncio.run(ask()).fault
    assert fault is not None
    assert fault.kind == "connection"


def test_deadline() -> None:
    """A stream that stalls is given up at the deadline, and what came of it is kept."""

    async def ask() -> StreamResult:
        clock = Clock()
        stalls: Script = [*_stream((10, event({"content": "a"}))), (20, b"1\r\n")]  # the server waits for a read
        async with serving(stalls, clock=clock) as server, Streamer(clock) as streamer:
            return await streamer.send(_request(server.url, timeout_s=0.2))

    result = asyncio.run(ask())
    assert result.fault is not None
    assert (result.fault.kind, result.fault.message) == ("timeout", "no whole answer within 0.2 s")
    assert (result.first_ns, result.chunks) == (10 * MS, 1)


def test_stream_that_is_left_open() -> None:
    """[DONE] is the end, though the server never closes the stream."""
    left_open = _stream((10, event({"content": "a"})), (20, DONE))
    result = _send(*left_open, (30, b"1\r\n"), timeout_s=1000.0)
    assert (result.fault, result.end_ns) == (None, 20 * MS)


def test_key_is_in_no_result() -> None:
    """A server that repeats the key does not get it into a file, nor does the request's own text."""
    body = b'{"error":{"message":"wrong key %s"}}' % KEY.encode()
    result = _send((0, b"HTTP/1.1 401 No\r\nconnection: close\r\n\r\n" + body))
    assert result.fault is not None
    assert result.fault.message == "wrong key [key]"
    assert KEY not in repr(_request("http://127.0.0.1/v1"))


def test_what_is_asked() -> None:
    """The request is the body as given plus the two stream fields, with the key as bearer, to one address."""
    _, server = asyncio.run(_asked((0, UNTIL_CLOSE), (0, event({"content": "a"}) + DONE)))
    (asked,) = server.asked
    assert asked.line == "POST /v1/chat/completions HTTP/1.1"
    assert (asked.headers["authorization"], asked.headers["content-type"]) == (f"Bearer {KEY}", "application/json")
    assert asked.body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@pytest.mark.parametrize("runtime", ["vllm", "sglang"])
def test_running_counts_are_asked_of_those_who_count(runtime: RuntimeName) -> None:
    """vLLM and SGLang are asked to count on every chunk; others might refuse a field that they do not know."""

    async def ask() -> Scripted:
        async with (
            serving([(0, UNTIL_CLOSE + event({"content": "a"}) + DONE)]) as server,
            Streamer(Clock()) as streamer,
        ):
            await streamer.send(dataclasses.replace(_request(server.url), dialect=dialect_of(runtime)))
            return server

    assert asyncio.run(ask()).asked[0].body["stream_options"] == {"include_usage": True, "continuous_usage_stats": True}


def test_connecting_does_not_count() -> None:
    """The time of sending is when the head is written, later than when the request was asked for."""

    async def ask() -> StreamResult:
        counter = itertools.count().__next__
        async with (
            serving([(0, UNTIL_CLOSE + event({"content": "a"}) + DONE)]) as server,
            Streamer(counter) as streamer,
        ):
            return await streamer.send(_request(server.url))

    result = asyncio.run(ask())
    assert (result.taken_ns, result.sent_ns, result.headers_ns, result.first_ns) == (0, 1, 2, 3)


def test_no_key_no_header() -> None:
    """Without a key there is no Authorization header."""

    async def ask() -> Scripted:
        async with (
            serving([(0, UNTIL_CLOSE + event({"content": "a"}) + DONE)]) as server,
            Streamer(Clock()) as streamer,
        ):
            await streamer.send(dataclasses.replace(_request(server.url), key=None))
            return server

    assert "authorization" not in asyncio.run(ask()).asked[0].headers


def test_server_that_breaks_its_promise_to_keep_alive() -> None:
    """Requests in a row succeed though the server says keep-alive and closes, as llama.cpp does after a stream."""

    async def ask() -> list[StreamResult]:
        head = CHUNKED.replace(b"\r\n\r\n", b"\r\nKeep-Alive: timeout=5, max=100\r\n\r\n")
        answer = head + chunk(event({"content": "a"}) + STOP + DONE) + END
        async with serving([(0, answer)]) as server, Streamer(Clock()) as streamer:
            return [await streamer.send(_request(server.url)) for _ in range(5)]

    assert [result.fault for result in asyncio.run(ask())] == [None] * 5


def test_many_streams_at_once() -> None:
    """No pool holds requests back: 150 streams are open together."""

    async def ask() -> int:
        script = _stream((0, event({"content": "a"}) + STOP + DONE))
        async with serving(script, together=150) as server, Streamer(Clock()) as streamer:
            results = await asyncio.gather(*(streamer.send(_request(server.url)) for _ in range(150)))
        return sum(result.fault is None for result in results)

    assert asyncio.run(ask()) == 150

"""Is each runtime spoken to as it wants: address, key, limit, schema, contract?"""

from __future__ import annotations

import asyncio
import time

import pytest
from aiohttp import web

from assay.runtime.adapters import ADAPTERS, dialect_of
from assay.runtime.client import Client, request_body, sent_as_text
from assay.runtime.dialect import OPENAI, Dialect
from assay.runtime.pace import Pace
from assay.runtime.stream import Streamer, StreamRequest
from assay.schema.suite import Message, RequestSettings
from tests.runtime.replaying import serving

QUESTION = (Message(role="user", content="hi"),)
SETTINGS = RequestSettings(timeout_s=5, max_retries=0)


def one() -> Pace:
    """Return a pace of one request at a time."""
    return Pace(1, time.monotonic)


KEY = "key-of-the-test"
SCHEMA = {"type": "object"}


@pytest.mark.parametrize("runtime", ADAPTERS)
def test_every_setting_is_sent_to_every_runtime(runtime: str) -> None:
    """Temperature, top_p, seed and one token limit go out explicitly, and never two limits."""
    body = request_body("m", QUESTION, SETTINGS, dialect=dialect_of(runtime))
    assert {"temperature", "top_p", "seed", "messages"} <= set(body)
    assert len({"max_tokens", "max_completion_tokens"} & set(body)) == 1
    field = "max_completion_tokens" if runtime in {"openai", "azure"} else "max_tokens"
    assert sent_as_text(body) == f"temperature=0 top_p=1 {field}=256 seed=7"


def test_plan_names_the_field_of_the_limit() -> None:
    """The plan's word on the token field outranks what is known of the runtime."""
    settings = SETTINGS.model_copy(update={"token_limit_field": "max_completion_tokens"})
    body = request_body("m", QUESTION, settings, max_tokens=9, schema=SCHEMA)
    assert sent_as_text(body) == "temperature=0 top_p=1 max_completion_tokens=9 seed=7 response_format=json_schema"


@pytest.mark.parametrize(
    ("runtime", "written"),
    [
        ("vllm", {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}),
        ("tgi", {"type": "json_schema", "value": {"name": "answer", "schema": SCHEMA}}),
    ],
)
def test_schema_is_written_as_the_runtime_reads_it(runtime: str, written: dict) -> None:
    """TGI refuses OpenAI's key for a schema and has its own."""
    body = request_body("m", QUESTION, SETTINGS, dialect=dialect_of(runtime), schema=SCHEMA)
    assert body["response_format"] == written


@pytest.mark.parametrize(
    ("dialect", "base_url", "address"),
    [
        (OPENAI, "http://h/v1", "http://h/v1/chat/completions"),
        (OPENAI, "http://h/v1/", "http://h/v1/chat/completions"),
        (OPENAI, "https://h/x/d?api-version=1", "https://h/x/d/chat/completions?api-version=1"),
        (Dialect(contract="plain-chat"), "http://h:9000", "http://h:9000/chat"),
        (Dialect(contract="plain-chat"), "http://h/llm/", "http://h/llm/chat"),
    ],
)
def test_chat_goes_to(dialect: Dialect, base_url: str, address: str) -> None:
    """A query stays behind the path, and a slash at the end is no other address."""
    assert dialect.chat_address(base_url) == address


def test_key_headers() -> None:
    """A key goes as a bearer token, Azure's bare in its own header, and no key in none."""
    assert OPENAI.key_headers(KEY) == {"Authorization": f"Bearer {KEY}"}
    assert dialect_of("azure").key_headers(KEY) == {"api-key": KEY}
    assert OPENAI.key_headers(None) == {}


async def _plain(request: web.Request) -> web.StreamResponse:
    assert request.path == "/chat"
    body = await request.json()
    assert (body["model_policy"], "model" in body) == ("default", False)
    answer = {"trace_id": "t1", "runtime": "vllm", "model": "local-chat", "text": "hello", "latency_ms": 12.5}
    return web.json_response({**answer, "input_tokens": 3, "output_tokens": 2}, headers={"x-trace-id": "t1"})


def test_plain_gateway_is_asked_and_read() -> None:
    """The plain contract takes messages and a policy, and answers with text, model and counts."""

    async def ask() -> None:
        dialect = dialect_of("chat-gateway")
        body = request_body("default", QUESTION, SETTINGS, dialect=dialect)
        async with serving(_plain) as base_url:
            root = base_url.removesuffix("/v1")
            async with Client(root, KEY, SETTINGS, pace=Pace(1, time.monotonic), dialect=dialect) as client:
                completion = await client.complete(body)
            async with Streamer(time.perf_counter_ns) as streamer:
                result = await streamer.send(StreamRequest(root, KEY, body, 5, dialect))
        assert (completion.output, completion.model, completion.finish_reason) == ("hello", "local-chat", None)
        assert completion.usage is not None
        assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (3, 2)
        assert (result.fault, result.first_ns, result.chunks, result.usage) == (None, None, 1, completion.usage)
        assert result.last_ns is not None

    asyncio.run(ask())


def test_plain_gateway_without_text_is_a_bad_answer() -> None:
    """An answer without `text` is told as such, in one piece as in a stream."""

    async def handle(_: web.Request) -> web.StreamResponse:
        return web.json_response({"answer": "hello"})

    async def ask() -> None:
        dialect = dialect_of("chat-gateway")
        async with serving(handle) as base_url:
            async with Client(base_url, None, SETTINGS, pace=Pace(1, time.monotonic), dialect=dialect) as client:
                completion = await client.complete({})
            async with Streamer(time.perf_counter_ns) as streamer:
                result = await streamer.send(StreamRequest(base_url, None, {}, 5, dialect))
        for fault in (completion.fault, result.fault):
            assert fault is not None
            assert (fault.kind, fault.message) == ("bad_answer", "the answer has no text")

    asyncio.run(ask())


def test_reasoning_is_counted_apart_from_the_answer() -> None:
    """Reasoning in a field of its own is counted, under whichever name the runtime has for it."""

    async def ask(field: str) -> int | None:
        async def handle(_: web.Request) -> web.StreamResponse:
            message = {"content": None, field: "let me think"}
            return web.json_response({"choices": [{"message": message, "finish_reason": "length"}]})

        async with (
            serving(handle) as base_url,
            Client(base_url, None, SETTINGS, pace=Pace(1, time.monotonic)) as client,
        ):
            completion = await client.complete(request_body("m", QUESTION, SETTINGS))
        assert (completion.output, completion.finish_reason) == ("", "length")
        return completion.reasoning_characters

    assert [asyncio.run(ask(field)) for field in ("reasoning", "reasoning_content", "thoughts")] == [12, 12, None]


@pytest.mark.parametrize(("status", "kind"), [(200, "bad_answer"), (500, "server_error")])
def test_a_body_without_end_is_not_read_to_its_end(status: int, kind: str) -> None:
    """A server that never stops sending is cut off long before its body fills the memory."""
    sent = 0

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(status=status)
        await response.prepare(request)
        while sent < 64 << 20:
            await response.write(b"x" * (1 << 16))
            sent += 1 << 16
        return response

    async def ask() -> None:
        async with (
            serving(handle) as base_url,
            Client(base_url, None, SETTINGS, pace=Pace(1, time.monotonic)) as client,
        ):
            completion = await client.complete(request_body("m", QUESTION, SETTINGS))
        assert completion.fault is not None
        assert completion.fault.kind == kind

    asyncio.run(ask())
    assert sent < 32 << 20

"""Is every recorded answer of every runtime to a chat either read, or typed by what went wrong?"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from assay.runtime.client import Client, request_body
from assay.runtime.faults import retry_after_s
from assay.runtime.pace import Pace
from assay.runtime.stream import Streamer, StreamRequest
from assay.schema.suite import Message, RequestSettings
from tests.runtime.replaying import SAMPLES, body_of, sample, serving

if TYPE_CHECKING:
    from assay.runtime.stream import StreamResult
    from assay.schema.run import Completion

QUESTION = (Message(role="user", content="hi"),)
SETTINGS = RequestSettings(timeout_s=5, max_retries=0)


def one() -> Pace:
    """Return a pace of one request at a time."""
    return Pace(1, time.monotonic)


FAULTS = {
    "litellm/auth_missing_chat": "unauthorized",
    "litellm/auth_wrong_chat": "unauthorized",
    "litellm/auth_wrong_nosk": "unauthorized",
    "litellm/chat_bad_json": "bad_request",
    "litellm/chat_model_rpm_3": "rate_limited",
    "litellm/chat_model_rpm_4": "rate_limited",
    "litellm/chat_timeout": "timeout",
    "litellm/chat_unknown_model": "unknown_model",
    "litellm/chat_upstream_401": "unauthorized",
    "litellm/chat_upstream_429": "rate_limited",
    "litellm/chat_upstream_500": "server_error",
    "litellm/chat_upstream_503": "loading",
    "litellm/chat_upstream_ctx_overflow": "context_overflow",
    "litellm/chat_upstream_down": "server_error",
    "litellm/circuit_open_1": "server_error",
    "litellm/circuit_open_3": "server_error",
    "litellm/circuit_open_6": "rate_limited",
    "llama.cpp/auth_missing_chat": "unauthorized",
    "llama.cpp/chat_bad_json": "bad_request",
    "llama.cpp/chat_bad_type": "bad_request",
    "llama.cpp/chat_context_overflow": "context_overflow",
    "llama.cpp/chat_context_overflow_stream": "context_overflow",
    "llama.cpp/chat_json_schema_invalid": "bad_request",
    "llama.cpp/chat_missing_messages": "bad_request",
    "llama.cpp/chat_response_format_bad": "bad_request",
    "lmstudio/error_model_not_found_404": "unknown_model",
    "lmstudio/error_response_format_400": "bad_request",
    "nginx/body_too_large_413": "bad_request",
    "nginx/timeout_504": "timeout",
    "nginx/upstream_429_passthrough": "rate_limited",
    "nginx/upstream_503_passthrough": "loading",
    "nginx/upstream_down_502": "server_error",
    "ollama/queue_full_503": "rate_limited",
    "ollama/v1_error_context": "context_overflow",
    "ollama/v1_error_not_found": "unknown_model",
    "openai/error_context_400": "context_overflow",
    "openai/error_unsupported_max_tokens_400": "bad_request",
    "sglang/error_context_400": "context_overflow",
    "sglang/error_queue_full_503": "rate_limited",
    "sglang/unauthorized_401": "unauthorized",
    "tgi/error_generation_424": "out_of_memory",
    "tgi/error_overloaded_429": "rate_limited",
    "tgi/error_unauthorized_401": "unauthorized",
    "tgi/error_validation_422": "context_overflow",
    "vllm/auth_missing_chat": "unauthorized",
    "vllm/auth_wrong_chat": "unauthorized",
    "vllm/chat_bad_content_type": "bad_request",
    "vllm/chat_bad_json": "bad_request",
    "vllm/chat_bad_type": "bad_request",
    "vllm/chat_context_overflow": "context_overflow",
    "vllm/chat_context_overflow_stream": "context_overflow",
    "vllm/chat_empty_messages": "bad_request",
    "vllm/chat_json_schema_invalid": "bad_request",
    "vllm/chat_max_tokens_over_ctx": "context_overflow",
    "vllm/chat_max_tokens_zero": "bad_request",
    "vllm/chat_missing_messages": "bad_request",
    "vllm/chat_queue_full": "rate_limited",
    "vllm/chat_response_format_bad": "bad_request",
    "vllm/chat_temperature_negative": "bad_request",
    "vllm/chat_top_logprobs_30": "bad_request",
    "vllm/chat_unknown_model": "unknown_model",
}
"""What each recorded refusal is, by one word for all runtimes."""

STREAMS = {
    "litellm/chat_stream": None,
    "litellm/chat_stream_usage": None,
    "llama.cpp/chat_stream_include_usage": None,
    "llama.cpp/chat_stream_no_usage_option": None,
    "ollama/api_chat_stream_error": "bad_answer",  # not the protocol that was asked for
    "ollama/v1_chat_stream_usage": None,
    "openai/azure_first_stream_chunk": "stream_cut",  # its first chunk alone
    "tgi/stream_error_event": "bad_request",
    "vllm/chat_stream_no_usage": "bad_answer",  # random weights: tokens without a letter
    "vllm/chat_stream_per_request_metrics": "bad_answer",  # random weights: tokens without a letter
    "vllm/chat_stream_usage": "bad_answer",  # random weights: tokens without a letter
}
"""What each recorded stream comes to: None is a whole answer."""

WAITS = {
    "litellm/chat_model_rpm_3": 60.0,
    "litellm/chat_upstream_429": 7.0,
    "litellm/chat_upstream_503": 7.0,
    "litellm/circuit_open_6": 30.0,
    "nginx/upstream_429_passthrough": 7.0,
    "nginx/upstream_503_passthrough": 7.0,
    "vllm/chat_queue_full": None,
    "ollama/queue_full_503": None,
}
"""Seconds that a refusal asks to wait."""

NOT_ONE_ANSWER = {
    "llama.cpp/determinism_probe",
    "llama.cpp/input_tokens",
    "vllm/cors_probe",
    "litellm/cors_probe",
    "llama.cpp/cors_probe",
    "nginx/sse_buffering",
    "ollama/api_chat_final",
    "lmstudio/api_v0_chat",
}
"""Recordings of something else than one answer to one chat in the protocol that Assay speaks."""


def exchanges() -> dict[str, dict]:
    """Return all recorded chats by name."""
    found = {}
    for path in sorted(SAMPLES.glob("*/*.json")):
        recorded = json.loads(path.read_text("utf-8"))
        if "chat" in recorded.get("request", {}).get("path", "") and isinstance(recorded["response"]["status"], int):
            found[f"{path.parent.name}/{path.stem}"] = recorded["response"]
    return {name: answer for name, answer in found.items() if name not in NOT_ONE_ANSWER}


def replayed(answer: dict) -> web.Response:
    headers = {name: value for name, value in (answer.get("headers") or {}).items() if "retry-after" in name}
    kind = "text/event-stream" if "sse_lines" in answer else "application/json"
    return web.Response(status=answer["status"], body=body_of(answer), headers=headers, content_type=kind)


def asked(name: str) -> Completion:
    """Ask a server that answers as recorded."""

    async def ask() -> Completion:
        async def handle(_: web.Request) -> web.StreamResponse:
            return replayed(sample(name)["response"])

        async with (
            serving(handle) as base_url,
            Client(base_url, None, SETTINGS, pace=Pace(1, time.monotonic)) as client,
        ):
            return await client.complete(request_body("m", QUESTION, SETTINGS))

    return asyncio.run(ask())


def streamed(name: str) -> StreamResult:
    """Ask a server for a stream that comes as recorded."""

    async def ask() -> StreamResult:
        async def handle(_: web.Request) -> web.StreamResponse:
            return replayed(sample(name)["response"])

        async with serving(handle) as base_url, Streamer(time.perf_counter_ns) as streamer:
            return await streamer.send(StreamRequest(base_url, None, request_body("m", QUESTION, SETTINGS), 5))

    return asyncio.run(ask())


def test_no_recorded_refusal_or_stream_is_forgotten() -> None:
    """Each recorded chat that was refused or streamed stands in one of the tables."""
    recorded = exchanges()
    assert set(FAULTS) == {name for name, answer in recorded.items() if answer["status"] >= 400} | {
        "sglang/unauthorized_401"
    }
    assert set(STREAMS) == {name for name, answer in recorded.items() if {"sse_lines", "ndjson_lines"} & set(answer)}


@pytest.mark.parametrize("name", FAULTS)
def test_recorded_refusals_have_one_word_each(name: str) -> None:
    """A refusal of any shape is typed by what it means, and keeps its status."""
    fault = asked(name).fault
    assert fault is not None
    assert (fault.kind, fault.http_status) == (FAULTS[name], sample(name)["response"]["status"])


@pytest.mark.parametrize("name", WAITS)
def test_recorded_refusals_say_how_long_to_wait(name: str) -> None:
    """A gateway that moves Retry-After to a name of its own is understood too."""
    headers = {key.lower(): value for key, value in (sample(name)["response"].get("headers") or {}).items()}
    assert retry_after_s(headers) == WAITS[name]


@pytest.mark.parametrize("name", STREAMS)
def test_recorded_streams_are_read_to_their_end(name: str) -> None:
    """A stream is whole, cut, or carries an error after HTTP 200."""
    result = streamed(name)
    assert (result.fault.kind if result.fault is not None else None) == STREAMS[name]
    assert (result.first_ns is not None) == (STREAMS[name] is None)


@pytest.mark.parametrize(
    "name", [name for name, answer in exchanges().items() if answer["status"] == 200 and "json" in answer]
)
def test_recorded_answers_are_read(name: str) -> None:
    """A whole answer of any runtime is read with its reason to end and its counts."""
    said, completion = sample(name)["response"]["json"], asked(name)
    assert completion.fault is None
    assert completion.output == (said["choices"][0]["message"]["content"] or "")
    assert completion.finish_reason == said["choices"][0]["finish_reason"]
    assert completion.usage is not None
    assert completion.usage.prompt_tokens == said["usage"]["prompt_tokens"]


def test_openai_says_which_field_it_wants() -> None:
    """The refusal of max_tokens keeps the words that say what to send."""
    fault = asked("openai/error_unsupported_max_tokens_400").fault
    assert fault is not None
    assert "max_completion_tokens" in fault.message

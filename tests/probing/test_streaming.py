"""Does the probe tell a stream that flows from one that is held back?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from assay.runtime.adapters import dialect_of
from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from tests.probing.gateway import Manners
from tests.probing.probed import answer_to, found, probed, subject_at
from tests.readiness.seen_limits import came, seen
from tests.runtime.replaying import sample, serving

if TYPE_CHECKING:
    from assay.schema.provenance import ProbeResult

CHUNK = b'data: {"choices": [{"index": 0, "delta": {"content": "a "}, "finish_reason": null}]}\n\n'


def recorded(arrivals: list[list]) -> ProbeResult:
    """Return what the probe came to at a server whose chunks come as recorded, in half the time."""

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        before = 0.0
        for at_s, line in arrivals:
            await asyncio.sleep((at_s - before) * 0.55)
            before = at_s
            await response.write(b"data: [DONE]\n\n" if "[DONE]" in line else CHUNK)
        return response

    async def look() -> ProbeResult:
        async with serving(handle) as base_url, wire_to(base_url, None) as wire:
            return await run_probe("streaming", DEEP_PROBES["streaming"], subject_at(base_url), wire, 30.0)

    return asyncio.run(look())


def test_a_stream_that_flows_is_seen() -> None:
    """A gateway that passes each token on is met, after two streams that are long enough."""
    result = probed("streaming", Manners(token_s=0.011))
    answer = found("streams-unbuffered", result)
    assert answer.status == "met"
    assert result.requests == 2
    assert "32 chunks came in " in answer.reason


def test_a_longer_stream_is_asked_for_where_it_is_over_too_soon() -> None:
    """A fast server is asked for as many tokens as take long enough, and for fewer where those are refused."""
    result = probed("streaming", Manners(most_tokens=200))
    assert found("streams-unbuffered", result).status == "met"
    assert result.exchanges[0].shows["limit"] == 32
    assert result.exchanges[-1].shows["limit"] > 60  # type: ignore[operator]  # a number


def test_a_stream_that_is_held_back_is_found() -> None:
    """A gateway that sends all tokens at the end is not met."""
    answer = answer_to("streams-unbuffered", "streaming", Manners(token_s=0.011, buffers=True))
    assert answer.status == "not_met"
    assert "32 chunks came together at the end, after " in answer.reason


def test_the_buffer_of_nginx_is_found() -> None:
    """The recorded times of a stream through nginx, which came at 0.612 of 0.612 s, are those of a buffer."""
    answer = found("streams-unbuffered", recorded(sample("nginx/sse_buffering")["via_nginx"]))
    assert (answer.status, "4 chunks came together at the end" in answer.reason) == ("not_met", True)


def test_a_protocol_without_streams_needs_none() -> None:
    """The plain contract has no streams: the question does not arise, and nothing is sent."""
    result = probed("streaming", dialect=dialect_of("chat-gateway"))
    answer = found("streams-unbuffered", result)
    assert (result.requests, answer.status, answer.reason) == (0, "not_applicable", "its protocol has no streams")


def stream(chunks: int, reads: int, first_ms: int, last_ms: int) -> object:
    return came("stream", chunks=chunks, reads=reads, content_first_ms=first_ms, content_last_ms=last_ms)


@pytest.mark.parametrize(
    ("exchanges", "status", "told"),
    [
        ([stream(32, 32, 10, 600)] * 2, "met", "32 chunks came in 32 reads, from 0.01 to 0.6 s"),
        ([stream(48, 3, 200, 600)] * 2, "not_met", "48 chunks came in 3 lumps"),
        ([stream(32, 32, 10, 600), stream(32, 1, 600, 600)], "not_met", "came together at the end, after 0.6 s"),
        ([stream(32, 32, 500, 600)] * 2, "unknown", "32 chunks came late, from 0.5 to 0.6 s"),
        ([stream(32, 32, 2000, 2150)] * 2, "unknown", "32 chunks came late, from 2 to 2.15 s"),
        ([stream(32, 32, 2000, 2150), *[stream(32, 32, 10, 600)] * 2], "met", "from 0.01 to 0.6 s"),
        ([stream(32, 32, 600, 610)] * 2, "not_met", "32 chunks came together at the end, after 0.6 s"),
        ([stream(32, 32, 10, 200)] * 5, "unknown", "over too soon to tell: the longest took 200 ms"),
        ([stream(32, 32, 10, 600)], "unknown", "over too soon"),
        ([stream(2, 2, 10, 600)] * 2, "unknown", "a stream of 2 chunks is too short to tell"),
        ([came("stream", 500)], "unknown", "no stream was answered: POST /v1/chat/completions stream: 500"),
        ([came("stream").model_copy(update={"shape": "completion"})], "not_met", "a stream is answered in one piece"),
    ],
)
def test_two_streams_must_say_the_same(exchanges: list, status: str, told: str) -> None:
    """Lumps are a buffer too, and what is too short or too late tells nothing."""
    answer = found("streams-unbuffered", seen("streaming", *exchanges))
    assert (answer.status, told in answer.reason) == (status, True), answer.reason

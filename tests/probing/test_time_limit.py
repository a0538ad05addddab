"""Does the probe tell whether a server ends what takes too long?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.at_length import came as of_length
from assay.runtime.probing.probing import Probing, run_probe
from assay.runtime.probing.wire import Reply, wire_to
from tests.probing.gateway import Manners
from tests.probing.probed import answer_to, found, probed, subject_at
from tests.readiness.seen_limits import came, seen
from tests.runtime.replaying import body_of, sample, serving

if TYPE_CHECKING:
    from assay.schema.provenance import ProbeResult


def test_a_time_limit_is_seen() -> None:
    """A gateway that ends an answer by 504, and a stream by cutting it off, is met."""
    answer = answer_to(
        "requests-end", "time-limit", Manners(most_tokens=None, ends_after_s=0.3), server_timeout_s=0.4, slots=2
    )
    assert answer.status == "met"
    assert "an answer in one piece is ended by 504 after " in answer.reason
    assert "a stream is cut off after " in answer.reason


def test_no_time_limit_is_found() -> None:
    """A gateway that goes on past its time is not met, for both ways of asking."""
    manners = Manners(most_tokens=None, ends_after_s=None)
    answer = answer_to("requests-end", "time-limit", manners, server_timeout_s=0.1)
    assert answer.status == "not_met"
    assert answer.reason.count("still went on after ") == 2
    assert (
        "though the server should end it after 0.1 s: POST /v1/chat/completions with max_tokens=10000000"
        in answer.reason
    )


def test_a_server_whose_longest_answer_is_short_needs_none() -> None:
    """Where the highest limit that is taken is reached in time, nothing has to be ended."""
    result = probed("time-limit", Manners(most_tokens=100, ends_after_s=None))
    answer = found("requests-end", result)
    assert answer.status == "met"
    assert answer.reason.count("of the highest limit that is taken needs no end: the answer was complete after ") == 2


@pytest.mark.parametrize("name", ["nginx/timeout_504", "litellm/chat_timeout"])
def test_recorded_timeouts_are_seen(name: str) -> None:
    """nginx ends a request by 504 and LiteLLM by 408: both are an end."""

    async def handle(request: web.Request) -> web.StreamResponse:
        await request.content.read()
        await asyncio.sleep(0.05)
        answer = sample(name)["response"]
        return web.Response(status=answer["status"], body=body_of(answer))

    async def look() -> ProbeResult:
        async with serving(handle) as base_url, wire_to(base_url, None) as wire:
            subject = subject_at(base_url, server_timeout_s=0.1)
            return await run_probe("time-limit", DEEP_PROBES["time-limit"], subject, wire, 30.0)

    answer = found("requests-end", asyncio.run(look()))
    assert (answer.status, answer.reason.count(f"is ended by {sample(name)['response']['status']}")) == ("met", 2)


def test_a_time_that_is_too_long_to_watch_is_left_out() -> None:
    """Nothing is sent where the answer would take longer than the probe watches."""
    result = probed("time-limit", server_timeout_s=60.0)
    assert (result.ended, result.requests) == ("left_out", 0)
    answer = found("requests-end", result)
    assert (answer.status, answer.reason) == (
        "unknown",
        (
            "whether a request is ended in time is not known: "
            "the server is said to end a request after 60 s, and none is watched beyond 40 s"
        ),
    )


@pytest.mark.parametrize(
    ("exchange", "status", "told"),
    [
        (came("whole", 500, 5000, said_s=5.0), "not_met", "ended after 5 s by 500, not by 504 or 408"),
        (came("whole", 500, 100, said_s=5.0), "unknown", "completions whole: 500"),
        (came("whole", 429, 5000, said_s=5.0), "unknown", "completions whole: 429"),
        (came("whole", 504, 100, said_s=5.0), "unknown", "completions whole: 504"),
        (came("whole", 504, 2000, said_s=30.0), "met", "is ended by 504 after 2 s"),
        (came("stream", 200, 2, said_s=5.0, broken=True, trouble="the answer broke off"), "unknown", "stream: 200"),
        (came("stream", 200, 5000, said_s=5.0, broken=True), "unknown", "stream: 200"),
        (came("whole", None, 5000, said_s=5.0, trouble="the connection failed"), "met", "by closing the connection"),
        (came("whole", None, 5, said_s=5.0, trouble="cannot connect: refused"), "unknown", "cannot connect"),
        (
            came("stream", took_ms=900, said_s=5.0, finish="stop", tokens=40),
            "unknown",
            "the model ended its answer by itself",
        ),
    ],
)
def test_an_early_end_is_no_time_limit(exchange: object, status: str, told: str) -> None:
    """What fails at once fails for another reason, and a model that ends by itself shows nothing."""
    answer = found("requests-end", seen("time-limit", exchange))  # type: ignore[arg-type]  # an exchange
    assert (answer.status, told in answer.reason) == (status, True), answer.reason


@pytest.mark.parametrize("finish", ["length", "stop"])
@pytest.mark.parametrize(
    ("took_ms", "status", "told"),
    [
        (15900, {"length": "met", "stop": "unknown"}, "after 15.9 s, 900 tokens"),
        (19900, "unknown", "a stream was complete after 19.9 s, and the server should end it after 20 s"),
        (20900, "not_met", "a stream was complete after 20.9 s: nothing ended it, though the server should after 20 s"),
    ],
)
def test_a_complete_answer_was_ended_by_nobody(took_ms: int, status: str | dict, told: str, finish: str) -> None:
    """An answer that came to its end near the claimed time or after it shows no time limit, however it ended."""
    own = came("stream", took_ms=took_ms, said_s=20.0, finish=finish, tokens=900)
    answer = found("requests-end", seen("time-limit", own))
    expected = status if isinstance(status, str) else status[finish]
    assert (answer.status, told in answer.reason) == (expected, True), answer.reason


def test_a_page_is_no_answer_that_was_cut_off() -> None:
    """A server that answers everything with a page, at once, shows no time limit."""

    async def page(request: web.Request) -> web.StreamResponse:
        await request.content.read()
        return web.Response(text="<html>hello</html>", content_type="text/html")

    async def look() -> ProbeResult:
        async with serving(page) as base_url, wire_to(base_url, None) as wire:
            subject = subject_at(base_url, key=None, server_timeout_s=0.2)
            return await run_probe("time-limit", DEEP_PROBES["time-limit"], subject, wire, 60.0)

    answer = found("requests-end", asyncio.run(look()))
    assert (answer.status, "whether a request is ended in time is not known" in answer.reason) == ("unknown", True)


def test_what_the_client_itself_cuts_off_was_still_going() -> None:
    """An answer that is longer than the client reads was not ended by the server."""
    probing = Probing(subject_at("http://127.0.0.1:9/v1"), None, 1)  # type: ignore[arg-type]  # nothing is sent
    reply = Reply(200, {}, b"data: {}\n\n".ljust(16 << 20), ((5, 16 << 20),), 900, "")
    assert of_length(probing)(reply)["going"] is True

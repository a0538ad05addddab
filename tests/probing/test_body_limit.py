"""Does the probe tell up to which size a body is taken, however the larger one is turned away?"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from tests.probing.gateway import Manners
from tests.probing.probed import answer_to, found, probed, subject_at
from tests.readiness.seen_limits import came, seen
from tests.runtime.replaying import body_of, sample, serving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assay.schema.provenance import ProbeResult

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ANSWER = json.dumps({"choices": [{"index": 0, "finish_reason": "length", "message": {"content": "yes"}}]}).encode()
MIB = 1 << 20


def probed_at(handler: Handler) -> ProbeResult:
    """Return what the probe of a server that answers by a handler came to."""

    async def look() -> ProbeResult:
        async with serving(handler) as base_url, wire_to(base_url, None) as wire:
            subject = subject_at(base_url, key=None)
            return await run_probe("body-limit", DEEP_PROBES["body-limit"], subject, wire, 30.0)

    return asyncio.run(look())


def refusing(response: dict[str, object]) -> Handler:
    """Answer as recorded to a body of more than 1 MiB, and with a completion to others."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if len(await request.content.read()) <= MIB:
            return web.Response(body=ANSWER, content_type="application/json")
        headers = {"Content-Type": "text/html"} if response["status"] == 413 else {}
        return web.Response(status=int(str(response["status"])), body=body_of(response), headers=headers)

    return handle


def closing(early: bytes) -> ProbeResult:
    """Return what the probe came to at a server that reads no body above 1 MiB: it says `early` and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if length > MIB:
            writer.write(early)
        else:
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER))
        await writer.drain()
        writer.close()

    async def look() -> ProbeResult:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            async with wire_to(base_url, None) as wire:
                subject = subject_at(base_url, key=None)
                return await run_probe("body-limit", DEEP_PROBES["body-limit"], subject, wire, 30.0)

    return asyncio.run(look())


def test_a_limit_is_seen() -> None:
    """A gateway that refuses a large body by 413 is met, and both sizes are named."""
    answer = answer_to("body-limited", "body-limit")
    assert (answer.status, answer.reason) == ("met", "a body of 1.5 MiB is refused by 413; one of 64 KiB is taken")


def test_no_limit_is_found() -> None:
    """A gateway that takes 24 MiB is not met, and no model had to read them."""
    result = probed("body-limit", Manners(most_bytes=None))
    answer = found("body-limited", result)
    assert (answer.status, answer.reason) == (
        "not_met",
        "every body is taken, up to 24 MiB: POST /v1/chat/completions with 24576 KiB",
    )
    assert (result.requests, [own.shows["bytes"] for own in result.steps("grown")][-1]) == (6, 24 * MIB)


def test_the_page_of_nginx_is_a_refusal() -> None:
    """The recorded 413 of nginx at 1 MB is met, with a word on the page that no client of an API reads."""
    answer = found("body-limited", probed_at(refusing(sample("nginx/body_too_large_413")["response"])))
    assert (answer.status, answer.reason) == (
        "met",
        "a body of 1.5 MiB is refused by 413, with a page in place of a JSON error; one of 64 KiB is taken",
    )


def test_litellm_has_no_limit() -> None:
    """LiteLLM answered six megabytes as anything else: what was recorded is found again."""
    answer = found("body-limited", probed_at(refusing(sample("litellm/chat_big_body")["response"])))
    assert answer.status == "not_met"


@pytest.mark.parametrize(
    ("early", "told"),
    [
        (b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "refused by 413"),
        (b"", "the connection is closed while a body of 1.5 MiB is sent; one of 64 KiB is taken"),
    ],
    ids=["answers", "says nothing"],
)
def test_a_server_may_close_while_a_body_is_sent(early: bytes, told: str) -> None:
    """A refusal that comes before the body was read, or a closed connection, is a limit too."""
    answer = found("body-limited", closing(early))
    closed = "the connection is closed while a body of 1.5 MiB is sent"
    assert answer.status == "met"
    assert told in answer.reason or closed in answer.reason  # a reset may overtake the refusal


SMALL, TAKEN, AGAIN = came("small", bytes=150), came("grown", bytes=64 << 10), came("again", bytes=150)


@pytest.mark.parametrize(
    ("exchanges", "status", "told"),
    [
        ((came("small", 404),), "unknown", "which bodies are taken is not known: POST /v1/chat/completions small: 404"),
        (
            (SMALL, came("grown", 413, bytes=64 << 10), AGAIN),
            "met",
            "a body of 64 KiB is refused by 413; one of 150 bytes is taken",
        ),
        ((SMALL, TAKEN, came("grown", 400, bytes=MIB, names_size=True), AGAIN), "met", "is refused by 400"),
        (
            (SMALL, TAKEN, came("grown", 400, bytes=MIB), AGAIN),
            "not_met",
            "1 MiB is answered by 400, not refused by 413",
        ),
        (
            (SMALL, TAKEN, came("grown", 500, bytes=MIB), AGAIN),
            "not_met",
            "1 MiB is answered by 500, not refused by 413",
        ),
        ((SMALL, TAKEN, came("grown", 429, bytes=MIB), AGAIN), "unknown", "completions grown: 429"),
        (
            (SMALL, TAKEN, came("grown", None, trouble="no whole answer within 20 s", bytes=MIB), AGAIN),
            "unknown",
            "no whole answer within 20 s",
        ),
        (
            (SMALL, TAKEN, came("grown", 413, bytes=MIB), came("again", None, trouble="cannot connect")),
            "not_met",
            "a small body is not answered any more: POST /v1/chat/completions again: cannot connect",
        ),
        ((SMALL, TAKEN, came("grown", 413, bytes=MIB)), "unknown", "whether the server still answers"),
    ],
)
def test_only_a_refusal_of_the_size_is_one(exchanges: tuple, status: str, told: str) -> None:
    """A refusal says that it is for the size, and the server lives on."""
    answer = found("body-limited", seen("body-limit", *exchanges))
    assert (answer.status, told in answer.reason) == (status, True), answer.reason


def test_out_of_time_is_unknown() -> None:
    """Bodies that were taken until time ran out show no missing limit."""
    result = seen("body-limit", SMALL, TAKEN, ended="out_of_time", note="it could not be told within 60 s")
    answer = found("body-limited", result)
    assert (answer.status, answer.reason) == (
        "unknown",
        "which bodies are taken is not known: it could not be told within 60 s",
    )

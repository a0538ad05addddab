"""Is what a probe keeps of an answer fit for evidence, whatever a server sends?"""

from __future__ import annotations

import asyncio
import gzip

from aiohttp import web

from assay.runtime.probing.probing import Probe, Probing, run_probe
from assay.runtime.probing.wire import Ask, Reply, wire_to
from assay.schema.provenance import Exchange, ProbeResult
from tests.probing.gateway import KEY, OTHER_KEY
from tests.probing.probed import subject_at
from tests.runtime.replaying import serving


def kept_of(*headers: bytes, shows: object = None) -> Exchange:
    """Return what is kept of an answer with these lines in its head."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\r\n".join((b"HTTP/1.1 200 OK", b"Content-Length: 0", *headers, b"", b"")))
        await writer.drain()
        writer.close()

    async def look() -> Exchange:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            async with wire_to(base_url, KEY) as wire:
                probing = Probing(subject_at(base_url), wire, 1)
                await probing.ask(Ask("some", "GET", "/v1/models"), lambda _: {"shown": shows})  # type: ignore[dict-item]  # any
                return probing.exchanges[0]

    return asyncio.run(look())


def test_bytes_that_are_no_text_can_be_read_back() -> None:
    """A header in another encoding than UTF-8 leaves evidence that can be written and read."""
    kept = kept_of(b"Server: caf\xe9/\xff", shows="\udcff")
    assert kept.headers["server"] == "caf?/?"
    assert Exchange.model_validate_json(kept.model_dump_json()) == kept


def test_keys_are_hidden_in_any_case() -> None:
    """A server that echoes a key in mixed case does not bring it into the evidence."""
    kept = kept_of(f"Server: {KEY.title()} {OTHER_KEY.upper()}".encode(), shows=KEY.swapcase())
    assert (kept.headers["server"], kept.shows["shown"]) == ("[key] [key]", "[key]")


def test_a_number_that_nobody_can_reckon_with_is_not_kept() -> None:
    """A count of thousands of digits, or none that is finite, is no count."""
    assert [kept_of(shows=number).shows["shown"] for number in (10**4000, float("inf"), float("nan"), 7)] == [
        *(None, None, None),
        7,
    ]


def test_what_is_spent_is_told_from_within_a_group_of_tasks() -> None:
    """A probe that asks several things at once, and more than it may, ends like any other that does."""

    async def look(probing: Probing) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(probing.ask(Ask("some", "GET", "/v1/models")))

    async def done() -> ProbeResult:
        subject = subject_at("http://127.0.0.1:9/v1")
        async with wire_to(subject.base_url, KEY) as wire:
            return await run_probe("cors", Probe("Some.", 2, 5.0, look), subject, wire, 5.0)

    result = asyncio.run(done())
    assert (result.ended, result.note) == ("out_of_requests", "it could not be told with 2 requests")


def test_an_answer_that_is_packed_unasked_is_read_within_its_bounds() -> None:
    """Leaks in a packed error are seen, and a small one that would fill the memory is cut."""

    async def handle(request: web.Request) -> web.StreamResponse:
        body = b"Traceback (most recent call last):" if request.path.endswith("leak") else bytes(64 << 20)
        return web.Response(status=500, body=gzip.compress(body, 1), headers={"Content-Encoding": "gzip"})

    async def look() -> tuple[Reply, Reply]:
        async with serving(handle) as base_url, wire_to(base_url, None) as wire:
            return await wire.send(Ask("some", "GET", "/leak")), await wire.send(Ask("some", "GET", "/bomb"))

    leak, bomb = asyncio.run(look())
    assert leak.body == b"Traceback (most recent call last):"
    assert (len(bomb.body), bomb.status) == (1 << 20, 500)

"""A server whose answers are written down byte by byte, and a clock that stands where the script puts it."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MS = 1_000_000
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
END = b"0\r\n\r\n"

Script = list[tuple[int, bytes]]
"""When, in milliseconds of the clock, and what is written."""


class Clock:
    """Nanoseconds that pass only when a script says so; it knows how often it was read."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.reads = 0

    def __call__(self) -> int:
        self.reads += 1
        return self.now_ns


@dataclass
class Asked:
    """One request, and the server's own account of it on the machine's clock."""

    line: str
    headers: dict[str, str]
    body: dict[str, object]
    arrived_ns: int
    written_ns: list[int] = field(default_factory=list)
    """When each write of the answer began."""


@dataclass
class Scripted:
    """A running server."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    """Its requests in the order in which they arrived."""


def event(delta: dict[str, object] | None = None, **others: object) -> bytes:
    """Return one event of a chat completion stream, its choice left out when there is no delta."""
    reason = others.pop("finish_reason", None)
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
    return b"data: " + json.dumps({"choices": choices, **others}, ensure_ascii=False).encode() + b"\n\n"


def chunk(data: bytes) -> bytes:
    """Return bytes in the chunked transfer coding."""
    return b"%x\r\n%s\r\n" % (len(data), data)


@asynccontextmanager
async def serving(
    script: Script, *, clock: Clock | None = None, pause_s: float = 0, together: int = 1
) -> AsyncIterator[Scripted]:
    """Answer each request with the script, then close the connection.

    With a clock the server waits after each write until the client has read it, so every read gets the time of its
    write; without one it pauses between the writes. The first requests are answered once `together` of them have come.
    """
    tasks: set[asyncio.Task[None]] = set()
    all_here = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            asked = await _request(reader)
            server.asked.append(asked)
            if len(server.asked) >= together:
                all_here.set()
            await all_here.wait()
            for at_ms, data in script:
                asked.written_ns.append(time.perf_counter_ns())
                await _write(writer, data, at_ms, clock)
                await asyncio.sleep(pause_s)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client has heard enough, or the test has
        finally:
            writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    server = Scripted(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1")
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listener.wait_closed()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
    body = await reader.readexactly(int(headers["content-length"]))
    return Asked(head[0], headers, json.loads(body), time.perf_counter_ns())


async def _write(writer: asyncio.StreamWriter, data: bytes, at_ms: int, clock: Clock | None) -> None:
    if clock is not None:
        clock.now_ns = at_ms * MS
    reads = clock.reads if clock is not None else 0
    writer.write(data)
    await writer.drain()
    while clock is not None and clock.reads == reads and data:  # noqa: ASYNC110 - the client must not notice
        await asyncio.sleep(0)

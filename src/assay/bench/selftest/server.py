"""How does a process stream tokens at known times, and say when it did?

It runs as `python -m assay.bench.selftest.server`, parses no more HTTP than it needs, and has every chunk ready before
it is due, so that it stays far from the limit of one core beside a client of 128 streams. Its account of each request
has the shape of llama.cpp's `timings`: `prompt_ms` from the arrival of the request to the first token, `predicted_ms`
from there to the last one, both as measured and not as planned.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import resource
import sys
import threading
import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, cast

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Schedule", "main"]

_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_MOST_REQUEST_BYTES = 1 << 20
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
_REFUSED = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When each token of every answer is due."""

    ttft_ms: float
    """From the request to the first token, in milliseconds."""
    gap_ms: float
    """From each token to the next, in milliseconds."""
    tokens: int
    """Tokens of an answer, at least 2."""

    def due_s(self, number: int) -> float:
        """Return when a token is due after the request, in seconds; tokens count from 0.

        Nothing adds up: a token that is late does not delay the next one.
        """
        return (self.ttft_ms + number * self.gap_ms) / 1000


class _Connection(asyncio.Protocol):
    """One connection: one request, one stream, closed."""

    def __init__(self, schedule: Schedule, loop: asyncio.AbstractEventLoop) -> None:
        self._schedule = schedule
        self._loop = loop
        self._read = b""
        self._arrived_ns = self._first_ns = self._sent = 0
        self._due: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is of another class

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._due is not None:
            self._due.cancel()

    @override
    def data_received(self, data: bytes) -> None:
        if not self._read:
            self._arrived_ns = time.perf_counter_ns()
            self._start_s = self._loop.time()
        self._read += data
        end = self._read.find(b"\r\n\r\n")
        if len(self._read) > _MOST_REQUEST_BYTES:
            self._refuse()
        elif end >= 0 and self._due is None:
            length = _LENGTH.search(self._read, 0, end)
            if not self._read.startswith(b"POST ") or length is None:
                self._refuse()
            elif len(self._read) >= end + 4 + int(length[1]):
                self._begin()

    def _refuse(self) -> None:
        self._transport.write(_REFUSED)
        self._transport.close()

    def _begin(self) -> None:
        self._name = f"selftest-{next(_NUMBERS)}"
        role = self._chunk([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
        self._token = self._chunk([{"index": 0, "delta": {"content": " token"}, "finish_reason": None}])
        self._transport.write(_HEAD + role)
        self._wait()

    def _wait(self) -> None:
        self._due = self._loop.call_at(self._start_s + self._schedule.due_s(self._sent), self._send_token)

    def _send_token(self) -> None:
        now = time.perf_counter_ns()  # before the write: what writing costs is not hidden from the client's account
        self._transport.write(self._token)
        if self._sent == 0:
            self._first_ns = now
        self._sent += 1
        if self._sent < self._schedule.tokens:
            self._wait()
        else:
            self._end(now)

    def _end(self, last_ns: int) -> None:
        tokens, words = self._schedule.tokens, len(self._read.split())
        self._transport.write(
            self._chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}])
            + self._chunk(
                [],
                usage={"prompt_tokens": words, "completion_tokens": tokens, "total_tokens": words + tokens},
                timings={
                    "cache_n": 0,
                    "prompt_n": words,
                    "prompt_ms": (self._first_ns - self._arrived_ns) // 1000 / 1000,
                    "predicted_n": tokens,
                    "predicted_ms": (last_ns - self._first_ns) // 1000 / 1000,
                },
            )
            + _coded(b"data: [DONE]\n\n")
            + b"0\r\n\r\n"
        )
        self._transport.close()

    def _chunk(self, choices: Sequence[object], **others: object) -> bytes:
        head = {"id": self._name, "object": "chat.completion.chunk", "created": 1, "model": "self-test"}
        return _coded(b"data: " + json.dumps({**head, "choices": choices, **others}).encode() + b"\n\n")


def _coded(data: bytes) -> bytes:
    """Return bytes in the chunked transfer coding (RFC 9112, section 7.1)."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def main(arguments: Sequence[str]) -> None:
    """Listen on a free port of 127.0.0.1, write the port to standard output, and serve.

    Ends when standard input ends: the parent closed it, or was killed and the system closed it.

    Args:
        arguments: `--ttft-ms`, `--gap-ms` and `--tokens`, as in Schedule.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--ttft-ms", type=float, required=True)
    parser.add_argument("--gap-ms", type=float, required=True)
    parser.add_argument("--tokens", type=int, required=True)
    options = parser.parse_args(arguments)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(OSError, ValueError):  # macOS refuses its own `unlimited`
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # many systems begin with 256 or 1,024 open files
    threading.Thread(target=_end_with_parent, daemon=True).start()
    schedule = Schedule(options.ttft_ms, options.gap_ms, options.tokens)
    try:
        import uvloop
    except ImportError:
        asyncio.run(_serve(schedule))
    else:
        uvloop.run(_serve(schedule))


def _end_with_parent() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    os._exit(0)  # streams may still be under way, and nobody reads them


async def _serve(schedule: Schedule) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(schedule, loop), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how the parent learns of it
    await server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])

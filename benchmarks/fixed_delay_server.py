#!/usr/bin/env python3
"""A chat completions server that answers sums after a fixed delay: what is left of a client's time is the client's.

It parses no more HTTP than it needs, so that it stays far from the limit of one core. `GET /stats` says how many
requests it had. Usage: python benchmarks/fixed_delay_server.py --port 8101 --delay-ms 20
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re

_SUM = re.compile(rb"(\d+)\s*\+\s*(\d+)")
_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """One client connection, kept alive."""

    delay_s = 0.02
    requests = 0

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin with nothing read."""
        self._transport = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        """Take whole requests off what was read."""
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end]
            match = _LENGTH.search(head)
            size = end + 4 + (int(match[1]) if match else 0)
            if len(self._read) < size:
                return
            body, self._read = self._read[end + 4 : size], self._read[size:]
            self._take(head, body)

    def _take(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"POST"):
            Connection.requests += 1
            sums = _SUM.findall(body)
            text = str(sum(map(int, sums[-1]))) if sums else "ok"
            asyncio.get_running_loop().call_later(self.delay_s, self._answer, _completion(text))
        elif b"/models" in head.split(b" ", 2)[1]:
            self._answer(
                {"object": "list", "data": [{"id": "mock", "object": "model", "created": 1, "owned_by": "mock"}]}
            )
        else:
            self._answer({"requests": Connection.requests})

    def _answer(self, value: object) -> None:
        if not self._transport.is_closing():
            body = json.dumps(value).encode()
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            self._transport.write(head.encode() + body)


def _completion(text: str) -> object:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "mock",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 16, "completion_tokens": 2, "total_tokens": 18},
    }


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port, backlog=4096)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay-ms", type=float, default=20.0)
    options = parser.parse_args()
    Connection.delay_s = options.delay_ms / 1e3
    asyncio.run(_serve(options.port))

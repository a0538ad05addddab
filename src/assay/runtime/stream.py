"""When did the first and the last token of one request come?

The benchmark's client: one request, no retry, no limit on connections, and no more work on a chunk than the time stamps
need. Each network read is stamped before anything in it is parsed.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import aiohttp

from assay.runtime.dialect import OPENAI
from assay.runtime.faults import fault_from_status, without_key
from assay.runtime.reading import Reading, tokens_of_chunks
from assay.runtime.sse import SseParser
from assay.runtime.trouble import no_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import SimpleNamespace, TracebackType

    from pydantic import JsonValue

    from assay.runtime.dialect import Dialect
    from assay.schema.bench import ServerTimings
    from assay.schema.run import Fault, Usage

__all__ = ["StreamRequest", "StreamResult", "Streamer"]

_OK = 200
_MOST_ERROR_BYTES = 20_000
_MOST_ANSWER_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """One streamed chat completion to ask for."""

    base_url: str
    """Address up to and with `/v1`."""
    key: str | None = field(repr=False)
    """Bearer key, or None."""
    body: Mapping[str, JsonValue]
    """The whole request body; `stream` and `stream_options` are set here."""
    timeout_s: float
    """Deadline of the whole answer in seconds."""
    dialect: Dialect = OPENAI
    """How the runtime wants it written."""


@dataclass(frozen=True, slots=True)
class StreamResult:
    """What came of one request. Times are nanoseconds of the clock that the Streamer was given."""

    taken_ns: int
    """When `send` was called; from here to `sent_ns` it connects and writes."""
    sent_ns: int
    """When the head of the request was written; `taken_ns` when it never was."""
    headers_ns: int | None
    """When the head of the answer was read, or None."""
    first_event_ns: int | None
    """When the first event of the stream was read, or None; it may hold no token."""
    first_ns: int | None
    """When the first token of any channel was read; None without one, or when the answer came in one piece."""
    visible_ns: int | None
    """When the first token of the answer or of a tool call was read, thinking not counted; None as `first_ns`."""
    last_ns: int | None
    """When the last token was read, or None."""
    finish_ns: int | None
    """When the chunk was read that says why decoding ended, or None."""
    end_ns: int
    """When the stream ended or the request was given up."""
    chunk_ns: tuple[int, ...]
    """When each chunk that carried tokens was read; one may carry several."""
    chunk_tokens: tuple[int, ...] | None
    """Tokens of each such chunk, where the server counts as it goes."""
    usage: Usage | None
    """Token counts, when the server gave them."""
    response_id: str | None
    """Name that the server gave its answer, at most 100 characters."""
    finish_reason: str | None
    """Why decoding ended, in the protocol's words."""
    server: ServerTimings | None
    """What the server says of its own time, or None."""
    fault: Fault | None
    """Why there is no whole answer, or None when there is one."""
    text_bytes: int
    """Bytes of the answer, or of the thinking where a chunk had no other text, in UTF-8."""

    @property
    def chunks(self) -> int:
        """How many chunks carried tokens."""
        return len(self.chunk_ns)


class Streamer:
    """Sends streamed requests; an async context manager."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock

    async def __aenter__(self) -> Self:
        """Open the session."""
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(self._stamp_sent)
        self._session = aiohttp.ClientSession(
            # A connection for each request: llama.cpp promises to keep one alive and closes it after the stream, and
            # the next request would fall into the gap. Connecting does not count, see `sent_ns`.
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept": "text/event-stream", "Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # `send` has one deadline for everything
            trace_configs=[trace],
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self._session.close()

    async def send(self, request: StreamRequest) -> StreamResult:
        """Send one request and read its stream to the end; whatever goes wrong becomes the result's fault."""
        now = self._clock()
        reading = Reading(request.dialect, taken_ns=now, sent_ns=now)
        try:
            async with asyncio.timeout(request.timeout_s):
                await self._read(request, reading)
        except TimeoutError:
            reading.fail("timeout", f"no whole answer within {request.timeout_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            reading.fail("stream_cut" if reading.began else "connection", no_answer(error))
        except (ValueError, RecursionError) as error:
            reading.fail("bad_answer", str(error))
        return _result(reading, self._clock(), request.key)

    async def _read(self, request: StreamRequest, reading: Reading) -> None:
        plain = request.dialect.contract == "plain-chat"
        body = dict(request.body) if plain else {**request.body, **_streaming(request.dialect)}
        async with self._session.post(
            request.dialect.chat_address(request.base_url),
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **request.dialect.key_headers(request.key)},
            allow_redirects=False,  # requests go to the address in the plan and nowhere else
            trace_request_ctx=reading,
        ) as response:
            reading.headers_ns, reading.headers = self._clock(), response.headers
            if response.status != _OK:
                reading.fault = fault_from_status(response.status, await _head(response.content, _MOST_ERROR_BYTES))
                return
            reading.began = True
            if plain:
                reading.take_whole(await _head(response.content, _MOST_ANSWER_BYTES), self._clock())
                return
            await self._read_events(response.content, reading)
            if response.content_type == "application/json":
                reading.fail("bad_answer", "the server answered in one piece (application/json), not as a stream")

    async def _read_events(self, content: aiohttp.StreamReader, reading: Reading) -> None:
        parser = SseParser()
        async for read in content.iter_any():
            now = self._clock()
            for data in parser.feed(read):
                reading.take(data, now)
            if reading.fault is not None or reading.done:
                return  # a server may keep a stream open that it called done
        for data in parser.close():
            reading.take(data, self._clock())

    async def _stamp_sent(
        self, _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        context.trace_request_ctx.sent_ns = self._clock()


def _result(reading: Reading, now: int, key: str | None) -> StreamResult:
    """Return what came of the request that ended at `now`; no text of the server in it holds the key."""
    reading.end()
    fault, reason, name = reading.fault, reading.finish_reason, reading.response_id
    if fault is not None:
        fault = fault.model_copy(update={"message": without_key(fault.message, key, cut=True)})
    times = reading.chunk_ns
    return StreamResult(
        taken_ns=reading.taken_ns,
        sent_ns=reading.sent_ns,
        headers_ns=reading.headers_ns,
        first_event_ns=reading.first_event_ns,
        first_ns=times[0] if times and not reading.in_one_piece else None,
        visible_ns=reading.visible_ns,
        last_ns=times[-1] if times else None,
        finish_ns=reading.finish_ns,
        end_ns=now,
        chunk_ns=tuple(times),
        chunk_tokens=tokens_of_chunks(reading.counted),
        usage=reading.usage,
        response_id=name and without_key(name, key, cut=True),
        finish_reason=reason and without_key(reason, key, cut=True),
        server=reading.server,
        fault=fault,
        text_bytes=reading.text_bytes,
    )


async def _head(content: aiohttp.StreamReader, most: int) -> bytes:
    """Return a body, or its first bytes when it is longer than `most`."""
    body = b""
    async for read in content.iter_any():
        body += read
        if len(body) > most:
            break
    return body


def _streaming(dialect: Dialect) -> dict[str, JsonValue]:
    """Return the fields that ask for a stream, with token counts at its end or on every chunk where the runtime can."""
    if not dialect.stream_usage:
        return {"stream": True}
    options: dict[str, JsonValue] = {"include_usage": True}
    if dialect.continuous_usage:
        options["continuous_usage_stats"] = True
    return {"stream": True, "stream_options": options}

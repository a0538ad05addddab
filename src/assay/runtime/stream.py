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

from assay.runtime.answer import answer_of, read_answer
from assay.runtime.dialect import OPENAI
from assay.runtime.faults import fault_from_body, fault_from_status, without_key
from assay.runtime.sse import SseParser
from assay.runtime.trouble import no_answer
from assay.runtime.usage import usage_of
from assay.schema.run import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import SimpleNamespace, TracebackType

    from pydantic import JsonValue

    from assay.runtime.dialect import Dialect
    from assay.schema.run import Usage

__all__ = ["StreamRequest", "StreamResult", "Streamer"]

_OK = 200
_MOST_ERROR_BYTES = 20_000
_MOST_ANSWER_BYTES = 8 << 20
_MOST_MESSAGE = 500
_MOST_REASON = 100


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

    sent_ns: int
    """When the head of the request was written; connecting comes before it."""
    first_ns: int | None
    """When the first token of any channel was read; None without one, or when the answer came in one piece."""
    last_ns: int | None
    """When the last token was read, or None."""
    end_ns: int
    """When the stream ended or the request was given up."""
    chunks: int
    """Chunks that carried tokens; one may carry several."""
    usage: Usage | None
    """Token counts, when the server gave them."""
    finish_reason: str | None
    """Why decoding ended, in the protocol's words."""
    fault: Fault | None
    """Why there is no whole answer, or None when there is one."""
    text_bytes: int
    """Bytes of text in all channels, in UTF-8."""


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
        reading = _Reading(sent_ns=self._clock(), channels=("content", *request.dialect.reasoning_fields))
        try:
            async with asyncio.timeout(request.timeout_s):
                await self._read(request, reading)
        except TimeoutError:
            reading.fail("timeout", f"no whole answer within {request.timeout_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            reading.fail("stream_cut" if reading.began else "connection", no_answer(error))
        except (ValueError, RecursionError) as error:
            reading.fail("bad_answer", str(error))
        return reading.result(self._clock(), request.key)

    async def _read(self, request: StreamRequest, reading: _Reading) -> None:
        plain = request.dialect.contract == "plain-chat"
        body = dict(request.body) if plain else {**request.body, **_streaming(request.dialect)}
        async with self._session.post(
            request.dialect.chat_address(request.base_url),
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **request.dialect.key_headers(request.key)},
            allow_redirects=False,  # requests go to the address in the plan and nowhere else
            trace_request_ctx=reading,
        ) as response:
            if response.status != _OK:
                reading.fault = fault_from_status(response.status, await _head(response.content, _MOST_ERROR_BYTES))
                return
            reading.began = True
            if plain:
                reading.take_whole(await _head(response.content, _MOST_ANSWER_BYTES), request.dialect, self._clock())
                return
            await self._read_events(response.content, reading)
            if response.content_type == "application/json":
                reading.fail("bad_answer", "the server answered in one piece (application/json), not as a stream")

    async def _read_events(self, content: aiohttp.StreamReader, reading: _Reading) -> None:
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


@dataclass(slots=True)
class _Reading:
    """What is known of an answer while it comes."""

    sent_ns: int
    # vLLM and Ollama say `reasoning`, llama.cpp and SGLang `reasoning_content`. A reader waits for any first token.
    channels: tuple[str, ...]
    began: bool = False
    in_one_piece: bool = False
    first_ns: int | None = None
    last_ns: int | None = None
    done: bool = False
    chunks: int = 0
    usage: Usage | None = None
    finish_reason: str | None = None
    fault: Fault | None = None
    text_bytes: int = 0

    def take(self, data: bytes, now: int) -> None:
        """Take the data of one event that was read at `now`.

        Raises:
            ValueError: the event is not a JSON object.
        """
        if data.strip() == b"[DONE]":
            self.done = True
            return
        event = _object(data)
        if event.get("error"):
            self.fault = fault_from_body(event["error"])
            return
        self.usage = usage_of(event.get("usage")) or self.usage
        choices = event.get("choices")
        # The chunk with the usage has no choice (LiteLLM: an empty one), and so has Azure's first chunk.
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            self._take_choice(choices[0], now)

    def _take_choice(self, choice: Mapping[str, JsonValue], now: int) -> None:
        reason = choice.get("finish_reason")
        if isinstance(reason, str):
            self.finish_reason = _writable(reason, _MOST_REASON)
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            return
        text = next((delta[channel] for channel in self.channels if delta.get(channel)), None)
        if text is None and not delta.get("tool_calls"):
            return  # a role chunk: it may come long before the first token
        self.first_ns = now if self.first_ns is None else self.first_ns
        self.last_ns = now
        self.chunks += 1
        if isinstance(text, str):
            self.text_bytes += len(text.encode("utf-8", "replace"))

    def take_whole(self, body: bytes, dialect: Dialect, now: int) -> None:
        """Take an answer that came in one piece: when its first token was there, nobody saw."""
        answer = answer_of(body)
        said = read_answer(answer, dialect) if answer is not None else "JSON object"
        if isinstance(said, str):
            self.fail("bad_answer", f"the answer has no {said}")
            return
        self.done = self.in_one_piece = True
        self.last_ns, self.chunks, self.usage = now, 1, said.usage
        self.text_bytes = len(said.text.encode("utf-8", "replace"))

    def fail(self, kind: FaultKind, message: str) -> None:
        """Note why the answer ended early, unless it is whole or failed for another reason before."""
        if self.fault is None and not self.done and self.finish_reason is None:
            self.fault = Fault(kind=kind, message=_writable(message, _MOST_MESSAGE))

    def result(self, now: int, key: str | None) -> StreamResult:
        """Return what came of the request that ended at `now`; no message in it holds the key."""
        self.fail("stream_cut", "the stream ended without a finish reason and without [DONE]")
        fault = self.fault
        if fault is None and self.first_ns is None and not self.in_one_piece:
            fault = Fault(kind="bad_answer", message="the stream was whole and held no token")
        if fault is not None:
            fault = fault.model_copy(update={"message": without_key(fault.message, key, cut=True)})
        return StreamResult(
            sent_ns=self.sent_ns,
            first_ns=self.first_ns,
            last_ns=self.last_ns,
            end_ns=now,
            chunks=self.chunks,
            usage=self.usage,
            finish_reason=self.finish_reason and without_key(self.finish_reason, key, cut=True),
            fault=fault,
            text_bytes=self.text_bytes,
        )


def _object(data: bytes) -> dict[str, JsonValue]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise ValueError(f"an event of the stream is not a JSON object: {data[:80]!r}")  # noqa: TRY004 - data, no type
    return event


def _writable(text: str, most: int) -> str:
    """Return text that fits a file in UTF-8: a server may send half of a surrogate pair."""
    return text[:most].encode("utf-8", "replace").decode()


async def _head(content: aiohttp.StreamReader, most: int) -> bytes:
    """Return a body, or its first bytes when it is longer than `most`."""
    body = b""
    async for read in content.iter_any():
        body += read
        if len(body) > most:
            break
    return body


def _streaming(dialect: Dialect) -> dict[str, JsonValue]:
    """Return the fields that ask for a stream, with token counts at its end where the runtime has them."""
    return {"stream": True, **({"stream_options": {"include_usage": True}} if dialect.stream_usage else {})}

"""How is one request of a probe sent: as it is wished, whole or cut off, timed, bounded, never with an exception?"""

from __future__ import annotations

import asyncio
import io
import json
import time
import zlib
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit, urlunsplit

from assay.runtime.dialect import OPENAI, Dialect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import aiohttp
    from pydantic import JsonValue

__all__ = ["Ask", "Reply", "Wire", "wire_to"]

_MOST_BYTES: Final = 1 << 20
_PIECE: Final = 1 << 16
_PACKED: Final = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32


@dataclass(frozen=True)
class Ask:
    """One request of a probe."""

    step: str
    """What it is for within its probe."""
    method: str
    """HTTP method."""
    path: str
    """Path; those that begin with `/v1/` lie under the candidate's address, others beside it."""
    said: str = ""
    """What is special about it, in words, such as `without a key`."""
    key: Literal["own", "none"] | bytes = "own"
    """The candidate's key, no key, or another one; bytes, so that no key is taken for a word."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers."""
    body: JsonValue | bytes = None
    """A JSON document, or bytes as they are; None sends none."""
    timeout_s: float = 10.0
    """Deadline of the whole answer in seconds."""
    hang_up_after: int | None = None
    """The client hangs up after so many reads of the body, 0 for at once when the answer begins; None reads it all."""
    most_bytes: int = _MOST_BYTES
    """Longest body that is read and kept; the client hangs up beyond it."""

    @property
    def sent(self) -> str:
        """What is sent, in words."""
        return f"{self.method} {self.path} {self.said}".rstrip()


@dataclass(frozen=True)
class Reply:
    """What came of one request; its body stays in memory."""

    status: int | None
    """HTTP status, or None when there was no answer."""
    headers: Mapping[str, str]
    """Headers, found in any spelling of their names."""
    body: bytes
    """The body, at most `most_bytes` of it."""
    reads: tuple[tuple[int, int], ...]
    """When each read of the body came, in milliseconds from sending, and its bytes."""
    took_ms: int
    """Milliseconds from sending to the end of the answer, or to giving up."""
    trouble: str
    """Why there was no whole answer; empty when there was one, or when the client itself hung up."""
    late: bool = False
    """Whether the answer was still not whole at the deadline, so that the client hung up."""

    @property
    def document(self) -> JsonValue:
        """The JSON document that the body is, or None."""
        try:
            document: JsonValue = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return document


class Wire:
    """Sends what probes ask for; each request has a connection of its own, so that hanging up is seen."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, key: str | None, dialect: Dialect) -> None:
        self._session, self._key, self._dialect = session, key, dialect
        parts = urlsplit(base_url)
        self._query = f"?{parts.query}" if parts.query else ""
        self._api = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
        self._root = self._api.removesuffix("/v1")

    def address(self, path: str) -> str:
        """Return where a path lies."""
        if not path.startswith("/v1/"):
            return f"{self._root}{path}"
        query = self._query.replace("?", "&", 1) if "?" in path else self._query
        return f"{self._api}{path.removeprefix('/v1')}{query}"

    async def send(self, ask: Ask) -> Reply:
        """Send one request and return what came of it; this raises nothing but a cancellation."""
        import aiohttp

        from assay.runtime.trouble import no_answer

        reading = _Reading(time.perf_counter(), ask.most_bytes)
        trouble, late = "", False
        try:
            async with asyncio.timeout(ask.timeout_s):
                await self._read(ask, reading)
        except TimeoutError:
            trouble, late = f"no whole answer within {ask.timeout_s:g} s", True
        except (aiohttp.ClientError, OSError, ValueError) as error:
            trouble = no_answer(error)
        return reading.reply(trouble, late=late)

    async def _read(self, ask: Ask, reading: _Reading) -> None:
        headers = {"Accept-Encoding": "identity", **self._key_headers(ask), **ask.headers}
        data = ask.body if isinstance(ask.body, bytes) else None
        if ask.body is not None and data is None:
            data = json.dumps(ask.body).encode()
        if data is not None:
            headers.setdefault("Content-Type", "application/json")
        async with self._session.request(
            ask.method, self.address(ask.path), headers=headers, data=_in_pieces(data), allow_redirects=False
        ) as response:
            reading.begin(response.status, response.headers)
            if ask.hang_up_after == 0:
                response.close()
                return
            async for chunk in response.content.iter_any():
                reading.take(chunk)
                if ask.hang_up_after is not None and len(reading.reads) >= ask.hang_up_after:
                    response.close()
                    return
                if reading.size > ask.most_bytes:
                    return

    def _key_headers(self, ask: Ask) -> dict[str, str]:
        if isinstance(ask.key, bytes):
            return self._dialect.key_headers(ask.key.decode())
        return self._dialect.key_headers(self._key) if ask.key == "own" else {}


class _Reading:
    """An answer while it comes in."""

    def __init__(self, began_s: float, most_bytes: int) -> None:
        self._began_s, self._most_bytes = began_s, most_bytes
        self._body = bytearray()
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.reads: list[tuple[int, int]] = []
        self._packed: zlib._Decompress | None = None

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the head of the answer."""
        self.status, self.headers = status, headers
        if headers.get("Content-Encoding", "").strip().lower() in _PACKED:
            self._packed = zlib.decompressobj(_GZIP_OR_ZLIB)

    @property
    def size(self) -> int:
        return len(self._body)

    def take(self, chunk: bytes) -> None:
        if self._packed is not None:
            # One byte beyond the limit is enough to see that there are more.
            with suppress(zlib.error):
                chunk = self._packed.decompress(chunk, max(self._most_bytes - self.size, 0) + 1)
        self.reads.append((self._now_ms(), len(chunk)))
        self._body += chunk

    def reply(self, trouble: str, *, late: bool) -> Reply:
        body = bytes(self._body[: self._most_bytes])
        return Reply(self.status, self.headers, body, tuple(self.reads), self._now_ms(), trouble, late)

    def _now_ms(self) -> int:
        return round((time.perf_counter() - self._began_s) * 1000)


def _in_pieces(data: bytes | None) -> bytes | io.BytesIO | None:
    """Return a body as it is written: a large one in pieces, so that a refusal is read while it is still sent."""
    return io.BytesIO(data) if data is not None and len(data) > _PIECE else data


@asynccontextmanager
async def wire_to(base_url: str, key: str | None, dialect: Dialect = OPENAI) -> AsyncIterator[Wire]:
    """Yield a wire to the server at an address; whatever is in flight at the end is cut off.

    Args:
        base_url: address up to and with `/v1`.
        key: the candidate's own key; None sends none.
        dialect: says in which header a key goes.
    """
    import aiohttp

    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # `send` has one deadline for everything
        # Packed answers are not asked for; those that come are unpacked here, as far as an answer may be long.
        auto_decompress=False,
        trust_env=False,  # requests go to the address in the plan: no proxy of the environment
    ) as session:
        yield Wire(session, base_url, key, dialect)

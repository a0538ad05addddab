"""How is a server asked about itself: within bounds, without following it elsewhere, and never with an exception?"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from assay.runtime.dialect import OPENAI
from assay.schema.provenance import Fact, FactName

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import aiohttp
    from pydantic import JsonValue

    from assay.runtime.dialect import Dialect

__all__ = ["REFUSED", "Answer", "Server", "count", "dig", "fact", "label", "server_at", "text", "unknown", "whole"]

REFUSED = frozenset({401, 403})
"""Statuses that say: not without a key, or not with this one."""

_MOST_BYTES = 1 << 20
_MOST_TEXT = 500
_MOST_WHOLE = 2**53 - 1


@dataclass(frozen=True)
class Answer:
    """What came of one request."""

    asked: str
    """Method and path, for example `GET /props`."""
    status: int | None
    """HTTP status, or None when there was no answer."""
    headers: Mapping[str, str]
    """Headers, found in any spelling of their names."""
    body: JsonValue
    """The JSON document, or None when there was none of at most 1 MiB."""
    trouble: str
    """Why there was no answer; empty when there was one."""
    text: str = ""
    """The body as text, where it is no JSON document."""

    @property
    def shortfall(self) -> str:
        """Say what it lacked, as the reason beside an unknown."""
        if self.status is None:
            return f"{self.asked}: {self.trouble}"
        if self.status == HTTPStatus.OK:
            return f"{self.asked} does not say"
        return f"{self.asked} answered {self.status}"


class Server:
    """A server under observation: what it was asked once with the key, it is not asked again."""

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, key: str | None, dialect: Dialect, *, ends: float
    ) -> None:
        self._session = session
        self._key_headers = dialect.key_headers(key)
        parts = urlsplit(base_url)
        self._query = f"?{parts.query}" if parts.query else ""
        self._api = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
        self._root = self._api.removesuffix("/v1")
        self._ends = ends
        self._seen: dict[str, Answer] = {}

    async def get(self, path: str) -> Answer:
        """Return the answer to GET, sent with the key; the same one however often it is asked for."""
        if path not in self._seen:
            self._seen[path] = await self._ask("GET", path, headers=self._key_headers)
        return self._seen[path]

    async def get_without_key(self, path: str) -> Answer:
        """Return the answer to GET, sent as anyone could."""
        return await self._ask("GET", path, headers={})

    async def get_from_origin(self, path: str, origin: str) -> Answer:
        """Return the answer to GET, sent with the key as a script on a page of that origin would."""
        return await self._ask("GET", path, headers={**self._key_headers, "Origin": origin})

    async def post(self, path: str, body: JsonValue) -> Answer:
        """Return the answer to POST, sent with the key."""
        return await self._ask("POST", path, headers=self._key_headers, body=body)

    async def post_without_key(self, path: str, body: JsonValue) -> Answer:
        """Return the answer to POST, sent as anyone could."""
        return await self._ask("POST", path, headers={}, body=body)

    async def _ask(self, method: str, path: str, *, headers: dict[str, str], body: JsonValue = None) -> Answer:
        import aiohttp

        from assay.runtime.trouble import no_answer

        asked = f"{method} {path}"
        left_s = self._ends - time.monotonic()
        if left_s <= 0:
            return Answer(asked, None, {}, None, "not asked: the server took too long over the questions before")
        own = path.startswith("/v1/")
        url = f"{self._api}{path.removeprefix('/v1')}{self._query}" if own else f"{self._root}{path}"
        try:
            async with (
                asyncio.timeout(left_s),
                self._session.request(
                    method,
                    url,
                    headers={**headers, "Accept-Encoding": "identity"},
                    json=body,
                    # A redirect may lead to another host, and the key must not go there.
                    allow_redirects=False,
                ) as response,
            ):
                content = await _bounded(response.content)
                document = _json(content)
                told = content.decode("utf-8", "replace") if document is None else ""
                return Answer(asked, response.status, response.headers, document, "", told)
        except TimeoutError:
            trouble = "no answer in time"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            trouble = no_answer(error)
        return Answer(asked, None, {}, None, trouble)


@asynccontextmanager
async def server_at(
    base_url: str, key: str | None, *, timeout_s: float, dialect: Dialect = OPENAI, within_s: float = 60.0
) -> AsyncIterator[Server]:
    """Yield the server at an address, and close its connections at the end.

    Args:
        base_url: address up to and with `/v1`; paths that start with `/v1/` are asked there, others beside it.
        key: sent where a request is sent with the key; None sends none.
        timeout_s: deadline of each request in seconds.
        dialect: says in which header the key goes.
        within_s: deadline of all requests together, in seconds; what is asked later has no answer.
    """
    import aiohttp

    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=timeout_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        # Packed answers are not asked for and not unpacked: a small one could fill the memory.
        auto_decompress=False,
    ) as session:
        yield Server(session, base_url, key, dialect, ends=time.monotonic() + within_s)


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    """Return the body, or nothing when it is longer than the bound."""
    whole_body = bytearray()
    async for chunk in content.iter_any():
        whole_body += chunk
        if len(whole_body) > _MOST_BYTES:
            return b""
    return bytes(whole_body)


def _json(content: bytes) -> JsonValue:
    try:
        document: JsonValue = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document


def dig(document: JsonValue, *path: str | int) -> JsonValue:
    """Return what lies at a path of keys and positions in a JSON document, or None."""
    for step in path:
        if isinstance(step, str):
            document = document.get(step) if isinstance(document, dict) else None
        else:
            document = document[step] if isinstance(document, list) and step < len(document) else None
    return document


def text(value: JsonValue) -> str | None:
    """Return a string of at most 500 characters, all of them printable and not all of them blank, or None."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > _MOST_TEXT:
        return None
    return value if value.strip() else None


def whole(value: JsonValue) -> int | None:
    """Return a whole number from 1 to 2**53 - 1, or None: servers write 0 where they do not know."""
    return value if type(value) is int and 0 < value <= _MOST_WHOLE else None


def count(value: JsonValue) -> int | None:
    """Return a whole number from 0 to 2**53 - 1, or None: here 0 is a number like any other."""
    return value if type(value) is int and 0 <= value <= _MOST_WHOLE else None


def fact(name: FactName, value: str | int | None, answer: Answer, where: str = "") -> Fact:
    """Return what an answer shows, or that it does not show it.

    Args:
        name: what it is about.
        value: what was seen, or None.
        answer: where it was looked for.
        where: the field, for example `total_slots`.
    """
    if value is None:
        return unknown(name, answer.shortfall)
    return Fact(name=name, value=value, grade="observed", source=f"{answer.asked} {where}".rstrip())


def label(name: FactName, value: str | None, answer: Answer, where: str) -> Fact:
    """Return what a label says, which somebody wrote and nothing proves, or that there is none."""
    found = fact(name, value, answer, where)
    return found if found.value is None else found.model_copy(update={"grade": "declared"})


def unknown(name: FactName, reason: str) -> Fact:
    """Return that something is not known, and why."""
    return Fact(name=name, value=None, grade="unknown", source=reason)

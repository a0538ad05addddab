"""What do a runtime's own counters say at this moment?

Asked over plain blocking HTTP, in a thread of the caller's: the event loop carries the load meanwhile. Only the plan's
address is asked; no proxy of the environment is used and no redirect followed.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assay.runtime.counter_pages import PAGES, Counters, counters_on, loaded_model, slots_in_use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic import JsonValue

    from assay.runtime.dialect import Dialect

__all__ = ["CounterReader"]

_TIMEOUT_S = 2.0
_MOST_BYTES = 4 << 20
_READ_BYTES = 1 << 16
_PASSING = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}
)
"""Statuses that say: not now. Every other one but 200 says that there are no such counters, at least not for us."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A place where counters are read."""

    path: str
    read: Callable[[bytes], Counters]


@dataclass(frozen=True, slots=True)
class _Got:
    status: int
    body: bytes | None  # None: longer than the bound


class CounterReader:
    """Reads one runtime's counters; a place that has none is asked once and not again.

    To be used by one thread at a time.
    """

    def __init__(self, base_url: str, key: str | None, runtime_name: str, model: str | None, dialect: Dialect) -> None:
        """Note where the counters are.

        Args:
            base_url: address up to and with `/v1`; counters are beside it, as in every runtime that has some.
            key: sent as the dialect says; None sends none.
            runtime_name: the candidate's runtime as the plan names it.
            model: name by which the model is asked for.
            dialect: says in which header the key goes.
        """
        self._base_url = base_url
        self._headers = {**dialect.key_headers(key), "Accept-Encoding": "identity", "Connection": "close"}
        self._sources = list(_sources(runtime_name, model))
        self._answered: set[str] = set()

    def read(self) -> Counters | None:
        """Return the fields of a `CounterSample` but its key and time, or None where there is nothing to tell.

        It takes at most some seconds and raises nothing: a server that is busy or gone is one that does not say.
        """
        for source in tuple(self._sources):
            got = _get(self._base_url, source.path, self._headers)
            if got is None or got.status in _PASSING:
                return None  # the next place would be no better off
            counters = source.read(got.body) if got.status == HTTPStatus.OK and got.body is not None else {}
            if counters:
                self._answered.add(source.path)
                return {"source": f"GET {source.path}", **counters}
            if source.path in self._answered:
                return None  # it had counters before, and may have some again
            self._sources.remove(source)
        return None


def _sources(runtime_name: str, model: str | None) -> tuple[_Source, ...]:
    """Return where a runtime has counters, the better place first."""
    page = PAGES.get(runtime_name)
    if page is not None:
        metrics = _Source("/metrics", lambda body: counters_on(body.decode("utf-8", "replace"), page, model))
        slots = _Source("/slots", lambda body: slots_in_use(_json(body)))
        return (metrics, slots) if runtime_name == "llama.cpp" else (metrics,)
    if runtime_name == "ollama":
        return (_Source("/api/ps", lambda body: loaded_model(_json(body), model)),)
    return ()


def _json(body: bytes) -> JsonValue:
    try:
        document: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document


def _get(base_url: str, path: str, headers: dict[str, str]) -> _Got | None:
    """Return status and bounded body, or None when there was no whole answer in time."""
    try:
        parts = urlsplit(base_url)
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    except ValueError:
        return None
    try:
        connection.connect()
        with _shut_after(connection.sock, _TIMEOUT_S):
            connection.request("GET", parts.path.rstrip("/").removesuffix("/v1") + path, headers=headers)
            with connection.getresponse() as response:
                return _answer(response, time.monotonic() + _TIMEOUT_S)
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)


@contextlib.contextmanager
def _shut_after(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Shut a connection after some time: a socket's own timeout begins anew with every byte that drips in."""

    def shut() -> None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _answer(response: http.client.HTTPResponse, ends: float) -> _Got | None:
    body = bytearray()
    while read := response.read1(_READ_BYTES):
        body += read
        if len(body) > _MOST_BYTES:
            return _Got(response.status, None)
        if time.monotonic() > ends:
            return None
    return _Got(response.status, bytes(body))

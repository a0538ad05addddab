"""What is a good gateway, and how is it made bad in one property at a time?

A small gateway with a model of its own that speaks the chat completions protocol: it asks for a key, limits bodies,
answers, time and load, hangs up with its clients, tells how it is, and keeps to itself what is nobody's business. Each
field of `Manners` takes one of these properties away.
"""

from __future__ import annotations

import asyncio
import json
import time
import traceback
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

__all__ = ["CONTENT", "GOOD", "KEY", "MODEL", "OTHER_KEY", "Gateway", "Manners", "serving"]

KEY = "sk-Good-4f1d9a7c2b60e835"
OTHER_KEY = "sk-Other-8c3e5b1f7a92d064"
MODEL = "good-model"
CONTENT = web.RequestKey("content", bytes)
"""Under which a request keeps its body, for gateways of another kind."""
WORDS = 40
"""Tokens of an answer that no limit cuts."""


@dataclass(frozen=True)
class Manners:
    """How the gateway behaves: as it should, unless a field says otherwise."""

    keys: tuple[str, ...] = (KEY, OTHER_KEY)
    """Keys that it takes; none for a gateway that takes anyone."""
    takes_wrong_keys: bool = False
    """Whether any key will do."""
    takes_empty_keys: bool = False
    """Whether an empty key will do."""
    ignores_case_of_keys: bool = False
    """Whether a key is taken in any case."""
    refuses_with: int = 401
    """Status for a request without a good key."""
    open_paths: frozenset[str] = frozenset()
    """Paths that ask for no key."""
    management: bool = False
    """Whether management paths answer."""
    most_bytes: int | None = 64 << 10
    """Longest body, or None for any."""
    most_tokens: int | None = 256
    """Longest answer in tokens, or None for any."""
    cuts_to_ceiling: bool = False
    """Whether a longer answer is cut at the ceiling instead of refused."""
    ends_after_s: float | None = 1.0
    """Seconds after which a request is ended, or None for never."""
    at_once: int = 2
    """Requests worked on at once."""
    queue: int | None = 2
    """Requests that may wait beside them, or None for any number."""
    refusal_after_s: float = 0.0
    """Seconds that a refusal of overload takes."""
    refuses_overload_with: int = 429
    """Status of such a refusal."""
    says_retry_after: bool = True
    """Whether it says when to come back."""
    loses_slots: bool = False
    """Whether a slot is not free again after an overload."""
    frees_on_hang_up: bool = True
    """Whether a slot is free as soon as its client hangs up."""
    buffers: bool = False
    """Whether a stream is held back to its end."""
    tells_ready: bool = True
    """Whether `/ready` says 503 while the gateway cannot take requests."""
    has_health: bool = True
    """Whether `/health` and `/ready` are there."""
    metrics: tuple[str, ...] = ("requests", "latency", "queue")
    """What `/metrics` shows; none for no such page."""
    echoes_request_id: bool = True
    """Whether `X-Request-Id` comes back."""
    answers_trace: bool = True
    """Whether `traceparent` is answered by `traceresponse`."""
    leaks: str = ""
    """What error bodies tell too: `trace`, `path`, `address` or `prompt`."""
    server: str = ""
    """Header `Server`, empty for none that tells a version."""
    names_upstream: bool = False
    """Whether answers name the address of what stands behind."""
    gives_ids: bool = False
    """Whether it gives every request an id of its own in a header."""
    ids_on_errors: bool = True
    """Whether errors carry ids too."""
    origin: str = ""
    """Header `Access-Control-Allow-Origin`: `*`, `reflect`, or none."""
    shares_cache: bool = False
    """Whether one tenant's answers are given to another."""
    lists_all_models: bool = False
    """Whether a tenant sees the other tenant's models."""
    serves_all_models: bool = False
    """Whether a tenant may use the other tenant's models, though they are not shown."""
    counts_cached: bool = True
    """Whether answers say how much of the prompt came from the cache."""
    remembers_across: bool = False
    """Whether an answer holds what was asked before, by whomever."""
    token_s: float = 0.002
    """Seconds that one token takes."""
    loading_s: float = 0.0
    """Seconds after the start in which it is not ready."""


GOOD = Manners()
"""All of them."""


@dataclass
class Gateway:
    """The gateway while it serves."""

    manners: Manners
    """How it behaves."""
    log: list[str] = field(default_factory=list)
    """What it writes to its log: one line for each request, without what was asked."""
    write: Callable[[str], None] = lambda _line: None
    """Where its log goes."""
    base_url: str = ""
    """Address up to and with `/v1`."""
    counts: Counter[str] = field(default_factory=Counter)
    """How often each method and path was asked."""
    working: int = 0
    """Requests in work."""
    waiting: int = 0
    """Requests that wait."""
    aborted: int = 0
    """Requests whose client hung up."""

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.manners.at_once)
        self._began = time.monotonic()
        self._cache: dict[str, str] = {}
        self._asked: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer any request."""
        self.counts[f"{request.method} {request.path}"] += 1
        response: web.StreamResponse | None = None
        try:
            response = await self._answer(request)
        except Exception:  # noqa: BLE001 - a gateway answers whatever happens
            response = self.error(500, "internal error", traceback.format_exc())
        finally:
            status = response.status if response is not None else 499
            self._log(f"{request.method} {request.path_qs} {status} id={request.headers.get('X-Request-Id', '-')}")
        if not response.prepared:
            response.headers.update(self.headers(request, failed=response.status >= 400))
        return response

    def headers(self, request: web.Request, *, failed: bool = False) -> dict[str, str]:
        """Return what every answer carries."""
        own, found = self.manners, {"Server": self.manners.server or "gateway"}
        if not failed or own.ids_on_errors:
            found |= self._ids(request)
        if own.names_upstream:
            found["X-Upstream-Addr"] = "10.1.2.3:8000"
        origin = request.headers.get("Origin")
        if own.origin and origin is not None:
            found["Access-Control-Allow-Origin"] = origin if own.origin == "reflect" else own.origin
            if own.origin == "reflect":
                found["Access-Control-Allow-Credentials"] = "true"
        return found

    def _ids(self, request: web.Request) -> dict[str, str]:
        own, found = self.manners, {}
        if own.gives_ids:
            found["X-Gateway-Request-Id"] = f"request-{self.counts.total()}"
        if own.echoes_request_id and "X-Request-Id" in request.headers:
            found["X-Request-Id"] = request.headers["X-Request-Id"]
        if own.answers_trace and "traceparent" in request.headers:
            found["traceresponse"] = request.headers["traceparent"]
        return found

    def error(self, status: int, message: str, trace: str = "", **headers: str) -> web.Response:
        """Return an error, which tells no more than it must."""
        leak = {"trace": trace or 'Traceback (most recent call last):\n  File "/srv/gateway/app.py", line 12, in chat'}
        leak |= {"path": "see /srv/gateway/models/model.gguf", "address": "upstream http://10.1.2.3:8000 refused"}
        told = f"{message} {leak.get(self.manners.leaks, '')}".rstrip()
        return web.json_response(
            {"error": {"message": told, "type": "error", "code": status}}, status=status, headers=headers
        )

    async def _answer(self, request: web.Request) -> web.StreamResponse:  # noqa: PLR0911 - one for each path
        own, path = self.manners, request.path
        if path in {"/health", "/ready"}:
            return self._health(path)
        if request.method == "OPTIONS":
            return web.Response(status=204)
        if not self._known(request):
            return self.error(own.refuses_with, "missing or wrong key", **{"WWW-Authenticate": "Bearer"})
        if path == "/metrics" and own.metrics:
            return web.Response(text="".join(self._metrics()), content_type="text/plain")
        if path == "/v1/models" and request.method == "GET":
            return web.json_response({"object": "list", "data": [{"id": name} for name in self._models(request)]})
        if own.management and path in {"/slots", "/props", "/lora-adapters", "/api/pull", "/api/tags", "/api/delete"}:
            return web.json_response({"ok": True})
        if path not in {"/v1/chat/completions", *own.open_paths} or request.method != "POST":
            return self.error(404, "not found")
        return await self._chat(request)

    def _known(self, request: web.Request) -> bool:
        own = self.manners
        said = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not own.keys or request.path in own.open_paths or (own.takes_wrong_keys and said):
            return True
        if own.takes_empty_keys and "Authorization" in request.headers and said in {"", "Bearer"}:
            return True
        taken = {key.lower() for key in own.keys} if own.ignores_case_of_keys else set(own.keys)
        return (said.lower() if own.ignores_case_of_keys else said) in taken

    def _tenant(self, request: web.Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Bearer ")

    def _models(self, request: web.Request) -> list[str]:
        private = {KEY: "tenant-one-tuned", OTHER_KEY: "tenant-two-tuned"}
        shown = private.values() if self.manners.lists_all_models else [private.get(self._tenant(request), "")]
        return [MODEL, *filter(None, shown)]

    def _health(self, path: str) -> web.Response:
        own = self.manners
        if not own.has_health:
            return self.error(404, "not found")
        loading = time.monotonic() - self._began < own.loading_s
        full = own.queue is not None and self.waiting >= own.queue and self.working >= own.at_once
        if path == "/ready" and own.tells_ready and (loading or full):
            return web.json_response({"status": "not ready"}, status=503)
        return web.json_response({"status": "ok"})

    def _metrics(self) -> Iterator[str]:
        pages = {
            "requests": f"# TYPE http_requests_total counter\nhttp_requests_total {self.counts.total()}\n",
            "latency": "# TYPE request_latency_seconds histogram\n"
            f'request_latency_seconds_bucket{{le="+Inf"}} {self.counts.total()}\n'
            f"request_latency_seconds_sum 1.5\nrequest_latency_seconds_count {self.counts.total()}\n",
            "queue": f"# TYPE requests_waiting gauge\nrequests_waiting {self.waiting}\n",
        }
        for name in self.manners.metrics:
            yield pages[name]

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        own = self.manners
        content = await request.content.read()  # `request.read` has a limit of its own
        request[CONTENT] = content
        if own.most_bytes is not None and len(content) > own.most_bytes:
            return self.error(413, "the body is too large")
        try:
            body = json.loads(content)
            if body.get("model", MODEL) != MODEL and not own.serves_all_models:
                return self.error(404, "no such model")
            text, wanted = str(body["messages"][-1]["content"]), int(body.get("max_tokens", WORDS))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            said = content.decode("utf-8", "replace") if own.leaks == "prompt" else ""
            return self.error(400, f"the body is no chat {said}".rstrip())
        if own.most_tokens is not None and wanted > own.most_tokens and not own.cuts_to_ceiling:
            return self.error(400, f"max_tokens is at most {own.most_tokens}")
        tokens = min(wanted, own.most_tokens or wanted)
        if own.queue is not None and self.working >= own.at_once and self.waiting >= own.queue:
            await asyncio.sleep(own.refusal_after_s)
            again = {"Retry-After": "1"} if own.says_retry_after else {}
            return self.error(own.refuses_overload_with, "too many requests", **again)
        return await self._in_turn(request, body, text, tokens)

    async def _in_turn(self, request: web.Request, body: dict, text: str, tokens: int) -> web.StreamResponse:
        own = self.manners
        self.waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self.waiting -= 1
        self.working += 1
        work = asyncio.ensure_future(self._generate(request, body, text, tokens))
        try:
            async with asyncio.timeout(own.ends_after_s):
                return await (work if own.frees_on_hang_up else asyncio.shield(work))
        except TimeoutError:
            if body.get("stream") and request.transport is not None:
                request.transport.close()  # its status was sent long ago
            return self.error(504, "the answer took too long")
        except asyncio.CancelledError:
            self.aborted += 1
            raise
        finally:
            if work.done():
                self._free()
            else:
                work.add_done_callback(lambda _: self._free())
                if own.frees_on_hang_up:
                    work.cancel()

    def _free(self) -> None:
        if not self.manners.loses_slots:
            self.working -= 1
            self._slots.release()

    async def _generate(self, request: web.Request, body: dict, text: str, tokens: int) -> web.StreamResponse:
        own = self.manners
        cached = self._cache.get(text if own.shares_cache else f"{self._tenant(request)} {text}")
        if body.get("stream"):
            return await self._stream(request, tokens, _reason(body, tokens))
        if cached is None:
            await asyncio.sleep(own.token_s * tokens)
            cached = " ".join(f"w{n}" for n in range(tokens))
            self._cache[text if own.shares_cache else f"{self._tenant(request)} {text}"] = cached
            hit = 0
        else:
            hit = len(text.split())
        usage = {"prompt_tokens": len(text.split()), "completion_tokens": tokens}
        usage |= {"total_tokens": sum(usage.values())}
        if own.counts_cached:
            usage["prompt_tokens_details"] = {"cached_tokens": hit}
        self._asked.append(text)
        if own.remembers_across:
            cached = " ".join(self._asked)
        message = {"role": "assistant", "content": cached}
        choice = {"index": 0, "finish_reason": _reason(body, tokens), "message": message}
        return web.json_response(
            {"id": "chatcmpl-1", "object": "chat.completion", "model": MODEL, "choices": [choice], "usage": usage}
        )

    async def _stream(self, request: web.Request, tokens: int, reason: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **self.headers(request)})
        await response.prepare(request)
        held = b""
        for n in range(tokens):
            await asyncio.sleep(self.manners.token_s)
            ended = reason if n == tokens - 1 else None
            chunk = {"choices": [{"index": 0, "delta": {"content": f"w{n} "}, "finish_reason": ended}]}
            held += f"data: {json.dumps(chunk)}\n\n".encode()
            if not self.manners.buffers:
                await response.write(held)
                held = b""
        await response.write(held + b"data: [DONE]\n\n")
        return response

    def _log(self, line: str) -> None:
        self.log.append(line)
        self.write(f"{line}\n")


def _reason(body: dict, tokens: int) -> str:
    """Return why an answer ends: at a limit, also one that nobody sent, or, shorter than it may be, by itself."""
    return "length" if tokens >= int(body.get("max_tokens", WORDS)) or tokens > WORDS else "stop"


@asynccontextmanager
async def serving(
    manners: Manners = Manners(), write: Callable[[str], None] = lambda _: None, kind: type[Gateway] = Gateway
) -> AsyncIterator[Gateway]:
    """Serve a gateway, or one of another kind, on a free port of the loopback."""
    gateway = kind(manners, write=write)
    runner = web.ServerRunner(web.Server(gateway.handle, handler_cancellation=True, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    gateway.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield gateway
    finally:
        await runner.cleanup()

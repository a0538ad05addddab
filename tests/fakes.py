"""What stands in for a model server: it speaks the chat completions protocol, adds, and fails on demand."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from assay.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = [
    "Asked",
    "FakeServer",
    "Reply",
    "Said",
    "Workplace",
    "assay",
    "completion",
    "days_on",
    "every",
    "place",
    "plan_of",
    "serving",
]

_SUM = re.compile(r"(\d+) \+ (\d+)")


@dataclass(frozen=True)
class Asked:
    """One chat completion request that came in."""

    number: int
    """Which one, from 1."""
    body: dict
    """Its JSON body."""
    headers: Mapping[str, str]
    """Its headers."""

    @property
    def text(self) -> str:
        """The last message."""
        return self.body["messages"][-1]["content"]


@dataclass(frozen=True)
class Reply:
    """How to answer otherwise than with the sum."""

    status: int = 200
    body: object = None
    """Text and bytes go out as they are, all else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    """Say nothing until the server stops."""
    cut: bool = False
    """Close the connection in the middle of the answer."""


def days_on(days: int) -> str:
    """Return the day so many days from now, as files write it: attestations hold for a while around today."""
    now = datetime.now(UTC)  # noqa: TID251 - runs that tests begin have the day of the clock
    return (now + timedelta(days=days)).date().isoformat()


def completion(content: object, **more: object) -> dict:
    """Return the body of a whole answer."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "fake-model",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
        **more,
    }


def every(nth: int, reply: Reply) -> Callable[[Asked], Reply | None]:
    """Return a script that gives a reply to every nth request and the sum to all others."""
    return lambda asked: reply if asked.number % nth == 0 else None


class FakeServer:
    """A server on a free port of the loopback, in a thread of its own."""

    def __init__(
        self,
        script: Callable[[Asked], Reply | None] | None = None,
        *,
        models: tuple[str, ...] = ("fake-model",),
        owned_by: str = "fake",
        key: str | None = None,
        delay_s: float = 0.0,
        plain: bool = False,
    ) -> None:
        self.script = script or (lambda asked: None)
        self.asked: list[Asked] = []
        self._models, self._owned_by, self._key, self._delay_s = models, owned_by, key, delay_s
        self._plain = plain
        self._started, self._ended = threading.Event(), None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    @property
    def counts(self) -> Counter[str]:
        """How often each question was asked."""
        return Counter(asked.text for asked in self.asked)

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def leave(self) -> None:
        """Go away, from within an answer; there is nothing to stop afterwards."""
        self._ended.set()

    def serves(self, *models: str) -> None:
        """List other models from now on."""
        self._models = models

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        self._started.set()
        await self._ended.wait()
        await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if self._key is not None and request.headers.get("Authorization") != f"Bearer {self._key}":
            return web.json_response({"error": "Unauthorized"}, status=401)
        if self._plain:
            return await self._plain_answer(request)
        if request.path == "/v1/models":
            data = [{"id": model, "object": "model", "owned_by": self._owned_by} for model in self._models]
            return web.json_response({"object": "list", "data": data})
        if request.path != "/v1/chat/completions":
            return web.json_response({"detail": "Not Found"}, status=404)
        asked = Asked(len(self.asked) + 1, await request.json(), dict(request.headers))
        self.asked.append(asked)
        await asyncio.sleep(self._delay_s)
        return await self._reply(request, asked)

    async def _plain_answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer as a gateway with the plain contract does: one chat, its health, whether it is ready."""
        if request.path == "/health":
            return web.json_response({"status": "ok", "runtime": "vllm", "model": "local-chat"})
        if request.path == "/ready":
            return web.json_response({"status": "ready"})
        if request.path != "/chat":
            return web.json_response({"detail": "Not Found"}, status=404)
        body = await request.json()
        if not body.get("messages"):
            return web.json_response({"detail": "messages"}, status=422)
        self.asked.append(Asked(len(self.asked) + 1, body, dict(request.headers)))
        numbers = _SUM.search(self.asked[-1].text)
        text = str(int(numbers[1]) + int(numbers[2])) if numbers else "fine"
        answer = {"trace_id": "t", "runtime": "vllm", "model": "local-chat", "text": text, "latency_ms": 1.5}
        return web.json_response({**answer, "input_tokens": 9, "output_tokens": 1})

    async def _reply(self, request: web.BaseRequest, asked: Asked) -> web.StreamResponse:
        reply = self.script(asked)
        if reply is None:
            numbers = _SUM.search(asked.text)
            answer = str(int(numbers[1]) + int(numbers[2])) if numbers else "fine"
            if asked.body.get("stream"):
                return await _streamed(request, answer)
            return web.json_response(completion(answer))
        if reply.hang:
            await self._ended.wait()
        body = reply.body if isinstance(reply.body, str | bytes) else json.dumps(reply.body)
        content = body.encode() if isinstance(body, str) else body
        if reply.cut:
            response = web.StreamResponse(headers={"Content-Length": str(len(content) + 100)})
            await response.prepare(request)
            await response.write(content)
            request.transport.close()
            return response
        return web.Response(status=reply.status, body=content, headers=reply.headers)


async def _streamed(request: web.BaseRequest, answer: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    deltas = [{"role": "assistant", "content": ""}, {"content": answer}, {"content": "."}]
    events = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events.append({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}})
    for event in events:
        await response.write(f"data: {json.dumps(event)}\n\n".encode())
    await response.write(b"data: [DONE]\n\n")
    return response


@contextmanager
def serving(script: Callable[[Asked], Reply | None] | None = None, **settings: object) -> Iterator[FakeServer]:
    """Yield a running fake server and stop it."""
    server = FakeServer(script, **settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def plan_of(base_url: str, **changes: object) -> dict:
    """Return a small plan: one candidate at an address, the suite `sums`, one condition; keys with None are left out.

    Args:
        base_url: where the candidate answers.
        changes: keys of the plan, and `candidate` for keys of its only candidate.
    """
    candidate = {
        "id": "adder",
        "runtime": "openai",
        "base_url": base_url,
        "model": "fake-model",
        "request": {"timeout_s": 5, "max_retries": 0},
        **changes.pop("candidate", {}),
    }
    plan = {
        "schema": "assay/plan/v1",
        "use_case": {"id": "adding"},
        "candidates": [candidate],
        "suites": [{"cases": "sums.jsonl", "scorers": ["exact"]}],
        # Tests count requests: what stops early is switched on where it is meant.
        "gate": {"conditions": ["suite:sums.pass_rate >= 0.9"], "stop_early": "never"},
        **changes,
        # So is what looks for traps.
        "probes": changes.get("probes", {"traps": False}),
    }
    return {key: value for key, value in plan.items() if value is not None}


@dataclass(frozen=True)
class Workplace:
    """A folder with a plan and its cases, and what a run writes into it."""

    folder: Path

    @property
    def plan(self) -> Path:
        return self.folder / "plan.yaml"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def run(self) -> Path:
        """The only run."""
        (run,) = (self.out / "runs").iterdir()
        return run

    @property
    def record(self) -> Path:
        """The Markdown of the only record."""
        (record,) = (self.out / "records").glob("[0-9]*.md")
        return record

    def write(self, plan: dict, *, sums: int = 3) -> None:
        """Write the plan, one key a line as YAML reads JSON too, and as many sums."""
        lines = [f"{key}: {json.dumps(value)}" for key, value in plan.items()]
        self.plan.write_text("\n".join(lines) + "\n", encoding="utf-8")
        cases = [{"id": f"c{n}", "input": f"What is {n} + {n}?", "expected": str(2 * n)} for n in range(sums)]
        (self.folder / "sums.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")

    def rows(self, name: str) -> list[dict]:
        """Return the lines of a journal of the only run."""
        return [json.loads(line) for line in (self.run / name).read_text("utf-8").splitlines()]

    def json(self, name: str) -> dict:
        """Return a JSON file of the only run."""
        return json.loads((self.run / name).read_text("utf-8"))


@dataclass(frozen=True)
class Said:
    """What the command came to."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The lines on stderr that name a problem."""
        return [line for line in self.err.splitlines() if line.startswith("error[")]


@pytest.fixture
def assay(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Return a way to call the command in this process."""

    def call(*arguments: object) -> Said:
        monkeypatch.setattr("sys.argv", ["assay", *map(str, arguments)])
        capsys.readouterr()
        code = main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Said(code, printed.out, printed.err)

    return call


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """Return a folder to work in; it is the current one."""
    monkeypatch.chdir(tmp_path)
    return Workplace(tmp_path)

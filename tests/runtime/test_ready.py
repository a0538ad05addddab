"""Is a server waited for, whichever way it has of not being ready?"""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing

import pytest
from aiohttp import web

from assay.errors import ServerError
from assay.runtime import ready
from assay.runtime.ready import wait_until_ready
from tests.runtime.replaying import serving


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once: no test sleeps."""
    monkeypatch.setattr(ready, "_PAUSE_S", 0.01)


def waited(*statuses: int, deadline_s: float = 20.0, held_s: float = 0.0) -> list[str]:
    """Wait for a server that answers with these statuses in turn, the last one for ever; return what was noted."""
    notes: list[str] = []
    left = list(statuses)

    async def handle(request: web.Request) -> web.StreamResponse:
        assert request.path == "/v1/models"
        await asyncio.sleep(held_s)
        return web.json_response({"data": []}, status=left.pop(0) if len(left) > 1 else left[0])

    async def wait() -> None:
        async with serving(handle) as base_url:
            await wait_until_ready(base_url, None, deadline_s=deadline_s, on_wait=notes.append)

    asyncio.run(wait())
    return notes


def test_server_that_loads_is_waited_for() -> None:
    """503 while loading and 502 of a proxy are not the end; each new reason is told once."""
    notes = waited(503, 503, 502, 200)
    assert [note.split(": ", 1)[1] for note in notes] == [
        "GET /v1/models answered 503",
        "GET /v1/models answered 502",
    ]


@pytest.mark.parametrize("status", [200, 401, 403, 404, 400])
def test_any_other_answer_ends_the_wait(status: int) -> None:
    """A refused key or a missing list is an answer: the server is there."""
    assert waited(status) == []


def test_held_request_is_waited_for() -> None:
    """A server that keeps the request until its model is loaded is ready with its answer."""
    assert waited(200, held_s=0.2) == []


def test_server_that_does_not_listen_yet_is_waited_for() -> None:
    """A refused connection is waited out until somebody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    notes: list[str] = []

    async def handle(_: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"data": []})

    async def wait() -> None:
        runner = web.ServerRunner(web.Server(handle))
        await runner.setup()
        refused = asyncio.Event()

        def noted(note: str) -> None:
            notes.append(note)
            refused.set()

        address = f"http://127.0.0.1:{port}/v1"
        waiting = asyncio.create_task(wait_until_ready(address, None, deadline_s=20, on_wait=noted))
        await refused.wait()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await waiting
        await runner.cleanup()

    asyncio.run(wait())
    assert len(notes) == 1


def test_server_that_never_comes_is_given_up_with_its_last_word() -> None:
    """After the deadline the error says what was last seen."""
    with pytest.raises(ServerError, match=r"was not ready within 0\.05 s: GET /v1/models answered 503"):
        waited(503, deadline_s=0.05)

"""What answers like the servers whose answers were recorded?"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from assay.runtime.observe import observe
from assay.schema.suite import Candidate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from assay.schema.provenance import Fact

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

__all__ = ["SAMPLES", "body_of", "candidate", "missing", "observed", "replay", "sample", "serving"]

SAMPLES = Path(__file__).with_name("samples")
_KEPT = {
    "server",
    "content-type",
    "access-control-allow-origin",
    "retry-after",
    "llm_provider-retry-after",
    "x-litellm-version",
    "openai-processing-ms",
    "openai-version",
}


def sample(name: str) -> dict:
    """Return one recorded exchange, named as `runtime/file`."""
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def body_of(response: dict) -> bytes:
    """Return the body of a recorded answer as it went over the wire."""
    if "sse_lines" in response:
        return "".join(f"{line}\n\n" for line in response["sse_lines"] if line).encode()
    if "ndjson_lines" in response:
        return "".join(f"{line}\n" for line in response["ndjson_lines"]).encode()
    if response.get("json") is not None:
        return json.dumps(response["json"]).encode()
    return (response.get("text") or "").encode()


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Serve on a free port of the loopback and yield the address up to and with `/v1`."""
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def replay(*names: str, also: dict[str, web.Response] | None = None) -> Handler:
    """Answer as recorded; a recording with a key is for requests with one where both kinds are there."""
    recorded = [sample(name) for name in names]

    async def handle(request: web.Request) -> web.StreamResponse:
        asked = f"{request.method} {request.path}"
        fitting = [one for one in recorded if f"{one['request']['method']} {one['request']['path']}" == asked]
        if not fitting:
            inline = (also or {}).get(asked)
            return web.Response(status=inline.status, body=inline.body, headers=inline.headers) if inline else missing()
        fitting.sort(
            key=lambda one: one["response"]["status"] in {401, 403}, reverse="Authorization" not in request.headers
        )
        answer = fitting[0]["response"]
        headers = {name: value for name, value in (answer.get("headers") or {}).items() if name.lower() in _KEPT}
        return web.Response(status=answer["status"], body=body_of(answer), headers=headers)

    return handle


def missing() -> web.Response:
    return web.json_response({"error": "not found"}, status=404)


def candidate(runtime: str = "gateway", model: str | None = None) -> Candidate:
    return Candidate.model_validate(
        {"id": "c", "runtime": runtime, "base_url": "http://127.0.0.1:1/v1", "model": model}
    )


def observed(
    handler: Handler, plan: Candidate | None = None, key: str | None = None, path: str = "/v1"
) -> dict[str, Fact]:
    """Return the facts of a server that answers by a handler, by name."""

    async def ask() -> tuple[Fact, ...]:
        async with serving(handler) as base_url:
            return await observe(plan or candidate(), base_url.removesuffix("/v1") + path, key)

    return {fact.name: fact for fact in asyncio.run(ask())}

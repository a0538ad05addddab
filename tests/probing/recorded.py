"""What answers with recorded answers, headers and all, whatever it is asked?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from tests.probing.probed import found, subject_at
from tests.runtime.replaying import body_of, sample, serving

if TYPE_CHECKING:
    from assay.readiness import Answer
    from assay.schema.provenance import ProbeName, ProbeResult
    from tests.runtime.replaying import Handler

__all__ = ["answer_of", "recorded", "seen"]

_OF_THE_CONNECTION = {"connection", "content-length", "date", "keep-alive", "transfer-encoding"}


def recorded(others: str, **paths: str) -> Handler:
    """Answer with the sample `others`, and at a path that ends in a keyword with the sample that it names.

    A recorded origin becomes the one that is asked with: so the server answered whoever asked it.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        last = request.path.rpartition("/")[2]
        own = sample(paths.get(last, others))
        answer, asked = own["response"], own["request"].get("headers", {})
        # Without a name the library would give its own.
        headers = {"server": "", **(answer.get("headers") or {})}
        headers = {name: value for name, value in headers.items() if name.lower() not in _OF_THE_CONNECTION}
        for mine in ("Origin", "x-litellm-call-id", "X-Request-Id"):
            if mine in asked and mine in request.headers:
                headers = {
                    name: request.headers[mine] if value == asked[mine] else value for name, value in headers.items()
                }
        return web.Response(status=answer["status"], body=body_of(answer), headers=headers)

    return handle


def seen(name: ProbeName, handler: Handler) -> ProbeResult:
    """Return what one probe of such a server came to."""

    async def look() -> ProbeResult:
        async with serving(handler) as base_url:
            subject = subject_at(base_url)
            async with wire_to(base_url, subject.key, subject.dialect) as wire:
                return await run_probe(name, DEEP_PROBES[name], subject, wire, 60.0)

    return asyncio.run(look())


def answer_of(item: str, name: ProbeName, handler: Handler) -> Answer:
    """Return what an item comes to after one probe of such a server."""
    return found(item, seen(name, handler))

"""What does a gateway do that writes prompts down, on one way only, and what does the search for them say?"""

from __future__ import annotations

import asyncio
import base64
import gzip
from typing import TYPE_CHECKING

from assay.runtime.canary import Looked, look_for_prompts
from assay.schema.provenance import CanaryResult
from assay.schema.suite import SinkSpec
from tests.probing.gateway import CONTENT, Gateway, Manners, serving
from tests.probing.probed import subject_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aiohttp import web

__all__ = ["LEAKS", "QUICK", "SEED", "Leak", "sought"]

SEED = bytes(range(32))
QUICK = Manners(token_s=0.0005)
"""A good gateway with a quick model."""

LEAKS: dict[str, Callable[[bytes], bytes]] = {
    "raw": lambda body: body,
    "base64": base64.b64encode,
    "hex": lambda body: body.hex().encode(),
    "json-escaped": lambda body: "".join(f"\\u{ord(own):04X}" for own in body.decode()).encode(),
    "utf-16": lambda body: body.decode().encode("utf-16-le"),
    "raw in gzip": gzip.compress,
    "reversed": lambda body: body[::-1],
}
"""How a prompt can be written down, by what the search calls it."""


class Leak:
    """Writes the body of a request down when it ended with a status."""

    def __init__(self, status: int, encoding: str, write: Callable[[bytes], object]) -> None:
        """Take what is written down when, how, and by whom."""
        self.status, self.encoding, self.write = status, encoding, write

    def kind(self) -> type[Gateway]:
        """Return a gateway that does it."""
        leak = self

        class Leaking(Gateway):
            async def handle(self, request: web.Request) -> web.StreamResponse:
                response = await super().handle(request)
                if response.status == leak.status and request.method == "POST":
                    content = request[CONTENT] if CONTENT in request else await request.read()
                    leak.write(LEAKS[leak.encoding](content) + b"\n")
                return response

        return Leaking


def sought(
    folder: Path,
    *sinks: dict[str, object],
    manners: Manners = QUICK,
    kind: type[Gateway] = Gateway,
    log: str = "gateway.log",
) -> CanaryResult:
    """Return what the search for a gateway's prompts came to, as it is read again from its line.

    Args:
        folder: where the gateway's log and the sinks are.
        sinks: sinks as a plan has them.
        manners: how the gateway behaves.
        kind: which gateway.
        log: name of its access log.
    """

    def write(line: str) -> None:
        with (folder / log).open("a", encoding="utf-8") as file:
            file.write(line)

    async def look() -> CanaryResult:
        async with serving(manners, write, kind) as gateway:
            looked = Looked(tuple(map(SinkSpec.model_validate, sinks)), folder, SEED, (0.01, 0.05))
            return await look_for_prompts(subject_at(gateway.base_url), looked, 60.0)

    return CanaryResult.model_validate_json(asyncio.run(look()).model_dump_json())

"""How are deep probes put to the real gateways of the tests, and what does the checklist say to what they saw?"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from tests.probing.probed import found, subject_at

if TYPE_CHECKING:
    from assay.readiness import Answer
    from assay.runtime.probing import Subject
    from assay.schema.provenance import ProbeName, ProbeResult

__all__ = ["Gatekeeper"]

_MOST_S = 100.0


@dataclass
class Gatekeeper:
    """A server that is probed, each probe once: several items may rest on one."""

    subject: Subject
    """The server."""
    model: str
    """Address of the model's own server, up to and with `/v1`: it is at rest before each probe."""
    results: dict[ProbeName, ProbeResult] = field(default_factory=dict)
    """What was seen so far."""

    @classmethod
    def at(cls, base_url: str, upstream: str, **changes: object) -> Gatekeeper:
        """Return the server at an address before a model; what probes need to know of it may be changed."""
        return cls(subject_at(base_url, other_key=None, **changes), upstream)

    def probed(self, name: ProbeName) -> ProbeResult:
        """Return what a probe came to."""
        if name not in self.results:
            _rest(self.model.removesuffix("/v1"))
            self.results[name] = asyncio.run(self._look(name))
        return self.results[name]

    def answer(self, item: str, name: ProbeName) -> Answer:
        """Return what an item comes to by a probe."""
        return found(item, self.probed(name))

    async def _look(self, name: ProbeName) -> ProbeResult:
        own = self.subject
        async with wire_to(own.base_url, own.key, own.dialect) as wire:
            return await run_probe(name, DEEP_PROBES[name], own, wire, _MOST_S)


def _rest(address: str) -> None:
    """Wait until llama.cpp works on nothing: what a proxy did not end for an earlier probe would slow the next."""
    ends = time.monotonic() + _MOST_S
    while time.monotonic() < ends:
        with urllib.request.urlopen(f"{address}/slots", timeout=30) as answer:
            if not any(slot["is_processing"] for slot in json.load(answer)):
                return
        time.sleep(0.2)

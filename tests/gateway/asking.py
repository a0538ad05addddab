"""How are deep probes put to the real gateways of the tests, and what does the checklist say to what they saw?"""

from __future__ import annotations

import asyncio
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
    results: dict[ProbeName, ProbeResult] = field(default_factory=dict)
    """What was seen so far."""

    @classmethod
    def at(cls, base_url: str, **changes: object) -> Gatekeeper:
        """Return the server at an address; what probes need to know of it may be changed."""
        return cls(subject_at(base_url, other_key=None, **changes))

    def probed(self, name: ProbeName) -> ProbeResult:
        """Return what a probe came to."""
        if name not in self.results:
            self.results[name] = asyncio.run(self._look(name))
        return self.results[name]

    def answer(self, item: str, name: ProbeName) -> Answer:
        """Return what an item comes to by a probe."""
        return found(item, self.probed(name))

    async def _look(self, name: ProbeName) -> ProbeResult:
        own = self.subject
        async with wire_to(own.base_url, own.key, own.dialect) as wire:
            return await run_probe(name, DEEP_PROBES[name], own, wire, _MOST_S)

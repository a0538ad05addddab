"""How is a gateway of the tests probed, and what does the checklist say to it?"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.readiness.checks import CHECKS
from assay.runtime.dialect import OPENAI
from assay.runtime.probing import DEEP_PROBES, Subject
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from assay.schema.suite import RequestSettings
from tests.probing.gateway import GOOD, KEY, MODEL, OTHER_KEY, Manners, serving
from tests.readiness.builders import view

if TYPE_CHECKING:
    from assay.readiness import Answer
    from assay.schema.provenance import ProbeName, ProbeResult

__all__ = ["answer_to", "found", "probed", "subject_at"]


def subject_at(base_url: str, **changes: object) -> Subject:
    """Return a server at an address as probes need it."""
    own = Subject(
        candidate="small",
        runtime="gateway",
        base_url=base_url,
        model=MODEL,
        key=KEY,
        other_key=OTHER_KEY,
        settings=RequestSettings(),
        dialect=OPENAI,
        nonce="abc123def456",
        slots=2,
        window=4096,
        server_timeout_s=1.5,
        hang_up_frees=True,
    )
    return replace(own, **changes)  # type: ignore[arg-type]  # a test names the fields


def probed(name: ProbeName, manners: Manners = GOOD, **changes: object) -> ProbeResult:
    """Return what one probe of a gateway with such manners came to."""

    async def look() -> ProbeResult:
        async with serving(manners) as gateway:
            subject = subject_at(**{"base_url": gateway.base_url, **changes})
            async with wire_to(subject.base_url, subject.key, subject.dialect) as wire:
                return await run_probe(name, DEEP_PROBES[name], subject, wire, 60.0)

    return asyncio.run(look())


def found(item: str, *results: ProbeResult) -> Answer:
    """Return what the checklist's item comes to with these results of probes, all else being good."""
    return CHECKS[item](replace(view(), probes=results))


def answer_to(item: str, name: ProbeName, manners: Manners = GOOD, **changes: object) -> Answer:
    """Return what an item comes to after one probe of a gateway with such manners."""
    return found(item, probed(name, manners, **changes))

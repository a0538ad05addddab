"""Does an answer hold anything of a request that was in flight beside it?"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from assay.runtime.traps.asking import found, refused

if TYPE_CHECKING:
    from assay.runtime.traps.asking import Asking
    from assay.schema.provenance import Fact

__all__ = ["look"]

_AT_ONCE = 4


async def look(asking: Asking) -> Fact:
    """Return whether four requests at once, each with a word of its own, keep their words to themselves."""
    canaries = [hashlib.sha256(f"{asking.nonce}/{n}".encode()).hexdigest()[:10] for n in range(_AT_ONCE)]
    answers = await asyncio.gather(
        *(asking.say(f"Repeat this word and nothing else: {canary}", max_tokens=24) for canary in canaries)
    )
    fault = next((answer.fault for answer in answers if answer.fault is not None), None)
    if fault is not None:
        return refused("requests_isolated", fault)
    outputs = [answer.output or "" for answer in answers]
    leaks = sum(other in output for n, output in enumerate(outputs) for m, other in enumerate(canaries) if m != n)
    own = sum(canary in output for canary, output in zip(canaries, outputs, strict=True))
    told = f"{_AT_ONCE} requests at once: {own} repeated their own word, {leaks} words of another request were seen"
    return found("requests_isolated", told, sound=leaks == 0)

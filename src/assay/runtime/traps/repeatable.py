"""Does the same question at temperature 0 have the same answer, alone and beside others?

No runtime promises it: batching changes the order of sums, and a prefix cache their grouping.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from assay.runtime.traps.asking import found, refused

if TYPE_CHECKING:
    from assay.runtime.traps.asking import Asking
    from assay.schema.provenance import Fact

__all__ = ["look"]

_TIMES = 3


async def look(asking: Asking) -> Fact:
    """Return whether three answers one after the other and three at once are all the same text."""
    text = f"{asking.nonce}: write one sentence about the sea."
    answers = [await asking.say(text, max_tokens=24) for _ in range(_TIMES)]
    answers += await asyncio.gather(*(asking.say(text, max_tokens=24) for _ in range(_TIMES)))
    fault = next((answer.fault for answer in answers if answer.fault is not None), None)
    if fault is not None:
        return refused("repeatable", fault)
    distinct = len({answer.output for answer in answers})
    told = f"{_TIMES} answers in turn and {_TIMES} at once to one question: {distinct} different"
    return found("repeatable", told, sound=distinct == 1)

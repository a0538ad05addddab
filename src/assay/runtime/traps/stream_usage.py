"""Does a stream end with token counts, without which no throughput can be told?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.traps.asking import found, not_known, refused

if TYPE_CHECKING:
    from assay.runtime.traps.asking import Asking
    from assay.schema.provenance import Fact

__all__ = ["look"]


async def look(asking: Asking) -> Fact:
    """Return whether a stream that asked for usage brings it."""
    if asking.dialect.contract == "plain-chat":
        return not_known("usage_in_streams", "the plain contract has no streams")
    result = await asking.stream(asking.body(f"{asking.nonce}: say three words.", max_tokens=8))
    if result.fault is not None:
        return refused("usage_in_streams", result.fault)
    counted = result.usage is not None and result.usage.completion_tokens is not None
    told = f"a stream of {result.chunks} chunks ended {'with' if counted else 'without'} token counts"
    return found("usage_in_streams", told, sound=counted)

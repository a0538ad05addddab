"""Does the server end a request by itself that takes too long?

A proxy counts the time of an answer in one piece, and often only the silence within a stream (nginx counts
`proxy_read_timeout` between two reads), so both are watched.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from assay.runtime.probing.at_length import (
    BOUNDED,
    HUGE,
    MOST_FITS,
    Limits,
    at_length,
    came,
    highest_taken,
    limit_field,
    wished_for,
)
from assay.runtime.probing.probing import LeftOut, Probe

if TYPE_CHECKING:
    from assay.runtime.probing.probing import Probing

__all__ = ["PROBE"]

_LONGEST_S: Final = 40.0
_SPARE_SHARE: Final = 0.1
_SPARE_S: Final = 0.5


async def _look(probing: Probing) -> None:
    """Ask for the longest answer that the server takes, in one piece and as a stream, and watch both."""
    said_s = probing.subject.server_timeout_s
    if said_s > _LONGEST_S:
        raise LeftOut(
            f"the server is said to end a request after {said_s:g} s, and none is watched beyond {_LONGEST_S:g} s"
        )
    most = wished_for(probing)
    bounded, limit = most < HUGE, await highest_taken(probing, most)
    if limit is None and bounded:
        limit = most  # whatever answers so, answers it again: never ask without a limit
    limits: Limits = {} if limit is None else {limit_field(probing): limit}
    watched_s = said_s * (1 + _SPARE_SHARE) + _SPARE_S
    both = asyncio.Semaphore(1 if probing.subject.slots == 1 else 2)

    async def watch(step: str, *, stream: bool) -> None:
        async with both:
            ask = at_length(probing, step, limits, watched_s, stream=stream)
            await probing.ask(ask, came(probing, limit=limit, said_s=said_s, bounded=bounded and limit == most))

    plain = probing.subject.dialect.contract == "plain-chat"
    await asyncio.gather(watch("whole", stream=False), *(() if plain else (watch("stream", stream=True),)))


PROBE = Probe(
    "The longest answer that is taken, once in one piece and once as a stream, hung up on a little after the time in "
    f"which the server is said to end it; of at most {BOUNDED:,} tokens where hanging up was not seen to free a slot.",
    MOST_FITS + 2,
    100.0,
    _look,
)

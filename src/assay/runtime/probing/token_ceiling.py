"""What does the server do with a request for an answer of absurd length: refuse it, cut it, or go on?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from assay.runtime.probing.at_length import (
    BOUNDED,
    HUGE,
    MOST_FITS,
    REFUSALS,
    Limits,
    at_length,
    came,
    highest_taken,
    limit_field,
    wished_for,
)
from assay.runtime.probing.probing import Probe

if TYPE_CHECKING:
    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE"]

_WATCHED_S: Final = 4.0
_AT_ONCE: Final = 3
_OK: Final = 200


async def _look(probing: Probing) -> None:
    """Ask with an absurd limit in either field and with none, watch each for some seconds, and hang up.

    Where hanging up does not free the slot, an answer without a limit might be made for hours: none is asked for.
    """
    own, turn = limit_field(probing), asyncio.Semaphore(min(probing.subject.slots or _AT_ONCE, _AT_ONCE))
    window, most = probing.subject.window, wished_for(probing)
    bounded = most < HUGE

    async def watch(step: str, limits: Limits, *, on: bool = False) -> Reply:
        async with turn:
            ask = at_length(probing, step, limits, _WATCHED_S, on=on)
            limit = next(iter(limits.values()), None)
            return await probing.ask(ask, came(probing, window=window, limit=limit, bounded=bounded))

    other: Limits = {"max_completion_tokens" if own == "max_tokens" else "max_tokens": most}
    unlimited = () if bounded else (watch("none", {}),)
    huge, *_ = await asyncio.gather(watch("huge", {own: most}), watch("other", other), *unlimited)
    if huge.status in REFUSALS:
        await highest_taken(probing, most, huge)
    elif probing.exchanges and _ended_itself(probing):
        await watch("on", {own: most}, on=True)


def _ended_itself(probing: Probing) -> bool:
    return any(
        own.step == "huge" and own.status == _OK and own.shows.get("finish") == "stop" for own in probing.exchanges
    )


PROBE = Probe(
    f"Long answers with a limit of {HUGE:,} tokens in either field and with none, hung up on after {_WATCHED_S:g} s; "
    "lower limits where that is refused. "
    f"At most {BOUNDED:,} tokens, and none without a limit, where hanging up was not seen to free a slot.",
    4 + MOST_FITS,
    30.0,
    _look,
)

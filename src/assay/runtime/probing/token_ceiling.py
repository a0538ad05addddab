"""What does the server do with a request for an answer of absurd length: refuse it, cut it, or go on?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from assay.runtime.probing.at_length import (
    HUGE,
    MOST_FITS,
    REFUSALS,
    Limits,
    at_length,
    came,
    highest_taken,
    limit_field,
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
    """Ask with an absurd limit in either field and with none, watch each for some seconds, and hang up."""
    own, turn = limit_field(probing), asyncio.Semaphore(min(probing.subject.slots or _AT_ONCE, _AT_ONCE))
    window = probing.subject.window

    async def watch(step: str, limits: Limits, *, on: bool = False) -> Reply:
        async with turn:
            ask = at_length(probing, step, limits, _WATCHED_S, on=on)
            return await probing.ask(ask, came(probing, window=window, limit=next(iter(limits.values()), None)))

    other: Limits = {"max_completion_tokens" if own == "max_tokens" else "max_tokens": HUGE}
    huge, *_ = await asyncio.gather(watch("huge", {own: HUGE}), watch("other", other), watch("none", {}))
    if huge.status in REFUSALS:
        await highest_taken(probing, HUGE, huge)
    elif probing.exchanges and _ended_itself(probing):
        await watch("on", {own: HUGE}, on=True)


def _ended_itself(probing: Probing) -> bool:
    return any(
        own.step == "huge" and own.status == _OK and own.shows.get("finish") == "stop" for own in probing.exchanges
    )


PROBE = Probe(
    f"Long answers with a limit of {HUGE:,} tokens in either field and with none, hung up on after {_WATCHED_S:g} s; "
    "lower limits where that is refused.",
    4 + MOST_FITS,
    30.0,
    _look,
)

"""Is a slot free again when its client hangs up?

Every slot is given a long answer to make, and one short request waits behind them. Then all clients of the long ones
hang up. Where slots become free, the short request is answered at once; where they do not, only when a long answer is
made to its end. Where the runtime counts its requests, that is asked too. A server may notice it in a stream, when a
write fails, and not in an answer that it writes in one piece: both are tried. Where nothing is freed, the long answers
must end by themselves, so that none is very long.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.runtime.probing.at_length import BOUNDED, MOST_FITS, Limits, at_length, came, highest_taken, limit_field
from assay.runtime.probing.in_work import in_work, place_of_work
from assay.runtime.probing.probing import Probe
from assay.runtime.probing.spoken import spoken

if TYPE_CHECKING:
    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE"]

_Kind = Literal["stream", "whole"]

_SHORT_TOKENS: Final = 16
_MOST_SLOTS: Final = 8
_GUESSED_SLOTS: Final = 4
_WORK_MS: Final = 6_000.0
_LEAST_WORK_MS: Final = 400.0
_LEAST_TOKENS: Final = 64
_PROMPT_TOKENS: Final = 128
_HELD_SHARE: Final = 0.25
_HELD_S: Final = 1.0
_WAITS_AFTER: Final = 0.3
_TIMES: Final = 2
_POLLS: Final = 5
_POLL_S: Final = 1.0
_TIMEOUT_S: Final = 10.0
_OK: Final = 200
_OVERLOADED: Final = frozenset({429, 503})


@dataclass(frozen=True)
class _Work:
    """What a server that is at rest takes."""

    tokens: int
    """Tokens of a long answer."""
    work_ms: float
    """Milliseconds that it takes alone."""
    before_ms: int
    """Milliseconds that a short answer takes."""
    place: str | None
    """Where the server counts its requests."""
    at_rest: int
    """Requests that it counts when nothing of ours is there."""

    @property
    def held_s(self) -> float:
        """Seconds after which the clients hang up."""
        return min(_HELD_S, _HELD_SHARE * self.work_ms / 1000)


async def _look(probing: Probing) -> None:
    """Measure a server at rest, then hang up on it twice, in streams and in answers of one piece."""
    work = await _at_rest(probing)
    if work is None:
        return
    kinds: tuple[_Kind, ...] = ("whole",) if probing.subject.dialect.contract == "plain-chat" else ("stream", "whole")
    for kind in kinds:
        await _hang_up(probing, work, kind)


async def _at_rest(probing: Probing) -> _Work | None:
    place = await place_of_work(probing, "rest")
    if place is not None and _at_least(probing):
        await asyncio.sleep(_POLL_S)  # what came before may just have ended
        await in_work(probing, place, "rest")
    at_rest = _at_least(probing)
    replies = [await _short(probing, "before") for _ in range(_TIMES)]
    if any(reply.status != _OK for reply in replies):
        return None
    token_ms = min(_token_ms(probing, reply) for reply in replies)
    most = (probing.subject.window or BOUNDED + _PROMPT_TOKENS) - _PROMPT_TOKENS
    wanted = max(_LEAST_TOKENS, min(round(_WORK_MS / token_ms), BOUNDED, most))
    tokens = await highest_taken(probing, wanted)
    if tokens is None or tokens * token_ms < _LEAST_WORK_MS:
        return None
    return _Work(tokens, tokens * token_ms, min(reply.took_ms for reply in replies), place, at_rest)


def _at_least(probing: Probing) -> int:
    """Return how many requests the server counted at least, before any was sent from here."""
    return min((told for own in probing.exchanges if isinstance(told := own.shows.get("running"), int)), default=0)


def _token_ms(probing: Probing, reply: Reply) -> float:
    how = spoken(reply, probing.subject.dialect)
    if how.chunks > 1 and how.first_ms is not None and how.last_ms is not None and how.last_ms > how.first_ms:
        return (how.last_ms - how.first_ms) / (how.chunks - 1)
    return max(reply.took_ms, 1) / max(how.tokens, _SHORT_TOKENS)


async def _hang_up(probing: Probing, work: _Work, kind: _Kind) -> None:
    """Fill the slots, let one short request wait behind them, hang up, and look until the server is at rest again."""
    slots = min(probing.subject.slots or _GUESSED_SLOTS, _MOST_SLOTS)
    limits: Limits = {limit_field(probing): work.tokens}
    held_s = work.held_s
    left_ms = round(held_s * (1 - _WAITS_AFTER) * 1000)
    figures = {
        "left_ms": left_ms,
        "before_ms": work.before_ms,
        "work_left_ms": round(work.work_ms - held_s * 1000),
        "slots": slots,
    }

    async def hold() -> None:
        ask = at_length(probing, f"held-{kind}", limits, held_s, stream=kind == "stream")
        await probing.ask(ask, came(probing))

    async def wait() -> Reply:
        await asyncio.sleep(held_s * _WAITS_AFTER)
        return await _short(probing, f"waiting-{kind}", timeout_s=_TIMEOUT_S + work.work_ms / 1000, **figures)

    async def count() -> None:
        await asyncio.sleep(held_s / 2)
        if work.place is not None:
            await in_work(probing, work.place, f"busy-{kind}")

    waited, _ = await asyncio.gather(wait(), asyncio.gather(count(), *(hold() for _ in range(slots))))
    if waited.status in _OVERLOADED:
        await _short(probing, f"after-{kind}", **figures)
    for poll in range(_POLLS if work.place is not None else 0):
        await asyncio.sleep(_POLL_S if poll else 0)
        running = await in_work(probing, work.place or "", f"idle-{kind}")
        if running is not None and running <= work.at_rest:
            return


async def _short(probing: Probing, step: str, timeout_s: float = _TIMEOUT_S, **figures: int) -> Reply:
    ask = at_length(probing, step, {limit_field(probing): _SHORT_TOKENS}, timeout_s)
    return await probing.ask(ask, came(probing, **figures))


PROBE = Probe(
    f"Short answers, and long ones on every slot (at most {_MOST_SLOTS}) that are hung up on within {_HELD_S:g} s, as "
    "streams and in one piece; where the runtime counts its requests, that page too.",
    3 + _TIMES + MOST_FITS + 2 * (_MOST_SLOTS + 3 + _POLLS),
    60.0,
    _look,
)

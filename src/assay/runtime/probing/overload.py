"""What does a server do with more requests at once than it can work on, and is it itself again afterwards?

Whoever is surplus should be told so at once, with 429 (RFC 6585, section 4) or 503 (RFC 9110, section 15.6.4), and when
to come back, in `Retry-After` (RFC 9110, section 10.2.3).
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from assay.runtime.faults import retry_after_s
from assay.runtime.probing.health_paths import NEVER_ASKED, health_paths
from assay.runtime.probing.probing import Probe
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE"]

_TOKENS: Final = 32
_FEWEST, _MOST, _BY_SLOTS = 16, 48, 8
"""Requests at once, and how many for each that the server says it works on; the most where it says nothing."""
_LONGEST_S: Final = 20.0
_LONGEST_ALONE_S: Final = 10.0
_SHORTEST_S: Final = 5.0
_ALONE_TIMES: Final = 12
"""How much longer than alone a request of the burst is waited for: beyond that it is plain that it was left waiting."""
_ALONE_ASKED: Final = 3
_RATE_WAIT_S, _MOST_RATE_WAIT_S = 2.0, 5.0
_PATIENCE_S: Final = 10.0
_MOST_PATIENCE_S: Final = 30.0
_ASKED_AGAIN: Final = 10
_REFUSALS = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_SOON_PATHS: Final = ("/health", "/ready", "/readyz", "/healthz")


@dataclass(frozen=True)
class _Burst:
    """Requests at once."""

    requests: int
    """How many."""
    deadline_s: float
    """How long each is waited for."""
    own_deadline: bool
    """Whether that is the candidate's own timeout."""


async def _look(probing: Probing) -> None:
    """Time a request alone, send many at once, and ask again until it is as before."""
    times = await _alone(probing)
    if not times:
        return
    own_s = probing.subject.settings.timeout_s
    deadline_s = min(own_s, max(_SHORTEST_S, _ALONE_TIMES * min(times)), _LONGEST_S)
    slots = probing.subject.slots
    requests = _MOST if slots is None else min(max(_BY_SLOTS * slots, _FEWEST), _MOST)
    told_s = await _burst(probing, _Burst(requests, deadline_s, deadline_s >= own_s), min(times))
    await _again(probing, told_s, min(times))


async def _alone(probing: Probing) -> list[float]:
    """Return the seconds that two requests alone take; a limit of rate that was used up before is waited for."""
    times: list[float] = []
    for n in range(_ALONE_ASKED):
        reply = await _chat(probing, "before", n)
        if reply.status == HTTPStatus.OK and not reply.trouble:
            times.append(reply.took_ms / 1000)
        elif reply.status in _REFUSALS:
            await asyncio.sleep(min(_told_wait_s(reply) or _RATE_WAIT_S, _MOST_RATE_WAIT_S))
        else:
            break
        if len(times) == _ALONE_ASKED - 1:
            break
    return times


async def _burst(probing: Probing, burst: _Burst, alone_s: float) -> float | None:
    """Send the burst, with a look at the server's health beside it, and return the longest wait that it asks for."""
    refused, told = asyncio.Event(), [0.0]

    async def one(n: int) -> None:
        reply = await _chat(probing, "burst", n, burst)
        if reply.status in _REFUSALS:
            refused.set()
            told.append(_told_wait_s(reply) or 0.0)

    async def beside() -> None:
        # The queue is full when the first is refused; where nobody is, half of a request's time is a good moment.
        with suppress(TimeoutError):
            await asyncio.wait_for(refused.wait(), min(alone_s / 2, 1.0))
        async with asyncio.TaskGroup() as group:
            for step, path in _beside(probing):
                group.create_task(probing.ask(Ask(step, "GET", path, "beside the burst", "none", timeout_s=5.0)))

    async with asyncio.TaskGroup() as group:
        for n in range(burst.requests):
            group.create_task(one(n))
        group.create_task(beside())
    return max(told) or None


def _beside(probing: Probing) -> list[tuple[str, str]]:
    """Return what is asked of the server's health beside the burst: at most four paths."""
    runtime = probing.subject.runtime
    paths = health_paths(runtime)
    known = bool(paths.known)
    own = [*paths.live, *paths.ready] if known else list(_SOON_PATHS)
    never = NEVER_ASKED.get(runtime, frozenset())
    return [("beside-ready" if path in paths.ready else "beside-live", path) for path in own if path not in never][:4]


async def _again(probing: Probing, told_s: float | None, alone_s: float) -> None:
    """Ask again until a request is answered about as quickly as before, or the wait that was asked for is over."""
    patience_s = min(told_s or _PATIENCE_S, _MOST_PATIENCE_S)
    pause_s = max(patience_s / _ASKED_AGAIN, 0.25)
    began = time.perf_counter()
    for n in range(_ASKED_AGAIN + 2):
        after_s = time.perf_counter() - began
        reply = await _chat(probing, "after", n, after_s=after_s, patience_s=patience_s)
        well = reply.status == HTTPStatus.OK and not reply.trouble
        if (well and reply.took_ms / 1000 <= max(2 * alone_s, alone_s + 1.0)) or after_s >= patience_s:
            return
        await asyncio.sleep(min(pause_s, max(began + patience_s - time.perf_counter(), 0.0)))


async def _chat(probing: Probing, step: str, n: int, burst: _Burst | None = None, **measured: float) -> Reply:
    """Ask for a small answer that no cache holds."""
    text = f"{probing.subject.nonce}-{step}-{n} Count from one to one hundred in words, and write nothing else."
    deadline_s = burst.deadline_s if burst else min(probing.subject.settings.timeout_s, _LONGEST_ALONE_S)
    said = f"as one of {burst.requests} at once" if burst else "alone"

    def shows(reply: Reply) -> dict[str, str | int | float | bool | None]:
        # Only a wait that nobody answered ends like this: other troubles come from the server.
        left = reply.trouble.startswith("no whole answer within")
        found: dict[str, str | int | float | bool | None] = {
            "given_up": left,
            "deadline_s": round(deadline_s, 3),
            "retry_after_s": _told_wait_s(reply),
        }
        if burst is not None:
            found["own_deadline"] = burst.own_deadline
        return found | {name: round(value, 3) for name, value in measured.items()}

    body = probing.chat(text, max_tokens=_TOKENS)
    return await probing.ask(Ask(step, "POST", probing.chat_path, said, body=body, timeout_s=deadline_s), shows)


def _told_wait_s(reply: Reply) -> float | None:
    """Return the seconds that `Retry-After` asks for; LiteLLM's own name for it is one that no client reads."""
    named = {"retry-after": reply.headers.get("Retry-After"), "date": reply.headers.get("Date")}
    return retry_after_s({name: value for name, value in named.items() if value is not None})


PROBE = Probe(
    "Two or three short chats alone, then 16 to 48 at once with up to four readings of its health beside them, and "
    "then up to twelve alone until it answers as before.",
    _ALONE_ASKED + _MOST + len(_SOON_PATHS) + _ASKED_AGAIN + 2,
    80.0,
    _look,
)

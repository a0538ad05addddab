"""Is what a client no longer waits for given up, so that its slot is free for the next one?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import not_probed, nothing_told
from assay.readiness.view import PROBES, Answer, combined, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["check", "hang_up_frees"]

_OK: Final = 200
_OVERLOADED: Final = frozenset({429, 503})
_SPOKEN: Final = {"stream": "streams", "whole": "answers in one piece"}
_WAITED: Final = 0.5
"""Share of the time until the clients hung up that a request must wait to have waited for a slot at all."""
_FREED: Final = 0.25
"""Share of the abandoned work's rest by which the answer may come later where a slot was freed."""
_KEPT: Final = 0.6
"""Share of it from which on the slot was not freed."""


def check(view: View) -> Answer:
    """Return met when slots were seen to be free again after clients had hung up, in streams and in whole answers."""
    result = view.probe("disconnect")
    if result is None:
        return not_probed()
    return _concluded(result)


def hang_up_frees(result: ProbeResult) -> bool | None:
    """Return whether a result of `disconnect` shows that slots are freed in every way of asking; None if not told."""
    status = _concluded(result).status
    return None if status == "unknown" else status == "met"


def _concluded(result: ProbeResult) -> Answer:
    kinds = [kind for kind in _SPOKEN if result.steps(f"held-{kind}")]
    if not kinds or result.ended != "whole":
        return nothing_told("whether a slot is freed is not known", result)
    return combined([_freed(result, kind) for kind in kinds])


def _freed(result: ProbeResult, kind: str) -> Answer:
    held = result.steps(f"held-{kind}")
    early = next((own for own in held if not own.shows.get("going")), None)
    if early is not None:
        return nothing_told(f"no client could hang up on {_SPOKEN[kind]}", result, (early,))
    return _by_counter(result, kind) or _by_waiting(result, kind, len(held))


def _by_counter(result: ProbeResult, kind: str) -> Answer | None:
    """Conclude from the server's own count of requests; None where it has none, or did not count ours."""
    rest = min((_count(own, "running") for own in result.steps("rest") if _has(own, "running")), default=None)
    busy = max((_count(own, "running") for own in result.steps(f"busy-{kind}") if _has(own, "running")), default=None)
    after = [own for own in result.steps(f"idle-{kind}") if _has(own, "running")]
    if rest is None or busy is None or busy <= rest or not after:
        return None
    left = _count(after[-1], "running")
    told = f"after clients hung up on {_SPOKEN[kind]}"
    if left <= rest:
        return met(f"{told}, the server counts {left} requests, where it counted {busy}", PROBES)
    return not_met(f"{told}, the server still works on {left} requests: {after[-1].sent}", PROBES)


def _by_waiting(result: ProbeResult, kind: str, held: int) -> Answer:
    """Conclude from how long a request behind them waited, or, where that was refused, one that came after them."""
    waiting = next(iter((*result.steps(f"after-{kind}"), *result.steps(f"waiting-{kind}"))), None)
    told = f"after clients hung up on {held} {_SPOKEN[kind]}"
    if waiting is None or (waiting.status != _OK and waiting.status in _OVERLOADED):
        return nothing_told(
            f"how soon one is answered {told} is not known", result, () if waiting is None else (waiting,)
        )
    behind = waiting.step.startswith("waiting-")
    left = _count(waiting, "left_ms") if behind else 0
    if behind and waiting.status == _OK and _began(waiting) < _WAITED * left:
        return unknown(f"{held} {_SPOKEN[kind]} do not fill the server, so that no slot was waited for", PROBES)
    late, rest = waiting.took_ms - left - _count(waiting, "before_ms"), _count(waiting, "work_left_ms")
    if waiting.status != _OK and not waiting.shows.get("going"):
        return nothing_told(f"how soon one is answered {told} is not known", result, (waiting,))
    if late >= _KEPT * rest:
        return not_met(f"{told}, another waits {late / 1000:.3g} s more, as if nobody had: {waiting.sent}", PROBES)
    if late <= _FREED * rest and waiting.status == _OK:
        return met(f"{told}, another is answered at once, though they had {rest / 1000:.3g} s to go", PROBES)
    return unknown(f"{told}, another waits {max(late, 0) / 1000:.3g} s more, which tells nothing", PROBES)


def _began(waiting: Exchange) -> int:
    """Return after how many milliseconds a request was taken up, told by its first token where that was seen."""
    if _count(waiting, "chunks") > 1:
        return _count(waiting, "content_first_ms")
    return waiting.took_ms - _count(waiting, "before_ms")


def _has(exchange: Exchange, name: str) -> bool:
    return isinstance(exchange.shows.get(name), int)


def _count(exchange: Exchange, name: str) -> int:
    value = exchange.shows.get(name)
    return value if isinstance(value, int) else 0

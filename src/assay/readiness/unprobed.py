"""What does a check answer where a deep probe saw nothing to conclude from, and how does it name what was seen?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from assay.readiness.answer import Answer, clipped, unknown
from assay.readiness.view import PLAN, PROBES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["answered", "came_to", "not_probed", "nothing_told", "outcome", "seconds", "told_nothing", "unprobed"]

_MOST_WHY = 120
_MOST_TROUBLE = 100


def not_probed() -> Answer:
    """Return the answer on an item whose probe was not done."""
    return unknown("the server was not probed deeply: allow it with probes: {intrusive: true}", PLAN)


def unprobed(result: ProbeResult | None) -> Answer | None:
    """Return unknown where a probe was not done, or had nothing to do; None where it was done."""
    if result is None:
        return not_probed()
    return unknown(result.note, PROBES) if result.ended == "left_out" else None


def nothing_told(what: str, result: ProbeResult, exchanges: Iterable[Exchange] = ()) -> Answer:
    """Return the answer that a probe does not tell something, with what came in its place.

    Args:
        what: what is not known, a clause.
        result: what the probe came to; its note is the reason when it did not come to its end.
        exchanges: those that should have told it, the telling one first; none for all of the probe.
    """
    seen = next(iter(exchanges), result.exchanges[-1] if result.exchanges else None)
    why = result.note or (came_to(seen) if seen is not None else "nothing was sent")
    return unknown(f"{what}: {clipped(why, _MOST_WHY)}", PROBES)


def came_to(exchange: Exchange) -> str:
    """Return what came of one request in words: `POST /v1/chat/completions with 64 KiB: 413`."""
    came = exchange.trouble if exchange.status is None else str(exchange.status)
    return f"{exchange.sent}: {came or 'no answer'}"


def told_nothing(result: ProbeResult | None) -> Answer:
    """Return why nothing is known: there was no probe, it did not come to its end, or nothing answered."""
    if result is None:
        return not_probed()
    trouble = next((own.trouble for own in result.exchanges if own.trouble), "")
    return unknown(f"the probe told nothing: {clipped(result.note or trouble or 'no answer', _MOST_WHY)}", PROBES)


def outcome(own: Exchange) -> str:
    """Return what came of a request without naming it: its status, or why there is no whole answer."""
    return f"{own.status}" if own.status is not None and not own.trouble else clipped(own.trouble, _MOST_TROUBLE)


def answered(own: Exchange) -> bool:
    """Return whether a request had a whole answer with status 200."""
    return own.status == HTTPStatus.OK and not own.trouble


def seconds(took_ms: float) -> str:
    """Return milliseconds as people read them."""
    return f"{took_ms / 1000:.3g} s"

"""What does a check answer where a deep probe saw nothing that it could conclude from?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.answer import Answer, clipped, unknown
from assay.readiness.view import PLAN, PROBES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["came_to", "not_probed", "nothing_told", "told_nothing"]

_MOST_WHY = 120


def not_probed() -> Answer:
    """Return the answer on an item whose probe was not done."""
    return unknown("the server was not probed deeply: allow it with probes: {intrusive: true}", PLAN)


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

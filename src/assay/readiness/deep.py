"""What does a check say of a server that was not probed deeply, and how does it name an exchange?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from assay.readiness.answer import Answer, clipped, unknown
from assay.readiness.unprobed import not_probed
from assay.readiness.view import PROBES

if TYPE_CHECKING:
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["answered", "came_to", "seconds", "unprobed"]


def unprobed(result: ProbeResult | None) -> Answer | None:
    """Return unknown where a probe was not done, or had nothing to do; None where it was done."""
    if result is None:
        return not_probed()
    return unknown(result.note, PROBES) if result.ended == "left_out" else None


def came_to(own: Exchange) -> str:
    """Return what came of a request: its status, or why there is none."""
    return f"{own.status}" if own.status is not None and not own.trouble else clipped(own.trouble, 100)


def seconds(took_ms: float) -> str:
    """Return milliseconds as people read them."""
    return f"{took_ms / 1000:.3g} s"


def answered(own: Exchange) -> bool:
    """Return whether a request had a whole answer with status 200."""
    return own.status == HTTPStatus.OK and not own.trouble

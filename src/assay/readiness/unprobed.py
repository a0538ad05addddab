"""What does a check say whose probe was not done, or saw nothing?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, PROBES, clipped, unknown

if TYPE_CHECKING:
    from assay.readiness.view import Answer
    from assay.schema.provenance import ProbeResult

__all__ = ["unprobed"]


def unprobed(result: ProbeResult | None) -> Answer:
    """Return why nothing is known: there was no probe, it did not come to its end, or nothing answered."""
    if result is None:
        return unknown("the server was not probed deeply: allow it with probes: {intrusive: true}", PLAN)
    trouble = next((own.trouble for own in result.exchanges if own.trouble), "")
    return unknown(f"the probe told nothing: {clipped(result.note or trouble or 'no answer', 120)}", PROBES)

"""Are p50 and p95 of short and long prompts known, from enough requests?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import Answer, combined, named, percentile, reading

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when both percentiles are supported for both profiles at every concurrency of the plan."""
    load = view.load("short", "long")
    readings = [
        reading(f"p{q * 100:.0f} of {named(cell)}", percentile(cell.e2e, q)) for cell in load.cells for q in (0.5, 0.95)
    ]
    return combined([*load.unknowns(), *readings])

"""Is it said who owns the decision and who takes it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, Answer, clipped, met, not_met, provided

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when the plan names an owner and at least one person who decides."""
    record = view.plan.record
    missing = [] if provided(record.owner) else ["record.owner"]
    if not any(provided(name) for name in record.decision_makers):
        missing.append("record.decision_makers")
    if missing:
        return not_met(f"not provided: {', '.join(missing)}", PLAN)
    deciding = clipped(", ".join(record.decision_makers), 200)
    return met(f"owner {clipped(record.owner or '', 80)}, decision makers {deciding}", PLAN)

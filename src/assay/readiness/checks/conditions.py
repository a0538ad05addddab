"""Is it said under which conditions the candidate may go to production?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, Answer, met, not_met

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when the gate has a condition that can block."""
    blocking = sum(condition.severity == "block" for condition in view.plan.gate.conditions)
    if not blocking:
        return not_met("the gate has no condition that can block", PLAN)
    return met(f"blocking conditions in the gate: {blocking}", PLAN)

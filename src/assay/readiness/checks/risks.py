"""Are the risks that the team accepts written down?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, Answer, met, not_met, provided

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_KINDS = ("quality", "latency", "security", "licence", "operations")


def check(view: View) -> Answer:
    """Return met when each of the five kinds of risk is written, or a list with at least one."""
    risks = view.plan.record.risks
    if isinstance(risks, dict):
        written = {kind for kind, text in risks.items() if provided(text)}
        missing = [kind for kind in _KINDS if kind not in written]
    else:
        missing = [] if any(provided(text) for text in risks) else list(_KINDS)
    if missing:
        return not_met(f"record.risks is not provided for {', '.join(missing)}", PLAN)
    return met("record.risks is written", PLAN)

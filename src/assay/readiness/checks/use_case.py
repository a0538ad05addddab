"""Is it said what the model is for, whom it serves, on which data and under which load?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, Answer, met, not_met, provided

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when task, users, data sensitivity and expected traffic are written."""
    use_case = view.plan.use_case
    parts = {
        "task": use_case.task,
        "users": use_case.users,
        "data_sensitivity": use_case.data_sensitivity,
        "expected_traffic": use_case.expected_traffic,
    }
    missing = [f"use_case.{name}" for name, text in parts.items() if not provided(text)]
    if missing:
        return not_met(f"not provided: {', '.join(missing)}", PLAN)
    return met("task, users, data sensitivity and expected traffic are written", PLAN)

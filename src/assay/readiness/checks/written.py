"""Is there text on rollout and rollback, which only people can write?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, Answer, met, not_met, provided

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["rollback", "rollout"]


def rollout(view: View) -> Answer:
    """Return met when the plan says how the candidate goes to production."""
    return _written("rollout", view.plan.record.rollout)


def rollback(view: View) -> Answer:
    """Return met when the plan says how the candidate comes back out."""
    return _written("rollback", view.plan.record.rollback)


def _written(key: str, text: str | None) -> Answer:
    return met(f"record.{key} is written", PLAN) if provided(text) else not_met(f"record.{key} is not provided", PLAN)

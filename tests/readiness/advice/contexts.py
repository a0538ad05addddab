"""What do the tests of advice share: a plan with a context, and what advice says of its runtimes?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.advice import advise
from assay.schema.suite import Plan

if TYPE_CHECKING:
    from assay.readiness.advice import Advice
    from assay.readiness.advice.advice import AdvisedRuntime

__all__ = ["advice_for", "of", "plan_with"]


def plan_with(context: dict | None = None, **changes: object) -> Plan:
    """Return a plan of which nothing but its context says anything to a rule."""
    return Plan.model_validate(
        {
            "schema": "assay/plan/v1",
            "use_case": {"id": "qa"},
            "candidates": [{"id": "a", "runtime": "gateway", "base_url": "http://127.0.0.1:1/v1"}],
            "suites": ["qa"],
            "gate": {"conditions": ["blockers == 0"]},
            **({"context": context} if context is not None else {}),
            **changes,
        }
    )


def advice_for(**context: object) -> Advice:
    """Return advice where only some keys of the context are known."""
    return advise(plan_with(context))


def of(advice: Advice, runtime: str) -> AdvisedRuntime:
    """Return what advice says of one runtime."""
    return next(own for own in advice.runtimes if own.runtime == runtime)

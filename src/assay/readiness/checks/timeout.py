"""Has every request a deadline that means something?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, Answer, met, not_met

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_AT_MOST_S = 600.0
"""Default deadline of the OpenAI client library, in seconds; who waits longer has set none."""


def check(view: View) -> Answer:
    """Return met when the deadline is at most ten minutes and no shorter than the slowest service level."""
    timeout_s = view.candidate.request.timeout_s
    levels = [slo.e2e_p95_s for slo in view.plan.use_case.slo.values() if slo.e2e_p95_s is not None]
    if timeout_s > _AT_MOST_S:
        return not_met(f"timeout_s is {timeout_s:g}, longer than {_AT_MOST_S:g} s", PLAN)
    if timeout_s < max(levels, default=0.0):
        return not_met(f"timeout_s is {timeout_s:g}, shorter than the service level of {max(levels):g} s", PLAN)
    return met(f"timeout_s is {timeout_s:g}", PLAN)

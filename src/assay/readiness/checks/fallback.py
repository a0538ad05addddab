"""Is there another candidate to fall back on, and was it measured?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, TRIALS, Answer, combined, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when a candidate with role fallback passed at least one trial of every golden set."""
    fallbacks = view.others("fallback")
    if not fallbacks:
        return not_met("the plan has no other candidate with role fallback", PLAN)
    tried = [combined([_answers(view, fallback.id, suite.id) for suite in view.suites]) for fallback in fallbacks]
    return next((answer for answer in tried if answer.status == "met"), combined(tried))


def _answers(view: View, fallback: str, suite: str) -> Answer:
    metric = view.metric(fallback, suite)
    if metric is None or metric.passed + metric.failed <= 0:
        return unknown(f"fallback {fallback} was not measured on {suite}", TRIALS)
    text = f"fallback {fallback} passed {metric.passed} of {metric.n} trials of {suite}"
    return (met if metric.passed else not_met)(text, PLAN, TRIALS)

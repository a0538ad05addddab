"""Is there a golden set, was it asked whole, and can its scores be trusted?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import TOLERATED_SHARE, TRIALS, Answer, clipped, combined, met, not_met, unknown, well_scored

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.suite import Suite

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when 95 % of the due trials have an answer, and of each suite a score that can be trusted.

    Cases that the run left out, because none of them could have changed a condition, were not due in the end.
    """
    if not view.suites:
        return not_met("there is no golden set", TRIALS)
    return combined([_answered(view), *(_scored(view, suite) for suite in view.suites)])


def _answered(view: View) -> Answer:
    due = view.all_due()
    if due <= 0:
        return unknown("no trial was due", TRIALS)
    share = f"{view.completed} of {due} trials have an answer"
    return (met if view.completed >= (1 - TOLERATED_SHARE) * due else unknown)(share, TRIALS)


def _scored(view: View, suite: Suite) -> Answer:
    if not suite.cases:
        return not_met(f"golden set {suite.id} has no cases", TRIALS)
    metric = view.metric(view.candidate.id, suite.id)
    if metric is None or metric.n <= 0:
        return unknown(f"golden set {suite.id} was not asked", TRIALS)
    scored = metric.passed + metric.failed
    due = view.due(metric)
    left = f", {metric.stopped} not asked" if metric.stopped else ""
    counted = f"golden set {suite.id}: {scored} of {due} trials scored, {metric.passed} passed{left}"
    if not well_scored(metric, due):
        return unknown(counted, TRIALS)
    if not metric.trusted:
        return unknown(f"{counted}, but {clipped(metric.doubt or 'a judge without trust took part', 300)}", TRIALS)
    return met(counted, TRIALS)

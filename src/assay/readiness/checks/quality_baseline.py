"""Was the quality compared with a baseline on the same golden sets, and is it as good?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import TRIALS, Answer, combined, met, not_met, unknown, well_scored

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when the pass rate reaches that of every baseline on every golden set.

    A lower rate is `not_met` only where the 95 % intervals are apart; where they overlap the cases are too few to tell.
    """
    baselines = view.others("baseline")
    if not baselines:
        return unknown("the plan has no other candidate with role baseline")
    return combined([_compared(view, suite.id, baseline.id) for baseline in baselines for suite in view.suites])


def _compared(view: View, suite: str, baseline: str) -> Answer:
    """Return how the pass rate on one suite stands to the baseline's."""
    own, other = view.metric(view.candidate.id, suite), view.metric(baseline, suite)
    if own is None or other is None or own.rate is None or other.rate is None:
        return unknown(f"{suite} was not asked of both the candidate and {baseline}", TRIALS)
    asked, theirs = own.n - own.stopped, other.n - other.stopped
    text = f"{suite}: {own.rate:.3g} (n {asked}) against {other.rate:.3g} (n {theirs}) of {baseline}"
    if not well_scored(own, view.due(own)) or not well_scored(other):
        return unknown(f"{text}, too many trials without a score", TRIALS)
    if not own.trusted or not other.trusted:
        return unknown(f"{text}, by a judge that cannot be trusted", TRIALS)
    if own.rate >= other.rate:
        return met(text, TRIALS)
    apart = own.high is not None and other.low is not None and own.high < other.low
    return not_met(text, TRIALS) if apart else unknown(f"{text}, too few cases to tell", TRIALS)

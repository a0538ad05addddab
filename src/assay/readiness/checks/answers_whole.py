"""Did the answers end by themselves, or were they cut?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import TOLERATED_SHARE, TRIALS, Answer, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["length", "thinking"]


def length(view: View) -> Answer:
    """Return met when at most one answer in twenty ended at its token limit (`finish_reason: length`).

    While more than one trial in twenty has no answer, only so many cuts decide that no further answer could mend it.
    """
    return _answer(view, view.truncated, TOLERATED_SHARE, "ended at their token limit")


def thinking(view: View) -> Answer:
    """Return met when no answer ended inside a block of thought, and 95 % of the due trials have an answer."""
    return _answer(view, view.unclosed_thinking, 0.0, "ended while the model was thinking")


def _answer(view: View, cut: int, tolerated: float, what: str) -> Answer:
    if view.completed == 0:
        return unknown("no trial was answered")
    due = max(view.all_due(), view.completed)
    enough = view.completed >= (1 - TOLERATED_SHARE) * due
    told = f"{cut} of {view.completed} answers {what}"
    if cut > tolerated * (view.completed if enough else due):
        return not_met(told, TRIALS)
    return (
        met(told, TRIALS) if enough else unknown(f"{told}, and only {view.completed} of {due} trials have one", TRIALS)
    )

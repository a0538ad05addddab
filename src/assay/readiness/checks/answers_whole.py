"""Did the answers end by themselves, or were they cut?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import TOLERATED_SHARE, TRIALS, Answer, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["length", "thinking"]


def length(view: View) -> Answer:
    """Return met when at most one answer in twenty ended at its token limit (`finish_reason: length`)."""
    return _share(view, view.truncated, "ended at their token limit")


def thinking(view: View) -> Answer:
    """Return met when no answer ended inside a block of thought."""
    if view.completed == 0:
        return unknown("no trial was answered")
    told = f"{view.unclosed_thinking} of {view.completed} answers ended while the model was thinking"
    return (not_met if view.unclosed_thinking else met)(told, TRIALS)


def _share(view: View, cut: int, what: str) -> Answer:
    if view.completed == 0:
        return unknown("no trial was answered")
    told = f"{cut} of {view.completed} answers {what}"
    return (met if cut <= TOLERATED_SHARE * view.completed else not_met)(told, TRIALS)

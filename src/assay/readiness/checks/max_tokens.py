"""Is the length of answers bounded below the context window?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, Answer, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when the longest answer that is ever asked for is shorter than the pinned context."""
    asked = [view.candidate.request.max_tokens, *(suite.request.max_tokens or 0 for suite in view.suites)]
    pinned = view.candidate.pins.max_context_tokens
    if pinned is None:
        return unknown(f"max_tokens is {max(asked)}, and the plan pins no max_context_tokens to hold it against", PLAN)
    text = f"max_tokens is {max(asked)} of {pinned} pinned context tokens"
    return (met if max(asked) < pinned else not_met)(text, PLAN)

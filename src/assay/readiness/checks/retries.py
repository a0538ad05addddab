"""Are retries bounded?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, Answer, met, not_met

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_AT_MOST = 3
"""Further attempts beyond which a server in trouble gets several times its load just then."""


def check(view: View) -> Answer:
    """Return met when a request is tried again at most three times."""
    request = view.candidate.request
    longest_s = (request.max_retries + 1) * request.timeout_s
    text = f"max_retries is {request.max_retries}: a caller waits at most {longest_s:g} s for all attempts"
    return (met if request.max_retries <= _AT_MOST else not_met)(text, PLAN)

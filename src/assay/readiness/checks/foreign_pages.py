"""Are web pages of other sites kept from reading answers?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when the server was seen not to let any origin read its answers (CORS, Fetch standard)."""
    fact = view.facts.fact("cors")
    if fact.grade != "observed" or fact.value is None:
        return unknown(f"the server's CORS header was not seen: {clipped(fact.source, 120)}", FACTS)
    if fact.value == "any origin":
        return not_met("pages of any origin may read answers in a user's browser", FACTS)
    return met(f"origins that may read answers: {clipped(str(fact.value), 80)}", FACTS)

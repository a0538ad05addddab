"""Does the endpoint refuse a request without a key?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when a request without a key was seen to be refused."""
    fact = view.facts.fact("authentication")
    source = clipped(fact.source, 120)
    if fact.grade == "observed" and fact.value == "required":
        return met(f"a key is required: {source}", FACTS)
    if fact.grade == "observed" and fact.value == "not required":
        return not_met(f"no key is required: {source}", FACTS)
    return unknown(f"whether a key is required was not seen: {source}", FACTS)

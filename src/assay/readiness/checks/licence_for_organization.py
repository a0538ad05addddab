"""Does the licence allow this organization, with its users, revenue and countries, what it means to do?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import ATTESTATIONS, FACTS, PLAN, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_ATTESTED_BY = "licence-read"
"""Item by which a person says that the conditions of the licence are kept."""


def check(view: View) -> Answer:
    """Return met when the profile is allowed, or allowed under obligations that a person attests."""
    allowance = view.facts.licence.allowance
    why = clipped("; ".join(allowance.reasons), 300)
    if allowance.outcome == "allowed":
        return met(why or "the licence allows it", FACTS, PLAN)
    if allowance.outcome == "prohibited":
        return not_met(why, FACTS, PLAN)
    if allowance.outcome == "unknown":
        return unknown(f"{why}; the plan's organization lacks {', '.join(allowance.missing)}", FACTS, PLAN)
    said = view.attested(_ATTESTED_BY)
    if said.status == "met":
        return met(f"{why}; {_ATTESTED_BY} is {said.reason}", FACTS, ATTESTATIONS)
    return unknown(f"{why}; {_ATTESTED_BY} is not attested as met: {said.reason}", FACTS, *said.evidence)

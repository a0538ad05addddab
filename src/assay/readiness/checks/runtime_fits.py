"""Is the runtime one that is made to serve, and the one that the plan names?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, PLAN, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_DESKTOP_ONLY = frozenset({"lm-studio"})
"""Runtimes for learning, demonstrations and evaluation by hand: no production server by default."""
_PROTOCOL_ONLY = frozenset({"openai", "gateway"})
"""Names that say how to speak to a server, not which one answers."""


def check(view: View) -> Answer:
    """Return met when the server was seen to be a serving runtime, and the one that the plan names."""
    declared, seen = view.candidate.runtime, view.facts.fact("runtime")
    observed = clipped(str(seen.value), 80) if seen.grade == "observed" and seen.value is not None else None
    if declared in _DESKTOP_ONLY or observed in _DESKTOP_ONLY:
        return not_met("LM Studio is a desktop tool, not a production server", PLAN, FACTS)
    if observed is None:
        return unknown(f"the plan says {declared}, and which runtime answers could not be seen", PLAN, FACTS)
    if declared not in _PROTOCOL_ONLY and observed != declared:
        return not_met(f"the plan says {declared}, and {observed} answers", PLAN, FACTS)
    return met(f"{observed} answers", FACTS)

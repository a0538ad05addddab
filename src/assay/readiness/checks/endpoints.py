"""Has the server an endpoint for its health, and one for its metrics?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Fact

__all__ = ["health", "metrics"]


def health(view: View) -> Answer:
    """Return met when the server was seen to have a health endpoint, with a key or without."""
    return _there("health endpoint", view.facts.fact("health_endpoint"))


def metrics(view: View) -> Answer:
    """Return met when the server was seen to have a metrics endpoint, with a key or without."""
    return _there("metrics endpoint", view.facts.fact("metrics_endpoint"))


def _there(what: str, fact: Fact) -> Answer:
    source = clipped(fact.source, 120)
    if fact.grade == "observed" and fact.value in {"open", "needs key"}:
        return met(f"the {what} is there: {source}", FACTS)
    if fact.grade == "observed" and fact.value == "closed":
        return not_met(f"there is no {what}: {source}", FACTS)
    return unknown(f"no {what} was seen: {source}", FACTS)

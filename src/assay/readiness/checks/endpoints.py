"""Has the server an endpoint for its health, and one for its metrics?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from assay.readiness.view import FACTS, PROBES, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Fact

__all__ = ["health", "metrics"]

_HEALTH: Final = frozenset({200, 204, 503})


def health(view: View) -> Answer:
    """Return met when the server was seen to have a health endpoint, with a key or without."""
    by_fact = _there("health endpoint", view.facts.fact("health_endpoint"))
    result = view.probe("health")
    if by_fact.status == "met" or result is None:
        return by_fact
    nowhere = {own.status for own in result.steps("nowhere")}
    found = [own for own in result.exchanges if own.status in _HEALTH and own.status not in nowhere]
    return met(f"the health endpoint is there: {found[0].sent} answers {found[0].status}", PROBES) if found else by_fact


def metrics(view: View) -> Answer:
    """Return met when the server was seen to have a metrics endpoint, with a key or without."""
    by_fact = _there("metrics endpoint", view.facts.fact("metrics_endpoint"))
    result = view.probe("metrics")
    found = [
        own for own in (result.exchanges if result else ()) if own.status == HTTPStatus.OK and own.shape == "metrics"
    ]
    if by_fact.status == "met" or not found:
        return by_fact
    return met(f"the metrics endpoint is there: {found[0].sent} answers 200", PROBES)


def _there(what: str, fact: Fact) -> Answer:
    source = clipped(fact.source, 120)
    if fact.grade == "observed" and fact.value in {"open", "needs key"}:
        return met(f"the {what} is there: {source}", FACTS)
    if fact.grade == "observed" and fact.value == "closed":
        return not_met(f"there is no {what}: {source}", FACTS)
    return unknown(f"no {what} was seen: {source}", FACTS)

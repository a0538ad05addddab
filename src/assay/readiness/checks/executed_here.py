"""Does the model run where the plan's address says, and not somewhere else behind it?"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, Answer, clipped, met, not_applicable, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_CLOUD = frozenset({"openai", "azure"})


def check(view: View) -> Answer:
    """Return met when the server runs the model itself, or hands it on inside the own network (RFC 1918, loopback).

    A cloud service is elsewhere by its nature, and the plan says so.
    """
    if view.candidate.runtime in _CLOUD:
        return not_applicable("a cloud service runs elsewhere by its nature")
    fact = view.facts.fact("executed_at")
    where = str(fact.value)
    if fact.grade != "observed" or fact.value is None:
        return unknown(f"where the model runs was not seen: {clipped(fact.source, 160)}", FACTS)
    if not where.startswith("elsewhere: "):
        return met("the server runs the model itself", FACTS)
    host = where.removeprefix("elsewhere: ")
    if _own(host):
        return met(f"the model runs behind it at {clipped(host, 80)}, in the own network", FACTS)
    return not_met(f"the model runs elsewhere, at {clipped(host, 80)}", FACTS)


def _own(host: str) -> bool:
    name = host.strip("[]").rpartition(":")[0] if host.count(":") == 1 else host.strip("[]")
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name or host)
    except ValueError:
        return False
    return address.is_private or address.is_loopback

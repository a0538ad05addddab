"""Are web pages of other sites kept from reading answers?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, PROBES, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Exchange

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when the server was seen not to let any origin read its answers (CORS, Fetch standard)."""
    result = view.probe("cors")
    if result is not None:
        return _by_probe(result.exchanges, result.note)
    fact = view.facts.fact("cors")
    if fact.grade != "observed" or fact.value is None:
        return unknown(f"the server's CORS header was not seen: {clipped(fact.source, 120)}", FACTS)
    if fact.value == "any origin":
        return not_met("pages of any origin may read answers in a user's browser", FACTS)
    return met(f"origins that may read answers: {clipped(str(fact.value), 80)}", FACTS)


def _by_probe(exchanges: tuple[Exchange, ...], note: str) -> Answer:
    open_to = [own for own in exchanges if own.shows.get("any_origin") or own.shows.get("reflected")]
    if open_to:
        how = "is reflected" if open_to[0].shows.get("reflected") else "may be any"
        credentials = any(own.headers.get("access-control-allow-credentials") == "true" for own in open_to)
        also = ", with the browser's credentials" if credentials else ""
        return not_met(f"the origin of a web page {how}{also}: {open_to[0].sent}", PROBES)
    seen = [own for own in exchanges if own.status is not None]
    if len(seen) < len(exchanges) or not seen:
        why = note or next((own.trouble for own in exchanges if own.status is None), "")
        return unknown(f"how a foreign origin is answered was not seen: {clipped(why, 120)}", PROBES)
    asked = f"{len(seen)} requests" if len(seen) > 1 else "1 request"
    return met(f"no foreign origin may read answers: {asked} from a foreign origin got no leave to be read", PROBES)

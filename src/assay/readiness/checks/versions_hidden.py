"""Does the server keep to itself which version it is and what stands behind it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.unprobed import answered as answered_whole
from assay.readiness.unprobed import nothing_told, told_nothing
from assay.readiness.view import PROBES, Answer, met, not_met

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assay.readiness.view import View
    from assay.schema.provenance import Exchange

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when no answer told a version or what stands behind; the name of a product alone is no fault."""
    result = view.probe("versions")
    answered = [own for own in result.exchanges if own.status is not None] if result is not None else []
    told = "; ".join(_told(answered))
    if told:
        return not_met(told, PROBES)
    if result is None or result.ended != "whole" or len(answered) < len(result.exchanges) or not answered:
        return told_nothing(result)
    chats = result.steps("chat")
    if not any(answered_whole(own) for own in chats):
        # What guards a server answers in its place: its own answers, which are what tells, were not read.
        return nothing_told(
            "no chat was answered with the candidate's key, so its own answers are not known", result, chats
        )
    products = _names(answered, "products")
    also = f"; the product is named: {', '.join(products)}" if products else ""
    return met(f"{len(answered)} answers tell no version and nothing that stands behind{also}", PROBES)


def _told(answered: Iterable[Exchange]) -> Iterator[str]:
    own = list(answered)
    anybody = [one for one in own if one.shows.get("open")]
    for name, what in (("versions", "versions are told"), ("behind", "what stands behind is told")):
        open_to_all = _names(anybody, name)
        with_key = [found for found in _names(own, name) if found not in open_to_all]
        if open_to_all:
            yield f"{what} without a key: {', '.join(map(_place, open_to_all))}"
        if with_key:
            yield f"{what} with the key: {', '.join(map(_place, with_key))}"


def _place(name: str) -> str:
    """Return where something is told, in words: what is no page and no field of a body is a header."""
    if name.startswith("/") or name == "error page":
        return name
    if name == "system_fingerprint":
        return f"field {name}"
    return f"header {'-'.join(part.capitalize() for part in name.split('-'))}"


def _names(exchanges: Iterable[Exchange], name: str) -> list[str]:
    found = (part for own in exchanges for part in str(own.shows.get(name) or "").split(", "))
    return list(dict.fromkeys(filter(None, found)))

"""Are the paths that manage a server, or show what is inside, closed to a caller without a key?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from assay.readiness.answer import first_of
from assay.readiness.unprobed import not_probed
from assay.readiness.view import PROBES, Answer, clipped, combined, met, not_applicable, not_met, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["check"]

_CLOSED: Final = frozenset({*range(300, 400), 401, 403, 404, 405, 501})
_BROKEN: Final = frozenset({429, *range(500, 600)}) - _CLOSED
_VALIDATED: Final = frozenset({400, 411, 415, 422})
_OK: Final = range(200, 300)
_NO_DATA: Final = frozenset({"html", "text", "empty", "none", "error"})
_MOST_NAMED: Final = 8

_Outcome: TypeAlias = Literal["open", "closed", "unclear"]


def check(view: View) -> Answer:
    """Return met when no path that manages the server, or shows its state, answered without a key."""
    result = view.probe("management")
    if result is None:
        return not_probed()
    if result.ended == "left_out" and not result.exchanges and result.note.startswith("the provider"):
        return not_applicable(result.note, PROBES)
    guards = _guards(result)
    outcomes = [(own, _told(own, result, guards)) for own in result.steps("no-key")]
    opened = [own for own, was in outcomes if was == "open"]
    found = [
        not_met(f"{told} without a key: {_named(own for own in opened if own.shows.get('kind') == kind)}", PROBES)
        for kind, told in (("manages", "models or settings can be changed"), ("shows", "prompts or settings are shown"))
        if any(own.shows.get("kind") == kind for own in opened)
    ]
    if found:
        return combined(found)
    unclear = [own for own, was in outcomes if was == "unclear"]
    if unclear or not outcomes or result.ended != "whole":
        what = _named(unclear, 2) or clipped(result.note, 120)
        return unknown(f"whether the server's inner paths are closed was not told: {what}", PROBES)
    reason = f"asked without a key for {len(outcomes)} paths that manage a server or show its state"
    remark = f"only counts, versions and names are told: {_named(opened)}" if opened else "none answers"
    return met(f"{reason}; {remark}", PROBES)


def _guards(result: ProbeResult) -> frozenset[tuple[object, ...]]:
    """Return answers that are a guard's, though with neither 401 nor 403: the candidate's key had another one."""
    passed = {_asked(own) for own in result.steps("own-key") if own.status in _OK}
    refused = (own for own in result.steps("no-key") if own.status not in _OK and _asked(own) in passed)
    return frozenset(_answer(own) for own in refused)


def _told(reply: Exchange, result: ProbeResult, guards: frozenset[tuple[object, ...]]) -> _Outcome:
    """Return whether a path is open; an answer that broke off closes nothing but by its status."""
    outcome = "closed" if _answer(reply) in guards else _outcome(reply, result)
    return "unclear" if outcome == "closed" and reply.trouble and reply.status not in _CLOSED else outcome


def _outcome(reply: Exchange, result: ProbeResult) -> _Outcome:
    """Return whether a path is open to anyone: it answered, or its own validation did and no guard before it."""
    own = next((one for one in result.steps("own-key") if _asked(one) == _asked(reply)), None)
    if reply.status is None or reply.status in _BROKEN or reply.status in _CLOSED:
        return "closed" if reply.status in _CLOSED else "unclear"
    nowhere = next((one for one in result.steps("nowhere") if one.shows["method"] == reply.shows["method"]), None)
    if nowhere is not None and _answer(reply) == _answer(nowhere):
        # Whatever is asked is answered like this: a page says that nothing is there, data says nothing.
        return "closed" if reply.shape in _NO_DATA else "unclear"
    if reply.status in _OK:
        page = reply.shape == "html" and reply.shows.get("kind") != "tells"
        return "closed" if page or reply.shape == "error" else "open"
    # A refusal of the body alone comes from behind the guard; without a key of our own there is no other to hold it to.
    past = reply.status in _VALIDATED and (own is None or _answer(reply) == _answer(own))
    return "open" if past else "unclear"


def _named(replies: Iterable[Exchange], most: int = _MOST_NAMED) -> str:
    return first_of([f"{reply.shows['method']} {reply.shows['path']} ({_came_to(reply)})" for reply in replies], most)


def _came_to(reply: Exchange) -> str:
    broken = ", broken off" if reply.trouble else ""
    return f"{reply.status}{broken}" if reply.status is not None else reply.trouble


def _asked(reply: Exchange) -> tuple[object, object]:
    return reply.shows.get("method"), reply.shows.get("path")


def _answer(reply: Exchange) -> tuple[object, ...]:
    """Return what makes two answers alike."""
    return reply.status, reply.shape, reply.shows.get("mark")

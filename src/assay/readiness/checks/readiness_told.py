"""Does the server say that it is not ready while it is not, on a path that costs nothing?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import answered, outcome, unprobed
from assay.readiness.view import PROBES, Answer, met, not_met, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["check"]

_NOT_READY: Final = 503
_WELL: Final = frozenset({200, 204})
_UNREACHED: Final = frozenset({502, 504})
"""What a proxy answers to any path while the server behind it is not reached."""
_THERE: Final = _WELL | {_NOT_READY}
_GUARDED: Final = frozenset({401, 403})
_LISTING: Final = "/v1/models"
_HOW = "a restart command in the plan (probes.restart) shows it"


def check(view: View) -> Answer:
    """Return met when a path was seen to say no while the server could not answer, or is known to do so."""
    result = view.probe("health")
    lacking = unprobed(result)
    if lacking is not None or result is None:
        return lacking or unknown("it was not probed", PROBES)
    nowhere = next(iter(result.steps("nowhere")), None)
    if nowhere is None or nowhere.status is None:
        return unknown(f"nothing is known of its paths: {result.note or _trouble(nowhere)}", PROBES)
    if nowhere.status in _UNREACHED:
        return unknown(f"nothing is known of its paths: {nowhere.sent} came to {nowhere.status}", PROBES)
    if nowhere.status in _WELL:
        return unknown(f"{nowhere.sent} answers {nowhere.status} too, so its health paths say nothing", PROBES)
    there = {_path(own): own for own in (*result.steps("live"), *result.steps("ready")) if own.status in _THERE}
    if not there:
        return _none_there(result, nowhere)
    restart = _by_restart(view.probe("restart"))
    beside = _beside(view.probe("overload"), there)
    return restart or beside or _by_kind(result, there)


def _none_there(result: ProbeResult, nowhere: Exchange) -> Answer:
    asked = [own for own in result.exchanges if own is not nowhere]
    silent = [own for own in asked if own.status is None]
    if silent or result.ended != "whole":
        return unknown(f"not every path was answered: {result.note or _trouble(silent[0])}", PROBES)
    guarded = [own.sent for own in asked if own.status in _GUARDED and nowhere.status not in _GUARDED]
    key = f"; {guarded[0]} is refused, and who watches a server has no key" if guarded else ""
    return not_met(f"none of {len(asked)} usual paths tells how it is{key}", PROBES)


def _by_restart(result: ProbeResult | None) -> Answer | None:
    """Return what the server's health said while it was restarted; None where that tells nothing."""
    if result is None:
        return None
    polls = [own for own in result.steps("health-poll") if _path(own) != _LISTING]
    lied = [own for own in result.steps("health-again") if own.status in _WELL and _path(own) != _LISTING]
    failed = [own for own in result.steps("completion") if not answered(own)]
    if lied:
        came = outcome(failed[0]) if failed else "nothing"
        return not_met(
            f"GET {_path(lied[0])} said {lied[0].status} during a restart while a chat came to {came}", PROBES
        )
    said_no = [own for own in polls if own.status not in _WELL]
    back = any(own.status in _WELL for own in polls) and any(own not in failed for own in result.steps("completion"))
    if not said_no or not back:
        return None
    how = "503" if any(own.status == _NOT_READY for own in said_no) else f"no ({outcome(said_no[0])})"
    return met(f"GET {_path(said_no[0])} said {how} during a restart, and 200 only when chats were answered", PROBES)


def _beside(result: ProbeResult | None, there: dict[str, Exchange]) -> Answer | None:
    """Return what the server's health said beside a burst; None where it said as always, which shows nothing."""
    own = [] if result is None else [*result.steps("beside-live"), *result.steps("beside-ready")]
    seen = [exchange for exchange in own if _path(exchange) in there]
    dead = [exchange for exchange in seen if exchange.status is None]
    if dead:
        return not_met(f"{dead[0].sent} had no answer: a busy server would be taken for a dead one", PROBES)
    no = [exchange for exchange in seen if exchange.status == _NOT_READY and there[_path(exchange)].status in _WELL]
    yes = [exchange for exchange in seen if exchange.status in _WELL]
    if not no or not yes:
        return None
    return met(f"{no[0].sent} said 503, and GET {_path(yes[0])} still {yes[0].status}", PROBES)


def _by_kind(result: ProbeResult, there: dict[str, Exchange]) -> Answer:
    ready = [own for own in result.steps("ready") if _path(own) in there]
    known = next((own for own in ready if own.shows.get("known")), None)
    if known is not None:
        says = not_met if known.shows.get("blind") and known.status in _WELL else met
        return says(f"GET {_path(known)} answers {known.status}; by its source {known.shows['known']}", PROBES)
    live = [own for own in result.steps("live") if _path(own) in there]
    named = _named(ready or live)
    beside = f" beside {_named(live)}" if ready and live else ""
    return unknown(f"{named} is there{beside}, but was not seen to say no: {_HOW}", PROBES)


def _named(own: Sequence[Exchange]) -> str:
    return f"GET {_path(own[0])}"


def _path(own: Exchange) -> str:
    """Return the path that was asked: the second word of what was sent."""
    return own.sent.split()[1]


def _trouble(own: Exchange | None) -> str:
    return outcome(own) if own is not None else "nothing was asked"

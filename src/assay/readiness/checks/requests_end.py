"""Is a request that takes too long ended by the server itself?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import came_to, not_probed, nothing_told
from assay.readiness.view import PROBES, Answer, clipped, combined, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["check"]

_OK: Final = 200
_ENDED: Final = frozenset({504, 408})
_FAULTS: Final = 500
_CUT: Final = frozenset({"stream", "error", "empty"})
_SPARE: Final = 16
"""Tokens by which counts may differ."""
_WELL_BEFORE: Final = 0.8
"""An answer that is complete within this share of the time is short enough to need no end."""
_EARLY: Final = 0.5
"""What fails before this share of the time may have failed for another reason."""
_SURE_S: Final = 1.0
"""After so many seconds a 504, a 408 or a cut is an end however long the server is said to take."""


def check(view: View) -> Answer:
    """Return met when the server ended long answers by itself, or takes none that comes near its time."""
    result = view.probe("time-limit")
    if result is None:
        return not_probed()
    watched = (*result.steps("whole"), *result.steps("stream"))
    if not watched or result.ended != "whole":
        return nothing_told("whether a request is ended in time is not known", result)
    return combined([_ended(result, own) for own in watched])


def _ended(result: ProbeResult, own: Exchange) -> Answer:
    took, said = own.took_ms / 1000, own.shows.get("said_s")
    what = "a stream" if own.step == "stream" else "an answer in one piece"
    if own.shows.get("going"):
        limit = f", though the server should end it after {said:g} s" if isinstance(said, (int, float)) else ""
        return not_met(f"{what} still went on after {took:.3g} s{limit}: {own.sent}", PROBES)
    if own.status == _OK and not own.shows.get("broken"):
        return _by_itself(own, what, took)
    in_time_s = _EARLY * said if isinstance(said, (int, float)) else 0.0
    if own.status in _ENDED and took >= min(in_time_s, _SURE_S):
        return met(f"{what} is ended by {own.status} after {took:.3g} s", PROBES)
    # A page or a document that is whole was never an answer that could be cut off.
    if own.status == _OK and took >= min(in_time_s, _SURE_S) and (own.trouble or own.shape in _CUT):
        return met(f"{what} is cut off after {took:.3g} s", PROBES)
    if own.status == _OK or own.status in _ENDED or took < in_time_s:
        return nothing_told("whether a request is ended in time is not known", result, (own,))
    return _failed(own, what)


def _near_its_time(own: Exchange, what: str, took: float, said: float) -> Answer:
    if took >= said:
        return not_met(
            f"{what} was complete after {took:.3g} s: nothing ended it, though the server should after {said:g} s: "
            f"{own.sent}",
            PROBES,
        )
    return unknown(
        f"no request was long enough to see whether one is ended: {what} was complete after {took:.3g} s, and the "
        f"server should end it after {said:g} s",
        PROBES,
    )


def _only_as_asked(own: Exchange) -> bool:
    """Return whether the answer ended at a limit that was sent although a higher one might have been taken."""
    limit, tokens = own.shows.get("limit"), own.shows.get("tokens")
    if not own.shows.get("bounded") or not isinstance(limit, int) or not isinstance(tokens, int):
        return False
    return tokens + _SPARE >= limit


def _failed(own: Exchange, what: str) -> Answer:
    took = own.took_ms / 1000
    if own.status is None:
        return met(f"{what} is ended after {took:.3g} s by closing the connection", PROBES)
    if own.status >= _FAULTS:
        return not_met(f"{what} is ended after {took:.3g} s by {own.status}, not by 504 or 408: {own.sent}", PROBES)
    return unknown(f"whether a request is ended in time is not known: {came_to(own)}", PROBES)


def _by_itself(own: Exchange, what: str, took: float) -> Answer:
    """Conclude from an answer that came to its own end: a time limit would have had to end it before."""
    tokens, said = own.shows.get("tokens"), own.shows.get("said_s")
    if own.shows.get("finish") is not None and isinstance(said, (int, float)) and took > _WELL_BEFORE * said:
        return _near_its_time(own, what, took, said)
    if own.shows.get("finish") == "length" and _only_as_asked(own):
        return unknown(
            f"no request was long enough to see whether one is ended: {what} was not asked for more than "
            f"{own.shows.get('limit'):,} tokens, since it was not seen that a client that hangs up frees its slot here",
            PROBES,
        )
    if own.shows.get("finish") == "length":
        return met(
            f"{what} of the highest limit that is taken needs no end: the answer was complete after {took:.3g} s, "
            f"{tokens} tokens",
            PROBES,
        )
    why = clipped(f"the model ended its answer by itself after {took:.3g} s, {tokens} tokens", 120)
    return unknown(f"no request was long enough to see whether one is ended: {why}", PROBES)

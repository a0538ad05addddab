"""Do errors keep to themselves what only the server's own people should read?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import told_nothing
from assay.readiness.view import PROBES, Answer, met, not_met, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["check"]

_GUARDED: Final = frozenset({401, 403})
_FEWEST: Final = 4
"""Errors that must have been read before it is said that they tell nothing."""

_OF_A_PROXY: Final = frozenset({502, 503, 504})
"""What a proxy says of a server that it did not reach: its page tells nothing of that server's own errors."""

_NOT_FOUND: Final = frozenset({404})
_BROKEN: Final = frozenset(range(500, 600))
_OF_THE_WAY: Final = frozenset({"no-key", "method", "path", "long-header"})
"""Steps whose errors come from the way to a chat, and not from what was wrong in it."""


def check(view: View) -> Answer:
    """Return met when several errors were provoked, and none told traces, paths, addresses or the prompt."""
    result = view.probe("error-bodies")
    if result is None:
        return told_nothing(result)
    errors = [own for own in result.exchanges if own.shows.get("error")]
    first: dict[str, Exchange] = {}
    for own in errors:
        for kind in filter(None, str(own.shows.get("tells") or "").split(", ")):
            first.setdefault(kind, own)
    if first:
        found = (f"{kind} in the error {own.status} to {own.sent}" for kind, own in first.items())
        return not_met("; ".join(found), PROBES)
    return _nothing_told(result, errors)


def _nothing_told(result: ProbeResult, errors: Sequence[Exchange]) -> Answer:
    """Return met when enough errors of the server itself were looked at, else why they were not."""
    if result.ended != "whole" or not errors:
        return told_nothing(result)
    sent, gone = len(result.exchanges), [own for own in errors if own.status in _OF_A_PROXY]
    guarded = [own for own in errors if own.status in _GUARDED]
    if len(errors) - len(gone) < _FEWEST and gone:
        return unknown(f"what stands behind was not reached: {gone[0].sent} came to {gone[0].status}", PROBES)
    if len(errors) < _FEWEST:
        return unknown(f"only {len(errors)} of {sent} wrong requests were answered by an error", PROBES)
    if len(errors) - len(guarded) <= 1:
        # Where the candidate's own key is not taken, nothing else that was wrong was looked at, but for long headers.
        return unknown(f"{len(guarded)} of {len(errors)} errors refuse the key, whatever else was wrong", PROBES)
    if (alike := _alike(result)) is not None:
        what = f"{alike.sent} came to {alike.status}"
        return unknown(f"whatever was wrong in a chat it failed alike, so it was not looked at: {what}", PROBES)
    return met(f"{len(errors)} errors to {sent} wrong requests tell no traces, paths, addresses or prompts", PROBES)


def _alike(result: ProbeResult) -> Exchange | None:
    """Return a wrong chat where each came to the same: there is none such path, or the server fails at every chat."""
    chats = [own for own in result.exchanges if own.step not in _OF_THE_WAY and own.status is not None]
    came = {own.status for own in chats}
    return chats[0] if chats and (came <= _NOT_FOUND or came <= _BROKEN) else None

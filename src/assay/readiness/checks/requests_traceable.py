"""Can a client find its request again in the logs of the server?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import told_nothing
from assay.readiness.view import PROBES, Answer, met, not_met, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.readiness.view import View
    from assay.schema.provenance import Exchange

__all__ = ["check"]

_OK: Final = range(200, 300)
_ERROR: Final = 400
_UNSEEN: Final = "whether a trace goes on to what stands behind cannot be seen from outside"


def check(view: View) -> Answer:
    """Return met when answers and errors carry an id in a header: the client's own or one that the server gave."""
    result = view.probe("tracing")
    answered = [own for own in result.exchanges if own.status is not None] if result is not None else []
    chats = [own for own in answered if own.step == "chat" and own.status in _OK]
    errors = [own for own in answered if own.status is not None and own.status >= _ERROR and own.step == "error"]
    if not chats:
        return told_nothing(result)
    chat = chats[0]
    if not _carries(chat):
        only = ", only in the body" if chat.shows.get("in_body") else ""
        return not_met(f"an answer carries no id in a header{only}: {chat.sent}", PROBES)
    without = [own for own in errors if not _carries(own)]
    if without:
        return not_met(f"an error carries no id: {without[0].sent} ({without[0].status})", PROBES)
    if not errors:
        return unknown("answers carry an id, but no error was seen that could carry one", PROBES)
    return met(f"{_how(chat, errors)}; {_UNSEEN}", PROBES)


def _carries(own: Exchange) -> bool:
    return any(own.shows.get(name) for name in ("echoed", "gave", "traced"))


def _how(chat: Exchange, errors: Sequence[Exchange]) -> str:
    """Return in words how a request is found again."""
    echoed, gave, traced = (str(chat.shows.get(name) or "") for name in ("echoed", "gave", "traced"))
    parts = [f"the client's id comes back in {echoed}"] if echoed else []
    parts += [f"the server gives an id in {gave}"] if gave and not echoed else []
    parts += [f"the trace context comes back in {traced}"] if traced else []
    return f"{', '.join(parts)}; {len(errors)} errors carry one too"

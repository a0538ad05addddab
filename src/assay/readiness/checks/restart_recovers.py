"""Does the server come back after a restart, and does a request in flight end instead of hanging?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import answered, outcome, seconds, unprobed
from assay.readiness.view import PROBES, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["check"]

_SILENT_MS: Final = 5000


def check(view: View) -> Answer:
    """Return met when a chat was answered again in time and the stream in flight ended, whole or not."""
    result = view.probe("restart")
    lacking = unprobed(result)
    if lacking is not None or result is None:
        return lacking or unknown("it was not probed", PROBES)
    command = next(iter(result.steps("command")), None)
    if command is None or command.trouble.startswith("it cannot be started"):
        return unknown(f"it was not restarted: {_why_not(result, command)}", PROBES)
    return _watched(result, command)


def _watched(result: ProbeResult, command: Exchange) -> Answer:
    chats = result.steps("completion")
    failed = [own for own in chats if not answered(own)]
    stream = next(iter(result.steps("stream")), None)
    code = command.shows.get("exit_code")
    also = f"; the command ended with {code}" if code not in {0, None} else ""
    if not chats or (chats[-1] in failed and result.ended != "whole"):
        return unknown(f"whether it came back was not seen: {result.note or 'nothing was asked'}{also}", PROBES)
    last = chats[-1]
    if last in failed:
        gone = f"{seconds(_at_ms(last) + last.took_ms)} after the restart command was begun"
        return not_met(f"{gone} no chat is answered: {outcome(last)}{also}", PROBES)
    if not failed and not _cut(stream):
        return unknown(f"the server was not seen to go: every chat was answered{also}", PROBES)
    if _hangs(stream):
        return not_met("a stream that was in flight hung after the restart, without an end or an error", PROBES)
    ready = f"a chat was answered {seconds(_at_ms(last) + last.took_ms)} after the restart command was begun"
    return met(f"{ready}; {_end_of(stream)}{also}", PROBES)


def _why_not(result: ProbeResult, command: Exchange | None) -> str:
    if command is not None:
        return clipped(f"{command.sent}: {command.trouble}", 160)
    before = next(iter(result.steps("before")), None)
    return result.note or (f"a chat before it came to {outcome(before)}" if before else "nothing was asked")


def _cut(stream: Exchange | None) -> bool:
    return (
        stream is not None
        and stream.status == HTTPStatus.OK
        and stream.shows.get("done") is False
        and not _hangs(stream)
    )


def _hangs(stream: Exchange | None) -> bool:
    """Return whether nothing came any more and nobody said so: it was us who went."""
    if stream is None or not stream.trouble.startswith("no whole answer within"):
        return False
    silent = stream.shows.get("silent_ms")
    return isinstance(silent, int) and silent >= _SILENT_MS


def _end_of(stream: Exchange | None) -> str:
    if stream is None:
        return "no stream was in flight"
    if _cut(stream):
        return "the stream in flight was cut"
    done = stream.shows.get("done") is True
    return "the stream in flight came to its end" if done else f"the stream in flight came to {outcome(stream)}"


def _at_ms(own: Exchange) -> int:
    at_ms = own.shows.get("at_ms")
    return at_ms if isinstance(at_ms, int) else 0

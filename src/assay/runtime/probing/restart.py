"""Does a server come back after a restart, what becomes of a stream in flight, and what does its health say meanwhile?

The command of the plan is begun once and then let finish, whatever happens to the probe: half a restart leaves no
server.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Literal

from assay.runtime.probing.health_paths import health_paths
from assay.runtime.probing.probing import LeftOut, Probe
from assay.runtime.probing.wire import Ask
from assay.schema.provenance import Exchange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assay.runtime.probing.probing import Probing, Subject
    from assay.runtime.probing.wire import Reply

__all__ = ["LET_FINISH_S", "PROBE"]

_LISTING: Final = "/v1/models"
_TOKENS: Final = 8
_STREAM_TOKENS: Final = 256
_STREAM_S: Final = 30.0
_ASK_S: Final = 10.0
_FIRST_PAUSE_S: Final = 0.2
_PAUSE_SHARE: Final = 0.2
"""The pause between two looks, as a share of the time that has gone by: the time to readiness is known to a fifth."""
_LIES_KEPT: Final = 3
_IDLE_S: Final = 10.0
"""So long after the end of the command a server that was not seen to go is waited for."""
LET_FINISH_S: Final = 120.0
"""So long a command that was begun is waited for, after the last look and beyond the time for all probes."""
_MOST_S: Final = 1860.0


@dataclass
class _Return:
    """The restart under way."""

    health: str
    """Path that tells whether the server is ready."""
    process: subprocess.Popen[bytes] | None = None
    """The command, once it is begun."""
    began_s: float = 0.0
    """When it was begun, by `time.perf_counter`."""
    ended_s: float | None = None
    """When it was first seen to have ended."""
    gone: bool = False
    """Whether the server was seen to go: a completion failed, or the stream was cut."""
    lies: int = 0
    """How often health said 200 before and after a completion that failed."""

    def at_ms(self) -> int:
        """Return the milliseconds since the command was begun."""
        return round((time.perf_counter() - self.began_s) * 1000)

    def idle(self, most_s: float) -> bool:
        """Return whether the command has ended so long ago that nothing more is to be expected of it."""
        if self.ended_s is None and self.process is not None and self.process.poll() is not None:
            self.ended_s = time.perf_counter()
        return self.ended_s is not None and time.perf_counter() - self.ended_s > most_s


async def _look(probing: Probing) -> None:
    """See the server answer, begin a stream, run the command, and watch until a completion is answered again."""
    spec = probing.subject.restart
    if spec is None:
        reason = "the plan gives no command that restarts it"
        raise LeftOut(reason)
    own = _Return(await _health_path(probing))
    if not _answered(await _chat(probing, "before", None)):
        return
    async with asyncio.TaskGroup() as group:
        stream = group.create_task(_stream(probing, own))
        await asyncio.sleep(_FIRST_PAUSE_S)
        own.process, own.began_s = _begun(probing, spec.command), time.perf_counter()
        if own.process is None:
            stream.cancel()
            return
        try:
            await _watch(probing, own, spec.ready_within_s)
        finally:
            await _finished(probing, own.process, own)


async def _health_path(probing: Probing) -> str:
    """Return the first path that says that the server is ready, or the list of models where there is none."""
    paths = health_paths(probing.subject.runtime)
    for path in (*paths.ready, *paths.live):
        reply = await probing.ask(Ask("health-before", "GET", path, "without a key", "none", timeout_s=5.0))
        if reply.status == HTTPStatus.OK:
            return path
    return _LISTING


async def _stream(probing: Probing, own: _Return) -> None:
    """Hold a stream open while the server is restarted."""

    def shows(reply: Reply) -> dict[str, int | bool]:
        last_ms = reply.reads[-1][0] if reply.reads else 0
        return {"done": b"[DONE]" in reply.body, "silent_ms": reply.took_ms - last_ms}

    text = f"{probing.subject.nonce}-stream Count from one to five hundred in words, and write nothing else."
    body = probing.chat(text, max_tokens=_STREAM_TOKENS, stream=True)
    ask = Ask("stream", "POST", probing.chat_path, "as a stream during the restart", body=body, timeout_s=_STREAM_S)
    reply = await probing.ask(ask, shows)
    own.gone |= reply.status == HTTPStatus.OK and b"[DONE]" not in reply.body and not _given_up(reply)


def _begun(probing: Probing, command: Sequence[str]) -> subprocess.Popen[bytes] | None:
    """Begin the command, in a session of its own so that Ctrl-C does not reach it; its output goes nowhere."""
    try:
        # Not asyncio's: that would kill a command which still runs when the loop is closed.
        return subprocess.Popen(  # noqa: S603 - the plan's own command, without a shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(os.environ, probing.subject),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        _keep(probing, f"it cannot be started: {reason}", 0, {})
        return None


def _environment(environment: Mapping[str, str], subject: Subject) -> dict[str, str]:
    """Return the environment without the variables that hold keys, whosever they are."""
    keys = subject.withheld()
    return {name: value for name, value in environment.items() if value not in keys}


async def _watch(probing: Probing, own: _Return, ready_within_s: float) -> None:
    """Look at health and ask for a completion in turn, until one that was begun after the server went is answered."""
    ends = own.began_s + ready_within_s
    while (left_s := ends - time.perf_counter()) > 0:
        gone, said = own.gone, await _health(probing, own, "health-poll")
        reply = await _chat(probing, "completion", own, max(left_s, _FIRST_PAUSE_S))
        if _answered(reply):
            if gone or own.idle(min(_IDLE_S, ready_within_s / 4)):
                return
        else:
            if said and own.lies < _LIES_KEPT and not _given_up(reply):
                own.lies += await _health(probing, own, "health-again")
            own.gone = True
        pause_s = max(_FIRST_PAUSE_S, _PAUSE_SHARE * (time.perf_counter() - own.began_s))
        await asyncio.sleep(min(pause_s, max(ends - time.perf_counter(), 0.0)))


async def _health(probing: Probing, own: _Return, step: str) -> bool:
    """Return whether health says that the server is ready."""
    key: Literal["own", "none"] = "own" if own.health == _LISTING else "none"
    ask = Ask(step, "GET", own.health, "during the restart", key, timeout_s=5.0)
    at_ms = own.at_ms()
    reply = await probing.ask(ask, lambda _: {"at_ms": at_ms})
    return reply.status == HTTPStatus.OK and not reply.trouble


async def _chat(probing: Probing, step: str, own: _Return | None, most_s: float = _ASK_S) -> Reply:
    text = f"{probing.subject.nonce}-{step}-{probing.requests} Name a colour."
    body = probing.chat(text, max_tokens=_TOKENS)
    at_ms = own.at_ms() if own is not None else 0
    said = "during the restart" if own is not None else "before the restart"
    ask = Ask(step, "POST", probing.chat_path, said, body=body, timeout_s=min(most_s, _ASK_S))
    return await probing.ask(ask, lambda _: {"at_ms": at_ms})


def _answered(reply: Reply) -> bool:
    return reply.status == HTTPStatus.OK and not reply.trouble


def _given_up(reply: Reply) -> bool:
    """Return whether it was us who waited no longer."""
    return reply.trouble.startswith("no whole answer within")


async def _finished(probing: Probing, process: subprocess.Popen[bytes], own: _Return) -> None:
    """Wait until the command has ended, also when the probe itself is stopped; it is never killed."""
    ends = time.perf_counter() + LET_FINISH_S
    stopped: asyncio.CancelledError | None = None
    if process.poll() is None:
        probing.tell(f"the restart command still runs: it is waited for, up to {LET_FINISH_S:g} s")
    while process.poll() is None and time.perf_counter() < ends:
        try:
            await asyncio.sleep(_FIRST_PAUSE_S / 4)
        except asyncio.CancelledError as error:
            stopped = error
    code = process.returncode
    trouble = "" if code is not None else f"it still ran {LET_FINISH_S:g} s after the last look"
    _keep(probing, trouble, own.at_ms(), {"exit_code": code})
    if stopped is not None:
        raise stopped


def _keep(probing: Probing, trouble: str, took_ms: int, shows: dict[str, str | int | float | bool | None]) -> None:
    said = Exchange(
        step="command", sent="the plan's restart command", status=None, trouble=trouble, took_ms=took_ms, shows=shows
    )
    probing.exchanges.append(said)


PROBE = Probe(
    "The plan's restart command, once, with a stream in flight; then readings of health and short chats in turn, until "
    "one is answered again or the time that the plan gives is over.",
    110,
    _MOST_S,
    _look,
)

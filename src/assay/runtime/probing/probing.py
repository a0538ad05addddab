"""What does a probe work with: how it asks, how it is bounded, and what is kept of each answer?"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from assay.runtime.client import request_body
from assay.runtime.faults import without_key
from assay.runtime.probing.shape import shape_of
from assay.schema.provenance import Exchange, ProbeResult
from assay.schema.suite import Message, RequestSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from pydantic import JsonValue

    from assay.runtime.dialect import Dialect
    from assay.runtime.probing.wire import Ask, Reply, Wire
    from assay.schema.provenance import ProbeName
    from assay.schema.suite import RestartSpec, RuntimeName

__all__ = ["KEPT_HEADERS", "LeftOut", "Probe", "Probing", "Subject", "run_probe"]

KEPT_HEADERS: Final = frozenset(
    {
        *("content-type", "retry-after", "server", "via", "www-authenticate", "x-powered-by"),
        *("access-control-allow-origin", "access-control-allow-credentials", "strict-transport-security"),
        *("x-litellm-version", "llm_provider-retry-after", "x-accel-buffering"),
    }
)
"""Headers whose values are kept; of others a probe may say in `shows` that they were there."""
_MOST_VALUE: Final = 200
_MOST_SENT: Final = 300
_MOST_NUMBER: Final = 1 << 53


@dataclass(frozen=True)
class Subject:
    """The server that is probed."""

    candidate: str
    """Candidate whose server it is."""
    runtime: RuntimeName
    """What it was recognised as, or else is said to be."""
    base_url: str
    """Address up to and with `/v1`."""
    model: str
    """Model name to ask."""
    key: str | None = field(repr=False)
    """The candidate's key."""
    other_key: str | None = field(repr=False)
    """Key of a second tenant, or None."""
    settings: RequestSettings
    """What the plan sends with every request."""
    dialect: Dialect
    """How the runtime wants to be spoken to."""
    nonce: str
    """Random letters and digits, so that no answer comes from a cache."""
    slots: int | None
    """Requests that it works on at once, where it says so."""
    window: int | None
    """Context in force in tokens, where it is known."""
    server_timeout_s: float
    """Seconds after which it should end a request by itself."""
    hang_up_frees: bool | None = None
    """Whether a slot was seen to be free again after its client hung up; None where that was not seen."""
    restart: RestartSpec | None = None
    """How it is started again, or None."""
    plan_keys: frozenset[str] = field(default=frozenset(), repr=False)
    """Every key that the plan names, also those of other candidates and judges."""

    def withheld(self) -> frozenset[str]:
        """Return the values of environment variables that no command of the plan is given."""
        return self.plan_keys | {key for key in (self.key, self.other_key) if key}

    def hidden(self, text: str) -> str:
        """Return a text without the keys, in whatever case they are written, and with no sign that UTF-8 cannot write.

        A header may hold any bytes: those that are no UTF-8 come as lone surrogates, which no file of evidence takes.
        """
        text = text.encode("utf-8", "replace").decode()
        for key in (self.key, self.other_key):
            text = without_key(text, key, any_case=True)
        return text


class LeftOut(Exception):  # noqa: N818 - no error: there is nothing for the probe to do
    """Raised by a probe that has nothing to do here, with the reason as a clause."""


class _SpentError(Exception):
    """A probe wants to send more than it may."""


@dataclass
class Probing:
    """A probe under way: it asks through this, and whatever it asks is kept."""

    subject: Subject
    """The server."""
    wire: Wire
    """How it is reached."""
    most_requests: int
    """Requests that may be sent."""
    exchanges: list[Exchange] = field(default_factory=list)
    """What was sent and what came of it."""
    requests: int = 0
    """Requests sent so far."""
    tell: Callable[[str], None] = lambda _: None
    """Told in one line what whoever waits should know at once."""

    async def ask(
        self, ask: Ask, shows: Callable[[Reply], Mapping[str, str | int | float | bool | None]] = lambda _: {}
    ) -> Reply:
        """Send one request, keep what came of it, and return it.

        Args:
            ask: the request.
            shows: returns what is to be kept beside status, times, shape and headers; texts are cut and lose keys.
        """
        if self.requests >= self.most_requests:
            raise _SpentError
        self.requests += 1
        reply = await self.wire.send(ask)
        self.exchanges.append(
            Exchange(
                step=ask.step,
                sent=self.subject.hidden(ask.sent)[:_MOST_SENT],
                status=reply.status,
                trouble=self.subject.hidden(reply.trouble)[:_MOST_SENT],
                took_ms=reply.took_ms,
                first_ms=reply.reads[0][0] if reply.reads else None,
                shape=shape_of(reply),
                headers=self._headers(reply),
                shows={name: self._value(value) for name, value in shows(reply).items()},
            )
        )
        return reply

    @property
    def chat_path(self) -> str:
        """Where a chat goes."""
        return "/chat" if self.subject.dialect.contract == "plain-chat" else "/v1/chat/completions"

    def chat(
        self, text: str, *, max_tokens: int, model: str | None = None, stream: bool = False
    ) -> dict[str, JsonValue]:
        """Return the body of a chat with one question, at temperature 0."""
        own = self.subject
        settings = own.settings.model_copy(update={"temperature": 0.0, "top_p": 1.0})
        message = Message(role="user", content=text)
        body = request_body(model or own.model, (message,), settings, dialect=own.dialect, max_tokens=max_tokens)
        return {**body, "stream": True} if stream else body

    def _headers(self, reply: Reply) -> dict[str, str]:
        named = {name.lower(): value for name, value in reply.headers.items()}
        return {name: self.subject.hidden(named[name])[:_MOST_VALUE] for name in sorted(KEPT_HEADERS & named.keys())}

    def _value(self, value: str | float | bool | None) -> str | int | float | bool | None:  # noqa: FBT001 - any value
        if isinstance(value, str):
            return self.subject.hidden(value)[:_MOST_VALUE]
        # No server counts so far: such a number is made to break whoever reckons with it.
        return value if value is None or -_MOST_NUMBER <= value <= _MOST_NUMBER else None


@dataclass(frozen=True)
class Probe:
    """One deep probe."""

    sends: str
    """What it sends, a sentence."""
    most_requests: int
    """Requests that it sends at most."""
    most_seconds: float
    """Seconds that it takes at most."""
    look: Callable[[Probing], Awaitable[None]]
    """Asks; whatever it asks is kept. Raises LeftOut where there is nothing to do."""


async def run_probe(
    name: ProbeName,
    probe: Probe,
    subject: Subject,
    wire: Wire,
    left_s: float,
    *,
    tell: Callable[[str], None] = lambda _: None,
) -> ProbeResult:
    """Do one probe within its bounds and return what it came to.

    Args:
        name: which it is.
        probe: what it does.
        subject: the server.
        wire: how it is reached.
        left_s: seconds that are left for all probes of this server.
        tell: told in one line what whoever waits should know at once.
    """
    probing = Probing(subject, wire, probe.most_requests, tell=tell)
    began, most_s = time.perf_counter(), min(probe.most_seconds, left_s)
    ended, note = "whole", ""
    try:
        async with asyncio.timeout(most_s):
            await _looked(probe, probing)
    except TimeoutError:
        ended, note = "out_of_time", f"it could not be told within {most_s:.3g} s"
    except _SpentError:
        ended, note = "out_of_requests", f"it could not be told with {probe.most_requests} requests"
    except LeftOut as reason:
        ended, note = "left_out", str(reason)
    return ProbeResult.model_validate(
        {
            "candidate": subject.candidate,
            "probe": name,
            "sends": probe.sends,
            "exchanges": tuple(probing.exchanges),
            "ended": ended,
            "note": note,
            "requests": probing.requests,
            "seconds": round(time.perf_counter() - began, 3),
        }
    )


async def _looked(probe: Probe, probing: Probing) -> None:
    """Do a probe; that it wants to send more than it may is told alike from within a group of tasks."""
    try:
        await probe.look(probing)
    except ExceptionGroup as group:
        if group.split(_SpentError)[1] is not None:
            raise
        raise _SpentError from group

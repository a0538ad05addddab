"""How is a model asked for a trap: one short question at a time, at temperature 0, never twice alike?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.runtime.client import request_body
from assay.schema.provenance import Fact
from assay.schema.suite import Message, RequestSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pydantic import JsonValue

    from assay.runtime.dialect import Dialect
    from assay.runtime.stream import StreamResult
    from assay.schema.provenance import TrapName
    from assay.schema.run import Completion, Fault

    Body = dict[str, JsonValue]

__all__ = ["Asking", "found", "not_known", "refused"]


@dataclass(frozen=True)
class Asking:
    """A model that can be asked."""

    complete: Callable[[Body], Awaitable[Completion]]
    """Sends one request and returns what came of it."""
    stream: Callable[[Body], Awaitable[StreamResult]]
    """Sends one request for a stream and returns what came of it."""
    model: str
    """Name to ask."""
    nonce: str
    """Random letters and digits of this look: no answer of theirs can come from a cache."""
    window: int | None
    """Context in force in tokens, or None when it is not known."""
    longest_prompt_tokens: int
    """Longest prompt that may be sent, in tokens."""
    settings: RequestSettings
    """What the plan sends with every request."""
    dialect: Dialect
    """How the runtime wants to be spoken to."""

    def body(self, text: str, *, max_tokens: int, schema: Body | None = None, model: str | None = None) -> Body:
        """Return a request with one question, at temperature 0."""
        return request_body(
            model or self.model,
            (Message(role="user", content=text),),
            self.settings.model_copy(update={"temperature": 0.0, "top_p": 1.0}),
            dialect=self.dialect,
            max_tokens=max_tokens,
            schema=schema,
        )

    async def say(self, text: str, *, max_tokens: int, schema: Body | None = None) -> Completion:
        """Ask one question."""
        return await self.complete(self.body(text, max_tokens=max_tokens, schema=schema))


def found(name: TrapName, source: str, *, sound: bool) -> Fact:
    """Return what was seen: `yes` is as a user expects it, `no` is the trap."""
    return Fact(name=name, value="yes" if sound else "no", grade="observed", source=source)


def not_known(name: TrapName, reason: str) -> Fact:
    """Return that it could not be told, and why."""
    return Fact(name=name, value=None, grade="unknown", source=reason)


def refused(name: TrapName, fault: Fault) -> Fact:
    """Return that the question got no answer that tells."""
    return not_known(name, f"the question got no answer: {fault.kind}, {fault.message[:120]}")

"""How is one request with marks sent, and what is kept of what came of it?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from assay.runtime.canary.bodies import EXTRAS, Extra, Wish, body_of
from assay.runtime.canary.marks import Marks, digest_of_mark
from assay.runtime.probing.wire import Ask
from assay.schema.provenance import CanaryAttempt

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import JsonValue

    from assay.runtime.probing.probing import Subject
    from assay.runtime.probing.wire import Reply, Wire
    from assay.schema.provenance import CanaryField, CanaryPath

__all__ = ["Errand", "Sender", "SpentError", "answered"]

_FIRST_ERROR: Final = 400
_MOST_TROUBLE: Final = 200


class SpentError(Exception):
    """As many requests were sent as may be."""


def answered(*statuses: int) -> Callable[[Reply], bool]:
    """Return what tells whether an answer has one of these statuses, and is whole."""
    return lambda reply: reply.status in statuses and not reply.trouble


@dataclass(frozen=True)
class Errand:
    """One request, before it has its marks."""

    path: CanaryPath
    """Way through the server's code that it is meant to take."""
    said: str
    """What is special about it, in words."""
    provoked: Callable[[Reply], bool]
    """Tells from the answer whether it took that way."""
    wish: Wish = field(default_factory=Wish)
    """What its body is like."""
    change: Callable[[dict[str, JsonValue]], JsonValue | bytes] = lambda body: body
    """Changes the body, for worse."""
    key: bytes | None = None
    """Another key than the candidate's."""
    timeout_s: float = 10.0
    """Deadline of the whole answer in seconds."""
    hang_up_after: int | None = None
    """The client hangs up after so many reads of the body; None reads it all."""


@dataclass
class Sender:
    """Sends requests with marks, and keeps of each what came of it."""

    subject: Subject
    """The server."""
    wire: Wire
    """How it is reached."""
    marks: Marks
    """Makes the marks."""
    most_requests: int
    """Requests that may be sent."""
    extras: frozenset[Extra] = frozenset(EXTRAS)
    """Parts that the server is known to take, or not yet known to refuse."""
    attempts: list[CanaryAttempt] = field(default_factory=list)
    """What was sent, and what came of it."""
    errors: list[bytes] = field(default_factory=list)
    """Bodies of errors, in memory."""
    requests: int = 0
    """Requests sent so far."""

    def __post_init__(self) -> None:
        self._counts: Counter[CanaryPath] = Counter()

    async def send(self, errand: Errand) -> Reply:
        """Send one request with a mark in each of its parts.

        Raises:
            SpentError: no more may be sent.
        """
        self._counts[errand.path] += 1
        number = self._counts[errand.path]
        beacon = self.marks.beacon(errand.path, number)
        digests: dict[CanaryField, str] = {}
        words: list[str] = []

        def put(part: CanaryField) -> str:
            mark = self.marks.mark(errand.path, number, part)
            digests[part] = digest_of_mark(mark)
            if part == "output":
                words.append(mark)
            return mark

        body = errand.change(body_of(self.subject, errand.wish, put, beacon))
        plain = self.subject.dialect.contract == "plain-chat"
        path = "/chat" if plain else "/v1/chat/completions"
        ask = Ask(
            step=errand.path,
            method="POST",
            path=f"{path}?assay={beacon}&note={put('query')}",
            key=errand.key or "own",
            headers={**_shown(beacon), "X-Assay-Note": put("header")},
            body=body,
            timeout_s=errand.timeout_s,
            hang_up_after=errand.hang_up_after,
        )
        reply = await self.ask(ask)
        kept = self._kept(errand.path, number, beacon, f"POST {path} {errand.said}".rstrip(), reply)
        whole = reply.status == 200 and not reply.trouble and errand.hang_up_after is None  # noqa: PLR2004 - HTTP OK
        seen: dict[str, object] = {
            "provoked": errand.provoked(reply),
            "echoed": words[0].encode() in reply.body if whole else None,
            "digests": digests,
        }
        self.attempts.append(kept.model_copy(update=seen))
        return reply

    async def call(self, path: CanaryPath, address: str, said: str, key: bytes | None = None) -> Reply:
        """Send a request that carries no mark, only what an access log shows: in its path, too.

        Raises:
            SpentError: no more may be sent.
        """
        self._counts[path] += 1
        number = self._counts[path]
        beacon = self.marks.beacon(path, number)
        ask = Ask(path, "GET", f"{address}{beacon}?assay={beacon}", key=key or "own", headers=_shown(beacon))
        reply = await self.ask(ask)
        self.attempts.append(self._kept(path, number, beacon, f"GET {address}… {said}", reply))
        return reply

    async def page(self, path: str) -> Reply:
        """Return a page of the server; nothing is kept of it.

        Raises:
            SpentError: no more may be sent.
        """
        return await self.ask(Ask("page", "GET", path, timeout_s=5.0))

    async def ask(self, ask: Ask) -> Reply:
        """Send one request within the bound.

        Raises:
            SpentError: no more may be sent.
        """
        if self.requests >= self.most_requests:
            raise SpentError
        self.requests += 1
        return await self.wire.send(ask)

    def _kept(self, path: CanaryPath, number: int, beacon: str, sent: str, reply: Reply) -> CanaryAttempt:
        if reply.status is not None and reply.status >= _FIRST_ERROR and reply.body:
            self.errors.append(reply.body)
        return CanaryAttempt(
            path=path,
            attempt=number,
            sent=sent,
            status=reply.status,
            trouble=self.subject.hidden(reply.trouble)[:_MOST_TROUBLE],
            provoked=reply.status is not None,
            beacon=beacon,
        )


def _shown(beacon: str) -> dict[str, str]:
    """Return the headers that access logs show."""
    return {"X-Request-Id": beacon, "User-Agent": f"assay/{beacon}"}

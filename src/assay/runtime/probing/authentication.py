"""Which requests are answered that should be refused: without a key, with a wrong one, an empty one, in another case?

Where a path answers neither as one that is guarded (401, 403) nor as one that is not there, it is asked once more with
the candidate's own key: only the two side by side tell a refusal from an answer (LiteLLM without a database refuses a
wrong key with 400, and so does any server a body that it does not like).
"""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from assay.runtime.probing.alike import mark_of
from assay.runtime.probing.doors import GENERATING, Door, body_for
from assay.runtime.probing.probing import Probe
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from typing import Literal

    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE", "wrong_key"]

_NOT_THERE: Final = frozenset({404, 405, 501})
_OK: Final = range(200, 300)
_CLEAR: Final = frozenset({None, 401, 403, *_NOT_THERE, *_OK})
_LONGEST_PREFIX: Final = 4
_KINDS: Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


def wrong_key(key: str, nonce: str) -> str:
    """Return a key of the same length and shape: letters for letters, digits for digits, the rest as it is.

    Args:
        key: the right one; what stands before a dash near its start, as in `sk-`, is kept.
        nonce: random letters and digits.
    """
    kept = key.find("-", 0, _LONGEST_PREFIX) + 1
    draws = hashlib.shake_256(f"{nonce}/wrong-key".encode()).digest(len(key))
    wrong = key[:kept] + "".join(map(_other, key[kept:], draws))
    return wrong if wrong != key else f"{key}x"


def _other(sign: str, draw: int) -> str:
    """Return another sign of the same kind, so that letters differ in more than their case."""
    kind = next((own for own in _KINDS if sign in own), sign)
    return kind[(kind.index(sign) + 1 + draw % max(len(kind) - 1, 1)) % len(kind)]


@dataclass
class _Asking:
    """Asks one path after the other with one key after the other."""

    probing: Probing
    planned: dict[str, int | None] = field(default_factory=dict)
    guards: set[tuple[int | None, str]] = field(default_factory=set)

    async def try_door(self, door: Door, step: str, said: str, key: Literal["none"] | bytes) -> Reply:
        """Ask a path with a key that is not the candidate's, and with that one too where the answer does not tell."""
        reply = await self._send(door, step, said, key)
        answer = (reply.status, mark_of(reply))
        told = reply.status in _CLEAR or self.probing.subject.key is None or answer in self.guards
        if not told and await self.as_planned(door) in _OK:
            self.guards.add(answer)
        return reply

    async def as_planned(self, door: Door) -> int | None:
        """Ask a path as the plan does, once, and return the status."""
        if door.path not in self.planned:
            known = self.probing.subject.key is not None
            said = "with the candidate's key" if known else "as the plan asks"
            self.planned[door.path] = (await self._send(door, "own-key", said, "own")).status
        return self.planned[door.path]

    async def _send(self, door: Door, step: str, said: str, key: Literal["own", "none"] | bytes) -> Reply:
        own = self.probing
        path, body = body_for(door, own.subject.model, own.chat("1", max_tokens=1))
        ask = Ask(step, door.method, path, said, key, body=body)
        return await own.ask(ask, lambda reply: {"path": path, "generates": door.generates, "mark": mark_of(reply)})


async def _look(probing: Probing) -> None:
    """Ask every path without a key and with a wrong one, and the chat with the key in other shapes as well."""
    own, asking = probing.subject, _Asking(probing)
    doors = GENERATING[own.runtime]
    # What a dialect names is where the candidate's own requests go, whatever the server was recognised as.
    chat = next((door for door in doors if door.path == probing.chat_path), Door(probing.chat_path))
    await asking.as_planned(chat)
    nowhere = Door(f"/assay-{own.nonce}")
    await asking.try_door(nowhere, "nowhere", "without a key, where nothing is", "none")
    wrong = None if own.key is None else wrong_key(own.key, own.nonce).encode()
    for door in dict.fromkeys((chat, *doors)):
        reply = await asking.try_door(door, "no-key", "without a key", "none")
        if wrong is not None and (door == chat or reply.status not in _NOT_THERE):
            await asking.try_door(door, "wrong-key", "with a wrong key", wrong)
    if own.key is not None:
        await asking.try_door(chat, "empty-key", "with an empty key", b"")
        for said, form in _other_cases(own.key):
            await asking.try_door(chat, "other-case", f"with the key {said}", form.encode())


def _other_cases(key: str) -> list[tuple[str, str]]:
    """Return the key in other cases, each once; none for one without letters."""
    forms = {key.upper(): "in upper case", key.lower(): "in lower case", key.swapcase(): "in swapped case"}
    return [(said, form) for form, said in forms.items() if form != key]


PROBE = Probe(
    "A short request to every path that is known to take one: without a key, with a wrong one, and to the chat with an "
    "empty one and with the candidate's in another case.",
    44,
    45.0,
    _look,
)

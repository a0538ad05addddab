"""Which paths for those who run the server answer anyone: that change models, show prompts and settings, or count?

Nothing is changed: what only reads is read, and what would act is sent no body, which it refuses before it acts. Paths
that act without one are never asked (`runtime/probing/doors.py` says which).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.runtime.probing.alike import mark_of
from assay.runtime.probing.doors import MANAGING
from assay.runtime.probing.probing import LeftOut, Probe
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from typing import Literal

    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE"]

_OK: Final = range(200, 300)
_CLEAR: Final = frozenset({None, 401, 403, 404, 405, 501, *range(200, 400)})


async def _look(probing: Probing) -> None:
    """Ask each path without a key, and with the candidate's own where the answer alone does not tell."""
    own = probing.subject
    inner = MANAGING[own.runtime]
    if not inner:
        raise LeftOut("the provider manages its own servers")
    for method in dict.fromkeys(door.method for door in inner):
        nowhere = Ask("nowhere", method, f"/assay-{own.nonce}", "without a key, where nothing is", "none")
        await _ask(probing, nowhere, "tells")
    guards: set[tuple[int | None, str]] = set()
    for door in inner:
        reply = await _ask(probing, Ask("no-key", door.method, door.path, "without a key", "none"), door.kind)
        answer = (reply.status, mark_of(reply))
        if reply.status in _CLEAR or own.key is None or answer in guards:
            continue
        ask = Ask("own-key", door.method, door.path, "with the candidate's key", "own")
        if (await _ask(probing, ask, door.kind)).status in _OK:
            guards.add(answer)


async def _ask(probing: Probing, ask: Ask, kind: Literal["manages", "shows", "tells"]) -> Reply:
    return await probing.ask(
        ask, lambda reply: {"path": ask.path, "method": ask.method, "kind": kind, "mark": mark_of(reply)}
    )


PROBE = Probe(
    "A request without a key and without a body to every path that is known to manage the server or to show its state.",
    28,
    20.0,
    _look,
)

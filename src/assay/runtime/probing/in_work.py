"""How many requests does a server say that it works on at this moment?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.runtime.counter_pages import PAGES, counters_on, slots_in_use
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PLACES", "in_work", "place_of_work"]

PLACES: Final[dict[str, tuple[str, ...]]] = {"llama.cpp": ("/slots", "/metrics"), "vllm": ("/metrics",)}
"""Where a runtime tells it, the better place first: only where the figure falls back as soon as a request is gone."""

_OK: Final = 200
_TIMEOUT_S: Final = 2.0


async def place_of_work(probing: Probing, step: str) -> str | None:
    """Return the path at which the server tells it, asked with at most two requests; None where it does not."""
    for path in PLACES.get(probing.subject.runtime, ()):
        if await in_work(probing, path, step) is not None:
            return path
    return None


async def in_work(probing: Probing, path: str, step: str) -> int | None:
    """Ask for it, keep it as `running`, and return it; None where the answer does not tell it."""
    reply = await probing.ask(
        Ask(step, "GET", path, timeout_s=_TIMEOUT_S), lambda reply: {"running": _running(probing, path, reply)}
    )
    return _running(probing, path, reply)


def _running(probing: Probing, path: str, reply: Reply) -> int | None:
    if reply.status != _OK:
        return None
    if path == "/slots":
        told = slots_in_use(reply.document).get("running")
    else:
        page = PAGES[probing.subject.runtime]
        told = counters_on(reply.body.decode("utf-8", "replace"), page, probing.subject.model).get("running")
    return told if isinstance(told, int) else None

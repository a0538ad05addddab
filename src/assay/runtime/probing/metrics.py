"""Does a server's page of metrics show latency and queue, and does it move when a request is answered?"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from assay.runtime.probing.metric_families import KINDS, MetricsPage, metrics_page, moved
from assay.runtime.probing.probing import LeftOut, Probe
from assay.runtime.probing.shape import shape_of
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE"]

_CLOUD = frozenset({"openai", "azure"})
_PATHS: Final = ("/metrics", "/metrics/")
"""LiteLLM answers the first with a redirect to the second."""
_PAUSES_S: Final = (0.0, 0.5, 1.5)
"""Before each reading after the request: some servers count after they have answered."""
_NAMED: Final = 2
_TOKENS: Final = 16


async def _look(probing: Probing) -> None:
    """Read the page twice, ask something, and read it again until something moved."""
    if probing.subject.runtime in _CLOUD:
        reason = "a cloud service shows no metrics of its servers"
        raise LeftOut(reason)
    path, first = await _first(probing)
    if first is None:
        return
    # What grows between two readings alone grows by being read.
    second = await _read(probing, "before", path)
    text = f"{probing.subject.nonce}-metrics Name a colour."
    body = probing.chat(text, max_tokens=_TOKENS)
    timeout_s = min(probing.subject.settings.timeout_s, 20.0)
    ask = Ask("request", "POST", probing.chat_path, "between readings", body=body, timeout_s=timeout_s)
    if second is None or (await probing.ask(ask)).status != HTTPStatus.OK:
        return
    for pause_s in _PAUSES_S:
        await asyncio.sleep(pause_s)
        found: list[str] = []
        await _read(probing, "after", path, (first, second), found)
        if found:
            return


async def _first(probing: Probing) -> tuple[str, MetricsPage | None]:
    """Return where the page is and what it says."""
    for path in _PATHS:
        page = await _read(probing, "before", path)
        status = probing.exchanges[-1].status
        if page is not None or status is None or not HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return path, page
    return _PATHS[-1], None


async def _read(
    probing: Probing,
    step: str,
    path: str,
    idle: tuple[MetricsPage, MetricsPage] | None = None,
    found: list[str] | None = None,
) -> MetricsPage | None:
    """Read the page with the key; `found` gets the names of what moved since it was idle."""
    read: list[MetricsPage] = []

    def shows(reply: Reply) -> dict[str, str | int | float | bool | None]:
        if reply.status != HTTPStatus.OK or shape_of(reply) != "metrics":
            return {}
        page = metrics_page(reply.body.decode("utf-8", "replace"))
        read.append(page)
        told: dict[str, str | int | float | bool | None] = {
            kind: ", ".join(page.kinds[kind][:_NAMED]) for kind in KINDS
        }
        if idle is not None and found is not None:
            found.extend(moved(idle, page))
            told |= {"moved": len(found), "moved_names": ", ".join(found[:_NAMED])}
        return told

    await probing.ask(Ask(step, "GET", path), shows)
    return read[0] if read else None


PROBE = Probe(
    "Three to six readings of the page of metrics with a short chat between them; each reading starts the averages "
    "that llama.cpp shows anew.",
    7,
    40.0,
    _look,
)

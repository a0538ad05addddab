"""On which paths does a server say that it lives, and on which that it is ready, to whoever asks without a key?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from assay.runtime.probing.health_paths import health_paths
from assay.runtime.probing.probing import LeftOut, Probe
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from assay.runtime.probing.health_paths import HealthPaths
    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE"]

_CLOUD = frozenset({"openai", "azure"})


async def _look(probing: Probing) -> None:
    """Ask for a path that cannot be there, and then for those that are known or usual."""
    subject = probing.subject
    if subject.runtime in _CLOUD:
        reason = "a cloud service does not tell how its servers are"
        raise LeftOut(reason)
    paths = health_paths(subject.runtime)
    # A server that answers 200 to any path would be taken for one that is well.
    asked = [("nowhere", f"/{subject.nonce}-health"), *(("live", path) for path in paths.live)]
    for step, path in (*asked, *(("ready", path) for path in paths.ready)):
        known = paths if step == "ready" else None
        await probing.ask(Ask(step, "GET", path, "without a key", "none", timeout_s=5.0), partial(_shown, known))


def _shown(known: HealthPaths | None, _: Reply) -> dict[str, str | bool]:
    """Return what is known of a readiness path beside what it answers."""
    if known is None:
        return {}
    return {"known": known.known, "blind": True} if known.blind else {"known": known.known}


PROBE = Probe(
    "Up to twelve readings without a key of paths that tell how a server is; none of them makes it generate.",
    12,
    30.0,
    _look,
)

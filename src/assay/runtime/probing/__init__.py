"""What does a server do that only deep probes show: in which order are they done, and within which bounds?"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.runtime.probing import (
    authentication,
    body_limit,
    cors,
    disconnect,
    error_bodies,
    health,
    management,
    metrics,
    overload,
    restart,
    streaming,
    tenants,
    time_limit,
    tls,
    token_ceiling,
    tracing,
    versions,
)
from assay.runtime.probing.probing import Probe, Subject, run_probe
from assay.runtime.probing.restart import LET_FINISH_S
from assay.runtime.probing.wire import wire_to
from assay.schema.provenance import PROBE_NAMES, ProbeResult

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection

    from assay.schema.provenance import ProbeName

__all__ = ["DEEP_PROBES", "LET_FINISH_S", "Probe", "Subject", "bounds", "probe_deeply"]

DEEP_PROBES: dict[ProbeName, Probe] = {
    "authentication": authentication.PROBE,
    "management": management.PROBE,
    "tenants": tenants.PROBE,
    "cors": cors.PROBE,
    "tls": tls.PROBE,
    "versions": versions.PROBE,
    "error-bodies": error_bodies.PROBE,
    "tracing": tracing.PROBE,
    "health": health.PROBE,
    "metrics": metrics.PROBE,
    "streaming": streaming.PROBE,
    "body-limit": body_limit.PROBE,
    "disconnect": disconnect.PROBE,
    "token-ceiling": token_ceiling.PROBE,
    "time-limit": time_limit.PROBE,
    "overload": overload.PROBE,
    "restart": restart.PROBE,
}
"""What each probe does. `fallback` is asked of another candidate than the one that is probed, and stands elsewhere."""


def bounds(max_seconds: float, done: Collection[ProbeName] = ()) -> tuple[int, float]:
    """Return how many requests the probes of one server send at most, and in how many seconds.

    Args:
        max_seconds: time for all probes of one server.
        done: probes that need not be done.
    """
    own = [probe for name, probe in DEEP_PROBES.items() if name not in done]
    return sum(probe.most_requests for probe in own), min(sum(probe.most_seconds for probe in own), max_seconds)


async def probe_deeply(
    subject: Subject,
    max_seconds: float,
    done: Collection[ProbeName] = (),
    *,
    tell: Callable[[str], None] = lambda _: None,
    frees: Callable[[ProbeResult], bool | None] = lambda _: None,
) -> AsyncIterator[ProbeResult]:
    """Yield what each probe of one server came to, as soon as it is known; one that no time is left for is left out.

    Args:
        subject: the server.
        max_seconds: time for all probes together.
        done: probes that were done before.
        tell: told in one line what whoever waits should know at once.
        frees: returns whether a result of `disconnect` shows that hanging up frees a slot, None where it tells nothing.
    """
    ends = time.perf_counter() + max_seconds
    async with wire_to(subject.base_url, subject.key, subject.dialect) as wire:
        for name in PROBE_NAMES:
            probe = DEEP_PROBES.get(name)
            if probe is None or name in done:
                continue
            left_s = ends - time.perf_counter()
            too_long = _too_long(subject, left_s) if name == "restart" else ""
            if left_s > 0 and not too_long:
                result = await run_probe(name, probe, subject, wire, left_s, tell=tell)
                if name == "disconnect":
                    subject = replace(subject, hang_up_frees=frees(result))
                yield result
                continue
            yield ProbeResult(
                candidate=subject.candidate,
                probe=name,
                sends=probe.sends,
                ended="left_out",
                note=too_long or f"the {max_seconds:g} s for all probes were over",
                requests=0,
                seconds=0,
            )


def _too_long(subject: Subject, left_s: float) -> str:
    """Return why a restart is not begun: it may take longer than there is time. Empty where it may be."""
    spec = subject.restart
    if spec is None or left_s >= spec.ready_within_s:
        return ""
    return (
        f"raise probes.max_seconds: a restart may take {spec.ready_within_s:g} s, and {max(left_s, 0):.3g} s were left"
    )

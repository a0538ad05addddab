"""Can the figures of a measurement be believed, or did the harness, a cache or too little load make them?

A figure that the client itself spoiled says nothing of the server, so such a measurement is INVALID and never a fail;
one that is only weakened is DEGRADED. How many requests a percentile needs is no matter of validity: each percentile
says for itself whether it is supported.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.schema.bench import Validity
    from assay.schema.run import FaultKind
    from assay.schema.suite import ProfileName

__all__ = ["Signals", "judged"]

INVALID_LAG_SHARE = 0.2
"""Lateness of the client (p99) over the median latency, above which latencies are more the client's than the server's.

Measured: against a server with a first token after 100 ms, clients short of processor time reported 130 to 590 ms.
"""

DEGRADED_LAG_SHARE = 0.05
"""Lateness of the client (p99) over the median time to first token, above which that time is told too roughly.

Candidates are compared by tenths; of one of them the client may spoil half.
"""

ALLOWED_LAG_US = 5_000
"""Lateness in microseconds that is never held against a measurement: what the client is built to stay within.

It is the worst moment of a whole request. With a p99 of 3 to 5 ms at 64 streams, the median time to first token was
measured 0.5 ms too long, its p99 by 1 to 4 ms.
"""

DEGRADED_FAILED_SHARE = 0.05
"""Failed requests over all. Beyond it p95 is infinite, and those that were answered met a server with less to do."""

DEGRADED_CACHED_SHARE: dict[ProfileName, float] = {"short": 0.75, "json": 0.75, "long": 0.1}
"""Prompt tokens from the prefix cache over all, by profile.

No prompt here shares its beginning with another, so all that can honestly be cached is the opening of the chat
template: about half of a prompt of 60 tokens, little of one of 600. Prompts that were sent before are cached for 80 %
(in whole blocks of 16 tokens) to 100 %. In vllm-project/vllm#54227 that made the first token 49 times as fast.
"""

DEGRADED_IN_FLIGHT_SHARE = 0.5
"""Requests in flight on average over the concurrency that the figures are filed under.

A closed loop stays above it, its ends included, once it sends as many requests as it has workers.
"""


@dataclass(frozen=True)
class Signals:
    """What is known of a measurement that bears on its validity."""

    profile: ProfileName
    """Prompt profile."""
    concurrency: int
    """Requests in flight at once, as asked for."""
    n: int
    """Measured requests."""
    warmup: int
    """Warm-up requests before them."""
    answered: int
    """Measured requests that were answered."""
    faults: tuple[FaultKind, ...]
    """Faults of the others."""
    e2e_p50_us: int | None
    """Median latency, or None when it is infinite."""
    ttft_p50_us: int | None
    """Median time to first token, or None when it is infinite."""
    lag_p99_us: int | None
    """99th percentile of the client's lateness during a request."""
    cached_share: float | None
    """Prompt tokens from the prefix cache over all prompt tokens."""
    in_flight: float | None
    """Requests in flight on average (Little's law: time in requests over time)."""


def judged(signals: Signals) -> tuple[Validity, tuple[str, ...]]:
    """Return the validity and the reasons that stand against a better one, the worst first."""
    invalid = tuple(reason for check in _INVALID if (reason := check(signals)) is not None)
    degraded = tuple(reason for check in _DEGRADED if (reason := check(signals)) is not None)
    if invalid:
        return "INVALID", invalid + degraded
    return ("DEGRADED", degraded) if degraded else ("VALID", ())


def _no_request(signals: Signals) -> str | None:
    return "no request was measured" if signals.n == 0 else None


def _no_answer(signals: Signals) -> str | None:
    if signals.n == 0 or signals.answered > 0:
        return None
    return f"none of {signals.n} requests was answered ({_kinds(signals)})"


def _client_spoiled(signals: Signals) -> str | None:
    return _late(signals.lag_p99_us, signals.e2e_p50_us, INVALID_LAG_SHARE, "latency")


def _client_late(signals: Signals) -> str | None:
    return _late(signals.lag_p99_us, signals.ttft_p50_us, DEGRADED_LAG_SHARE, "time to first token")


def _failures(signals: Signals) -> str | None:
    failed = signals.n - signals.answered
    if signals.answered == 0 or failed <= DEGRADED_FAILED_SHARE * signals.n:
        return None
    return f"{failed} of {signals.n} requests failed ({_kinds(signals)})"


def _cached(signals: Signals) -> str | None:
    if signals.cached_share is None or signals.cached_share <= DEGRADED_CACHED_SHARE[signals.profile]:
        return None
    return f"{signals.cached_share:.1%} of the prompt tokens came from the server's prefix cache"


def _idle(signals: Signals) -> str | None:
    if signals.in_flight is None or signals.in_flight >= DEGRADED_IN_FLIGHT_SHARE * signals.concurrency:
        return None
    return f"{signals.in_flight:.3g} requests were in flight on average, not {signals.concurrency}"


def _cold(signals: Signals) -> str | None:
    return "no warm-up request was sent before" if signals.n > 0 and signals.warmup == 0 else None


_INVALID: tuple[Callable[[Signals], str | None], ...] = (_no_request, _no_answer, _client_spoiled)
_DEGRADED: tuple[Callable[[Signals], str | None], ...] = (_failures, _client_late, _cached, _idle, _cold)


def _late(lag_us: int | None, median_us: int | None, share: float, what: str) -> str | None:
    if lag_us is None or median_us is None or lag_us <= max(ALLOWED_LAG_US, share * median_us):
        return None
    return (
        f"the client itself was up to {lag_us / 1000:.3g} ms late (p99), more than {share:.0%} of the median {what} "
        f"of {median_us / 1000:.3g} ms"
    )


def _kinds(signals: Signals) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in Counter(signals.faults).most_common()) or "without a token"

"""What is known of a measurement that bears on whether its figures can be believed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.schema.bench import ClientError, LoadKey
    from assay.schema.run import FaultKind

__all__ = ["Signals"]


@dataclass(frozen=True)
class Signals:
    """What is known of a measurement that bears on its validity."""

    load: LoadKey
    """Profile and load, as asked for."""
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
    cached_share: float | None = None
    """Prompt tokens from the prefix cache over all prompt tokens."""
    in_flight: float | None = None
    """Requests in flight on average (Little's law: time in requests over time)."""
    behind_p99_us: int | None = None
    """99th percentile of the time from when a request was due to when the client took it up."""
    rate_share: float | None = None
    """Rate at which requests were sent over the rate at which they were due."""
    growth: tuple[int | None, int | None] | None = None
    """Median latency of the first and of the last third of an open loop's requests; None is infinite."""
    other_cpu_share: float | None = None
    """Processor time that neither the harness nor the server took, over all there was."""
    others: int | None = None
    """Requests that the server answered meanwhile, less all that were sent to it."""
    spread: float | None = None
    """Difference between the rounds' median latencies over the median of all."""
    length: tuple[int, int] | None = None
    """Answer length that was asked for, and the median one."""
    client: ClientError | None = None
    """The client's own error at this concurrency."""

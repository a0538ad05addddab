"""What was seen of the server beside its answers, and what of its times is the client's own?"""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun

__all__ = ["ClientError", "CounterFigures", "GpuMemory", "Memory", "ServerAccount"]


class GpuMemory(Noun):
    """Memory of one graphics processor while one measurement ran."""

    index: int
    """Number of the device, from 0."""
    name: str
    """What the driver calls it."""
    used_peak_bytes: int
    """Most memory in use on the device, by whomever."""
    total_bytes: int
    """Memory that it has."""
    process_peak_bytes: int | None
    """Most memory that the server's processes used, where the driver tells."""


class Memory(Noun):
    """Memory of the server while one measurement ran."""

    rss_peak_bytes: int | None
    """Highest resident memory of the process tree; None where its process cannot be seen."""
    anonymous_peak_bytes: int | None
    """Highest resident memory without file pages."""
    pss_peak_bytes: int | None = None
    """Highest resident memory with shared pages divided among their users."""
    host_available_min_bytes: int
    """Least memory that the host could still give out."""
    gpus: tuple[GpuMemory, ...] = ()
    """Graphics processors."""
    samples: int
    """Samples it rests on."""


class CounterFigures(Noun):
    """What the runtime's own counters came to while one measurement ran; sums are differences, not totals."""

    source: str
    """Where they were read."""
    samples: int
    """Looks at the counters."""
    requests: int | None = None
    """Requests that the server answered, whoever sent them."""
    running_peak: int | None = None
    """Most requests worked on at once."""
    waiting_peak: int | None = None
    """Most requests that waited at once."""
    waiting_share: float | None = None
    """Share of the looks at which a request waited."""
    kv_cache_peak: float | None = None
    """Largest share of the KV cache in use."""
    preemptions: int | None = None
    """Requests put back for want of KV cache."""
    cached_share: float | None = None
    """Prompt tokens found in the prefix cache over those looked up."""
    queue_mean_us: int | None = None
    """Mean time that a request waited."""
    ttft_mean_us: int | None = None
    """Mean time to first token as the server measures it."""
    e2e_mean_us: int | None = None
    """Mean latency as the server measures it."""
    spilled_bytes: int | None = None
    """Most memory of the loaded model that lay off the graphics processors (Ollama)."""
    unloaded: bool | None = None
    """Whether the model was seen not loaded (Ollama)."""
    restarted: bool = False
    """Whether a counter fell, as it does when a server starts anew."""


class ServerAccount(Noun):
    """The client's times beside those that the server gives for the same requests.

    A difference is the client's figure less the server's. Where the server tells the times of each request it is the
    median over requests, where it only tells sums it is that of the means.
    """

    source: str
    """Where the server says so."""
    compared: Literal["medians", "means"] = "medians"
    """What is compared: medians over requests, or means where the server only tells sums."""
    n: int
    """Requests with both."""
    ttft_us: int | None
    """Difference of the times to first token; the server's is that for queue, load and prompt."""
    ttft_p95_us: int | None
    """95th percentile over requests of the size of the same difference; None for means."""
    decode_us: int | None
    """Difference of the times from first to last token; the client's lasts to the end of the stream."""
    decode_p95_us: int | None
    """95th percentile over requests of the size of the same difference; None for means."""
    allowed_us: int
    """Difference up to which the two agree."""
    agrees: bool
    """Whether both are within it. Where more than one request may be in flight and the server does not tell how long
    one waited, a later first token is the wait's and does not count."""


class ClientError(Noun):
    """What the client itself adds to a server's times, measured against one whose times are known."""

    concurrency: int
    """Streams at once."""
    n: int
    """Requests measured."""
    tokens_per_s: float
    """Tokens that all streams together were sent each second."""
    ttft_p50_us: int
    """Median over requests of the client's time to first token less the server's own."""
    ttft_p99_us: int
    """99th percentile of the size of the same difference."""
    tpot_p50_us: int
    """Median over requests of the client's time per token less the server's own."""
    tpot_p99_us: int
    """99th percentile of the size of the same difference."""
    lag_p99_us: int
    """99th percentile of the client's own lateness."""
    lost: int
    """Requests, chunks or tokens that the server sent and the client did not see."""

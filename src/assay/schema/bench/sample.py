"""How heavy is the server, and what does it say of itself, at one moment under load?"""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun
from assay.schema.bench.load import SeriesKey

__all__ = ["CounterSample", "GpuUse", "Measurement", "ResourceSample"]


class GpuUse(Noun):
    """Memory of one graphics processor at one moment."""

    index: int
    """Number of the device, from 0."""
    name: str
    """What the driver calls it."""
    used_bytes: int
    """Memory in use on the device, by whomever."""
    total_bytes: int
    """Memory that it has."""
    process_bytes: int | None = None
    """Memory that the server's processes use; None where the driver does not tell, as in many containers."""


class ResourceSample(SeriesKey):
    """Memory at one moment; one line of `resources.jsonl`."""

    at_us: int
    """When, in microseconds since the start of the series."""
    rss_bytes: int | None
    """Resident memory of the server's process tree, file pages included; None where its process cannot be seen."""
    anonymous_bytes: int | None
    """Resident memory without file pages, or None where the system does not say."""
    pss_bytes: int | None = None
    """Resident memory with shared pages divided among their users; looked at seldom, for it stops the server."""
    host_available_bytes: int
    """Memory that the host could still give out."""
    gpus: tuple[GpuUse, ...] = ()
    """Graphics processors, where the extra `gpu` is installed and there are any."""


class CounterSample(SeriesKey):
    """What a runtime's own counters say at one moment; one line of `counters.jsonl`. None where it does not say."""

    at_us: int
    """When, in microseconds since the start of the series."""
    source: str
    """Where it was read, for example `GET /metrics`."""
    running: int | None = None
    """Requests being worked on."""
    waiting: int | None = None
    """Requests that wait or are deferred."""
    kv_cache_share: float | None = None
    """Share of the KV cache in use."""
    preemptions: int | None = None
    """Requests put back since the server started, for want of KV cache."""
    cached_tokens: int | None = None
    """Prompt tokens found in the prefix cache since the server started."""
    looked_up_tokens: int | None = None
    """Prompt tokens looked up in the prefix cache since then."""
    prompt_tokens: int | None = None
    """Prompt tokens worked on since then."""
    output_tokens: int | None = None
    """Tokens decoded since then."""
    queue_us: int | None = None
    """Time that all requests together waited since then."""
    ttft_us: int | None = None
    """Time to first token of all requests together since then, as the server measures it."""
    e2e_us: int | None = None
    """Latency of all requests together since then, as the server measures it."""
    requests: int | None = None
    """Requests in those sums."""
    model_bytes: int | None = None
    """Memory of the loaded model (Ollama)."""
    model_vram_bytes: int | None = None
    """The part of it on graphics processors (Ollama)."""
    loaded: bool | None = None
    """Whether the model is loaded (Ollama)."""


class Measurement(SeriesKey):
    """A series that ended; one line of `measurements.jsonl`, written when all its requests are on disk."""

    planned: int
    """Measured requests that the plan asks for."""
    sent: int
    """Measured requests that were sent."""
    ended: Literal["whole", "time"]
    """`whole`, or `time` when the time that the plan allows was over first."""
    duration_us: int
    """From the first warm-up request to the end of the last one."""
    other_cpu_share: float | None
    """Processor time that neither the harness nor the server took, over all there was; None where it cannot be told."""
    own_cpu_share: float | None
    """Processor time of the harness over that of one core."""

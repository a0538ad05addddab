"""How fast, how reliable and how heavy: the figures of each measurement, and how far they can be believed?"""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun
from assay.schema.bench.load import LoadKey
from assay.schema.run import FaultKind

__all__ = [
    "BenchCell",
    "Ceiling",
    "ClientError",
    "CounterFigures",
    "GpuMemory",
    "Ladder",
    "Memory",
    "Percentile",
    "Reason",
    "Repeat",
    "ServerAccount",
    "Validity",
]

Validity = Literal["VALID", "DEGRADED", "INVALID"]


class Reason(Noun):
    """Something that stands against the figures of a measurement."""

    code: str
    """Name of what was found, for example `client_late`."""
    text: str
    """What was found, with its numbers."""
    leans: Literal["against", "for", "either"]
    """Whom it favours: figures that lean `against` the server can clear it and not condemn it, and the other way."""


class Percentile(Noun):
    """A nearest-rank percentile with what its sample size can carry."""

    q: float
    """Which percentile, as a share: 0.5, 0.95, 0.99."""
    value_us: int | None
    """The value in microseconds; None when it falls on a failed request, whose latency is infinite."""
    low_us: int | None
    """Lower limit of the 95 % order-statistic interval, or None when n cannot give one."""
    high_us: int | None
    """Upper limit of that interval, or None when n cannot give one."""
    n: int
    """Requests it rests on, failed ones included."""
    n_needed: int
    """Requests from which a one-sided 95 % upper limit exists (Wilks): 59 for p95, 299 for p99."""
    supported: bool
    """Whether n reaches n_needed."""


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
    """The client's times beside those that the server gives for the same requests."""

    source: str
    """Where the server says so."""
    n: int
    """Requests with both."""
    ttft_p50_us: int | None
    """Median over requests of the client's time to first token less the server's for queue, load and prompt."""
    ttft_p95_us: int | None
    """95th percentile of the size of the same difference."""
    decode_p50_us: int | None
    """Median over requests of the client's time from first to last token less the server's."""
    decode_p95_us: int | None
    """95th percentile of the size of the same difference."""
    allowed_us: int
    """Median difference up to which the two agree."""
    agrees: bool
    """Whether both medians are within it."""


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


class Repeat(Noun):
    """One round of a measurement, to show how far rounds differ."""

    repeat: int
    """Round of the ladder, from 1."""
    n: int
    """Measured requests."""
    failed: int
    """Those that failed."""
    e2e_p50_us: int | None
    """Median latency; None when infinite."""
    e2e_p95_us: int | None
    """95th percentile of the latency; None when infinite."""
    ttft_p50_us: int | None
    """Median time to first token; None when infinite or not seen."""
    output_tokens_per_s: float | None
    """Output tokens of all requests over the time from first sent to last end."""


class BenchCell(LoadKey):
    """Figures of one candidate, profile and load."""

    n: int
    """Measured requests."""
    planned: int
    """Measured requests that the plan asks for."""
    failed: int
    """Measured requests that failed."""
    faults: dict[FaultKind, int]
    """How many of them failed in which way."""
    warmup: int
    """Warm-up requests, not counted in n."""
    definitions: tuple[str, ...]
    """Names of the definitions that the figures follow; docs/benchmark.md spells them out."""
    e2e: tuple[Percentile, ...]
    """Latency to the last token, p50 p95 p99; a failed request is infinite."""
    ttft: tuple[Percentile, ...]
    """Latency to the first token, p50 p95 p99; a failed request is infinite."""
    tpot: tuple[Percentile, ...]
    """Time per token after the first, p50 p95 p99 over requests; a failed request is infinite."""
    visible_p50_us: int | None
    """Median latency to the first token that a reader sees, where some thinking came before."""
    gap_p50_us: int | None
    """Median gap between two chunks that carried tokens."""
    gap_p99_us: int | None
    """99th percentile of these gaps."""
    gap_max_us: int | None
    """Longest of these gaps: the worst stall."""
    tokens_per_chunk: float | None
    """Output tokens over chunks that carried them."""
    output_tokens_per_s: float | None
    """Output tokens of all requests over the time from first sent to last end."""
    requests_per_s: float | None
    """Answered requests over the same time."""
    sent_per_s: float | None
    """Requests sent each second in an open loop, to hold against the rate that was asked for."""
    good: int | None
    """Requests within every service level of the profile; None where the plan declares none."""
    prompt_tokens_p50: int | None
    """Median prompt length in tokens, as the server counted."""
    output_tokens_p50: int | None
    """Median answer length in tokens, as the server counted."""
    cached_share: float | None
    """Prompt tokens from the prefix cache over all prompt tokens, or None when the server does not say."""
    truncated: int
    """Answers that ended at the token limit."""
    lag_p99_us: int | None
    """99th percentile of the client's own lateness during a request."""
    other_cpu_share: float | None
    """Processor time that neither harness nor server took, over all there was."""
    repeats: tuple[Repeat, ...]
    """Its rounds."""
    spread: float | None
    """Difference between the largest and the least median latency of the rounds, over the median of all."""
    memory: Memory | None
    """Memory of the server, or None when nothing was seen."""
    counters: CounterFigures | None
    """The runtime's own counters, where it has any."""
    server: ServerAccount | None
    """Client's times beside the server's, where it gives them."""
    client: ClientError | None
    """The client's own error at this concurrency, where it was measured."""
    validity: Validity
    """Whether the figures can be believed."""
    reasons: tuple[Reason, ...]
    """Why they can be believed only in part or not at all."""


class Ceiling(Noun):
    """What an engine decodes without a server before it, beside what one stream of the server got."""

    candidate: str
    """Candidate id."""
    source: str
    """Tool and test that measured the engine."""
    engine_tokens_per_s: float
    """Tokens that the engine decodes each second."""
    load: str
    """Measurement that it is held against, as conditions write it."""
    served_tokens_per_s: float
    """Tokens each second after the first, by the median time per token."""
    share: float
    """The latter over the former."""


class Ladder(Noun):
    """What the concurrencies of one candidate and profile say together."""

    candidate: str
    """Candidate id."""
    profile: str
    """Prompt profile."""
    cache: Literal["cold", "warm"]
    """State of the prefix cache."""
    concurrencies: tuple[int, ...]
    """Steps of the ladder that can be believed, rising."""
    unit: Literal["tokens", "requests"]
    """What is counted each second: output tokens, or requests where the server counts no tokens."""
    throughput: tuple[float, ...]
    """Throughput at each step."""
    e2e_p95_us: tuple[int | None, ...]
    """95th percentile of the latency at each step; None when infinite."""
    saturation: int | None
    """Least concurrency with at least 95 % of the highest throughput; None when that is the ladder's last step."""
    knee: int | None
    """Concurrency beyond which throughput gains fall behind (Kneedle); None where three steps do not show one."""
    within_slo: int | None
    """Highest concurrency at which, and below which, p95 keeps every service level; None without any."""

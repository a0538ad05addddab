"""How fast, how reliable and how heavy: the figures of each measurement, and how far they can be believed?"""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun
from assay.schema.bench.account import ClientError, CounterFigures, Memory, ServerAccount
from assay.schema.bench.load import LoadKey
from assay.schema.run import FaultKind

__all__ = [
    "BenchCell",
    "Ceiling",
    "Ladder",
    "Percentile",
    "Reason",
    "Repeat",
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
    """Highest concurrency at which, and below which, a supported p95 keeps every service level; None without any."""

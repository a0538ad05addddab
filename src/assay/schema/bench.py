"""How fast and how heavy is it: events of each request, resource samples, figures of each measurement."""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun
from assay.schema.run import Fault
from assay.schema.suite import ProfileName

__all__ = ["BenchCell", "Memory", "Percentile", "RequestEvent", "ResourceSample", "Validity"]

Validity = Literal["VALID", "DEGRADED", "INVALID"]


class RequestEvent(Noun):
    """One benchmark request; one line of `requests.jsonl`. Times are integer microseconds of one monotonic clock."""

    candidate: str
    """Candidate id."""
    profile: ProfileName
    """Prompt profile."""
    concurrency: int
    """Requests in flight at once."""
    series: int
    """Number of the measurement; a resumed run measures a broken one anew under the next number."""
    repeat: int
    """Round of the ladder, from 1."""
    seq: int
    """Number in its series, from 0."""
    phase: Literal["warmup", "measured"]
    """Warm-up requests are stored and not counted."""
    sent_us: int
    """When the request was sent, since the start of the series."""
    first_us: int | None
    """When the first token of any channel came, or None."""
    last_us: int | None
    """When the last token came, or None."""
    end_us: int
    """When the stream ended or the request was given up."""
    chunks: int
    """Chunks that carried tokens."""
    prompt_tokens: int | None
    """Tokens of the request as the server counted them."""
    output_tokens: int | None
    """Tokens of the answer as the server counted them; never guessed from chunks."""
    cached_tokens: int | None
    """Prompt tokens from the prefix cache, where the server says so."""
    finish_reason: str | None
    """Why decoding ended."""
    fault: Fault | None
    """Why it failed, or None."""
    lag_us: int
    """Longest time that the client's own event loop was late during the request."""


class ResourceSample(Noun):
    """Memory at one moment; one line of `resources.jsonl`."""

    candidate: str
    """Candidate whose server was looked at."""
    profile: ProfileName
    """Prompt profile under load at that moment."""
    concurrency: int
    """Requests in flight at once at that moment."""
    at_us: int
    """When, in microseconds since the start of the series."""
    rss_bytes: int
    """Resident memory of the server's process tree, file pages included."""
    anonymous_bytes: int | None
    """Resident memory without file pages, or None where the system does not say."""
    host_available_bytes: int
    """Memory that the host could still give out."""


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


class Memory(Noun):
    """Memory of the server while one measurement ran."""

    rss_peak_bytes: int
    """Highest resident memory of the process tree."""
    anonymous_peak_bytes: int | None
    """Highest resident memory without file pages."""
    host_available_min_bytes: int
    """Least memory that the host could still give out."""
    samples: int
    """Samples it rests on."""


class BenchCell(Noun):
    """Figures of one candidate, profile and concurrency."""

    candidate: str
    """Candidate id."""
    profile: ProfileName
    """Prompt profile."""
    concurrency: int
    """Requests in flight at once."""
    n: int
    """Measured requests."""
    failed: int
    """Measured requests that failed."""
    warmup: int
    """Warm-up requests, not counted in n."""
    e2e: tuple[Percentile, ...]
    """Latency from sent to last token, p50 p95 p99; a failed request is infinite."""
    ttft: tuple[Percentile, ...]
    """Latency from sent to first token, p50 p95 p99; a failed request is infinite."""
    tpot_p50_us: int | None
    """Median over requests of (last - first token) / (output tokens - 1), in microseconds."""
    output_tokens_per_s: float | None
    """Output tokens of all requests over the time from first sent to last end."""
    requests_per_s: float | None
    """Answered requests over the same time."""
    prompt_tokens_p50: int | None
    """Median prompt length in tokens, as the server counted."""
    output_tokens_p50: int | None
    """Median answer length in tokens, as the server counted."""
    cached_share: float | None
    """Prompt tokens from the prefix cache over all prompt tokens, or None when the server does not say."""
    truncated: int
    """Answers that ended at the token limit."""
    memory: Memory | None
    """Memory of the server, or None when its process cannot be seen."""
    validity: Validity
    """Whether the figures can be believed."""
    reasons: tuple[str, ...]
    """Why they can be believed only in part or not at all."""

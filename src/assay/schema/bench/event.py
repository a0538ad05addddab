"""What happened to one benchmark request, as it was seen and as the server itself says?"""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun
from assay.schema.bench.load import SeriesKey
from assay.schema.run import Fault

__all__ = ["RequestEvent", "ServerTimings"]


class ServerTimings(Noun):
    """What a server says of the time that one request took it, in integer microseconds; None where it is silent."""

    source: str
    """Where it says so, for example `llama.cpp timings`, `TGI headers`."""
    queue_us: int | None = None
    """Time that the request waited before work on it began."""
    prompt_us: int | None = None
    """Time spent on the prompt, up to the first token."""
    decode_us: int | None = None
    """Time from the first token to the last."""
    total_us: int | None = None
    """Time of the whole request."""
    load_us: int | None = None
    """Time spent on loading the model (Ollama)."""
    prompt_tokens: int | None = None
    """Prompt tokens that were worked on; those from the prefix cache are not among them."""
    cached_tokens: int | None = None
    """Prompt tokens from the prefix cache."""
    output_tokens: int | None = None
    """Tokens decoded."""


class RequestEvent(SeriesKey):
    """One benchmark request; one line of `requests.jsonl`.

    Times are integer microseconds of one monotonic clock since the series began.
    """

    seq: int
    """Number in its series, from 0."""
    phase: Literal["warmup", "measured"]
    """Warm-up requests are stored and not counted."""
    scheduled_us: int | None = None
    """When it was due, in an open loop."""
    taken_us: int
    """When the harness took it up; from here to `sent_us` it connects and writes."""
    sent_us: int
    """When the head of the request was written."""
    headers_us: int | None = None
    """When the head of the answer was read."""
    first_event_us: int | None = None
    """When the first event of the stream was read; it may hold no token."""
    first_us: int | None
    """When the first token of any channel came, or None."""
    visible_us: int | None = None
    """When the first token came that a reader sees: of the answer or a tool call, not of the thinking."""
    last_us: int | None
    """When the last token came, or None."""
    finish_us: int | None = None
    """When the chunk came that says why decoding ended; the token that ends an answer has no other."""
    end_us: int
    """When the stream ended or the request was given up."""
    chunks: int
    """Chunks that carried tokens."""
    gaps_us: tuple[int, ...] = ()
    """Time between one such chunk and the next; a chunk may hold several tokens, so these are no token latencies."""
    chunk_tokens: tuple[int, ...] | None = None
    """Tokens in each such chunk, where the server counts as it goes."""
    prompt_tokens: int | None
    """Tokens of the request as the server counted them."""
    output_tokens: int | None
    """Tokens of the answer as the server counted them; never guessed from chunks."""
    cached_tokens: int | None
    """Prompt tokens from the prefix cache, where the server says so."""
    response_id: str | None = None
    """Name that the server gave its answer; its own log has it too."""
    finish_reason: str | None
    """Why decoding ended."""
    fault: Fault | None
    """Why it failed, or None."""
    lag_us: int
    """Longest time that the client's own event loop was late during the request."""
    server: ServerTimings | None = None
    """What the server says of its own time, where it does."""

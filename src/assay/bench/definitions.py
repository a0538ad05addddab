"""What exactly does each figure of a benchmark mean?

Tools that print the same names measure different things. Each figure of ours names its definition, and one of another
tool is only set beside it where the definition is the same. A definition never changes: a better one gets a new name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFINITIONS", "definitions_of"]

DEFINITIONS: Mapping[str, str] = {
    "ttft.v1": "from the head of the request written to the first token of any channel (answer, thinking, tool call)",
    "ttft_scheduled.v1": "from when the request was due to the first token of any channel",
    "visible.v1": "from the head of the request written to the first token of the answer or of a tool call",
    "visible_scheduled.v1": "from when the request was due to the first token of the answer or of a tool call",
    "e2e.v1": "from the head of the request written to the last token",
    "e2e_scheduled.v1": "from when the request was due to the last token",
    "tpot.v1": (
        "of one request: from the first token to the chunk with the finish reason (the token that ends an answer has "
        "no other), over the output tokens in its usage less those in the first chunk (1 where the server does not "
        "count as it goes)"
    ),
    "gap.v1": "from one chunk with tokens to the next; a chunk may hold several, so it is no time per token",
    "percentile.v1": "nearest rank over whole microseconds; a failed request is infinite, a request never sent is none",
    "output_tokens_per_s.v1": "output tokens in the usage of all answered requests over first sent to last end",
    "requests_per_s.v1": "answered requests over first sent to last end",
    "error_rate.v1": "failed requests over measured ones; an error inside a stream and a cut stream are failures",
}
"""By name, in one sentence."""

_EITHER = ("tpot.v1", "gap.v1", "percentile.v1", "output_tokens_per_s.v1", "requests_per_s.v1", "error_rate.v1")


def definitions_of(*, scheduled: bool) -> tuple[str, ...]:
    """Return the names that the figures of a measurement follow: latencies of an open loop count from when due."""
    own = ("ttft_scheduled.v1", "visible_scheduled.v1", "e2e_scheduled.v1")
    return (*(own if scheduled else ("ttft.v1", "visible.v1", "e2e.v1")), *_EITHER)

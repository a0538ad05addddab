"""What did a server do when it was probed: each request that was sent, and what came of it, without its text?"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from assay.schema._base import Noun

__all__ = ["PROBE_NAMES", "Exchange", "ProbeName", "ProbeResult", "Shape"]

ProbeName = Literal[
    "authentication",
    "management",
    "tenants",
    "cors",
    "tls",
    "versions",
    "error-bodies",
    "tracing",
    "health",
    "metrics",
    "streaming",
    "body-limit",
    "disconnect",
    "token-ceiling",
    "time-limit",
    "overload",
    "fallback",
    "restart",
]
"""The deep probes in the order in which they are done: those that disturb a server come last.

Whether hanging up frees a slot is seen before what asks for very long answers and hangs up on them.
"""

PROBE_NAMES: tuple[ProbeName, ...] = get_args(ProbeName)

Shape = Literal["none", "empty", "completion", "stream", "error", "json", "metrics", "html", "text"]
"""What a body was: `none` when there was no answer, `error` a JSON document with an error in it."""


class Exchange(Noun):
    """One request of a probe and what came of it; of a body only its shape is kept, never its text."""

    step: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    """What the request is for within its probe; checks find it by this name, which may stand several times."""
    sent: str
    """What was sent, in words: `POST /v1/chat/completions without a key`."""
    status: int | None
    """HTTP status, or None when there was no answer."""
    trouble: str = ""
    """Why there was no answer, or no whole one; empty when there was one."""
    took_ms: int = Field(ge=0)
    """Milliseconds from sending to the end of the answer, or to giving up."""
    first_ms: int | None = None
    """Milliseconds to the first byte of the body; None without one."""
    shape: Shape = "none"
    """What the body was."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Headers of the answer that a check reads, names in lower case, values cut at 200 characters and without keys."""
    shows: dict[str, str | int | float | bool | None] = Field(default_factory=dict)
    """What the probe itself measured or recognised in it, by name."""


class ProbeResult(Noun):
    """What one probe of one candidate's server came to."""

    candidate: str
    """Candidate whose server it is."""
    probe: ProbeName
    """Which probe."""
    sends: str
    """What it sends, a sentence."""
    exchanges: tuple[Exchange, ...] = ()
    """What was sent and what came of it, in the order in which it ended."""
    ended: Literal["whole", "out_of_time", "out_of_requests", "left_out"]
    """`whole` when it was done to its end, `left_out` when there was nothing for it to do."""
    note: str = ""
    """Why it did not come to its end or was left out; empty when it is whole."""
    requests: int = Field(ge=0)
    """Requests that it sent."""
    seconds: float = Field(ge=0)
    """Seconds that it took."""

    def steps(self, step: str) -> tuple[Exchange, ...]:
        """Return the exchanges of one step."""
        return tuple(own for own in self.exchanges if own.step == step)

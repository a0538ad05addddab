"""Did prompts come to rest anywhere: which marks were sent on which way, where were they sought, where do they lie?"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from assay.schema._base import Noun

__all__ = [
    "CANARY_FIELDS",
    "CANARY_PATHS",
    "CanaryAttempt",
    "CanaryField",
    "CanaryHit",
    "CanaryPath",
    "CanaryResult",
    "CanarySink",
    "SinkKind",
    "SinkStatus",
]

CanaryField = Literal[
    "system",
    "user",
    "context",
    "tool-arguments",
    "tool-result",
    "image",
    "metadata",
    "stop",
    "schema",
    "header",
    "query",
    "output",
]
"""Parts of a request that carry a mark: messages, a retrieved passage, a tool's arguments and its result, the text
beside an image, `metadata`, a stop string, a description in a JSON Schema, a header, the address's query, and the word
that the model is asked to repeat, which tells a log of answers from a log of prompts."""

CANARY_FIELDS: tuple[CanaryField, ...] = get_args(CanaryField)

CanaryPath = Literal[
    "control",
    "success",
    "stream",
    "abort",
    "timeout",
    "bad-request",
    "wrong-key",
    "unknown-model",
    "over-context",
    "invalid-schema",
    "overload",
    "upstream",
]
"""Ways through a server's code: each has its own lines that write logs. `control` sends no mark."""

CANARY_PATHS: tuple[CanaryPath, ...] = get_args(CanaryPath)

SinkKind = Literal["file", "folder", "sqlite", "command", "error-bodies", "page"]
SinkStatus = Literal["clean", "leak", "unknown", "absent"]


class CanaryAttempt(Noun):
    """One request with marks, and what came of it."""

    path: CanaryPath
    """Way through the server's code that it is meant to take."""
    attempt: int = Field(ge=1)
    """Which request of that way, from 1."""
    sent: str
    """What was sent, in words."""
    status: int | None
    """HTTP status, or None when there was no answer."""
    trouble: str = ""
    """Why there was no whole answer; empty when there was one, or when the client itself hung up."""
    provoked: bool
    """Whether the server took the way that was meant: it answered as that way ends."""
    echoed: bool | None = None
    """Whether the answer holds the word that was to be repeated; None where none was asked for or none can be."""
    beacon: str
    """What an access log shows of it, no secret: it stands in request id, user agent, query and the field `user`."""
    digests: dict[CanaryField, str] = Field(default_factory=dict)
    """SHA-256 of each mark that it carried, in hexadecimal; the marks themselves are kept nowhere."""


class CanaryHit(Noun):
    """One place where a mark was found; of the text around it nothing is kept."""

    path: CanaryPath
    """Way of the request that carried the mark."""
    attempt: int = Field(ge=1)
    """Which request of that way."""
    field: CanaryField
    """Part of the request that carried it."""
    encoding: str
    """How it is written there: `raw`, `base64`, `json-escaped in gzip`."""
    place: str = ""
    """Where in the sink: a file of a folder, `table.column.rowid` of a database, a rotated file; empty for the sink."""
    offset: int = Field(ge=0)
    """Bytes before it in that place; of something packed, bytes before the packed part."""
    part: Literal["whole", "first half", "second half"] = "whole"
    """How much of it: half a mark was cut off by whoever wrote it."""
    count: int = Field(default=1, ge=1)
    """How often it, or a half of it, stands in that place."""


class CanarySink(Noun):
    """One place that was searched."""

    sink: str
    """Its id in the plan, or how a built-in one is called: `error bodies`, `GET /metrics`."""
    kind: SinkKind
    """What it is."""
    control: bool
    """Whether it was seen to be one: it shows a beacon; for error bodies, there were any; for a page, it changed."""
    controls: tuple[CanaryPath, ...] = ()
    """Ways of requests whose beacon it shows."""
    absent: bool = False
    """Whether a built-in one is not there: the server has no such page."""
    trouble: str = ""
    """Why it could not be searched, or not all of it, as a clause; empty when it was."""
    searched_bytes: int = Field(ge=0)
    """Bytes that were searched in the last round."""
    places: int = Field(default=1, ge=0)
    """Files or database cells that were searched in the last round."""
    hits: tuple[CanaryHit, ...] = ()
    """Where marks were found."""
    further_hits: int = Field(default=0, ge=0)
    """Hits beyond those that are kept."""

    def leaks(self) -> tuple[CanaryHit, ...]:
        """Return the hits that count: access logs show the query of every address, and no prompt belongs there."""
        return tuple(hit for hit in self.hits if hit.field != "query")

    @property
    def status(self) -> SinkStatus:
        """What is known of it; one without a control may be the wrong place, and is not clean."""
        if self.leaks():
            return "leak"
        if self.absent:
            return "absent"
        return "unknown" if self.trouble or not self.control else "clean"


class CanaryResult(Noun):
    """What the search for one candidate's prompts came to."""

    candidate: str
    """Candidate whose server it is."""
    mark: str
    """How every mark begins, so that whoever has an archived log can search it: `cnry-<run>-`."""
    sends: str
    """What was sent, a sentence."""
    attempts: tuple[CanaryAttempt, ...] = ()
    """The requests, in the order in which they ended."""
    sinks: tuple[CanarySink, ...] = ()
    """The places that were searched: those of the plan first."""
    ended: Literal["whole", "out_of_time", "left_out"]
    """`whole` when everything was sent that there was to send."""
    note: str = ""
    """Why it did not come to its end or was left out; empty when it is whole."""
    requests: int = Field(ge=0)
    """Requests that were sent."""
    seconds: float = Field(ge=0)
    """Seconds that it took, waiting and searching included."""

    def ways(self, *, provoked: bool) -> tuple[CanaryPath, ...]:
        """Return the ways that the server was seen to take, or those that it was not; controls are no way."""
        taken = {own.path for own in self.attempts if own.provoked}
        return tuple(path for path in CANARY_PATHS if path != "control" and (path in taken) is provoked)

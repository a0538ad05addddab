"""What does a measurement want to know of each request that was sent?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from assay.schema.bench import ServerTimings
    from assay.schema.run import Fault, Usage

__all__ = ["Sent"]


class Sent(Protocol):
    """What came of one request. Times are nanoseconds of the clock that `measure` was given."""

    @property
    def taken_ns(self) -> int:
        """When it was taken up."""

    @property
    def sent_ns(self) -> int:
        """When its head was written."""

    @property
    def headers_ns(self) -> int | None:
        """When the head of the answer was read."""

    @property
    def first_event_ns(self) -> int | None:
        """When the first event of the stream was read."""

    @property
    def first_ns(self) -> int | None:
        """When the first token of any channel came, or None."""

    @property
    def visible_ns(self) -> int | None:
        """When the first token came that a reader sees, or None."""

    @property
    def last_ns(self) -> int | None:
        """When the last token came, or None."""

    @property
    def finish_ns(self) -> int | None:
        """When the chunk came that says why decoding ended, or None."""

    @property
    def end_ns(self) -> int:
        """When the stream ended or the request was given up."""

    @property
    def chunk_ns(self) -> tuple[int, ...]:
        """When each chunk came that carried tokens."""

    @property
    def chunk_tokens(self) -> tuple[int, ...] | None:
        """Tokens in each of them, where the server counts as it goes."""

    @property
    def chunks(self) -> int:
        """Chunks that carried tokens."""

    @property
    def usage(self) -> Usage | None:
        """Token counts, when the server gave them."""

    @property
    def response_id(self) -> str | None:
        """Name that the server gave its answer."""

    @property
    def finish_reason(self) -> str | None:
        """Why decoding ended."""

    @property
    def fault(self) -> Fault | None:
        """Why it failed, or None."""

    @property
    def server(self) -> ServerTimings | None:
        """What the server says of its own time."""

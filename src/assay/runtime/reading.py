"""What is known of a streamed answer while it comes: when were its tokens there, and how many of them?

One reading takes the events of one answer, each parsed once, with the time of the network read that brought it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from assay.runtime.answer import answer_of, read_answer
from assay.runtime.faults import fault_from_body
from assay.runtime.timings import timings_of
from assay.runtime.usage import count_of, usage_of
from assay.schema.run import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from assay.runtime.dialect import Dialect
    from assay.schema.bench import ServerTimings
    from assay.schema.run import FaultKind, Usage

__all__ = ["Reading", "tokens_of_chunks", "writable"]

_MOST_MESSAGE = 500
_MOST_LABEL = 100


@dataclass(slots=True)
class Reading:
    """One answer while it comes. Times are nanoseconds of the caller's clock."""

    dialect: Dialect
    """How the runtime writes; it names the channels of thinking."""
    taken_ns: int
    """When the request was taken up."""
    sent_ns: int
    """When its head was written; `taken_ns` until then."""
    headers_ns: int | None = None
    """When the head of the answer was read."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of the answer."""
    began: bool = False
    """Whether the server said that it will answer."""
    first_event_ns: int | None = None
    """When the first event was read; it may hold no token."""
    visible_ns: int | None = None
    """When the first token of the answer or of a tool call was read."""
    chunk_ns: list[int] = field(default_factory=list)
    """When each chunk that carried tokens was read."""
    counted: list[int | None] = field(default_factory=list)
    """Tokens of the answer so far as each of these chunks says, or None where it does not."""
    in_one_piece: bool = False
    """Whether the answer is no stream: when its first token was there, nobody saw."""
    done: bool = False
    """Whether the server called the answer whole."""
    finish_reason: str | None = None
    """Why decoding ended."""
    finish_ns: int | None = None
    """When the chunk was read that says so."""
    response_id: str | None = None
    """Name that the server gave its answer."""
    server: ServerTimings | None = None
    """The server's own account."""
    fault: Fault | None = None
    """Why there is no whole answer."""
    text_bytes: int = 0
    """Bytes of text in UTF-8."""
    usage: Usage | None = None
    """Token counts, once the answer has ended."""
    _counts: JsonValue = None  # those that came last; a server may count on every chunk

    def take(self, data: bytes, now: int) -> None:
        """Take the data of one event that was read at `now`.

        Raises:
            ValueError: the event is not a JSON object.
        """
        if self.first_event_ns is None:
            self.first_event_ns = now
        if data.strip() == b"[DONE]":
            self.done = True
            return
        event = _object(data)
        if event.get("error"):
            self.fault = fault_from_body(event["error"])
            return
        if self.response_id is None:
            self.response_id = _label(event.get("id"))
        usage = event.get("usage")
        if isinstance(usage, dict):
            self._counts = usage
        choices = event.get("choices")
        # The chunk with the usage has no choice (LiteLLM: an empty one), and so has Azure's first chunk.
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not (isinstance(choice, dict) and self._take_choice(choice, usage, now)):
            self._take_timings(event)

    def _take_choice(self, choice: Mapping[str, JsonValue], usage: JsonValue, now: int) -> bool:
        """Take the first choice of an event; return whether more of the stream is to come."""
        delta = choice.get("delta")
        if isinstance(delta, dict) and self._take_text(delta, now):
            self.chunk_ns.append(now)
            self.counted.append(count_of(usage.get("completion_tokens")) if isinstance(usage, dict) else None)
        reason = choice.get("finish_reason")
        if isinstance(reason, str):
            self.finish_reason, self.finish_ns = writable(reason, _MOST_LABEL), now
            return False
        return True

    def _take_text(self, delta: Mapping[str, JsonValue], now: int) -> bool:
        """Return whether a delta holds a token of any channel: a role chunk may come long before the first."""
        text = delta.get("content") or delta.get("refusal")
        if text or delta.get("tool_calls"):
            if self.visible_ns is None:
                self.visible_ns = now
        else:
            # vLLM and Ollama say `reasoning`, llama.cpp and SGLang `reasoning_content`.
            text = next((delta[name] for name in self.dialect.reasoning_fields if delta.get(name)), None)
            if text is None:
                return False
        if isinstance(text, str):
            self.text_bytes += len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        return True

    def take_whole(self, body: bytes, now: int) -> None:
        """Take an answer that came in one piece."""
        answer = answer_of(body)
        said = read_answer(answer, self.dialect) if answer is not None else "JSON object"
        if answer is None or isinstance(said, str):
            self.fail("bad_answer", f"the answer has no {said}")
            return
        self.done = self.in_one_piece = True
        self.chunk_ns, self.counted = [now], [None]
        self.usage = said.usage
        self.response_id = _label(answer.get("id") or answer.get("trace_id"))  # the latter in the plain contract
        self.text_bytes = len(said.text.encode("utf-8", "replace"))
        self._take_timings(answer)

    def _take_timings(self, event: Mapping[str, JsonValue]) -> None:
        # Where a server gives its times, it does so in an event beside the tokens or with the last of them.
        self.server = timings_of(event, self.headers) or self.server

    def fail(self, kind: FaultKind, message: str) -> None:
        """Note why the answer ended early, unless it is whole or failed for another reason before."""
        if self.fault is None and not self.done and self.finish_reason is None:
            self.fault = Fault(kind=kind, message=writable(message, _MOST_MESSAGE))

    def end(self) -> None:
        """Say that nothing more comes: an answer that nobody called whole was cut."""
        if self._counts is not None:
            self.usage = usage_of(self._counts)
        self.fail("stream_cut", "the stream ended without a finish reason and without [DONE]")
        if self.fault is None and not self.chunk_ns:
            self.fault = Fault(kind="bad_answer", message="the stream was whole and held no token")


def tokens_of_chunks(counted: Sequence[int | None]) -> tuple[int, ...] | None:
    """Return how many tokens each chunk carried, from the running counts of a server that counts as it goes.

    Tokens that showed no text (half a character, a withheld stop word) count with the chunk that shows them.

    Args:
        counted: tokens so far at each chunk that carried some.

    Returns:
        One number for each chunk; None without chunks, when a count is missing, or when one falls.
    """
    known = [count for count in counted if count is not None]
    if not known or len(known) < len(counted):
        return None
    tokens = tuple(after - before for before, after in pairwise((0, *known)))
    return tokens if min(tokens) >= 0 else None


def writable(text: str, most: int) -> str:
    """Return text that fits a file in UTF-8, cut to `most` characters: a server may send half of a surrogate pair."""
    return text[:most].encode("utf-8", "replace").decode()


def _label(value: JsonValue) -> str | None:
    return writable(value, _MOST_LABEL) if isinstance(value, str) and value else None


def _object(data: bytes) -> dict[str, JsonValue]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise ValueError(f"an event of the stream is not a JSON object: {data[:80]!r}")  # noqa: TRY004 - data, no type
    return event

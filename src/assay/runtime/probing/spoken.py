"""How did an answer come, stream or not: how many tokens, in how many pieces, when, and what ended it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.runtime.answer import answer_of, read_answer
from assay.runtime.reading import Reading
from assay.runtime.sse import SseParser

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.runtime.dialect import Dialect
    from assay.runtime.probing.wire import Reply

__all__ = ["Spoken", "spoken"]

_NS_PER_MS: Final = 1_000_000
_OK: Final = 200
_REASONS: Final = frozenset({"stop", "length", "content_filter", "tool_calls", "abort"})


@dataclass(frozen=True)
class Spoken:
    """What is known of an answer without its text."""

    chunks: int
    """Pieces of the answer that carried text."""
    reads: int
    """Reads of the network that brought such pieces: fewer than `chunks` where several came at once."""
    first_ms: int | None
    """Milliseconds from sending to the first of them."""
    last_ms: int | None
    """Milliseconds from sending to the last of them."""
    tokens: int
    """Tokens of the answer as the server counts them, else its pieces."""
    prompt_tokens: int | None
    """Tokens of the prompt as the server counts them."""
    finish: str | None
    """Why it ended in the protocol's words, `other` for one that is none of them, None when it was not said."""
    broken: bool
    """Whether an error came within it, or it ended without being called whole, and not because the client hung up."""

    def shows(self) -> dict[str, str | int | bool | None]:
        """Return what is kept of it."""
        return {
            "chunks": self.chunks,
            "reads": self.reads,
            "content_first_ms": self.first_ms,
            "content_last_ms": self.last_ms,
            "tokens": self.tokens,
            "prompt_tokens": self.prompt_tokens,
            "finish": self.finish,
            "broken": self.broken,
        }


def spoken(reply: Reply, dialect: Dialect) -> Spoken:
    """Return how an answer came.

    Args:
        reply: the answer, also one that was hung up on.
        dialect: how the runtime writes.
    """
    answer = answer_of(reply.body) if reply.status == _OK else None
    said = read_answer(answer, dialect) if answer is not None else "answer"
    if not isinstance(said, str):
        usage, at = said.usage, reply.reads[-1][0] if reply.reads else None
        tokens = usage.completion_tokens if usage is not None and usage.completion_tokens is not None else 0
        prompt = usage.prompt_tokens if usage is not None else None
        return Spoken(1, 1, at, at, tokens, prompt, _reason(said.finish_reason), broken=False)
    return _streamed(reply, dialect)


def _streamed(reply: Reply, dialect: Dialect) -> Spoken:
    reading, parser = Reading(dialect, taken_ns=0, sent_ns=0), SseParser()
    bringing, done = 0, 0
    if reply.status == _OK:
        try:
            for at_ms, size in reply.reads:
                before = len(reading.chunk_ns)
                for data in parser.feed(reply.body[done : done + size]):
                    reading.take(data, at_ms * _NS_PER_MS)
                done += size
                bringing += len(reading.chunk_ns) > before
        except (ValueError, RecursionError):
            reading.fail("bad_answer", "the stream cannot be read")
    erred = reading.fault is not None
    whole = reading.done or reading.finish_reason is not None
    reading.end()
    usage, chunks = reading.usage, len(reading.chunk_ns)
    counted = usage.completion_tokens if usage is not None else None
    return Spoken(
        chunks,
        bringing,
        reading.chunk_ns[0] // _NS_PER_MS if chunks else None,
        reading.chunk_ns[-1] // _NS_PER_MS if chunks else None,
        chunks if counted is None else counted,
        usage.prompt_tokens if usage is not None else None,
        _reason(reading.finish_reason),
        broken=reply.status == _OK and (erred or (not whole and not reply.late)),
    )


def _reason(reason: JsonValue) -> str | None:
    if reason is None:
        return None
    return reason if isinstance(reason, str) and reason in _REASONS else "other"

"""How does one runtime want to be spoken to: where a chat goes, how its limits, schema and key are written?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import JsonValue

__all__ = ["OPENAI", "OPENAI_SCHEMA", "Dialect"]


def _openai_schema(schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the `response_format` of OpenAI's own protocol."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


OPENAI_SCHEMA: Callable[[dict[str, JsonValue]], dict[str, JsonValue]] = _openai_schema
"""Writes a JSON Schema as OpenAI's `response_format`; most runtimes read it so."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a runtime's protocol has of its own; the defaults are OpenAI's chat completions."""

    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"  # noqa: S105 - a field's name
    """Field that bounds the answer: Ollama ignores `max_completion_tokens`, newer OpenAI models refuse `max_tokens`."""
    response_format: Callable[[dict[str, JsonValue]], dict[str, JsonValue]] = OPENAI_SCHEMA
    """Makes the `response_format` field out of a JSON Schema."""
    stop_as: Literal["text or list", "list"] = "text or list"
    """How stop words may be written; TGI refuses a text."""
    sends_seed: bool = True
    """Whether a seed is understood; a runtime that refuses unknown fields gets none."""
    stream_usage: bool = True
    """Whether `stream_options.include_usage` brings token counts at the end of a stream."""
    ignores_end: bool = False
    """Whether `ignore_eos` makes an answer go on to its token limit (llama.cpp, vLLM, SGLang)."""
    continuous_usage: bool = False
    """Whether `stream_options.continuous_usage_stats` brings running token counts on every chunk (vLLM, SGLang)."""
    reasoning_fields: tuple[str, ...] = ("reasoning", "reasoning_content")
    """Fields of a message that hold what the model thought, apart from its answer."""
    key_header: Literal["Authorization", "api-key"] = "Authorization"
    """Header that carries the key: as a bearer token, or bare (Azure)."""
    contract: Literal["chat-completions", "plain-chat"] = "chat-completions"
    """`plain-chat` is `POST /chat` with `messages` and `model_policy`, answered by `text`; it has no streams."""

    def chat_address(self, base_url: str) -> str:
        """Return where a chat goes: the path grows, a query (Azure's `api-version`) stays where it is."""
        parts = urlsplit(base_url)
        end = "/chat" if self.contract == "plain-chat" else "/chat/completions"
        return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + end, parts.query, ""))

    def key_headers(self, key: str | None) -> dict[str, str]:
        """Return the header that carries the key; none without a key."""
        if key is None:
            return {}
        return {self.key_header: key if self.key_header == "api-key" else f"Bearer {key}"}


OPENAI = Dialect()
"""The protocol as most runtimes speak it."""

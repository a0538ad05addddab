"""What does the body of a whole answer say: text, why it ended, how many tokens, how much was only thought?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.runtime.usage import usage_of

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.runtime.dialect import Dialect
    from assay.schema.run import Usage

__all__ = ["Answered", "answer_of", "read_answer"]


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer says, as the server wrote it."""

    text: str
    """The answer; empty when the model said nothing, or only thought."""
    finish_reason: JsonValue
    """Why decoding ended."""
    model: JsonValue
    """Name that the server gives the model."""
    usage: Usage | None
    """Token counts."""
    reasoning_characters: int | None
    """Characters of reasoning apart from the answer, or None."""
    refused: bool = False
    """Whether the server says that the text is the model's refusal (OpenAI's `message.refusal`)."""


def answer_of(content: bytes) -> dict[str, JsonValue] | None:
    """Return the JSON object that a body is, or None for anything else."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_answer(answer: dict[str, JsonValue], dialect: Dialect) -> Answered | str:
    """Return what an answer says, or which part it lacks when it is not shaped as the contract has it."""
    return _plain(answer) if dialect.contract == "plain-chat" else _completion(answer, dialect)


def _completion(answer: dict[str, JsonValue], dialect: Dialect) -> Answered | str:
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return "choices[0].message"
    # A null stands for a model that said nothing, or only thought; anything else but text is no answer.
    refusal = message.get("refusal")
    refused = isinstance(refusal, str) and refusal != ""
    content = message.get("content") or (refusal if refused else "")
    if not isinstance(content, str):
        return "text in choices[0].message.content"
    thoughts = [len(text) for name in dialect.reasoning_fields if isinstance(text := message.get(name), str)]
    return Answered(
        text=content,
        finish_reason=choice.get("finish_reason"),
        model=answer.get("model"),
        usage=usage_of(answer.get("usage")),
        reasoning_characters=max(thoughts, default=None),
        refused=refused,
    )


def _plain(answer: dict[str, JsonValue]) -> Answered | str:
    text = answer.get("text")
    if not isinstance(text, str):
        return "text"
    counts = usage_of({"prompt_tokens": answer.get("input_tokens"), "completion_tokens": answer.get("output_tokens")})
    known = counts is not None and (counts.prompt_tokens is not None or counts.completion_tokens is not None)
    return Answered(
        text=text,
        # The contract does not say why decoding ended.
        finish_reason=answer.get("finish_reason"),
        model=answer.get("model"),
        usage=counts if known else None,
        reasoning_characters=None,
    )

"""How does one request carry a mark in each of its parts?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.runtime.client import request_body
from assay.schema.suite import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import JsonValue

    from assay.runtime.probing.probing import Subject
    from assay.schema.provenance import CanaryField

__all__ = ["EXTRAS", "Extra", "Wish", "body_of"]

Extra = Literal["tools", "image", "schema"]
"""Parts that not every server or model takes."""

EXTRAS: tuple[Extra, ...] = ("tools", "image", "schema")

# A white pixel: PNG, 1 x 1, 8 bits of grey.
_PIXEL: Final = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg=="
)
_TOOL: Final[dict[str, JsonValue]] = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Looks a word up.",
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
    },
}


@dataclass(frozen=True)
class Wish:
    """What a request is to be like."""

    max_tokens: int = 64
    """Longest answer, in tokens."""
    extras: frozenset[Extra] = frozenset(EXTRAS)
    """Parts that it has beside those that every server takes."""
    before: str = ""
    """Text before the question."""
    ask_for: str = "Write the following word once more, and nothing else:"
    """What is asked, before the word that is to be repeated."""
    model: str | None = None
    """Model to ask; None asks the candidate's own."""


def body_of(subject: Subject, wish: Wish, put: Callable[[CanaryField], str], beacon: str) -> dict[str, JsonValue]:
    """Return the body of a chat whose parts carry marks.

    Args:
        subject: the server.
        wish: what the request is to be like.
        put: makes the mark for a part, and is only asked for parts that the body has.
        beacon: stands in the field `user`, which gateways log on purpose.
    """
    settings = subject.settings.model_copy(update={"temperature": 0.0, "top_p": 1.0})
    # Logs cut texts, so that what is sought stands in front.
    question = f"{wish.before}{put('context')} is a passage.\n\nNote: {put('user')}\n\n{wish.ask_for} {put('output')}"
    messages = (
        Message(role="system", content=f"{put('system')} is a note. You do as you are told, in few words."),
        Message(role="user", content=question),
    )
    model = wish.model or subject.model
    body = request_body(model, messages, settings, dialect=subject.dialect, max_tokens=wish.max_tokens)
    if subject.dialect.contract == "plain-chat":
        return body
    body |= {"user": beacon, "metadata": {"note": put("metadata")}, "stop": [put("stop")]}
    if "schema" in wish.extras:
        properties: JsonValue = {"word": {"type": "string", "description": f"The word, or {put('schema')}"}}
        schema: dict[str, JsonValue] = {"type": "object", "properties": properties, "required": ["word"]}
        body["response_format"] = subject.dialect.response_format(schema)
    said: list[JsonValue] = [_said("system", messages[0].content)]
    if "tools" in wish.extras:
        body["tools"] = [_TOOL]
        said += _with_tool(put)
    content: JsonValue = question
    if "image" in wish.extras:
        text: JsonValue = {"type": "text", "text": f"{question}\nThe picture shows {put('image')}."}
        content = [text, {"type": "image_url", "image_url": {"url": _PIXEL}}]
    body["messages"] = [*said, {"role": "user", "content": content}]
    return body


def _said(role: str, content: str) -> JsonValue:
    return {"role": role, "content": content}


def _with_tool(put: Callable[[CanaryField], str]) -> list[JsonValue]:
    """Return a turn in which a tool was called and answered."""
    call: JsonValue = {
        "id": "call000001",
        "type": "function",
        "function": {"name": "look_up", "arguments": f'{{"word": "{put("tool-arguments")}"}}'},
    }
    return [
        _said("user", "Look the word up."),
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call000001", "content": f"Found: {put('tool-result')}"},
        _said("assistant", "It was found."),
    ]

"""What does a promptfoo prompt say once its variables stand in it?

Only `{{name}}` and `{{name.key}}` are read. Nunjucks is a language, with loops, filters and calls; a template that uses
more of it is refused, because a prompt that is half filled in would be another question.
"""

from __future__ import annotations

import re
from itertools import islice, product
from typing import TYPE_CHECKING

from assay.suite.importing.sources import as_map, as_text, sound_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

__all__ = ["TemplateError", "combinations", "fill", "filled_prompt", "filled_value"]

_TAG = re.compile(r"\{\{\s*([A-Za-z_$][\w$.]*)\s*\}\}")
_OTHER = re.compile(r"\{\{|\{%|\{#")
_MOST_CHARACTERS = 4 << 20
_MOST_ROUNDS = 3
_MOST_LEVELS = 50


class TemplateError(ValueError):
    """A template cannot be filled in; the message says why, without a final full stop."""


def fill(text: str, values: Mapping[str, JsonValue], rounds: int = _MOST_ROUNDS) -> str:
    """Return a template with its variables in it; variables may hold variables themselves, three deep.

    Raises:
        TemplateError: it uses more than plain variables, one that is not there, or grows beyond 4 MiB.
    """
    pieces: list[str] = []
    size = place = 0
    for tag in _TAG.finditer(text):
        pieces += [_plain(text[place : tag.start()]), _value_at(tag[1], values, rounds)]
        size += len(pieces[-1]) + len(pieces[-2])
        if size > _MOST_CHARACTERS:
            raise TemplateError("the template grows beyond 4 MiB")
        place = tag.end()
    return "".join([*pieces, _plain(text[place:])])


def _plain(text: str) -> str:
    found = _OTHER.search(text)
    if found:
        shown = " ".join(text[found.start() : found.start() + 40].split())
        raise TemplateError(f"the template uses more than plain variables: {shown!r}")
    return text


def _value_at(name: str, values: Mapping[str, JsonValue], rounds: int) -> str:
    value: JsonValue = dict(values)
    for key in name.split("."):
        if not isinstance(value, dict) or key not in value:
            raise TemplateError(f"the variable {name[:60]!r} has no value")
        value = value[key]
    text = as_text(value)
    if text.startswith("file://"):
        raise TemplateError(f"the variable {name[:60]!r} is read from a file")
    if not _OTHER.search(text):
        return text
    if rounds == 0:
        raise TemplateError(f"the variable {name[:60]!r} stands in itself")
    return fill(text, values, rounds - 1)


def filled_value(value: JsonValue, values: Mapping[str, JsonValue], levels: int = _MOST_LEVELS) -> JsonValue:
    """Return what an assertion compares with, with variables in its texts.

    Raises:
        TemplateError: a text in it cannot be filled in.
    """
    if levels == 0:
        raise TemplateError("the value is nested too deep")
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, list):
        return [filled_value(item, values, levels - 1) for item in value]
    if isinstance(value, dict):
        return {key: filled_value(item, values, levels - 1) for key, item in value.items()}
    return value


def filled_prompt(raw: str, values: Mapping[str, JsonValue]) -> JsonValue:
    """Return the question, or the messages, that a prompt asks.

    Raises:
        TemplateError: it cannot be filled in, or it is a chat with more than texts in it.
    """
    # JSON is YAML too; a chat is known by its roles.
    chat = sound_yaml(raw) if raw.lstrip().startswith(("[", "- role:")) else None
    if not isinstance(chat, list) or not chat or not all("role" in as_map(item) for item in chat):
        return fill(raw, values)
    messages: list[JsonValue] = []
    for item in map(as_map, chat):
        content = item.get("content")
        if not isinstance(content, str) or set(item) - {"role", "content"}:
            raise TemplateError("the chat holds more than texts, such as images or tools")
        messages.append({"role": as_text(item["role"]), "content": fill(content, values)})
    return messages


def combinations(values: Mapping[str, JsonValue], most: int) -> Iterator[dict[str, JsonValue]]:
    """Yield the variables once for each combination of those that are lists, at most `most` times."""
    choices = [value if isinstance(value, list) else [value] for value in values.values()]
    for chosen in islice(product(*choices), most):
        yield dict(zip(values, chosen, strict=True))

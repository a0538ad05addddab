"""Which JSON value does an answer hold, and where do two values differ?

Stricter than RFC 8259 where parsers disagree: no NaN, no infinities, no duplicate keys, bounded size and depth.
Reasons never quote Python's own messages, which change from version to version.
"""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from assay.scoring.mark import readable, shortened, shown
from assay.scoring.text import composed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

__all__ = [
    "NotJsonError",
    "child_place",
    "composed_json",
    "first_difference",
    "only_object_in",
    "shown_json",
    "whole_json",
]

_MOST_CHARACTERS = 1_000_000
_MOST_LEVELS = 100
_MOST_DIGITS = 308  # a longer integer is beyond a double, which is what most parsers make of it

# Possessive and with an optional end quote, so that hostile text is read once, not once for each quote in it.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_OPENING = re.compile(r"[\[{]")
_MEANT = re.compile(r'\{\s*+["}]')  # what begins like an object was meant as one, well written or not
_STEP = {"{": 1, "[": 1, "}": -1, "]": -1}
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,79}")
_MISSING = object()


class NotJsonError(ValueError):
    """An answer does not hold one JSON value; the message completes "the answer …"."""


def whole_json(answer: str) -> JsonValue:
    """Return the JSON value that is the whole answer, white space and one code fence around it apart.

    Raises:
        NotJsonError: it is anything else.
    """
    text = answer.strip().removeprefix("\ufeff").strip()  # a byte order mark is no part of what is said
    if text.startswith("```") and text.endswith("```"):
        tag, _, body = text[3:-3].partition("\n")
        text = body if tag.strip().lower() in {"", "json"} else text
    return _parsed(text)


def only_object_in(answer: str) -> JsonValue:
    """Return the JSON value that is the whole answer, or else the only object or list in its prose.

    One fenced `json` block is the value whatever brackets stand around it; a value that is said twice is one value.
    Without a fence, brackets that hold no JSON and lists of numbers, such as the mark `[1]`, are passed over where
    there is an object.

    Raises:
        NotJsonError: there is no object, more than one, or one that is not closed or not JSON.
    """
    try:
        return whole_json(answer)
    except NotJsonError:
        blocks, prose = _fenced(answer)
    spans = [*blocks, *_objects_beside(prose)] if blocks else _objects_in(prose)
    if len(spans) == 1:
        return _parsed(spans[0])
    values = [_parsed_or_none(span) for span in spans]
    if not spans or None in values or any(first_difference(values[0], value) for value in values):
        message = f"holds {len(spans)} JSON objects where one is wanted"
        raise NotJsonError(message)
    return values[0]


def first_difference(expected: JsonValue, got: JsonValue, place: str = "$") -> str | None:
    """Return where two JSON values first differ and how, or None when they are equal.

    Numbers are equal by value (`1` and `1.0`), texts in Unicode normal form C.
    """
    if (isinstance(expected, dict) and isinstance(got, dict)) or (isinstance(expected, list) and isinstance(got, list)):
        wanted, given = _children(expected), _children(got)
        for key in [*wanted, *(key for key in given if key not in wanted)]:
            inner = child_place(place, key)
            if key not in wanted or key not in given:
                return _difference(inner, wanted.get(key, _MISSING), given.get(key, _MISSING))
            if (difference := first_difference(wanted[key], given[key], inner)) is not None:
                return difference
        return None
    return None if _same(expected, got) else _difference(place, expected, got)


def child_place(place: str, key: str | int) -> str:
    """Return the path of a member: `$.lines[0]`, or `$['odd key']` where a key is no plain word."""
    if isinstance(key, int):
        return f"{place}[{key}]"
    return f"{place}.{key}" if _PLAIN_KEY.fullmatch(key) else f"{place}[{shown(key)}]"


def composed_json(value: JsonValue) -> JsonValue:
    """Return a JSON value whose texts and keys are in Unicode normal form C.

    Of two keys that are one in that form, the second stays as it was typed: neither may hide the other.
    """
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, list):
        return [composed_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, JsonValue] = {}
    for key, inner in value.items():
        own = composed(key)
        result[key if own in result or (own != key and own in value) else own] = composed_json(inner)
    return result


def shown_json(value: object) -> str:
    """Return a JSON value as it may stand in a reason: readable, its first 80 characters."""
    return readable(shortened(json.dumps(value, ensure_ascii=False)))


def _parsed(text: str) -> JsonValue:
    if len(text) > _MOST_CHARACTERS:
        message = f"has more than {_MOST_CHARACTERS} characters"
        raise NotJsonError(message)
    if _is_too_deep(text):
        message = f"nests deeper than {_MOST_LEVELS} levels"
        raise NotJsonError(message)
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_real,
            parse_int=_integer,
        )
    except NotJsonError:
        raise
    except ValueError:
        message = f"is not one JSON value: {shown(text)}"
        raise NotJsonError(message) from None
    return value


def _is_too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= _MOST_LEVELS:
        return False
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += _STEP.get(token[0], 0)
        if depth > _MOST_LEVELS:
            return True
    return False


def _spans(text: str) -> Iterator[str]:
    """Yield each outermost bracketed stretch of a text, in one pass."""
    place = 0
    while opening := _OPENING.search(text, place):
        depth = 0
        for token in _TOKEN.finditer(text, opening.start()):
            depth += _STEP.get(token[0], 0)
            if depth == 0:
                place = token.end()
                break
        else:
            message = "holds a bracket that is not closed"
            raise NotJsonError(message)
        yield text[opening.start() : place]


def _fenced(answer: str) -> tuple[list[str], str]:
    """Return what stands in closed code fences that are marked `json`, and all the rest."""
    blocks: list[str] = []
    prose: list[str] = []
    block: list[str] | None = None
    for line in answer.splitlines():
        end = line.rstrip()
        if block is None:
            prose.append(end[:-7] if end.lower().endswith("```json") else line)
            block = [] if end.lower().endswith("```json") else None
        elif end.endswith("```"):
            blocks.append("\n".join([*block, end[:-3]]).strip())
            block = None
        else:
            block.append(line)
    return blocks, "\n".join([*prose, *(block or ())])


def _objects_in(prose: str) -> list[str]:
    """Return the stretches of a text without fences that are objects, or are meant to be."""
    spans = list(_spans(prose))
    found = [span for span in spans if _MEANT.match(span) or _is_list(span, of_numbers=False)]
    found = found or [span for span in spans if span.startswith("{")]
    return found or [span for span in spans if _is_list(span, of_numbers=True)]


def _objects_beside(prose: str) -> list[str]:
    """Return the objects in the text around a fence, where brackets are free to stand for themselves."""
    found: list[str] = []
    with suppress(NotJsonError):
        found.extend(span for span in _spans(prose) if isinstance(_parsed_or_none(span), dict))
    return found


def _is_list(span: str, *, of_numbers: bool) -> bool:
    value = _parsed_or_none(span)
    numbers = isinstance(value, list) and all(isinstance(item, (int, float)) for item in value)
    return isinstance(value, list) and numbers is of_numbers


def _parsed_or_none(text: str) -> JsonValue:
    """Return an object or list, or None where a text is neither: `null` is none."""
    try:
        return _parsed(text)
    except NotJsonError:
        return None


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    result = dict(pairs)
    if len(result) != len(pairs):
        message = "holds an object with the same key twice"
        raise NotJsonError(message)
    return result


def _no_constant(name: str) -> JsonValue:
    message = f"holds {name}, which is not JSON"
    raise NotJsonError(message)


def _real(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        message = "holds a number that is out of range"
        raise NotJsonError(message)
    return value


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        message = "holds a number that is out of range"
        raise NotJsonError(message)
    return int(text)


def _children(value: dict[str, JsonValue] | list[JsonValue]) -> dict[str | int, JsonValue]:
    return dict(value.items() if isinstance(value, dict) else enumerate(value))


def _same(expected: JsonValue, got: JsonValue) -> bool:
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got  # True equals 1 in Python, not in JSON
    if isinstance(expected, str) and isinstance(got, str):
        return composed(expected) == composed(got)
    return expected == got


def _difference(place: str, expected: object, got: object) -> str:
    wanted, given = ("nothing" if value is _MISSING else shown_json(value) for value in (expected, got))
    return f"{place}: expected {wanted}, got {given}"

"""Which JSON value does an answer hold, and where do two values differ?

Stricter than RFC 8259 where parsers disagree: no NaN, no infinities, no duplicate keys, bounded size and depth.
Reasons never quote Python's own messages, which change from version to version.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from assay.scoring.mark import readable, shortened, shown
from assay.scoring.text import composed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

__all__ = ["NotJsonError", "child_place", "first_difference", "only_object_in", "shown_json", "whole_json"]

_MOST_CHARACTERS = 1_000_000
_MOST_LEVELS = 100
_MOST_DIGITS = 308  # a longer integer is beyond a double, which is what most parsers make of it

# Possessive and with an optional end quote, so that hostile text is read once, not once for each quote in it.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_OPENING = re.compile(r"[\[{]")
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
    text = answer.strip()
    if text.startswith("```") and text.endswith("```"):
        tag, _, body = text[3:-3].partition("\n")
        text = body if tag.strip().lower() in {"", "json"} else text
    return _parsed(text)


def only_object_in(answer: str) -> JsonValue:
    """Return the JSON value that is the whole answer, or else the only object in its prose.

    Raises:
        NotJsonError: there is no object, more than one, or one that is not closed or not JSON.
    """
    try:
        return whole_json(answer)
    except NotJsonError:
        objects = [span for span in _spans(answer) if span.startswith("{")]
    if len(objects) != 1:
        message = f"holds {len(objects)} JSON objects where one is wanted"
        raise NotJsonError(message)
    return _parsed(objects[0])


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

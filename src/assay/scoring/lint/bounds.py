"""Which types does a JSON Schema leave, and do its bounds leave any value of a type?"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from assay.scoring.answer_json import shown_json
from assay.scoring.lint.patterns import matches_nothing

if TYPE_CHECKING:
    from pydantic import JsonValue

    Parts = tuple[dict[str, JsonValue], ...]

__all__ = ["TYPES", "impossible", "types_of"]

TYPES: Final = ("object", "array", "string", "number", "integer", "boolean", "null")
"""All types of JSON Schema; `integer` stands for the whole numbers among `number`, which is the others here."""

_SAYS_NOTHING: Final = frozenset({"title", "description", "$comment", "default", "examples"})
"""Keywords that only describe."""
_LENGTHS: Final = {"date": (10, 10), "uuid": (36, 36), "date-time": (20, math.inf), "ipv4": (7, 15)}
"""Fewest and most characters of a text in one of the formats that are checked."""
_SIZES: Final = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


def types_of(parts: Parts) -> frozenset[str]:
    """Return the types that all parts allow."""
    left = frozenset(TYPES)
    for part in parts:
        if part.get("type") is not None:
            left &= _named(part["type"])
        denied = part.get("not")
        if isinstance(denied, dict) and denied.keys() - _SAYS_NOTHING == {"type"}:
            left -= _named(denied["type"])
    return left


def _named(stated: JsonValue) -> frozenset[str]:
    names = frozenset(name for name in (stated if isinstance(stated, list) else [stated]) if isinstance(name, str))
    return names | ({"integer"} if "number" in names else frozenset())


def impossible(kind: str, parts: Parts, types: frozenset[str]) -> str | None:
    """Return why no value of a type keeps the bounds of all parts, or None where one may.

    Args:
        kind: the type.
        parts: schemas that must all hold.
        types: the types that are left; `integer` is only told beside `number` where it is alone.
    """
    if kind in {"number", "integer"}:
        return _number(parts, whole=kind == "integer" and "number" not in types)
    if kind not in _SIZES:
        return None
    least, most = _SIZES[kind]
    low, high = _largest(parts, least), _smallest(parts, most)
    if low > high:
        return f"{least} {low:g} is above {most} {high:g}"
    if kind == "object":
        return _object(parts, low, high)
    return _format(parts, low, high) if kind == "string" else None


def _format(parts: Parts, low: float, high: float) -> str | None:
    for part in parts:
        name = str(part.get("format"))
        fewest, most = _LENGTHS.get(name, (0, math.inf))
        if low > most or high < fewest:
            return f"no text of the format {name} is so {'long' if low > most else 'short'}"
    return _pattern(parts, low, high)


def _pattern(parts: Parts, low: float, high: float) -> str | None:
    patterns = [pattern for part in parts if isinstance(pattern := part.get("pattern"), str)]
    if not patterns:
        return None
    sizes = f"{{{max(0, int(low)) if math.isfinite(low) else 0},{int(high) if math.isfinite(high) else ''}}}"
    found = "".join(rf"(?=[\s\S]*?(?:{pattern}))" for pattern in patterns)
    if not matches_nothing(rf"\A(?=[\s\S]{sizes}\Z){found}", 0):
        return None
    return f"no text fits the pattern {shown_json(patterns[0])} and what stands beside it"


def _number(parts: Parts, *, whole: bool) -> str | None:
    low, above = _largest(parts, "minimum"), _largest(parts, "exclusiveMinimum")
    high, below = _smallest(parts, "maximum"), _smallest(parts, "exclusiveMaximum")
    bottom, top = max(low, above), min(high, below)
    # A bound that is excluded is no value itself.
    if bottom > top or (bottom == top and (bottom == above or top == below)):
        return f"the lower bound {bottom:g} is not below the upper bound {top:g}"
    if whole and math.isfinite(bottom) and math.isfinite(top):
        first = math.floor(bottom) + 1 if above >= low else math.ceil(bottom)
        last = math.ceil(top) - 1 if below <= high else math.floor(top)
        if first > last:
            return f"there is no integer between {bottom:g} and {top:g}"
    return _multiples(parts, (bottom, bottom == above), (top, top == below))


def _multiples(parts: Parts, bottom: tuple[float, bool], top: tuple[float, bool]) -> str | None:
    """Look for a multiple between two bounds, each with whether it is excluded; whole steps only, which are exact."""
    steps = {int(step) for step in _figures(parts, "multipleOf") if isinstance(step, int) and step > 0}
    if not steps or not (math.isfinite(bottom[0]) and math.isfinite(top[0])):
        return None
    step = math.lcm(*steps)
    first = Fraction(bottom[0]) / step
    count = math.floor(first) + 1 if bottom[1] else math.ceil(first)
    least, most = count * step, Fraction(top[0])
    if least > most or (top[1] and least == most):
        return f"there is no multiple of {step} between {bottom[0]:g} and {top[0]:g}"
    return None


def _object(parts: Parts, low: float, high: float) -> str | None:
    required = {name for part in parts for name in _names(part.get("required"))}
    if len(required) > high:
        return f"{len(required)} keys are required and maxProperties is {high:g}"
    for part in parts:
        if part.get("additionalProperties") is not False or part.get("patternProperties"):
            continue
        members = part.get("properties")
        known = members if isinstance(members, dict) else {}
        forbidden = sorted(required - known.keys())
        if forbidden:
            return f"the key {forbidden[0]!r} is required and additionalProperties forbids it"
        if low > len(known):
            return f"minProperties is {low:g} and additionalProperties leaves {len(known)} keys"
    return None


def _names(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _largest(parts: Parts, word: str) -> float:
    return max(_figures(parts, word), default=-math.inf)


def _smallest(parts: Parts, word: str) -> float:
    return min(_figures(parts, word), default=math.inf)


def _figures(parts: Parts, word: str) -> list[float]:
    found = [part.get(word) for part in parts]
    return [value for value in found if isinstance(value, int | float) and not isinstance(value, bool)]

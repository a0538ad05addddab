"""Which schemas must the members of an object and the items of an array satisfy?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.scoring.lint.bounds import Parts

__all__ = [
    "contained_schemas",
    "few_values",
    "item_schemas",
    "least",
    "listed",
    "member_schemas",
    "name_schemas",
    "required_of",
]

_LONGEST_S: Final = 1.0
_OF_TYPE: Final[dict[str, list[JsonValue]]] = {"boolean": [True, False], "null": [None]}
"""All values of the types that have few."""


def listed(part: dict[str, JsonValue]) -> list[JsonValue] | None:
    """Return the only values that a schema lists, or None where it lists none."""
    if "const" in part:
        return [part["const"]]
    values = part.get("enum")
    return values if isinstance(values, list) else None


def least(parts: Parts, word: str) -> int:
    """Return the largest of the lower bounds that parts state by a keyword, at least 0."""
    return max((int(n) for part in parts if isinstance(n := part.get(word), int | float)), default=0)


def required_of(parts: Parts) -> frozenset[str]:
    """Return the members that every object must have, also because another member is required."""
    names = {name for part in parts for name in _texts(part.get("required"))}
    rules = [rule for part in parts if isinstance(rule := part.get("dependentRequired"), dict)]
    while True:
        more = {name for rule in rules for key in rule if key in names for name in _texts(rule[key])} - names
        if not more:
            return frozenset(names)
        names |= more


def _texts(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def member_schemas(parts: Parts, name: str) -> tuple[JsonValue, ...]:
    """Return the schemas that a member of an object must satisfy, as far as they are sure to speak of it."""
    found: list[JsonValue] = []
    for part in parts:
        members, patterns = part.get("properties"), part.get("patternProperties")
        named = isinstance(members, dict) and name in members
        fits = {pattern: _fits(pattern, name) for pattern in (patterns if isinstance(patterns, dict) else {})}
        if isinstance(members, dict) and named:
            found.append(members[name])
        if isinstance(patterns, dict):
            found += [patterns[pattern] for pattern, fit in fits.items() if fit]
        if not named and all(fit is False for fit in fits.values()):
            found.append(part.get("additionalProperties", True))
    return tuple(found)


def _fits(pattern: str, name: str) -> bool | None:
    """Return whether a pattern is found in a name; None where that cannot be told in time."""
    import regex

    try:
        return regex.search(pattern, name, timeout=_LONGEST_S) is not None
    except (regex.error, TimeoutError, RecursionError, OverflowError, ValueError):
        return None


def name_schemas(parts: Parts) -> tuple[JsonValue, ...]:
    """Return the schemas that each name of an object's members must satisfy."""
    return tuple(part["propertyNames"] for part in parts if "propertyNames" in part)


def item_schemas(parts: Parts, index: int) -> tuple[JsonValue, ...]:
    """Return the schemas that the item of an array at an index must satisfy."""
    found: list[JsonValue] = []
    for part in parts:
        first = part.get("prefixItems")
        if isinstance(first, list) and index < len(first):
            found.append(first[index])
        else:
            found.append(part.get("items", True))
    return tuple(found)


def contained_schemas(parts: Parts) -> tuple[JsonValue, ...]:
    """Return the schemas of which every array must hold an item that satisfies it."""
    return tuple(part["contains"] for part in parts if "contains" in part and part.get("minContains", 1) != 0)


def few_values(schemas: tuple[JsonValue, ...]) -> frozenset[str] | None:
    """Return the only values that schemas leave, as text; None where they may leave any number of them."""
    for schema in schemas:
        own = schema if isinstance(schema, dict) else {}
        values = _OF_TYPE.get(str(own.get("type"))) or listed(own)
        if values is not None:
            # 1 and 1.0 are one value.
            whole = [int(v) if isinstance(v, float) and v.is_integer() else v for v in values]
            return frozenset(json.dumps(value, sort_keys=True) for value in whole)
    return None

"""Does a JSON Schema contradict itself, so that no value whatever satisfies it?

Only what can be proven is told: a schema of which nothing is told may still be impossible. What is looked at is what
every value must satisfy: the schema itself, its `allOf`, what its local references name, all branches of `anyOf` and
`oneOf`, and below them the members that are required.
"""

from __future__ import annotations

import functools
import json
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.scoring.answer_json import child_place, shown_json
from assay.scoring.lint.bounds import TYPES, impossible, types_of
from assay.scoring.schema_check import UnresolvedError, first_violation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.scoring.lint.bounds import Parts

__all__ = ["Contradiction", "contradiction"]

_MOST_LOOKS: Final = 5_000
_MOST_LEVELS: Final = 40
_MOST_PARTS: Final = 100
_MOST_VALUES: Final = 200
_ELSEWHERE: Final = ('"$anchor"', '"$dynamicRef"', '"$id"', '"$dynamicAnchor"')
"""Keywords by which the same reference means something else in another place."""


class Contradiction(NamedTuple):
    """Why a schema cannot be satisfied."""

    place: str
    """Path of the value that cannot be, `$` for the whole one."""
    reason: str
    """What contradicts what, without a final full stop."""


def contradiction(schema: Mapping[str, JsonValue]) -> Contradiction | None:
    """Return why no JSON value satisfies a schema (Draft 2020-12), or None where that cannot be proven."""
    return _contradiction(json.dumps(schema))


@functools.lru_cache(maxsize=512)
def _contradiction(text: str) -> Contradiction | None:
    root = json.loads(text)
    if not isinstance(root, dict) or any(word in text for word in _ELSEWHERE):
        return None
    try:
        return _Search(root).of((root,), "$", 0)
    except RecursionError:
        return None


class _Search:
    """A search for a proof, with a bound on its steps."""

    def __init__(self, root: dict[str, JsonValue]) -> None:
        self._root = root
        self._looks = 0

    def of(self, schemas: tuple[JsonValue, ...], place: str, level: int) -> Contradiction | None:
        """Return why no value satisfies all of some schemas."""
        self._looks += 1
        if self._looks > _MOST_LOOKS or level > _MOST_LEVELS:
            return None
        parts = self._parts(schemas)
        if parts is None:
            return Contradiction(place, "the schema allows nothing")
        types = types_of(parts)
        if not types:
            return Contradiction(place, "the types that are asked for have nothing in common")
        return (
            self._values(parts, place) or self._kinds(parts, types, place, level) or self._branches(parts, place, level)
        )

    def _parts(self, schemas: tuple[JsonValue, ...]) -> Parts | None:
        """Return all schemas that must hold at one place, without `allOf` and references; None where one is false."""
        parts: list[dict[str, JsonValue]] = []
        waiting, followed = deque(schemas), set()
        while waiting and len(parts) < _MOST_PARTS:
            schema = waiting.popleft()
            if schema is False:
                return None
            if not isinstance(schema, dict):
                continue
            if schema.get("not") in (True, {}) and "not" in schema:
                return None
            parts.append(schema)
            inner = schema.get("allOf")
            waiting.extend(inner if isinstance(inner, list) else ())
            reference = schema.get("$ref")
            if isinstance(reference, str) and reference not in followed:
                followed.add(reference)
                waiting.append(self._named(reference))
        return tuple(parts)

    def _named(self, reference: str) -> JsonValue:
        """Return what a local reference means; True, which demands nothing, where that is not clear."""
        value: JsonValue = self._root
        if reference != "#" and (not reference.startswith("#/") or "%" in reference):
            return True
        for step in reference.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(value, dict) or key not in value:
                return True
            value = value[key]
        return value

    def _values(self, parts: Parts, place: str) -> Contradiction | None:
        """Hold every value of an `enum` or `const` against all parts."""
        listed = next((found for part in parts if (found := _listed(part)) is not None), None)
        if listed is None or len(listed) > _MOST_VALUES:
            return None
        together: dict[str, JsonValue] = {"allOf": list(parts), "$defs": self._root.get("$defs", {})}
        if '"$ref"' in json.dumps(list(parts)):
            # References are looked up from the root, which is another one here; what they name is among the parts.
            together = {"allOf": [{k: v for k, v in part.items() if k in {"enum", "const", "type"}} for part in parts]}
        try:
            if any(first_violation(together, value) is None for value in listed):
                return None
        except (UnresolvedError, RecursionError):
            return None
        values = ", ".join(shown_json(value) for value in listed[:3])
        return Contradiction(place, f"no value of its enum or const ({values or 'none'}) fits the rest of the schema")

    def _kinds(self, parts: Parts, types: frozenset[str], place: str, level: int) -> Contradiction | None:
        """Look at each type that is left; all of them must be impossible."""
        found = None
        for kind in TYPES:
            if kind in types:
                reason = impossible(kind, parts, types)
                inner = Contradiction(place, reason) if reason else self._members(kind, parts, place, level)
                if inner is None:
                    return None
                found = found or inner
        return found

    def _members(self, kind: str, parts: Parts, place: str, level: int) -> Contradiction | None:
        """Look at the members that every object or array must have."""
        if kind == "object":
            for name in sorted(required_of(parts)):
                inner = self.of(_member_schemas(parts, name), child_place(place, name), level + 1)
                if inner is not None:
                    return inner
        if kind == "array":
            count = max((int(n) for part in parts if isinstance(n := part.get("minItems"), int | float)), default=0)
            for index in range(min(count, 20)):
                inner = self.of(_item_schemas(parts, index), child_place(place, index), level + 1)
                if inner is not None:
                    return inner
        return None

    def _branches(self, parts: Parts, place: str, level: int) -> Contradiction | None:
        """Look at `anyOf` and `oneOf`: where each branch contradicts the rest, nothing is left."""
        for part in parts:
            for word in ("anyOf", "oneOf"):
                branches = part.get(word)
                if not isinstance(branches, list) or not branches or len(branches) > _MOST_PARTS:
                    continue
                rest = tuple(_without(own, word) if own is part else own for own in parts)
                if all(self.of((*rest, branch), place, level + 1) is not None for branch in branches):
                    return Contradiction(place, f"every branch of {word} contradicts itself or what stands beside it")
        return None


def _without(schema: dict[str, JsonValue], word: str) -> dict[str, JsonValue]:
    return {key: value for key, value in schema.items() if key != word}


def _listed(part: dict[str, JsonValue]) -> list[JsonValue] | None:
    if "const" in part:
        return [part["const"]]
    values = part.get("enum")
    return values if isinstance(values, list) else None


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


def _member_schemas(parts: Parts, name: str) -> tuple[JsonValue, ...]:
    """Return the schemas that a member of an object must satisfy, as far as they are sure to speak of it."""
    found: list[JsonValue] = []
    for part in parts:
        members, patterns = part.get("properties"), part.get("patternProperties")
        if isinstance(members, dict) and name in members:
            found.append(members[name])
        elif not patterns:
            found.append(part.get("additionalProperties", True))
        if part.get("propertyNames") is False:
            found.append(False)
    return tuple(found)


def _item_schemas(parts: Parts, index: int) -> tuple[JsonValue, ...]:
    """Return the schemas that the item of an array at an index must satisfy."""
    found: list[JsonValue] = []
    for part in parts:
        first = part.get("prefixItems")
        if isinstance(first, list) and index < len(first):
            found.append(first[index])
        else:
            found.append(part.get("items", True))
    return tuple(found)

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
from assay.scoring.lint.members import (
    contained_schemas,
    few_values,
    item_schemas,
    least,
    listed,
    member_schemas,
    name_schemas,
    required_of,
)
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
_MOST_ITEMS: Final = 20
_BY_ITSELF: Final = frozenset(
    {
        "type",
        "enum",
        "const",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "minItems",
        "maxItems",
        "uniqueItems",
        "required",
        "minProperties",
        "maxProperties",
    }
)
"""Keywords that mean the same whatever stands beside them."""
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
        values = next((found for part in parts if (found := listed(part)) is not None), None)
        if values is None or len(values) > _MOST_VALUES:
            return None
        together: dict[str, JsonValue] = {"allOf": list(parts), "$defs": self._root.get("$defs", {})}
        if '"$ref"' in json.dumps(list(parts)):
            # References are looked up from the root, which is another one here; what they name is among the parts.
            together = {"allOf": [{k: v for k, v in part.items() if k in {"enum", "const", "type"}} for part in parts]}
        try:
            if any(first_violation(together, value) is None for value in values):
                return None
        except (UnresolvedError, RecursionError):
            return None
        first = ", ".join(shown_json(value) for value in values[:3])
        return Contradiction(place, f"no value of its enum or const ({first or 'none'}) fits the rest of the schema")

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
            return self._object(parts, place, level)
        return self._array(parts, place, level) if kind == "array" else None

    def _object(self, parts: Parts, place: str, level: int) -> Contradiction | None:
        required = required_of(parts)
        for name in sorted(required):
            inner = self.of(member_schemas(parts, name), child_place(place, name), level + 1)
            if inner is not None:
                return inner
        names = name_schemas(parts)
        wanted: list[dict[str, JsonValue]] = [{"const": name} for name in sorted(required)]
        if least(parts, "minProperties") > 0:
            wanted.append({"type": "string"})
        if names and any(self.of((*names, name), place, level + 1) is not None for name in wanted):
            return Contradiction(place, "propertyNames forbids the keys that are asked for")
        return None

    def _array(self, parts: Parts, place: str, level: int) -> Contradiction | None:
        count = min(least(parts, "minItems"), _MOST_ITEMS)
        for index in range(count):
            inner = self.of(item_schemas(parts, index), child_place(place, index), level + 1)
            if inner is not None:
                return inner
        if any(part.get("uniqueItems") is True for part in parts):
            left = [few_values(item_schemas(parts, index)) for index in range(count)]
            if all(left) and len(frozenset[str]().union(*(own or () for own in left))) < count:
                return Contradiction(place, f"minItems wants {count} different items, and so many are not left")
        # Behind all prefixes the items are alike, so one look stands for the rest.
        places = range(max((len(p) for part in parts if isinstance(p := part.get("prefixItems"), list)), default=0) + 1)
        for schema in contained_schemas(parts) if len(places) <= _MOST_ITEMS else ():
            if all(self.of((*item_schemas(parts, at), schema), place, level + 1) is not None for at in places):
                return Contradiction(place, "no item can be what contains asks for")
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
        return self._conditions(parts, place, level) or _denied(parts, place)

    def _conditions(self, parts: Parts, place: str, level: int) -> Contradiction | None:
        """Look at `if`: where it holds `then` must, where it does not `else` must; both may contradict the rest."""
        for part in parts:
            if "if" not in part or not ("then" in part or "else" in part):
                continue
            rest = tuple(_without(own, "if") if own is part else own for own in parts)
            holds = (part["if"], part.get("then", True))
            fails: tuple[JsonValue, ...] = ({"not": part["if"]}, part.get("else", True))
            if all(self.of((*rest, *branch), place, level + 1) is not None for branch in (holds, fails)):
                return Contradiction(place, "neither then nor else of its if fits what stands beside it")
        return None


def _denied(parts: Parts, place: str) -> Contradiction | None:
    """Look for a `not` of which every keyword is asked for too, and for a `oneOf` that never holds for one alone."""
    asked = {_written(key, value) for part in parts for key, value in part.items()}
    for part in parts:
        denied = part.get("not")
        told = denied if isinstance(denied, dict) and denied.keys() <= _BY_ITSELF else {}
        if told and all(_written(key, value) in asked for key, value in told.items()):
            return Contradiction(place, "its not denies what is asked for beside it")
        branches = part.get("oneOf")
        texts = [_written("", branch) for branch in branches] if isinstance(branches, list) else []
        if texts and all(texts.count(text) > 1 for text in texts):
            return Contradiction(place, "each branch of oneOf stands in it twice, so that never only one holds")
    return None


def _written(key: str, value: JsonValue) -> str:
    return json.dumps([key, value], sort_keys=True)


def _without(schema: dict[str, JsonValue], word: str) -> dict[str, JsonValue]:
    return {key: value for key, value in schema.items() if key != word}

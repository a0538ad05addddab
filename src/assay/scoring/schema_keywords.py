"""Which keywords of JSON Schema does Assay apply itself, because the library does not do so safely or exactly?

The library searches for patterns with Python's `re`, which nothing can stop and which reads some patterns otherwise
than JSON Schema means them; it compares the items of a list each with each; it divides as floating point numbers do;
and it does not name the keys that are too many. What stands here replaces those keywords.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from fractions import Fraction
from typing import TYPE_CHECKING

from jsonschema.exceptions import ValidationError

from assay.scoring.ecma import ecma_pattern
from assay.scoring.mark import shown
from assay.scoring.patterns import LONGEST_S, Searches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema.validators import _Validator as Validator
    from pydantic import JsonValue

    Keyword = Callable[[Validator, JsonValue, JsonValue, Mapping[str, JsonValue]], Iterator[ValidationError]]

__all__ = ["KEYWORDS", "SEARCHES", "StoppedError", "shown_keys"]

SEARCHES: ContextVar[Searches] = ContextVar("SEARCHES")
"""The budget of the searches in the value that is being checked; the library hands a keyword nothing of ours."""

_MOST_KEYS = 5


class StoppedError(ValueError):
    """The search for a pattern was stopped, so nothing is known; the message says which and why."""


def shown_keys(keys: list[str]) -> str:
    """Return the first keys of a list as a reason shows them, and how many more there are."""
    more = f" and {len(keys) - _MOST_KEYS} more" if len(keys) > _MOST_KEYS else ""
    return ", ".join(map(shown, keys[:_MOST_KEYS])) + more


def _matches(pattern: str, text: str) -> bool:
    try:
        return SEARCHES.get().search(ecma_pattern(pattern), text) is not None
    except TimeoutError:
        message = f"has the pattern {shown(pattern)}, whose search was stopped after at most {LONGEST_S:g} s"
        raise StoppedError(message) from None


def _within(
    validator: Validator, value: JsonValue, schema: JsonValue, key: str, rule: str | None = None
) -> Iterator[ValidationError]:
    """Yield what is wrong with a member; the library leaves out the path where the schema of a member is `false`."""
    if not isinstance(schema, (dict, bool)):
        return
    for error in validator.descend(value, schema, path=key, schema_path=rule):
        if schema is False:
            error.path.appendleft(key)
        yield error


def _pattern(
    _validator: Validator, wanted: JsonValue, value: JsonValue, _schema: Mapping[str, JsonValue]
) -> Iterator[ValidationError]:
    if isinstance(wanted, str) and isinstance(value, str) and not _matches(wanted, value):
        yield ValidationError("")


def _properties(
    validator: Validator, wanted: JsonValue, value: JsonValue, _schema: Mapping[str, JsonValue]
) -> Iterator[ValidationError]:
    if isinstance(wanted, dict) and isinstance(value, dict):
        for key, schema in wanted.items():
            if key in value:
                yield from _within(validator, value[key], schema, key, key)


def _pattern_properties(
    validator: Validator, wanted: JsonValue, value: JsonValue, _schema: Mapping[str, JsonValue]
) -> Iterator[ValidationError]:
    if isinstance(wanted, dict) and isinstance(value, dict):
        for pattern, schema in wanted.items():
            for key, inner in value.items():
                if _matches(pattern, key):
                    yield from _within(validator, inner, schema, key, pattern)


def _patterns_of(schema: Mapping[str, JsonValue]) -> list[str]:
    patterns = schema.get("patternProperties")
    return list(patterns) if isinstance(patterns, dict) else []


def _members_of(schema: Mapping[str, JsonValue]) -> set[str]:
    members = schema.get("properties")
    return set(members) if isinstance(members, dict) else set()


def _spoken_of(value: Mapping[str, JsonValue], schema: Mapping[str, JsonValue]) -> set[str]:
    """Return the keys of an object that `properties` or `patternProperties` of a schema speak of."""
    patterns, members = _patterns_of(schema), _members_of(schema)
    return {key for key in value if key in members or any(_matches(pattern, key) for pattern in patterns)}


def _additional(
    validator: Validator, wanted: JsonValue, value: JsonValue, schema: Mapping[str, JsonValue]
) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        known = _spoken_of(value, schema)
        yield from _others(validator, wanted, value, [key for key in value if key not in known])


def _unevaluated(
    validator: Validator, wanted: JsonValue, value: JsonValue, schema: Mapping[str, JsonValue]
) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        rest = {word: rule for word, rule in schema.items() if word != "unevaluatedProperties"}
        known = _evaluated(validator, value, rest)
        yield from _others(validator, wanted, value, [key for key in value if key not in known])


def _others(
    validator: Validator, wanted: JsonValue, value: Mapping[str, JsonValue], keys: list[str]
) -> Iterator[ValidationError]:
    if wanted is False and keys:
        plural = "keys that are" if len(keys) > 1 else "a key that is"
        yield ValidationError(f"has {plural} not allowed: {shown_keys(keys)}")
    elif isinstance(wanted, dict):
        for key in keys:
            yield from _within(validator, value[key], wanted, key)


def _evaluated(validator: Validator, value: Mapping[str, JsonValue], schema: JsonValue) -> set[str]:
    """Return the keys of an object that a schema and all that applies beside it speak of."""
    if not isinstance(schema, dict):
        return set()
    if "additionalProperties" in schema or "unevaluatedProperties" in schema:
        return set(value)  # whatever is not allowed there is told there
    known = _spoken_of(value, schema)
    for word in ("$ref", "$dynamicRef"):
        if word in schema:
            target = validator._resolver.lookup(schema[word])  # type: ignore[attr-defined]  # noqa: SLF001  # no public way
            inner = validator.evolve(schema=target.contents, _resolver=target.resolver)
            known |= _evaluated(inner, value, target.contents)
    for part in _beside(validator, value, schema):
        known |= _evaluated(validator, value, part)
    return known


def _beside(
    validator: Validator, value: Mapping[str, JsonValue], schema: Mapping[str, JsonValue]
) -> Iterator[JsonValue]:
    """Yield the parts of a schema that apply to the same object and that it satisfies."""

    def holds(part: JsonValue) -> bool:
        return isinstance(part, (dict, bool)) and next(validator.descend(value, part), None) is None

    for word in ("allOf", "anyOf", "oneOf"):
        parts = schema.get(word)
        yield from filter(holds, parts if isinstance(parts, list) else [])
    dependent = schema.get("dependentSchemas")
    if isinstance(dependent, dict):
        yield from (part for key, part in dependent.items() if key in value)
    if "if" in schema:
        met = holds(schema["if"])
        yield from (schema["if"], schema.get("then", True)) if met else (schema.get("else", True),)


def _unique(
    _validator: Validator, wanted: JsonValue, value: JsonValue, _schema: Mapping[str, JsonValue]
) -> Iterator[ValidationError]:
    if wanted is True and isinstance(value, list) and len(set(map(_canonical, value))) < len(value):
        yield ValidationError("")


def _canonical(value: JsonValue) -> str:
    """Return one text for all JSON values that are equal: 1 and 1.0 are, 1 and true are not."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def _multiple_of(
    _validator: Validator, wanted: JsonValue, value: JsonValue, _schema: Mapping[str, JsonValue]
) -> Iterator[ValidationError]:
    numbers = all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in (wanted, value))
    if numbers and Fraction(str(value)) % Fraction(str(wanted)):  # the number as it was written: 0.3 is 3 times 0.1
        yield ValidationError("")


def _enum(
    _validator: Validator, wanted: JsonValue, value: JsonValue, _schema: Mapping[str, JsonValue]
) -> Iterator[ValidationError]:
    if isinstance(wanted, list) and _canonical(value) not in set(map(_canonical, wanted)):
        yield ValidationError("")


def _const(
    _validator: Validator, wanted: JsonValue, value: JsonValue, _schema: Mapping[str, JsonValue]
) -> Iterator[ValidationError]:
    if _canonical(value) != _canonical(wanted):
        yield ValidationError("")


KEYWORDS: dict[str, Keyword] = {
    "pattern": _pattern,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "unevaluatedProperties": _unevaluated,
    "uniqueItems": _unique,
    "multipleOf": _multiple_of,
    "enum": _enum,
    "const": _const,
}
"""What applies a keyword, by its name. An error without a message is described by keyword, place and value."""

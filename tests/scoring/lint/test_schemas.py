"""Is only that schema called impossible which really is, and is the place named?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from assay.scoring.lint.schemas import contradiction

ROWS = [
    pytest.param(row, id=row["why"])
    for row in map(json.loads, (Path(__file__).parent / "schemas.jsonl").read_text("utf-8").splitlines())
]

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.5]) | st.text("ab", max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])
SMALL = st.integers(0, 3)


def _keywords(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    members = st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
            "enum": st.lists(VALUES, max_size=3),
            "const": VALUES,
            "minimum": st.integers(-2, 3),
            "maximum": st.integers(-2, 3),
            "exclusiveMinimum": st.integers(-2, 3),
            "exclusiveMaximum": st.integers(-2, 3),
            "minLength": SMALL,
            "maxLength": SMALL,
            "minItems": SMALL,
            "maxItems": SMALL,
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "required": st.lists(st.sampled_from("abc"), max_size=3, unique=True),
            "properties": members,
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b"]), inner, max_size=1),
            "additionalProperties": inner,
            "minProperties": SMALL,
            "maxProperties": SMALL,
            "dependentRequired": st.dictionaries(
                st.sampled_from("abc"), st.lists(st.sampled_from("abc"), unique=True), max_size=2
            ),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "contains": inner,
            "minContains": SMALL,
            "uniqueItems": st.booleans(),
            "propertyNames": inner,
            "multipleOf": st.integers(1, 4),
            "if": inner,
            "then": inner,
            "else": inner,
        },
    )


SCHEMAS = _keywords(st.recursive(st.booleans() | st.just({}), _keywords, max_leaves=5))


@pytest.mark.parametrize("row", ROWS)
def test_contradictions_are_named_by_place(row: dict) -> None:
    """A schema that nothing satisfies is told with the path of what cannot be; any other is left alone."""
    found = contradiction(row["schema"])
    assert (None if found is None else found.place) == row["place"]


@given(SCHEMAS, VALUES)
def test_nothing_satisfies_what_is_called_impossible(schema: dict, value: object) -> None:
    """No value satisfies a schema of which a contradiction is told."""
    if contradiction(schema) is not None:
        assert not Draft202012Validator(schema).is_valid(value)


@given(SCHEMAS, st.lists(VALUES, min_size=1, max_size=3))
def test_what_a_schema_lists_and_allows_is_never_impossible(schema: dict, values: list) -> None:
    """A schema whose own enum holds a value that fits has no contradiction."""
    asked = {**schema, "enum": values}
    if any(Draft202012Validator(asked).is_valid(value) for value in values):
        assert contradiction(asked) is None


def test_a_deep_or_wide_schema_ends() -> None:
    """A schema of many nested branches is given up, not followed for ever."""
    schema: dict = {"type": "string"}
    for _ in range(10):
        schema = {"type": "object", "required": ["a"], "properties": {"a": {"anyOf": [schema, {"type": "null"}]}}}
    assert contradiction(schema) is None

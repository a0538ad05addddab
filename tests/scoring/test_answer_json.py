"""JSON in hostile answers."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.scoring.answer_json import NotJsonError, child_place, first_difference, only_object_in, whole_json

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(JSON_VALUES)
def test_json_is_read_as_it_was_written(value: object) -> None:
    """Any JSON value is read back, bare and in a fence, and does not differ from itself."""
    text = json.dumps(value)
    assert whole_json(f" {text}\n") == value
    assert whole_json(f"```json\n{text}\n```") == value
    assert first_difference(value, whole_json(text)) is None


@given(JSON_VALUES, JSON_VALUES)
def test_difference_is_mutual(one: object, other: object) -> None:
    """Two values differ in both directions or in none, and unequal text means unequal values."""
    assert (first_difference(one, other) is None) == (first_difference(other, one) is None)


@given(st.text() | st.text('[]{}",:\\ntrue1-e.` '))
def test_reading_never_fails_in_another_way(text: str) -> None:
    """Whatever the text, it is JSON that can be written again, or NotJsonError says that it is not."""
    for read in (whole_json, only_object_in):
        with contextlib.suppress(NotJsonError):
            json.dumps(read(text), allow_nan=False)


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=3), st.text(st.characters(exclude_characters="[]{}")))
def test_the_only_object_is_found_in_any_prose(value: dict[str, object], prose: str) -> None:
    """An object between two stretches of prose without brackets is found."""
    assert only_object_in(f"{prose}\n{json.dumps(value)}\n{prose}") == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 100 + "]" * 100, None),
        ("[" * 101 + "]" * 101, "nests deeper than 100 levels"),
        ('{"a":' * 300_000, "has more than 1000000 characters"),
        ('{"a":' * 150_000, "nests deeper than 100 levels"),
        (json.dumps("[" * 500), None),
        ('"' + "a" * 1_000_000 + '"', "has more than 1000000 characters"),
        ("1" * 308, None),
        ("-" + "1" * 308, "holds a number that is out of range"),
        ("1" * 5000, "holds a number that is out of range"),
        ("-1e400", "holds a number that is out of range"),
        ("{}\ufeff", "is not one JSON value: '{}\\ufeff'"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_bounds(text: str, reason: str | None) -> None:
    """Size, depth and numbers are bounded, the same on every Python."""
    if reason is None:
        whole_json(text)
    else:
        with pytest.raises(NotJsonError) as caught:
            whole_json(text)
        assert str(caught.value) == reason


@pytest.mark.parametrize(
    "text",
    ['{"\\"' * 200_000, '{"' * 400_000, "{" * 900_000, "[{" * 400_000, '"\\' * 400_000, '{"' + '\\"' * 400_000],
    ids=lambda text: text[:6],
)
def test_hostile_text_is_read_once(text: str) -> None:
    """Text that makes a careless scanner start over at each bracket or quote is refused (this would take hours)."""
    with pytest.raises(NotJsonError):
        only_object_in(text)


@pytest.mark.parametrize(
    ("expected", "got", "difference"),
    [
        (1, True, "$: expected 1, got true"),
        (0, False, "$: expected 0, got false"),
        (None, False, "$: expected null, got false"),
        (1, 1.0, None),
        (1, "1", '$: expected 1, got "1"'),
        ({}, [], "$: expected {}, got []"),
        ([], None, "$: expected [], got null"),
        ([1, 2], [2, 1], "$[0]: expected 1, got 2"),
        ({"a": {"b c": [0, {"d": 1}]}}, {"a": {"b c": [0, {"d": 2}]}}, "$.a['b c'][1].d: expected 1, got 2"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, None),
        ("a\u0302", "\u00e2", None),
        ("a", "A", '$: expected "a", got "A"'),
    ],
)
def test_first_difference(expected: object, got: object, difference: str | None) -> None:
    """Values are compared as JSON, not as Python, and the first difference is named by its path."""
    assert first_difference(expected, got) == difference


def test_hostile_keys_in_a_path() -> None:
    """A key that is no plain word is quoted and made readable."""
    assert child_place("$", "a.b\n\u202e") == r"$['a.b\n\u202e']"
    assert child_place("$", "$.a") == "$['$.a']"

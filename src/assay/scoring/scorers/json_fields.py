"""How many fields of the answer's JSON are the expected ones, each with a weight and a tolerance of its own?"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from assay.schema._base import Noun, rounded
from assay.scoring.answer_json import (
    NotJsonError,
    child_place,
    composed_json,
    first_difference,
    only_object_in,
    shown_json,
    whole_json,
)
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, shown, unscored
from assay.scoring.text import composed, without_case

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "FieldOptions", "JsonFieldsOptions"]

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,6})\]")
_MOST_NAMED = 4
_ABSENT = object()

_Steps = tuple[str | int, ...]


class FieldOptions(Noun):
    """How one field is compared."""

    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Share of the grade, relative to the other fields."""
    abs_tolerance: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Difference of numbers that is still right."""
    rel_tolerance: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False)
    """The same, as a share of the expected number."""
    ignore_case: bool = False
    """Whether upper and lower case of texts are the same."""
    optional: bool = False
    """Whether the answer may leave the field out."""


class _Field(NamedTuple):
    """One field that is compared."""

    steps: _Steps
    """The keys to it."""
    path: str
    """How a reason names it."""
    options: FieldOptions
    """How it is compared."""


class JsonFieldsOptions(Noun):
    """Which fields are compared, and how many must be right."""

    lenient: bool = True
    """Whether the only object in an answer with other text is taken."""
    fields: dict[str, FieldOptions] = Field(default_factory=dict)
    """Fields by path, as `lines[0].price`; none takes every field of `expected` that holds no others, and counts a list
    that is too long as one more field that is wrong."""
    min_share: float = Field(default=1.0, gt=0, le=1)
    """Weighted share of right fields from which the answer passes."""
    strict_keys: bool = False
    """Whether a field that is not expected fails the answer."""


def _score(case: Case, output: str, options: Mapping[str, JsonValue]) -> Mark:
    chosen = JsonFieldsOptions.model_validate(options)
    if not isinstance(case.expected, (dict, list)):
        return unscored("the case has no expected object")
    try:
        got = only_object_in(output) if chosen.lenient else whole_json(output)
    except NotJsonError as error:
        return failed(f"the answer {error}")
    if type(got) is not type(case.expected):
        return failed(f"expected {_kind(case.expected)}, got {_kind(got)}: {shown_json(got)}")
    expected, got = composed_json(case.expected), composed_json(got)
    fields = [_Field(_steps(composed(path)), path, own) for path, own in chosen.fields.items()]
    fields = fields or [_Field(steps, _place(steps), FieldOptions()) for steps in _leaves(expected)]
    wrong: list[str] = []
    missed = total = Fraction(0)
    for field in fields:
        weight = Fraction(str(field.options.weight))
        total += weight
        difference = _difference(_at(expected, field.steps), _at(got, field.steps), field)
        if difference is not None:
            wrong.append(difference)
            missed += weight
    longer = [] if chosen.fields else list(_longer(expected, got))
    missed, total = missed + len(longer), total + len(longer)
    extra = [_place(steps) for steps in _leaves(got) if _at(expected, steps) is _ABSENT] if chosen.strict_keys else []
    return _marked(1 - missed / total, [*wrong, *longer], extra, (len(fields) + len(longer), chosen.min_share))


def _marked(share: Fraction, wrong: list[str], extra: list[str], wanted: tuple[int, float]) -> Mark:
    fields, least = wanted
    value = rounded(float(share))
    told = "; ".join(wrong[:_MOST_NAMED]) + (
        f"; and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
    )
    count = f"{fields - len(wrong)} of {fields} fields are right"
    if extra:
        return failed(f"{count}, but {shown(extra[0])} is not expected" + (f"; {told}" if told else ""), value)
    if share >= Fraction(str(least)):
        return passed(count + (f": {told}" if told else ""), value)
    needed = f", a share of {least:g} is needed" if least < 1 else ""
    return failed(f"{count}{needed}: {told}", value)


def _items(value: object) -> list[tuple[str | int, JsonValue]]:
    return list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())


def _leaves(value: JsonValue, steps: _Steps = ()) -> Iterator[_Steps]:
    """Yield the keys to each field that holds no others, an empty object or list among them."""
    items = _items(value)
    if not items:
        yield steps
    for key, inner in items:
        yield from _leaves(inner, (*steps, key))


def _longer(expected: JsonValue, got: object, steps: _Steps = ()) -> Iterator[str]:
    """Yield each list that holds more than is expected: an item in excess is as wrong as one that is missing."""
    if isinstance(expected, list) and isinstance(got, list) and len(got) > len(expected) > 0:  # an empty one is a field
        yield f"{_place(steps)} holds {len(got)} items, expected {len(expected)}"
    for key, inner in _items(expected):
        yield from _longer(inner, _at(got, (key,)), (*steps, key))


def _place(steps: _Steps) -> str:
    """Return keys as a reason shows them; it need not be possible to read them back."""
    place = "$"
    for key in steps:
        place = child_place(place, key)
    return place


def _at(value: object, steps: _Steps) -> object:
    """Return what stands behind some keys, or a sign that nothing does."""
    found: object = value
    for key in steps:
        inner: object = _ABSENT
        if isinstance(found, dict):
            inner = found.get(str(key), _ABSENT)
        elif isinstance(found, list) and isinstance(key, int) and key < len(found):
            inner = found[key]
        if inner is _ABSENT:
            return _ABSENT
        found = inner
    return found


def _steps(path: str) -> _Steps:
    """Return the keys of a path that somebody wrote; one in quotes, as `child_place` writes odd ones, stays whole."""
    steps: list[str | int] = []
    rest = path.removeprefix("$")
    while rest:
        if rest.startswith("['") and "']" in rest:
            name, _, rest = rest[2:].partition("']")
            steps.append(name.replace("\\\\", "\\"))
            continue
        match = _STEP.match(rest)
        if match is None:
            return (*steps, rest)
        steps.append(match[1] if match[1] is not None else int(match[2]))
        rest = rest[match.end() :]
    return tuple(steps)


def _difference(expected: object, got: object, named: _Field) -> str | None:
    field, path = named.options, named.path
    if got is _ABSENT:
        return None if field.optional else f"{path} is missing" + (" on both sides" if expected is _ABSENT else "")
    if expected is _ABSENT:
        return f"{path} is not expected, got {shown_json(got)}"
    if _is_number(expected) and _is_number(got):
        wanted, given = Fraction(str(expected)), Fraction(str(got))
        tolerance = max(Fraction(str(field.abs_tolerance)), Fraction(str(field.rel_tolerance)) * abs(wanted))
        return None if abs(wanted - given) <= tolerance else _told(path, expected, got)
    if field.ignore_case and isinstance(expected, str) and isinstance(got, str):
        return None if without_case(expected) == without_case(got) else _told(path, expected, got)
    return None if first_difference(expected, got) is None else _told(path, expected, got)  # type: ignore[arg-type]


def _told(path: str, expected: object, got: object) -> str:
    return f"{path}: expected {shown_json(expected)}, got {shown_json(got)}"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _kind(value: JsonValue) -> str:
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a single value"


def _flaws(case: Case, options: Mapping[str, JsonValue]) -> list[Flaw]:
    if case.expected is not None and not isinstance(case.expected, (dict, list)):
        message = "scorer json_fields compares fields, but `expected` is no object or list"
        return [Flaw("bad-expected", message, "Give the expected object, or use another scorer.")]
    chosen = JsonFieldsOptions.model_validate(options)
    return [
        Flaw("bad-expected", f"`expected` has no field {shown(path)}", "Mend the path, or give the field a value.")
        for path, field in chosen.fields.items()
        if case.expected is not None
        and _at(composed_json(case.expected), _steps(composed(path))) is _ABSENT
        and not field.optional
    ]


SCORER = Scorer(
    name="json_fields",
    summary="Enough fields of the answer's JSON are the expected ones, each by its weight and tolerance.",
    options=JsonFieldsOptions,
    score=_score,
    needs=frozenset({"expected"}),
    flaws=_flaws,
)

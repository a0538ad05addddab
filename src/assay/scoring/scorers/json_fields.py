"""How many fields of the answer's JSON are the expected ones, each with a weight and a tolerance of its own?"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from pydantic import Field

from assay.schema._base import Noun, rounded
from assay.scoring.answer_json import (
    NotJsonError,
    child_place,
    first_difference,
    only_object_in,
    shown_json,
    whole_json,
)
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, shown, unscored
from assay.scoring.text import without_case

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "FieldOptions", "JsonFieldsOptions"]

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,6})\]")
_MOST_NAMED = 4
_ABSENT = object()


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


class JsonFieldsOptions(Noun):
    """Which fields are compared, and how many must be right."""

    lenient: bool = True
    """Whether the only object in an answer with other text is taken."""
    fields: dict[str, FieldOptions] = Field(default_factory=dict)
    """Fields by path, as `lines[0].price`; none takes every field of `expected` that holds no others."""
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
    fields = chosen.fields or {place: FieldOptions() for place, _ in _leaves(case.expected, "$")}
    wrong: list[str] = []
    missed = total = Fraction(0)
    for path, field in fields.items():
        weight = Fraction(str(field.weight))
        total += weight
        difference = _difference(_at(case.expected, path), _at(got, path), field, path)
        if difference is not None:
            wrong.append(difference)
            missed += weight
    extra = [place for place, _ in _leaves(got, "$") if _at(case.expected, place) is _ABSENT]
    return _marked(1 - missed / total, wrong, extra if chosen.strict_keys else [], (len(fields), chosen.min_share))


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


def _leaves(value: JsonValue, place: str) -> Iterator[tuple[str, JsonValue]]:
    """Yield each field that holds no others, an empty object or list among them, with its path."""
    items: list[tuple[str | int, JsonValue]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    if not items:
        yield place, value
    for key, inner in items:
        yield from _leaves(inner, child_place(place, key))


def _at(value: JsonValue, path: str) -> object:
    """Return what stands at a path, or a sign that nothing does."""
    found: object = value
    for key in _steps(path):
        inner: object = _ABSENT
        if isinstance(found, dict):
            inner = found.get(str(key), _ABSENT)
        elif isinstance(found, list) and isinstance(key, int) and key < len(found):
            inner = found[key]
        if inner is _ABSENT:
            return _ABSENT
        found = inner
    return found


def _steps(path: str) -> list[str | int]:
    """Return the keys of a path; one in quotes, as `child_place` writes odd ones, is taken whole."""
    steps: list[str | int] = []
    rest = path.removeprefix("$")
    while rest:
        if rest.startswith("['") and "']" in rest:
            name, _, rest = rest[2:].partition("']")
            steps.append(name.replace("\\\\", "\\"))
            continue
        match = _STEP.match(rest)
        if match is None:
            return [*steps, rest]
        steps.append(match[1] if match[1] is not None else int(match[2]))
        rest = rest[match.end() :]
    return steps


def _difference(expected: object, got: object, field: FieldOptions, path: str) -> str | None:
    if got is _ABSENT:
        return None if field.optional or expected is _ABSENT else f"{path} is missing"
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
        if case.expected is not None and _at(case.expected, path) is _ABSENT and not field.optional
    ]


SCORER = Scorer(
    name="json_fields",
    summary="Enough fields of the answer's JSON are the expected ones, each by its weight and tolerance.",
    options=JsonFieldsOptions,
    score=_score,
    needs=frozenset({"expected"}),
    flaws=_flaws,
)

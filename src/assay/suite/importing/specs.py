"""How is each of Assay's scorers spelled in a case?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import JsonValue

__all__ = [
    "Spec",
    "all_or_nothing",
    "contains",
    "contains_all",
    "distinct",
    "exact",
    "labelled",
    "negated",
    "python_regex",
    "regex",
    "spec",
]

Spec = dict[str, "JsonValue"]
"""A scorer as `cases.jsonl` has it: one key, the scorer's name, with its options."""

_LONGEST_LABEL = 80


def spec(name: str, **options: JsonValue) -> Spec:
    """Return a scorer with its options; options that are None are left out."""
    return {name: {key: value for key, value in options.items() if value is not None}}


def exact(expected: JsonValue, *, ignore_case: bool = False, ignore_punctuation: bool = False) -> Spec:
    """Return `exact` against a text or a list of accepted texts."""
    return spec(
        "exact",
        expected=expected,
        ignore_case=ignore_case or None,
        ignore_punctuation=ignore_punctuation or None,
        whitespace="strip",
    )


def contains(expected: JsonValue, *, ignore_case: bool = False) -> Spec:
    """Return `contains`: one of the texts is in the answer."""
    return spec("contains", expected=expected, ignore_case=ignore_case)


def absent(inner: Spec) -> Spec:
    """Return a `contains` that passes where its text is not in the answer."""
    name, options = next(iter(inner.items()))
    return {name: {**(options if isinstance(options, dict) else {}), "absent": True}}


def any_of(parts: list[Spec]) -> Spec:
    """Return the scorer that passes where one of several passes."""
    if len(parts) == 1:
        return parts[0]
    listed: list[JsonValue] = [*parts]
    return {"any": listed}


def contains_all(expected: list[JsonValue], *, ignore_case: bool = False) -> Spec:
    """Return `contains_all`: all of the texts are in the answer."""
    return spec("contains_all", expected=expected, ignore_case=ignore_case)


def all_or_nothing(inner: Spec) -> Spec:
    """Return a scorer that grades as another, but 0 where that gives a part of the grade for a part of the texts."""
    options = inner.get("contains_all")
    if not isinstance(options, dict):
        return inner
    texts = options.get("expected")
    shared = {key: value for key, value in options.items() if key != "expected"}
    parts: list[JsonValue] = [
        {"contains": {"expected": text, **shared}} for text in (texts if isinstance(texts, list) else [texts])
    ]
    return {"all": parts}


def regex(pattern: str, *, ignore_case: bool = False, mode: str = "search") -> Spec:
    """Return `regex`, whose pattern is what it expects."""
    return spec("regex", expected=pattern, mode=mode, ignore_case=ignore_case or None)


def python_regex(pattern: str) -> bool:
    """Return whether a pattern of another language is one of Python's."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError, ValueError):
        return False
    return True


def negated(inner: Spec) -> Spec:
    """Return the scorer that passes where another fails."""
    return {"none": [inner]}


def labelled(inner: Spec, label: str) -> Spec:
    """Return a scorer under a name of its own."""
    name, options = next(iter(inner.items()))
    if isinstance(options, list):
        options = {"scorers": options}
    return {name: {**(options if isinstance(options, dict) else {}), "label": label[:_LONGEST_LABEL]}}


def distinct(named: Iterable[tuple[str, Spec | None]]) -> list[JsonValue]:
    """Return scorers labelled `name-1`, `name-2`, …, numbered for each name; a None takes a number and is left out.

    So a label means the same in each case, even where another one of its name is lost.
    """
    counts: dict[str, int] = {}
    result: list[JsonValue] = []
    for name, inner in named:
        counts[name] = counts.get(name, 0) + 1
        if inner is not None:
            result.append(labelled(inner, f"{name[: _LONGEST_LABEL - 8]}-{counts[name]}"))
    return result

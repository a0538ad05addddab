"""What does a case say and expect, as the rules of lint look at it?"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from assay.schema.suite import COMBINATIONS
from assay.scoring.score import case_for
from assay.scoring.text import accepted_texts, without_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from assay.schema.suite import Case, ScorerSpec, Suite

__all__ = [
    "context_of",
    "expected_texts",
    "folded",
    "leaves_of",
    "question_of",
    "texts_in",
    "whole_input",
]


@functools.lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Return a text in normal form C without case, runs of white space as one space."""
    return " ".join(without_case(text).split())


def question_of(case: Case) -> str:
    """Return the last message of the user, without the passages of `context`."""
    if isinstance(case.input, str):
        return case.input
    return next((message.content for message in reversed(case.input) if message.role == "user"), "")


def context_of(case: Case) -> str:
    """Return all that stands before the question: passages, or the earlier messages of a conversation."""
    if isinstance(case.input, str):
        return case.context if isinstance(case.context, str) else "\n".join(case.context or ())
    last = next((i for i in range(len(case.input) - 1, -1, -1) if case.input[i].role == "user"), None)
    return "\n".join(f"{m.role}: {m.content}" for i, m in enumerate(case.input) if i != last)


def whole_input(case: Case) -> tuple[str, str]:
    """Return question and context in the form in which two cases are the same."""
    return folded(question_of(case)), folded(context_of(case))


def leaves_of(suite: Suite, case: Case) -> Iterator[tuple[ScorerSpec, Case]]:
    """Yield each scorer that looks at the answer, with the case as it sees it; those under `none` are left out."""
    for spec in suite.scorers_of(case):
        yield from _leaves(spec, case)


def _leaves(spec: ScorerSpec, case: Case) -> Iterator[tuple[ScorerSpec, Case]]:
    own = case_for(spec, case)
    if spec.name == "none":
        return
    if spec.name not in COMBINATIONS:
        yield spec, own
    for part in spec.parts:
        yield from _leaves(part, own)


def expected_texts(suite: Suite, case: Case, names: frozenset[str]) -> tuple[str, ...]:
    """Return the texts that scorers of the given names accept, each once, in order."""
    found = [
        text for spec, own in leaves_of(suite, case) if spec.name in names for text in accepted_texts(own.expected)
    ]
    return tuple(dict.fromkeys(found))


def texts_in(value: JsonValue, place: str) -> Iterator[tuple[str, str]]:
    """Yield each text within a JSON value, keys too, with the place that is told of it."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item, place)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield place, key
            yield from texts_in(item, place)

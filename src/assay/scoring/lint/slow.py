"""Which patterns does a search of a run give up, so that an answer gets no score?

Each pattern is searched for, under the limits of a run, in a few texts of the kind that makes patterns explode: what it
is made of, many times, and an end that does not fit. Where such a search is stopped, that is told; nothing else is.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from assay.scoring.ecma import ecma_pattern
from assay.scoring.lint.finding import LintFinding
from assay.scoring.lint.reading import leaves_of
from assay.scoring.mark import shown
from assay.scoring.patterns import LONGEST_S, PatternError, Searches, compiled
from assay.scoring.scorers.regex_match import RegexOptions
from assay.scoring.text import accepted_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue
    from regex import Pattern

    from assay.schema.suite import Case, Suite

__all__ = ["slow_patterns"]

_LENGTH: Final = 120
"""Long enough for a pattern that explodes, and far too short for one that is only slow."""
_MOST_UNITS: Final = 6
_PIECE = re.compile(r"[^\W_]+")
_LETTER = re.compile(r"[^\W_]")
_ESCAPED = re.compile(r"\\.")
_NOT_SEARCHED: Final = frozenset({"enum", "const", "default", "examples"})
"""Keywords that hold values, not schemas."""


def slow_patterns(suite: Suite) -> Iterator[LintFinding]:
    """Yield a finding for each case with a pattern whose search is stopped."""
    for case in suite.cases:
        found = next((told for told in _told(suite, case) if told is not None), None)
        if found is not None:
            pattern, unit = found
            message = (
                f"the search for the pattern {shown(pattern)} in {_LENGTH // len(unit)} times {shown(unit)}"
                f" with another end is stopped after {LONGEST_S:g} s, so that such an answer has no score"
            )
            remedy = "Write it without a repeat inside of a repeat, such as `a+` for `(a|aa)+`."
            yield LintFinding(kind="slow-pattern", level="warning", case=case.id, message=message, remedy=remedy)


def _told(suite: Suite, case: Case) -> Iterator[tuple[str, str] | None]:
    for leaf, own in leaves_of(suite, case):
        if leaf.name == "regex":
            chosen = RegexOptions.model_validate(leaf.options)
            for pattern in accepted_texts(own.expected):
                yield _stopped(pattern, chosen.flags(), whole=chosen.mode == "fullmatch")
        elif own.json_schema is not None:
            for pattern in _patterns_in(own.json_schema):
                yield _stopped(pattern, None, whole=False)


def _patterns_in(schema: JsonValue) -> Iterator[str]:
    """Yield each pattern of a schema, at whatever depth."""
    waiting: list[JsonValue] = [schema]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        if not isinstance(item, dict):
            continue
        pattern, members = item.get("pattern"), item.get("patternProperties")
        if isinstance(pattern, str):
            yield pattern
        yield from members if isinstance(members, dict) else ()
        waiting += [value for key, value in item.items() if key not in _NOT_SEARCHED]


@functools.lru_cache(maxsize=4096)
def _stopped(pattern: str, flags: int | None, *, whole: bool) -> tuple[str, str] | None:
    """Return the pattern and what was repeated when a search for it was stopped, or None where none was.

    Args:
        pattern: what is searched for.
        flags: flags of `regex`; None reads the pattern as that of a JSON Schema.
        whole: whether it must match all of a text.
    """
    ready = _ready(pattern, flags)
    if ready is None:
        return None
    for unit in _units(pattern):
        try:
            Searches().search(ready, unit * (_LENGTH // len(unit)) + "\x07", whole=whole)
        except TimeoutError:
            return pattern, unit
    return None


def _ready(pattern: str, flags: int | None) -> Pattern[str] | None:
    try:
        return ecma_pattern(pattern) if flags is None else compiled(pattern, flags)
    except PatternError:
        return None


def _units(pattern: str) -> Iterator[str]:
    """Yield what is repeated: a letter, a digit, a space, and the first letters and words of the pattern."""
    bare = _ESCAPED.sub(" ", pattern)
    yield from dict.fromkeys(
        ["a", "0", " ", *_LETTER.findall(bare)[:_MOST_UNITS], *(own[:20] for own in _PIECE.findall(bare)[:_MOST_UNITS])]
    )

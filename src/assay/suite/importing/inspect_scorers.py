"""Which scorer of Assay says the same as a scorer of Inspect?

The meanings are those of inspect_ai 0.3.285, read from its source (`inspect_ai/scorer`). What has no equal is lost.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from assay.suite.importing import specs
from assay.suite.importing.first_match import caught_equals
from assay.suite.importing.sources import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from assay.suite.importing.specs import Spec

    Make = Callable[[Mapping[str, JsonValue], list[str], int], Spec]

__all__ = ["DIFFERENCES", "LostError", "letters", "scorer_of"]


class LostError(ValueError):
    """A scorer is not carried over; the message says why, without a final full stop."""

    def __init__(self, message: str, *, by_sample: bool = False) -> None:
        super().__init__(message)
        self.by_sample = by_sample
        """Whether it is lost for one sample only, because of its target."""


DIFFERENCES = {
    "exact": "`exact` of Inspect leaves out articles and all punctuation, `exact` of Assay only case and punctuation at"
    " the end",
    "choice": "`choice` of Inspect reads only `ANSWER: X`, `choice` of Assay any clear choice of a letter",
}
"""Where a scorer of the same purpose differs in what it accepts."""

_STRIPPED = string.whitespace + string.punctuation
_EDGE = r"[\s!-/:-@\[-`{-~]*"
"""White space and all punctuation of ASCII."""
_PATTERNS = {
    "letter": r"(?is)ANSWER\s*:\s*([A-Za-z])(?:[^\w]|\n|$)(?!.*ANSWER\s*:)",
    "word": r"(?is)ANSWER\s*:\s*(\S+?)(?=[.,;:!?]?\s*(?:\n|$))(?!.*ANSWER\s*:)",
    "line": r"(?i)ANSWER\s*:\s*([^\n]+)\s*\Z",
}
"""Patterns of `answer()`, from `inspect_ai/_util/pattern.py`."""
_TAKE = {"begin": "first", "end": "last"}


def letters(count: int) -> list[JsonValue]:
    """Return the letters of the first choices, at most 26."""
    return list(string.ascii_uppercase[:count])


def scorer_of(name: str, options: Mapping[str, JsonValue], targets: list[str], choices: int) -> Spec:
    """Return the scorer that says the same as one of Inspect.

    Args:
        name: its name, with or without `inspect_ai/` before it.
        options: its options as the log has them.
        targets: the accepted answers of the sample.
        choices: number of choices of the sample.

    Raises:
        LostError: there is none.
    """
    plain = name.removeprefix("inspect_ai/")
    make = _SCORERS.get(plain)
    if make is None:
        if plain.startswith("model_graded"):
            raise LostError(f"{plain} asks a model: write a rubric and use the scorer judge")
        raise LostError(f"the scorer {plain[:60]!r} has no equal in Assay")
    if not targets or not all(target.strip(_STRIPPED) for target in targets):
        raise LostError("a target is empty, so that any answer could match it", by_sample=True)
    return make(options, targets, choices)


def _match(options: Mapping[str, JsonValue], targets: list[str], _choices: int) -> Spec:
    location = as_text(options.get("location", "end"))
    ignore_case = options.get("ignore_case", True) is not False
    if location not in {"begin", "end", "any", "exact"}:
        raise LostError(f"match has the unknown location {location[:40]!r}")
    numeric = options.get("numeric") is True
    return specs.any_of([_matched(target, location, ignore_case=ignore_case, numeric=numeric) for target in targets])


def _matched(target: str, location: str, *, ignore_case: bool, numeric: bool) -> Spec:
    number = _number(target) if numeric else None
    if number is not None:
        if location not in _TAKE:
            raise LostError(f"a numeric match at {location!r} has no equal in Assay", by_sample=True)
        # Inspect compares five significant digits.
        return specs.spec("number", expected=number, take=_TAKE[location], rel_tolerance=5e-6, decimal=".", bounds=True)
    text = target.strip(_STRIPPED)
    if location == "any":
        return specs.contains(text, ignore_case=ignore_case)
    before = f"^{_EDGE}" if location in {"begin", "exact"} else ""
    after = f"{_EDGE}$" if location in {"end", "exact"} else ""
    return specs.regex(before + re.escape(text) + after, ignore_case=ignore_case)


def _number(target: str) -> float | None:
    text = re.sub(r"[$,£€*_]", "", target.strip())
    if not re.fullmatch(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})(e[+-]?\d{1,2})?", text, re.IGNORECASE | re.ASCII):
        return None
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _includes(options: Mapping[str, JsonValue], targets: list[str], _choices: int) -> Spec:
    expected: list[JsonValue] = [*targets]
    ignore_case = options.get("ignore_case", True) is not False
    return specs.contains(expected if len(expected) > 1 else expected[0], ignore_case=ignore_case)


def _exact(_options: Mapping[str, JsonValue], targets: list[str], _choices: int) -> Spec:
    expected: list[JsonValue] = [*targets]
    return specs.exact(expected if len(expected) > 1 else expected[0], ignore_case=True, ignore_punctuation=True)


def _pattern(options: Mapping[str, JsonValue], targets: list[str], _choices: int) -> Spec:
    ignore_case = options.get("ignore_case", True) is not False
    return _caught(as_text(options.get("pattern")), targets, ignore_case=ignore_case)


def _answer(options: Mapping[str, JsonValue], targets: list[str], _choices: int) -> Spec:
    return _caught(_PATTERNS.get(as_text(options.get("pattern")), ""), targets, ignore_case=True)


def _caught(pattern: str, targets: list[str], *, ignore_case: bool) -> Spec:
    flagged = f"(?i){pattern}" if ignore_case else pattern
    made = [caught_equals(flagged, target, ignore_case=ignore_case) for target in targets]
    if not pattern or None in made:
        raise LostError("a pattern without exactly one group at its top level has no equal in Assay")
    return specs.any_of([specs.regex(expression) for expression in made if expression is not None])


def _choice(_options: Mapping[str, JsonValue], targets: list[str], choices: int) -> Spec:
    allowed = letters(choices)
    if len(targets) > 1 or targets[0].strip() not in allowed:
        raise LostError("a choice of several letters, or of none of the choices, has no equal in Assay", by_sample=True)
    return specs.spec("choice", expected=targets[0].strip(), options=allowed)


_SCORERS: dict[str, Make] = {
    "match": _match,
    "includes": _includes,
    "exact": _exact,
    "pattern": _pattern,
    "answer": _answer,
    "choice": _choice,
}

"""Which scorer of Assay judges as a class of OpenAI evals does?

The meanings are those of evals 3.0.1, read from its source (`evals/elsuite/basic`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assay.suite.importing import specs
from assay.suite.importing.sources import as_text, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import JsonValue

    from assay.suite.importing.ledger import Ledger
    from assay.suite.importing.specs import Spec

    Make = Callable[[list[JsonValue], dict[str, JsonValue]], Spec]

__all__ = ["class_named"]

_ARGUMENTS = frozenset({"samples_jsonl", "ignore_case"})
_FUZZY = (
    "FuzzyMatch also passes an answer that is a part of the ideal one, and leaves out articles and punctuation;"
    " `contains` does not"
)


def class_named(ledger: Ledger, where: str, name: str, arguments: dict[str, JsonValue]) -> Make | None:
    """Return how a class judges, and note what of it is lost; None when it has no equal."""
    kind = name.rpartition(":")[2]
    for argument in sorted(arguments.keys() - _ARGUMENTS):
        ledger.lose(where, f"the argument {argument[:60]!r} is not carried over")
    if kind not in _CLASSES:
        ledger.lose(where, f"the class {kind[:60]!r} has no equal in Assay; no case of it is carried over")
    if kind == "FuzzyMatch":
        ledger.lose(where, _FUZZY)
    return _CLASSES.get(kind)


def _match(answers: list[JsonValue], _arguments: dict[str, JsonValue]) -> Spec:
    return specs.any_of([specs.regex("^" + re.escape(as_text(answer))) for answer in answers])


def _includes(answers: list[JsonValue], arguments: dict[str, JsonValue]) -> Spec:
    texts: list[JsonValue] = [as_text(answer) for answer in answers]
    return specs.contains(texts if len(texts) > 1 else texts[0], ignore_case=arguments.get("ignore_case") is True)


def _fuzzy(answers: list[JsonValue], _arguments: dict[str, JsonValue]) -> Spec:
    return _includes(answers, {"ignore_case": True})


def _json(answers: list[JsonValue], _arguments: dict[str, JsonValue]) -> Spec:
    values = [parse_json(answer, "ideal") if isinstance(answer, str) else answer for answer in answers]
    return specs.any_of([specs.spec("json_schema", schema={}, expected=value, compare=True) for value in values])


_CLASSES: dict[str, Make] = {"Match": _match, "Includes": _includes, "FuzzyMatch": _fuzzy, "JsonMatch": _json}

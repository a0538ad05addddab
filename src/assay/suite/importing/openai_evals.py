"""What do the samples of an OpenAI eval ask, and how does their class judge?"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from assay.errors import InputError
from assay.suite.documents import read_yaml
from assay.suite.importing import specs
from assay.suite.importing.ledger import Ledger
from assay.suite.importing.sources import as_map, as_text, parse_json, read_lines, unfit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydantic import JsonValue

    from assay.suite.importing.imported import Imported, Options
    from assay.suite.importing.specs import Spec

    Make = Callable[[list[JsonValue], dict[str, JsonValue]], Spec]

__all__ = ["read"]

_READ = frozenset({"input", "ideal"})
_ARGUMENTS = frozenset({"samples_jsonl", "ignore_case"})
_FUZZY = (
    "FuzzyMatch also passes an answer that is a part of the ideal one, and leaves out articles and punctuation;"
    " `contains` does not"
)


def read(path: Path, options: Options) -> Imported:
    """Return the suite of a `samples.jsonl`, judged as the class in the registry file judges.

    Raises:
        InputError: a file cannot be read, or the registry names no class for these samples.
    """
    ledger = Ledger(options, path.stem)
    ledger.description = "Imported from samples of an OpenAI eval."
    make, arguments = _class_of(ledger, path, options)
    if make is None and options.registry is None:
        ledger.take_scorer()
    for number, sample in read_lines(path):
        _add_sample(ledger, f"line {number}", sample, make, arguments)
    return ledger.close()


def _class_of(ledger: Ledger, path: Path, options: Options) -> tuple[Make | None, dict[str, JsonValue]]:
    """Return how answers are judged, with the arguments of the class; None when no class that is known says it."""
    if options.registry is None:
        return None, {}
    name = str(options.registry)
    entries = [(key, as_map(item)) for key, item in as_map(read_yaml(options.registry, name).data).items()]
    classes = [(key, item) for key, item in entries if "class" in item]
    whole = [(key, item) for key, item in classes if path.as_posix().endswith("/" + _samples_of(item))]
    own = (
        whole or [(key, item) for key, item in classes if PurePosixPath(_samples_of(item)).name == path.name] or classes
    )
    if len(own) != 1:
        raise unfit(name, f"the registry names {len(own)} classes for {path.name}", remedy="Keep one entry in it.")
    key, entry = own[0]
    arguments = as_map(entry.get("args"))
    kind = as_text(entry["class"]).rpartition(":")[2]
    for argument in sorted(arguments.keys() - _ARGUMENTS):
        ledger.lose(key, f"the argument {argument[:60]!r} is not carried over")
    if kind not in _CLASSES:
        ledger.lose(key, f"the class {kind[:60]!r} has no equal in Assay; no case of it is carried over")
    if kind == "FuzzyMatch":
        ledger.lose(key, _FUZZY)
    return _CLASSES.get(kind), arguments


def _samples_of(entry: dict[str, JsonValue]) -> str:
    return as_text(as_map(entry.get("args")).get("samples_jsonl")) or "?"


def _add_sample(
    ledger: Ledger, where: str, sample: dict[str, JsonValue], make: Make | None, arguments: dict[str, JsonValue]
) -> None:
    for key in sorted(sample.keys() - _READ):
        ledger.lose(where, f"the field {key[:60]!r} is not carried over")
    ideal = sample.get("ideal")
    listed = ideal if isinstance(ideal, list) else [ideal]
    answers: list[JsonValue] = [item for item in listed if item not in (None, "")]
    only = answers[0] if len(answers) == 1 else None
    fields: dict[str, JsonValue] = {
        "id": where.replace(" ", "-"),
        "input": _asked(ledger, where, sample.get("input")),
        "expected": answers if len(answers) > 1 else only,
    }
    if make is None:
        ledger.add_plain(where, fields)
        return
    try:
        scorers: list[JsonValue] = [make(answers, arguments)] if answers else []
    except InputError:
        ledger.lose(where, "the ideal answer is no JSON")
        scorers = []
    ledger.add(where, {**fields, "scorers": scorers})


def _asked(ledger: Ledger, where: str, value: JsonValue) -> JsonValue:
    if not isinstance(value, list):
        return value
    messages: list[JsonValue] = []
    for message in map(as_map, value):
        extra = sorted(message.keys() - {"role", "content"})
        if extra:
            ledger.lose(where, f"the key {extra[0][:60]!r} of a message is not carried over")
        messages.append({"role": message.get("role"), "content": message.get("content")})
    return messages


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

"""What do the samples of an OpenAI eval ask, and how does their class judge?"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from assay.errors import InputError
from assay.suite.documents import read_yaml
from assay.suite.importing.ledger import Ledger
from assay.suite.importing.openai_evals_classes import class_named
from assay.suite.importing.sources import as_map, as_text, read_lines, unfit

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from assay.suite.importing.imported import Imported, Options
    from assay.suite.importing.openai_evals_classes import Make


__all__ = ["read"]

_READ = frozenset({"id", "input", "ideal"})


def read(path: Path, options: Options) -> Imported:
    """Return the suite of a `samples.jsonl`, judged as the class in the registry file judges, or of the log of a run.

    Raises:
        InputError: a file cannot be read, or the registry names no class for these samples.
    """
    ledger = Ledger(options, path.stem)
    if _is_log(path):
        _read_log(ledger, path)
        return ledger.close()
    ledger.description = "Imported from samples of an OpenAI eval."
    make, arguments = _class_of(ledger, path, options)
    if make is None and options.registry is None:
        ledger.take_scorer()
    for number, sample in read_lines(path):
        _add_sample(ledger, f"line {number}", sample, make, arguments)
    return ledger.close()


def _is_log(path: Path) -> bool:
    return "spec" in next((line for _, line in read_lines(path)), {})


def _read_log(ledger: Ledger, path: Path) -> None:
    """Add the cases and answers that `oaieval --record_path` wrote: its own settings say which class judges."""
    events = [line for _, line in read_lines(path)]
    spec = as_map(events[0]["spec"])
    own = as_map(as_map(spec.get("run_config")).get("eval_spec"))
    name, arguments = as_text(spec.get("eval_name")) or "eval", as_map(own.get("args"))
    ledger.description, ledger.stem = f"Imported from a run of the OpenAI eval {name}.", name
    make = class_named(ledger, name, as_text(own.get("cls")), arguments)
    if not any("final_report" in event for event in events):
        ledger.lose("final_report", "the log has no end: the run was cut off, and samples may be missing")
    asked: dict[str, list[dict[str, JsonValue]]] = {}
    judged: dict[str, dict[str, JsonValue]] = {}
    for event in events:
        sample, data = as_text(event.get("sample_id")), as_map(event.get("data"))
        if event.get("type") == "sampling":
            asked.setdefault(sample, []).append(data)
        elif event.get("type") == "match":
            judged[sample] = data
    for sample in sorted(asked, key=_number_of):
        _add_asked(ledger, sample, asked[sample], judged.get(sample, {}), (make, arguments))


def _number_of(sample: str) -> tuple[str, int]:
    """Return what the id of a sample is sorted by: they stand in the order in which they were answered."""
    stem, _, number = sample.rpartition(".")
    return stem, int(number) if number.isdecimal() and len(number) < 10 else 0  # noqa: PLR2004 - only to bound it


def _add_asked(
    ledger: Ledger,
    sample: str,
    calls: list[dict[str, JsonValue]],
    verdict: dict[str, JsonValue],
    judging: tuple[Make | None, dict[str, JsonValue]],
) -> None:
    where, first = f"sample {sample}", calls[0]
    if len(calls) > 1:
        ledger.lose(where, "of several requests for one sample only the first is kept")
    if judging[0] is None or "expected" not in verdict:
        ledger.lose(where, "the case is left out: the log does not say in a way that Assay knows what is right")
        return
    fields = {"id": sample, "input": first.get("prompt"), "ideal": verdict["expected"]}
    name = _add_sample(ledger, where, fields, *judging)
    sampled = first.get("sampled")
    answers = sampled if isinstance(sampled, list) else [sampled]
    correct = verdict.get("correct")
    output = as_text(answers[0]) if answers and answers[0] is not None else None
    ledger.answer(
        name,
        as_text(first.get("model")) or "unknown",
        output,
        passed=correct if isinstance(correct, bool) else None,
        note="",
    )


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
    return class_named(ledger, key, as_text(entry["class"]), arguments), arguments


def _samples_of(entry: dict[str, JsonValue]) -> str:
    return as_text(as_map(entry.get("args")).get("samples_jsonl")) or "?"


def _add_sample(
    ledger: Ledger, where: str, sample: dict[str, JsonValue], make: Make | None, arguments: dict[str, JsonValue]
) -> str:
    for key in sorted(sample.keys() - _READ):
        ledger.lose(where, f"the field {key[:60]!r} is not carried over")
    ideal = sample.get("ideal")
    listed = ideal if isinstance(ideal, list) else [ideal]
    answers: list[JsonValue] = [item for item in listed if item not in (None, "")]
    only = answers[0] if len(answers) == 1 else None
    fields: dict[str, JsonValue] = {
        "id": sample.get("id") or where.replace(" ", "-"),
        "input": _asked(ledger, where, sample.get("input")),
        "expected": answers if len(answers) > 1 else only,
    }
    if make is None:
        return ledger.add_plain(where, fields)
    try:
        scorers: list[JsonValue] = [make(answers, arguments)] if answers else []
    except InputError:
        ledger.lose(where, "the ideal answer is no JSON")
        scorers = []
    return ledger.add(where, {**fields, "scorers": scorers})


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

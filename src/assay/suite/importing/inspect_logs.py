"""Which cases and answers does a log of Inspect hold?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.suite.importing import specs
from assay.suite.importing.inspect_scorers import DIFFERENCES, LostError, scorer_of
from assay.suite.importing.ledger import as_id
from assay.suite.importing.sources import as_list, as_map, as_text, unfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from assay.suite.importing.ledger import Ledger
    from assay.suite.importing.specs import Spec

__all__ = ["add_log"]

_GRADES = {"C": True, "I": False, "N": False, "P": False}
"""Grades of Inspect: correct, incorrect, no answer, partly correct."""


def add_log(ledger: Ledger, header: dict[str, JsonValue], samples: Iterator[dict[str, JsonValue]], name: str) -> None:
    """Add the cases and answers of a log; the epochs of one sample are the trials of one case.

    Raises:
        InputError: it is no log.
    """
    evaluation = as_map(header.get("eval"))
    if not evaluation:
        raise unfit(name, "the file is no log of Inspect: it has no `eval`", remedy="Name an .eval file or its JSON.")
    task = as_text(evaluation.get("task"))
    ledger.description, ledger.stem = f"Imported from a log of the Inspect task {task}.", task or ledger.stem
    if header.get("status") not in ("success", None):
        ledger.lose("status", f"the run ended with {as_text(header['status'])[:40]!r}: samples may be missing")
    _lose_settings(ledger, header, evaluation)
    scorers = _scorers_in(header)
    model = as_text(evaluation.get("model")) or "unknown"
    names: dict[str, str] = {}
    for sample in samples:
        key = as_id(sample.get("id")) or "sample"
        where = f"sample {key}"
        if key not in names:
            names[key] = _add_case(ledger, where, {**sample, "id": key}, scorers)
        output = as_map(sample.get("output")).get("completion")
        text = None if output is None else _resolved(output, as_map(sample.get("attachments")))
        passed, note = _verdict(sample)
        ledger.answer(names[key], model, text, passed=passed, note=note)
    if not names:
        ledger.lose("samples", "the log has no samples: it was written without them")


def _lose_settings(ledger: Ledger, header: dict[str, JsonValue], evaluation: dict[str, JsonValue]) -> None:
    """Note how answers were asked for and put together, which a plan says here and a suite does not."""
    for where, config in (
        ("plan.config", as_map(as_map(header.get("plan")).get("config"))),
        ("eval.model_generate_config", as_map(evaluation.get("model_generate_config"))),
    ):
        stated: dict[str, JsonValue] = {key: value for key, value in config.items() if value is not None}
        if stated:
            ledger.lose(where, f"generation settings are not carried over: {as_text(stated)[:200]}")
    run = as_map(evaluation.get("config"))
    reducers, epochs = as_list(run.get("epochs_reducer")), run.get("epochs")
    if reducers and isinstance(epochs, int) and epochs > 1:
        said = ", ".join(map(as_text, reducers))[:100]
        what = f"epochs are put together by {said} there; here each is a trial, and min_pass_rate of a case counts them"
        ledger.lose("eval.config.epochs_reducer", what)


def _scorers_in(header: dict[str, JsonValue]) -> list[tuple[str, dict[str, JsonValue]]]:
    """Return name and options of each scorer, from the task or, in older logs, from the results."""
    own = as_list(as_map(header.get("eval")).get("scorers"))
    if own:
        return [(as_text(as_map(item).get("name")), as_map(as_map(item).get("options"))) for item in own]
    scored = as_list(as_map(header.get("results")).get("scores"))
    return [(as_text(as_map(item).get("scorer")), as_map(as_map(item).get("params"))) for item in scored]


def _add_case(
    ledger: Ledger, where: str, sample: dict[str, JsonValue], scorers: list[tuple[str, dict[str, JsonValue]]]
) -> str:
    target = sample.get("target")
    targets = [as_text(item) for item in target] if isinstance(target, list) else [as_text(target)]
    choices = len(as_list(sample.get("choices")))
    named: list[tuple[str, Spec | None]] = []
    for place, (name, options) in enumerate(scorers):
        plain, made = name.removeprefix("inspect_ai/"), None
        try:
            made = scorer_of(plain, options, targets, choices)
        except LostError as error:
            ledger.lose(f"eval.scorers[{place}]", f"{error}; lost in {where}" if error.by_sample else str(error))
        named.append((plain, made))
        if made is not None and plain in DIFFERENCES:
            ledger.lose(f"eval.scorers[{place}]", DIFFERENCES[plain])
    return ledger.add(
        where,
        {
            "id": sample["id"],
            "input": _asked(ledger, where, sample),
            "expected": target,
            "scorers": specs.distinct(named),
            "metadata": as_map(sample.get("metadata")),
        },
    )


def _asked(ledger: Ledger, where: str, sample: dict[str, JsonValue]) -> JsonValue:
    """Return what stood before the first answer: the sample's input as the solvers of the task wrote it out."""
    if as_map(sample.get("sandbox")) or as_map(sample.get("files")):
        ledger.lose(where, "the sandbox and files of the sample are not carried over")
    attachments = as_map(sample.get("attachments"))
    said = [as_map(message) for message in as_list(sample.get("messages"))]
    end = next((place for place, message in enumerate(said) if message.get("source") == "generate"), len(said))
    if len(said) > end + 1:
        ledger.lose(where, "what follows the first answer (tools, further turns) is not carried over")
    messages: list[JsonValue] = [
        {"role": as_text(message.get("role")), "content": _content(ledger, where, message, attachments)}
        for message in said[:end]
    ]
    if not messages:
        return sample.get("input")
    only = as_map(messages[0])
    return only["content"] if len(messages) == 1 and only["role"] == "user" else messages


def _content(ledger: Ledger, where: str, message: dict[str, JsonValue], attachments: dict[str, JsonValue]) -> JsonValue:
    if message.get("tool_calls"):
        ledger.lose(where, "a tool call before the question is not carried over")
    content = message.get("content")
    if not isinstance(content, list):
        return _resolved(content, attachments)
    parts = [as_map(part) for part in content]
    if any(part.get("type") != "text" for part in parts):
        ledger.lose(where, "images, sound and other parts that are no text are not carried over; the case is left out")
        return None
    return "\n".join(_resolved(part.get("text"), attachments) for part in parts)


def _resolved(value: JsonValue, attachments: dict[str, JsonValue]) -> str:
    """Return a text, or the attachment that it stands for."""
    text = as_text(value)
    return (
        as_text(attachments.get(text.removeprefix("attachment://"), text)) if text.startswith("attachment://") else text
    )


def _verdict(sample: dict[str, JsonValue]) -> tuple[bool | None, str]:
    """Return whether all scorers that grade by right or wrong found the answer right, and what each of them said."""
    error = as_map(sample.get("error"))
    if error:
        return None, as_text(error.get("message"))[:500]
    grades = {name: as_map(score).get("value") for name, score in as_map(sample.get("scores")).items()}
    # A grade between is no verdict: Inspect has no threshold for it.
    verdicts = [
        grade if isinstance(grade, bool) else _GRADES[grade]
        for grade in grades.values()
        if isinstance(grade, bool) or (isinstance(grade, str) and grade in _GRADES)
    ]
    note = "; ".join(f"{name}: {as_text(grade)}" for name, grade in grades.items())
    return (all(verdicts) if verdicts else None), note[:500]

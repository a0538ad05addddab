"""What did a run of lm-eval with `--log_samples` ask, and what did it say of the answers?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.suite.importing import specs
from assay.suite.importing.ledger import Ledger
from assay.suite.importing.lm_eval_scorers import LostError, notes_on, scorer_of
from assay.suite.importing.sources import as_list, as_map, as_text, parse_json, read_json, read_lines, unfit

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from assay.suite.importing.imported import Imported, Options
    from assay.suite.importing.specs import Spec

    Line = dict[str, JsonValue]

__all__ = ["read"]


@dataclass(frozen=True)
class _Run:
    """What the lines of one file have in common."""

    config: Line
    """Settings of the task, empty when unknown."""
    candidate: str
    """The model."""
    known: dict[str, str]
    """Ids of the cases so far, of all files, by task, document, prompt and target."""


_DATE = re.compile(r"_(\d{4}-\d\d-\d\dT[0-9.-]+)$")
_MOST_FILES = 200


def read(path: Path, options: Options) -> Imported:
    """Return the suite of a folder of a run, or of one `samples_….jsonl` with the `results_….json` beside it.

    Lines of one document differ by filter; they become one case with a scorer for each filter and metric.

    Raises:
        InputError: there are no samples, or a file is not sound.
    """
    ledger = Ledger(options, path.stem)
    files = _files(path)
    known: dict[str, str] = {}
    ledger.description = "Imported from samples of lm-eval."
    for file in files:
        date = _DATE.search(file.stem)
        task = _DATE.sub("", file.stem).removeprefix("samples_") or "task"
        beside = file.parent / f"results_{date[1]}.json" if date else None
        results = as_map(read_json(beside)) if beside is not None and beside.is_file() else {}
        if len(files) == 1:
            ledger.stem = task
        config = as_map(as_map(results.get("configs")).get(task))
        if not config:
            ledger.lose(file.name, "no results_….json with the task's settings stands beside it: filters are unknown")
        candidate = as_text(results.get("model_name")) or file.parent.name or "unknown"
        _add_file(ledger, file, task, _Run(config, candidate, known))
    return ledger.close()


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted([*path.glob("samples_*.jsonl"), *path.glob("*/samples_*.jsonl")])
    files = [file for file in islice(found, _MOST_FILES + 1) if file.is_file()]
    if not files:
        raise unfit(str(path), "the folder has no samples_….jsonl", remedy="Run lm_eval with --log_samples.")
    if len(files) > _MOST_FILES:
        message = f"the folder has more than {_MOST_FILES} files of samples"
        raise InputError(Problem("file-too-large", message, "Import its folders one by one.", str(path)))
    return files


def _add_file(ledger: Ledger, file: Path, task: str, run: _Run) -> None:
    # Lines of one document need not follow each other: all of one filter come first.
    documents: dict[str, dict[str, Line]] = {}
    for number, line in read_lines(file):
        if "doc_id" not in line or "arguments" not in line:
            raise unfit(str(file), "the line is no sample of lm-eval", number, "Run lm_eval with --log_samples.")
        name = as_text(line.get("filter")) or "none"
        lines = documents.setdefault(as_text(line["doc_id"]), {})
        if name in lines:
            raise unfit(str(file), f"the document {as_text(line['doc_id'])[:40]} stands twice under one filter", number)
        lines[name] = line
    settings = as_map(run.config.get("generation_kwargs"))
    if settings:
        ledger.lose(task, f"generation settings are not carried over: {as_text(settings)[:200]}")
    for document, lines in documents.items():
        _add_document(ledger, f"{task} doc {document}", f"{task}-{document}", lines, run)


def _add_document(ledger: Ledger, where: str, name: str, lines: dict[str, Line], run: _Run) -> None:
    first = next(iter(lines.values()))
    if not _is_asked(first):
        what = "it compares probabilities of choices, and Assay asks for answers"
        ledger.lose(where, f"the case {name!r} is left out: {what}")
        return
    # The same prompt with the same target, in the samples of another run, is another trial or another candidate.
    key = as_text([name, *sorted(lines), first.get("prompt_hash"), first.get("target_hash")])
    if key not in run.known:
        run.known[key] = _add_case(ledger, where, name, lines, run.config)
    responses = as_list(next(iter(as_list(first.get("resps"))), None))
    if len(responses) > 1:
        ledger.lose(where, "of several answers to the same question only the first is kept")
    passed, note = _verdict(lines)
    output = as_text(responses[0]) if responses else None
    ledger.answer(run.known[key], run.candidate, output, passed=passed, note=note)


def _add_case(ledger: Ledger, where: str, name: str, lines: dict[str, Line], config: Line) -> str:
    first = next(iter(lines.values()))
    named: list[JsonValue] = []
    for filtered, line in lines.items():
        for metric in dict.fromkeys(map(as_text, as_list(line.get("metrics")))):
            label = metric if filtered == "none" else f"{metric}-{filtered}"
            made = _scorer(ledger, where, (filtered, metric), line, config)
            named += [specs.labelled(made, label)] if made is not None else []
    asked = _asked(ledger, where, first)
    return ledger.add(where, {"id": name, "input": asked, "expected": first.get("target"), "scorers": named})


def _scorer(ledger: Ledger, where: str, names: tuple[str, str], line: Line, config: Line) -> Spec | None:
    filtered, metric = names
    place = f"{where.partition(' ')[0]} {metric},{filtered}"
    try:
        made = scorer_of(metric, filtered, line.get("target"), config)
    except LostError as error:
        ledger.lose(f"{where}, {filtered}" if error.by_document else place, str(error))
        return None
    for note in notes_on(metric, filtered, config):
        ledger.lose(place, note)
    return made


def _is_asked(line: Line) -> bool:
    """Return whether an answer was generated: the second argument is then the settings, not a continuation."""
    arguments = as_map(line.get("arguments"))
    first = as_map(arguments.get("gen_args_0"))
    return len(arguments) == 1 and isinstance(first.get("arg_1", {}), dict)


def _asked(ledger: Ledger, where: str, line: Line) -> JsonValue:
    value = as_map(as_map(line.get("arguments")).get("gen_args_0")).get("arg_0")
    text = as_text(value[0]) if isinstance(value, list) and len(value) == 1 else as_text(value)
    if not text.startswith('[{"role"'):
        return text
    try:
        chat = [as_map(message) for message in as_list(parse_json(text, where))]
    except InputError:
        return text
    if any(not isinstance(message.get("content"), str) for message in chat):
        ledger.lose(where, "a chat with more than texts is not carried over")
        return None
    messages: list[JsonValue] = [{"role": message.get("role"), "content": message["content"]} for message in chat]
    only = chat[0]
    return only["content"] if len(chat) == 1 and only.get("role") == "user" else messages


def _verdict(lines: dict[str, Line]) -> tuple[bool | None, str]:
    """Return whether each metric that is 0 or 1 is 1, and the value of each."""
    values = {
        f"{as_text(metric)},{name}": line.get(as_text(metric))
        for name, line in lines.items()
        for metric in as_list(line.get("metrics"))
    }
    verdicts = [value == 1 for value in values.values() if isinstance(value, bool | int | float) and value in (0, 1)]
    note = "; ".join(f"{name}: {as_text(value)}" for name, value in values.items())
    return (all(verdicts) if verdicts else None), note[:500]

"""What does a dataset or a log of Inspect ask, and what did Inspect say of the answers?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.suite.importing.archives import Archive
from assay.suite.importing.inspect_logs import add_log
from assay.suite.importing.inspect_scorers import letters
from assay.suite.importing.ledger import Ledger
from assay.suite.importing.sources import as_list, as_map, as_text, parse_json, read_json, read_lines, read_rows, unfit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import JsonValue

    from assay.suite.importing.imported import Imported, Options

__all__ = ["read"]

_READ = frozenset({"input", "target", "choices", "id", "metadata"})
_CHOICE = (
    "Answer the following multiple choice question. The entire content of your response should be of the following "
    "format: 'ANSWER: $LETTER' (without quotes) where LETTER is one of {letters}.\n\n{question}\n\n{choices}"
)
"""Template of the solver `multiple_choice` for one answer, as inspect_ai 0.3.285 sends it."""


def read(path: Path, options: Options) -> Imported:
    """Return the suite of a dataset (JSON, JSONL, CSV) or of a log (`.eval`, or JSON as `inspect log dump` writes it).

    Raises:
        InputError: the file cannot be read or is none of these.
    """
    ledger = Ledger(options, path.stem)
    if path.suffix.lower() == ".eval":
        _add_archive(ledger, path)
        return ledger.close()
    content: JsonValue = None
    if path.suffix.lower() == ".json":
        content = read_json(path)
        if isinstance(content, dict):
            samples = sorted(
                map(as_map, as_list(content.get("samples"))), key=lambda sample: as_text(sample.get("epoch"))
            )
            add_log(ledger, content, iter(samples), str(path))
            return ledger.close()
    ledger.description = "Imported from a dataset of Inspect."
    ledger.take_scorer()
    for where, record in _records(path, content):
        _add_record(ledger, where, record, str(path))
    return ledger.close()


def _add_archive(ledger: Ledger, path: Path) -> None:
    archive = Archive(path)
    header = archive.json("header.json")
    if header is None:
        # A run that crashed left only its beginning.
        header = archive.json("_journal/start.json")
        ledger.lose("header.json", "the log has no end: the run was cut off, and samples may be missing")
    samples = (as_map(archive.json(name)) for name in sorted(archive.names("samples/"), key=_epoch_of))
    add_log(ledger, as_map(header), samples, str(path))


def _epoch_of(name: str) -> tuple[int, str]:
    """Return the epoch that the name of a sample ends with, so that trials come in order."""
    epoch = name.removesuffix(".json").rpartition("_epoch_")[2]
    return (int(epoch) if epoch.isdecimal() and len(epoch) < 10 else 0, name)  # noqa: PLR2004 - only to bound it


def _records(path: Path, content: JsonValue) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    match path.suffix.lower():
        case ".json":
            yield from ((f"[{index}]", as_map(item)) for index, item in enumerate(as_list(content)))
        case ".jsonl":
            yield from ((f"line {number}", record) for number, record in read_lines(path))
        case ".csv":
            for number, cells in read_rows(path):
                record: dict[str, JsonValue] = {**cells}
                yield f"line {number}", record
        case _:
            raise unfit(str(path), "the file is no dataset or log", remedy="Name a .json, .jsonl, .csv or .eval file.")


def _add_record(ledger: Ledger, where: str, record: dict[str, JsonValue], name: str) -> None:
    for key in sorted(key for key in record.keys() - _READ if record[key] not in (None, "", {}, [])):
        ledger.lose(where, f"the field {key[:60]!r} is not carried over")
    choices = _choices(record.get("choices"))
    question, expected = record.get("input"), _expected(record.get("target"))
    target = expected[0] if isinstance(expected, list) and len(expected) == 1 else expected
    if choices and target not in letters(len(choices)):
        # The solver asks for letters, so that any other scorer would fail or pass the wrong answer.
        what = "several letters, or none of the choices, as the target of a choice have no equal in Assay"
        ledger.lose(where, f"the case {as_text(record.get('id')) or where!r} is left out: {what}")
        return
    if choices:
        ledger.lose(where, "the choices are written into the question as the solver multiple_choice writes them")
        question = _CHOICE.format(
            letters=",".join(map(as_text, letters(len(choices)))),
            question=as_text(question),
            choices="\n".join(
                f"{letter}) {text}" for letter, text in zip(letters(len(choices)), choices, strict=False)
            ),
        )
    metadata = record.get("metadata")
    if isinstance(metadata, str) and metadata.strip():
        metadata = parse_json(metadata, f"{name}: {where}")
    fields: dict[str, JsonValue] = {
        "id": record.get("id"),
        "input": question,
        "expected": target if choices else expected,
        "metadata": as_map(metadata),
    }
    if choices:
        ledger.add(where, {**fields, "scorers": [{"choice": {"options": letters(len(choices))}}]})
    else:
        ledger.add_plain(where, fields)


def _choices(value: JsonValue) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [as_text(item) for item in as_list(value)]


def _expected(value: JsonValue) -> JsonValue:
    return [as_text(item) for item in value] if isinstance(value, list) else value

"""What do the goldens, or the stored test run, of DeepEval ask?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assay.suite.importing.ledger import Ledger
from assay.suite.importing.sources import as_list, as_map, as_text, parse_json, read_json, read_rows, unfit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import JsonValue

    from assay.suite.importing.imported import Imported, Options

    Golden = dict[str, JsonValue]

__all__ = ["read"]

_KEPT = ("context", "retrieval_context", "comments", "source_file", "expectations", "expected_labels")
"""Fields that are kept as metadata."""
_READ = frozenset(
    {
        "input",
        "expected_output",
        "actual_output",
        "name",
        "id",
        "additional_metadata",
        "custom_column_key_values",
        *_KEPT,
    }
)
_LISTS = frozenset({"context", "retrieval_context"})
_OBJECTS = frozenset({"additional_metadata", "custom_column_key_values", "expectations", "expected_labels"})
_OF_A_RUN = frozenset(
    {"success", "metrics_data", "run_duration", "evaluation_cost", "order", "metadata", "tags", "flaky", "token_cost"}
)
_UPPER = re.compile(r"(?<=[a-z0-9])([A-Z])")


def read(path: Path, options: Options) -> Imported:
    """Return the suite of a list of goldens (JSON, CSV) or of a stored test run (JSON).

    A golden's context is handed to metrics there, not to the model, so that it becomes metadata; the option
    `columns={"context": "context"}` or `"retrieval_context"` puts it before the question.

    Raises:
        InputError: the file cannot be read or is neither.
    """
    ledger = Ledger(options, path.stem)
    ledger.description = "Imported from DeepEval."
    ledger.take_scorer()
    ledger.lose("the file", "metrics of DeepEval stand in its tests, not in this file; none is carried over")
    for where, golden in _goldens(path):
        if "input" not in golden:
            kind = "a conversation" if "scenario" in golden else "no golden with `input`"
            ledger.lose(where, f"it is {kind} and is left out")
            continue
        _add_golden(ledger, where, golden, options.columns.get("context"))
    return ledger.close()


def _goldens(path: Path) -> Iterator[tuple[str, Golden]]:
    if path.suffix.lower() == ".csv":
        for number, row in read_rows(path):
            yield f"line {number}", {key: _cell(key, cell, f"{path}:{number}") for key, cell in row.items() if cell}
        return
    content = read_json(path)
    listed = content.get("testCases") if isinstance(content, dict) else content
    if not isinstance(listed, list):
        raise unfit(str(path), "the file is no list of goldens and no test run", remedy="Save goldens as JSON or CSV.")
    for index, item in enumerate(listed):
        yield f"[{index}]", {_snake(key): value for key, value in as_map(item).items()}


def _cell(key: str, cell: str, name: str) -> JsonValue:
    if key in _LISTS:
        return [*cell.split("|")]
    return parse_json(cell, name) if key in _OBJECTS else cell


def _snake(key: str) -> str:
    return _UPPER.sub(lambda found: "_" + found[1].lower(), key)


def _add_golden(ledger: Ledger, where: str, golden: Golden, context: str | None) -> None:
    used = _READ | _OF_A_RUN
    for key in sorted(key for key in golden.keys() - used if golden[key] not in (None, "", [], {}, False)):
        ledger.lose(where, f"the field {key[:60]!r} is not carried over")
    for kind in ("must", "must_not", "mustNot"):
        for condition in as_list(as_map(golden.get("expectations")).get(kind)):
            ledger.lose(where, f"{kind} is not judged, it is kept as metadata: {as_text(condition)[:200]!r}")
    if golden.get("expected_labels"):
        ledger.lose(where, "the expected labels are not judged, they are kept as metadata")
    for key in ("context", "retrieval_context"):
        if golden.get(key) and key != context:
            ledger.lose(where, f"{key} is kept as metadata and not sent to the model")
    own = ledger.add_plain(
        where,
        {
            "id": golden.get("id") or golden.get("name"),
            "input": golden.get("input"),
            "expected": golden.get("expected_output"),
            "context": golden.get(context) if context else None,
            "metadata": _metadata(golden, context),
        },
    )
    _add_answer(ledger, own, golden)


def _metadata(golden: Golden, context: str | None) -> JsonValue:
    kept = {key: golden[key] for key in _KEPT if golden.get(key) and key != context}
    return {**as_map(golden.get("additional_metadata")), **as_map(golden.get("custom_column_key_values")), **kept}


def _add_answer(ledger: Ledger, own: str, golden: Golden) -> None:
    output, success = golden.get("actual_output"), golden.get("success")
    if output is None and success is None:
        return
    grades = [as_map(item) for item in as_list(golden.get("metrics_data"))]
    errors = any(grade.get("error") for grade in grades)
    ledger.answer(
        own,
        "actual_output",
        None if output is None else as_text(output),
        passed=success if isinstance(success, bool) and grades and not errors else None,
        note="; ".join(f"{as_text(grade.get('name'))}: {as_text(grade.get('score'))}" for grade in grades)[:500],
    )

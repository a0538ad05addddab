"""How do two records differ: what `assay diff` does, offline, once both are shown to follow from their evidence?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from assay.errors import InputError, MismatchError, Problem
from assay.gate.statistics import wilson
from assay.record.diff import diff_of
from assay.record.store import RecordFiles
from assay.schema.record import Record
from assay.workflow.verify import verify_record

if TYPE_CHECKING:
    from pathlib import Path

    from assay.record.diff import RecordDiff

__all__ = ["diff_records", "read_record"]


def diff_records(a: Path, b: Path, *, verified: bool = True) -> RecordDiff:
    """Return how two records differ, each named by one of its files or their stem.

    Args:
        a: what is compared with.
        b: what is compared.
        verified: whether both must follow from their evidence; else their JSON is believed as it stands.

    Raises:
        InputError: there is no record at one of the places, or its JSON is not one.
        MismatchError: one of them does not verify.
    """
    old, new = read_record(a), read_record(b)
    if verified:
        problems = [problem for path in (a, b) if (problem := _does_not_hold(path)) is not None]
        if problems:
            raise MismatchError(*problems)
    shown = True if verified else None
    return diff_of(old, new, wilson, (shown, shown))


def read_record(path: Path) -> Record:
    """Return a record by one of its files or their stem, as its JSON has it.

    Raises:
        InputError: there is no record at that place, or its JSON is not one.
    """
    files = RecordFiles.beside(path)
    try:
        return Record.model_validate_json(files.json.read_bytes())
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        message = f"not a record: {'.'.join(map(str, detail['loc']))}: {detail['msg']}"
        raise InputError(Problem("bad-record", message, "Run assay verify on it.", str(files.json))) from None


def _does_not_hold(path: Path) -> Problem | None:
    differences = verify_record(path).differences
    if not differences:
        return None
    first = differences[0]
    message = f"the record does not verify: {first.file}, {first.where}: {first.message}"
    remedy = f"See: assay verify {path}. --no-verify compares what it says all the same."
    return Problem("bad-evidence", message, remedy, str(path))

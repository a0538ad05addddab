"""What does a record say, as its files have it, and does it follow from its evidence?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from assay.errors import InputError, MismatchError, Problem
from assay.record.store import RecordFiles
from assay.schema.record import Record
from assay.workflow.verify import verify_record

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_holds", "read_record"]


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


def check_holds(*paths: Path, otherwise: str = "") -> None:
    """Verify records.

    Args:
        paths: each by one of its files or their stem.
        otherwise: what else can be done about one that does not hold, a sentence.

    Raises:
        MismatchError: one of them does not follow from its evidence; all of these are named.
    """
    problems = []
    for path in paths:
        differences = verify_record(path).differences
        if differences:
            first = differences[0]
            message = f"the record does not verify: {first.file}, {first.where}: {first.message}"
            remedy = f"See: assay verify {path}. {otherwise}".strip()
            problems.append(Problem("bad-evidence", message, remedy, str(path)))
    if problems:
        raise MismatchError(*problems)

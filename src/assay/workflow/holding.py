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

__all__ = ["check_holds", "read_record", "verified"]


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


def verified(path: Path, otherwise: str = "") -> Record:
    """Return a record that follows from its evidence.

    Args:
        path: the record, by one of its files or their stem.
        otherwise: what else can be done about one that does not, a sentence.

    Raises:
        InputError: there is no record.
        MismatchError: it does not verify.
    """
    verification = verify_record(path)
    if verification.differences or verification.record is None:
        where = [f"{own.file}, {own.where}: {own.message}" for own in verification.differences]
        message = f"the record does not verify: {where[0] if where else 'its JSON cannot be read'}"
        remedy = f"See: assay verify {path}. {otherwise}".strip()
        raise MismatchError(Problem("bad-evidence", message, remedy, str(path)))
    return verification.record


def check_holds(*paths: Path, otherwise: str = "") -> None:
    """Verify several records.

    Raises:
        MismatchError: one of them does not follow from its evidence; all of these are named.
    """
    problems: list[Problem] = []
    for path in paths:
        try:
            verified(path, otherwise)
        except MismatchError as error:
            problems += error.problems
    if problems:
        raise MismatchError(*problems)

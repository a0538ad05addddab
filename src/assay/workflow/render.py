"""How does a record's JSON become Markdown again: what `assay render` does?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from assay.errors import InputError, Problem
from assay.record.bundle import read_zip, unpack
from assay.record.store import RecordFiles
from assay.schema.record import Record
from assay.workflow.verify import render_with

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["render_record"]


def render_record(path: Path) -> str:
    """Return the Markdown of a record, from its JSON and the template in its evidence.

    Raises:
        InputError: there is no record at that place, or its JSON is not one.
        MismatchError: the evidence zip is damaged.
    """
    files = RecordFiles.beside(path)
    try:
        record = Record.model_validate_json(files.json.read_bytes())
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        message = f"not a record: {'.'.join(map(str, detail['loc']))}: {detail['msg']}"
        raise InputError(Problem("bad-record", message, "Run assay verify on it.", str(files.json))) from None
    return render_with(record, unpack(read_zip(files.evidence), files.evidence.name))

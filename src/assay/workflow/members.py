"""Which files may lie in the evidence of a record?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.errors import MismatchError, Problem
from assay.record.bundle import MANIFEST
from assay.workflow.stored import JUDGEMENTS_FILE, REDACTION_FILE, TRIALS_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.schema.record import RecordFormat

__all__ = ["check_members"]

_SINCE_V2: Final = (MANIFEST, REDACTION_FILE, TRIALS_FILE, JUDGEMENTS_FILE)
"""Members that evidence of the first record format does not have."""


def check_members(paths: Iterable[str], record_format: RecordFormat) -> None:
    """Refuse evidence that holds files which its record does not rest on.

    Args:
        paths: the files in it.
        record_format: the format that its record has.

    Raises:
        MismatchError: it has one that does not belong there; the first is named.
    """
    for path in sorted(paths):
        if record_format == "assay/record/v1" and path in _SINCE_V2:
            raise _mismatch(f"{path} is a member that records of the first format do not have")


def _mismatch(what: str) -> MismatchError:
    return MismatchError(Problem("bad-evidence", what, "Take the evidence of one run."))

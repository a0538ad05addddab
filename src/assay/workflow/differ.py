"""How do two records differ: what `assay diff` does, offline, once both are shown to follow from their evidence?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.gate.statistics import wilson
from assay.record.bundle import read_zip, unpack
from assay.record.diff import diff_of
from assay.record.store import RecordFiles
from assay.schema.suite import Plan
from assay.workflow.holding import check_holds, read_record

if TYPE_CHECKING:
    from pathlib import Path

    from assay.record.diff import RecordDiff

__all__ = ["diff_records"]


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
        check_holds(a, b, otherwise="--no-verify compares what it says all the same.")
    shown = True if verified else None
    # Only evidence that was shown to be that of its record is read for more than the record says.
    plans = (_plan(a), _plan(b)) if verified else None
    return diff_of(old, new, wilson, (shown, shown), plans)


def _plan(path: Path) -> Plan:
    evidence = RecordFiles.beside(path).evidence
    return Plan.model_validate_json(unpack(read_zip(evidence), evidence.name)["plan.json"])

"""Which files may lie in the evidence of a record, and in which form, so that nothing rides along unread?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.errors import MismatchError, Problem
from assay.record.bundle import MANIFEST
from assay.record.run_folder import BENCH_JOURNALS, TEMPLATE_FILE
from assay.workflow.evidence import BASELINE_FILE, CLIENTS_FILE, FACTS_FILE, POLICY_FILE, WAIVERS_FILE
from assay.workflow.stored import JUDGEMENTS_FILE, REDACTION_FILE, TRIALS_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.schema.record import RecordFormat
    from assay.schema.run import Run
    from assay.schema.suite import Plan

__all__ = ["check_members", "members_of"]

_SINCE_V2: Final = (MANIFEST, REDACTION_FILE, TRIALS_FILE, JUDGEMENTS_FILE)
"""Members that evidence of the first record format does not have."""
_ALWAYS: Final = (
    *("assembly.json", TEMPLATE_FILE, "plan.json", "run.json"),
    *("trials.jsonl", "superseded.jsonl", "judgements.jsonl", *BENCH_JOURNALS),
    *(FACTS_FILE, CLIENTS_FILE, "evidence/host.json", "evidence/checklist.json", "evidence/attestations.json"),
    *(POLICY_FILE, WAIVERS_FILE, BASELINE_FILE),
)
"""Members that a record may rest on whatever its plan asks."""


def members_of(plan: Plan, run: Run) -> frozenset[str]:
    """Return the files that deriving a record reads, where they are there."""
    imported = plan.bench.imports if plan.bench is not None else ()
    return frozenset(
        {
            *_SINCE_V2,
            *_ALWAYS,
            *(f"suites/{suite}.json" for suite in run.suite_digests),
            *(f"rubrics/{judge.id}.json" for judge in plan.judges),
            *(f"calibrations/{judge.id}.json" for judge in plan.judges if judge.calibration is not None),
            *(f"imported/{number}.json" for number, _ in enumerate(imported, start=1)),
        }
    )


def check_members(paths: Iterable[str], plan: Plan, run: Run, record_format: RecordFormat) -> None:
    """Refuse evidence that holds files which its record does not rest on.

    Args:
        paths: the files in it.
        plan: the plan in it.
        run: the run in it.
        record_format: the format that its record has.

    Raises:
        MismatchError: it has one that does not belong there; the first is named.
    """
    known = members_of(plan, run)
    for path in sorted(paths):
        if path not in known:
            raise _mismatch(f"nothing in the record rests on {path!a}")
        if record_format == "assay/record/v1" and path in _SINCE_V2:
            raise _mismatch(f"{path} is a member that records of the first format do not have")


def _mismatch(what: str) -> MismatchError:
    return MismatchError(Problem("bad-evidence", what, "Take the evidence of one run."))

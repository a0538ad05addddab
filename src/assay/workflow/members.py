"""Which files may lie in the evidence of a record, and in which form, so that nothing rides along unread?"""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Final

from assay.errors import foreign_evidence
from assay.record.bundle import MANIFEST
from assay.record.journal import CANARIES_FILE
from assay.record.run_folder import BENCH_JOURNALS, PROBES_FILE, TEMPLATE_FILE
from assay.workflow.evidence import BASELINE_FILE, CLIENTS_FILE, FACTS_FILE, POLICY_FILE, WAIVERS_FILE
from assay.workflow.stored import JUDGEMENTS_FILE, REDACTION_FILE, TRIALS_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assay.schema.record import RecordFormat
    from assay.schema.run import Run
    from assay.schema.suite import Plan

__all__ = ["check_form", "check_members", "members_of"]

_SINCE_V2: Final = (MANIFEST, REDACTION_FILE, TRIALS_FILE, JUDGEMENTS_FILE, PROBES_FILE, CANARIES_FILE)
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
            raise foreign_evidence(f"nothing in the record rests on {path!a}")
        if record_format == "assay/record/v1" and path in _SINCE_V2:
            raise foreign_evidence(f"{path} is a member that records of the first format do not have")


def check_form(files: Mapping[str, bytes]) -> None:
    """Refuse JSON that two readers may read as two things, or that has a form which Assay does not write.

    Of a key that stands twice one reader takes the first value and another the last: a plan with a stricter gate in
    front would look stricter than it is.

    Args:
        files: the evidence by path; of all that is no JSON nothing is said.

    Raises:
        MismatchError: a file has a byte-order mark, a journal a carriage return, or an object a key twice.
    """
    for path, content in files.items():
        lines = content.splitlines() if path.endswith(".jsonl") else [content] if path.endswith(".json") else []
        if lines and content.startswith(codecs.BOM_UTF8):
            raise foreign_evidence(f"{path} begins with a byte-order mark")
        if path.endswith(".jsonl") and b"\r" in content:
            raise foreign_evidence(f"{path} has a carriage return, and a journal's lines end without one")
        for number, line in enumerate(lines, start=1):
            try:
                _DECODER.decode(line.decode())
            except _TwiceError as error:
                place = f"{path}, line {number}," if len(lines) > 1 else path
                raise foreign_evidence(
                    f"{place} has the key {str(error)[:_MOST_SHOWN]!a} twice in one object"
                ) from None
            except ValueError:
                # Whoever reads it says so, with more of its place.
                continue


class _TwiceError(Exception):
    """A key that stands twice in one object."""


def _once(pairs: list[tuple[str, object]]) -> None:
    """Look at an object's keys; what it holds was looked at before, and is needed no more."""
    seen = {key for key, _ in pairs}
    if len(seen) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for key in keys if keys.count(key) > 1))


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_once, parse_int=str, parse_float=str)
"""Numbers are not read: of a very long one Python would say that it is no JSON."""
_MOST_SHOWN: Final = 60

"""From which files of the evidence does each field of the record follow?"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["EVIDENCE_OF", "METHOD_OR_PEOPLE", "evidence_of_path"]

_ASKED: Final = ("plan.json", "run.json", "suites/*.json", "trials.jsonl")
_JUDGED: Final = ("rubrics/*.json", "calibrations/*.json", "judgements.jsonl")
_LOADED: Final = ("requests.jsonl", "measurements.jsonl", "resources.jsonl", "counters.jsonl")
_DECIDED: Final = (
    *(*_ASKED, *_JUDGED, *_LOADED),
    *("evidence/facts.json", "evidence/checklist.json", "evidence/attestations.json", "evidence/rehearsals.json"),
    *("probes.jsonl", "evidence/policy.json", "evidence/waivers.json", "evidence/baseline.json"),
)

EVIDENCE_OF: Final[dict[str, tuple[str, ...]]] = {
    "schema_name": ("assembly.json",),
    "id": ("assembly.json",),
    "title": ("plan.json",),
    "date": ("assembly.json",),
    "assay_version": ("assembly.json",),
    "plan_digest": ("run.json",),
    "run": ("run.json",),
    "host": ("evidence/host.json",),
    "use_case": ("plan.json",),
    "verdict": _DECIDED,
    "candidates": ("plan.json", "evidence/facts.json", "run.json", "trials.jsonl", "superseded.jsonl"),
    "runtimes": ("plan.json", "trials.jsonl"),
    "suites": ("suites/*.json",),
    "metrics": (*_ASKED[2:], *_JUDGED),
    "blockers": (*_ASKED[2:], *_JUDGED),
    "judges": _JUDGED,
    "panels": _JUDGED,
    "bench_settings": ("plan.json",),
    "bench": _LOADED,
    "ladders": _LOADED,
    "clients": ("evidence/client.json",),
    "imported": ("imported/*.json",),
    "ceilings": (*_LOADED, "imported/*.json"),
    "plots": _LOADED,
    "stopped": _ASKED,
    "policy": ("plan.json", "evidence/policy.json", "evidence/baseline.json", "assembly.json"),
    "findings": _DECIDED,
    "people": ("plan.json",),
    "untested": _DECIDED,
    "withheld": ("assembly.json", "plan.json"),
    "evidence": ("*",),
}
"""Files of the evidence that a field of the record follows from, as patterns of their paths; of those, what a run does
not have is not there. A field none of whose files is there has no evidence; where only some are gone, other values
follow from the rest, and deriving the record again finds that."""

METHOD_OR_PEOPLE: Final = ("method", "status", "standing")
"""What no file of the evidence is needed for: Assay's own constants, and the status block, which is people's."""

_FIELD = re.compile(r"\w*")


def evidence_of_path(path: str, members: Iterable[str]) -> tuple[str, ...] | None:
    """Return the files of the evidence that a value follows from, by path; None for what needs none.

    Args:
        path: the value's key path in the record; empty for the whole record.
        members: paths of the files in the evidence.
    """
    match = _FIELD.match(path)
    field = match[0] if match is not None else ""
    if field in METHOD_OR_PEOPLE:
        return None
    patterns = EVIDENCE_OF.get(field, ("*",) if not field else ())
    return tuple(sorted({path for path in members for pattern in patterns if fnmatchcase(path, pattern)}))

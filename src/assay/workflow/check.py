"""How does each candidate of a run or a record stand by the checklist, section by section, and where is that seen?"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Literal, get_args

import assay
from assay import readiness
from assay.errors import InputError, Problem
from assay.record.run_folder import to_json
from assay.record.store import RecordFiles
from assay.schema._base import Noun
from assay.schema.findings import Checklist, Finding, Section
from assay.schema.record import Assembly, Evidence
from assay.workflow.derive import derive
from assay.workflow.finished import finished
from assay.workflow.holding import read_record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from assay.workflow.finished import Finished

__all__ = ["CandidateChecked", "Checked", "Outcome", "Wanted", "check"]

Outcome = Literal["met", "not_met", "unknown"]


class CandidateChecked(Noun):
    """How one candidate stands."""

    readiness: readiness.ReadinessLevel
    """At which level, by section; of what was asked for alone."""
    findings: tuple[Finding, ...]
    """What was asked for, in the checklist's order."""


class Checked(Noun):
    """How the candidates of a run or a record stand by the checklist."""

    source: str
    """Id of the run or the record."""
    date: str
    """Day by which attestations count, `YYYY-MM-DD` in UTC: today for a run, the verdict's for a record."""
    outcome: Outcome
    """The worst of the items of severity block: `met` where each of them is met or not applicable; `unknown` where the
    checklist leaves all of them out."""
    place: str
    """The run's folder, or the record's evidence zip, as it was named."""
    zipped: bool
    """Whether that is a zip."""
    files: tuple[str, ...]
    """The evidence files in it that findings name."""
    candidates: tuple[CandidateChecked, ...]
    """Those that are decided on."""
    meanings: dict[str, str]
    """What it means that an item is not met, by item, where the checklist says it."""
    lowered: tuple[str, ...] = ()
    """Items asked for of which the checklist only warns, and which the shipped one has in its minimum."""


class Wanted(Noun):
    """What of a checklist is asked for; empty means all."""

    sections: tuple[str, ...] = ()
    """Parts of the checklist."""
    candidates: tuple[str, ...] = ()
    """Candidates that are decided on."""


def check(source: Path, wanted: Wanted, today: str) -> Checked:
    """Return how the candidates that are decided on stand.

    A run is derived anew, as of today; a record is verified first, and stands as of its own day.

    Args:
        source: a run by its id or folder, or a record by one of its files or their stem.
        wanted: what is asked for.
        today: day in UTC, `YYYY-MM-DD`.

    Raises:
        InputError: there is neither, the run is not finished, or nothing of what is asked for is there.
        MismatchError: a record does not verify, or the files of a run do not belong together.
    """
    own = finished(source)
    findings, date = _findings(own, today)
    names = tuple(dict.fromkeys(finding.candidate for finding in findings))
    problems = [
        *_not_there("section", "unknown-item", wanted.sections, get_args(Section)),
        *_not_there("candidate", "unknown-candidate", wanted.candidates, names),
    ]
    if problems:
        raise InputError(*problems)
    asked = [finding for finding in findings if not wanted.sections or finding.section in wanted.sections]
    candidates = [_candidate(name, asked) for name in names if not wanted.candidates or name in wanted.candidates]
    told = [finding for candidate in candidates for finding in candidate.findings]
    if not told:
        message = f"the checklist of {own.name} has no item in {', '.join(wanted.sections)}"
        raise InputError(Problem("unknown-item", message, "Ask for another section, or for all."))
    checklist = Checklist.model_validate_json(own.files["evidence/checklist.json"])
    items = {finding.item for finding in told}
    zipped = own.evidence_sha256 is not None
    return Checked(
        source=own.name,
        date=date,
        outcome=_outcome(told, {item.id for item in checklist.items if item.leave_out}),
        place=str(RecordFiles.beside(own.path).evidence if zipped else own.path),
        zipped=zipped,
        files=tuple(sorted({path for finding in told for path in finding.evidence if path in own.files})),
        candidates=tuple(candidates),
        meanings={item.id: item.meaning for item in checklist.items if item.meaning and item.id in items},
        lowered=tuple(item.id for item in checklist.items if item.lowered and item.id in items),
    )


def _findings(own: Finished, today: str) -> tuple[tuple[Finding, ...], str]:
    """Return the findings, and the day by which attestations count in them."""
    if own.evidence_sha256 is not None:
        record = read_record(own.path)
        return record.findings, record.date
    assembly = Assembly(number=0, slug="", date=today, assay_version=assay.__version__, record_format="assay/record/v2")
    files = {**own.files, "assembly.json": to_json(assembly).encode()}
    return derive(files, Evidence(file="", sha256="", files=())).findings, today


def _candidate(name: str, findings: Sequence[Finding]) -> CandidateChecked:
    return CandidateChecked(
        readiness=readiness.readiness_level(name, findings),
        findings=tuple(finding for finding in findings if finding.candidate == name),
    )


def _outcome(findings: Sequence[Finding], left_out: Collection[str]) -> Outcome:
    blocking = [finding for finding in findings if finding.severity == "block"]
    statuses = {finding.status for finding in blocking}
    if "not_met" in statuses:
        return "not_met"
    nothing_shown = bool(blocking) and all(finding.item in left_out for finding in blocking)
    return "unknown" if "unknown" in statuses or nothing_shown else "met"


def _not_there(what: str, slug: str, wanted: Sequence[str], known: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for each name that is asked for and is not there."""
    for name in dict.fromkeys(wanted):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else f"Use one of: {', '.join(known)}."
            yield Problem(slug, f"there is no {what} {name!r}", remedy)

"""Is everything that a plan needs there and sound, before anything is asked?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from assay.bench.importing import read_benchmark
from assay.errors import InputError, Problem
from assay.gate import check_conditions, specs_of, wilson
from assay.schema.calibration import Calibration
from assay.scoring import check_scorers, follows_from_answers
from assay.suite import load_plan, load_redactions, load_rehearsals, load_rubrics, load_suites, waivers_of
from assay.workflow.checklists import load_attestations, load_checklist, shipped_checklist
from assay.workflow.earlier import baseline_problems, load_baseline
from assay.workflow.gating import subjects_of
from assay.workflow.hiding import Hiding, keys_of, why_unusable
from assay.workflow.shipped import shipped_folder
from assay.workflow.suite_names import suites_not_there
from assay.workflow.templates import checked_template
from assay.workflow.unfit import unfit_to_travel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.schema._base import Noun
    from assay.schema.baseline import Baseline
    from assay.schema.bench import ImportedBenchmark
    from assay.schema.findings import Attestations, Checklist, Rehearsals
    from assay.schema.suite import Plan, Rubric, Suite, Waivers
    from assay.schema.withheld import Redactions
    from assay.suite import LoadedPlan

__all__ = ["Prepared", "prepare", "tried"]

PartT = TypeVar("PartT")


@dataclass(frozen=True)
class Prepared:
    """A plan with all files that it names, read and checked."""

    loaded: LoadedPlan
    """The plan and its file."""
    suites: tuple[Suite, ...]
    """Its suites with their cases."""
    rubrics: Mapping[str, Rubric]
    """Rubrics by judge id."""
    checklist: Checklist
    """The readiness checklist."""
    attestations: Attestations | None
    """What people attest, or None when the plan names no file."""
    waivers: Waivers | None
    """What is waived, or None when the policy names no file."""
    calibrations: Mapping[str, Calibration]
    """Calibrations by judge id, where the plan names one."""
    weights: Mapping[str, Path]
    """Weights files by candidate, where the plan names one."""
    imported: tuple[ImportedBenchmark, ...]
    """What other benchmark tools measured, in the order of the plan's `bench.imports`."""
    baseline: Baseline | None = None
    """What the candidate of an earlier record did, where the policy compares with one."""
    template: str | None = None
    """The page's template, where the plan names one of its own."""
    listed: Redactions | None = None
    """What the organization does not let travel in a record, where the plan names a file of patterns."""
    rehearsals: Rehearsals | None = None
    """The log of rehearsals, or None when the plan names no file."""

    @property
    def plan(self) -> Plan:
        """The plan itself."""
        return self.loaded.plan


@dataclass(frozen=True)
class _Asking:
    """A plan with the files that say how its cases are asked and judged."""

    plan: Plan
    suites: tuple[Suite, ...]
    rubrics: Mapping[str, Rubric]


def prepare(path: Path, environment: Mapping[str, str], *, calibrating: bool = False) -> Prepared:
    """Read a plan and all that it names.

    Args:
        path: the plan.
        environment: environment variables.
        calibrating: whether the calibrations that it names are yet to be made.

    Raises:
        InputError: every problem of every file at once.
    """
    loaded = load_plan(path, shipped=shipped_folder(), environment=environment)
    problems: list[Problem] = []
    suites = tried(lambda: load_suites(loaded, check_scorers), problems)
    rubrics = tried(lambda: load_rubrics(loaded, suites or ()), problems)
    checklist = tried(lambda: _checklist(loaded), problems)
    attestations = tried(lambda: _attestations(loaded, checklist), problems)
    waivers = tried(lambda: waivers_of(loaded.gate), problems)
    calibrations = None if calibrating else tried(lambda: _calibrations(loaded), problems)
    weights = tried(lambda: _weights(loaded), problems)
    imported = tried(lambda: _imported(loaded), problems)
    template = tried(lambda: _template(loaded), problems)
    listed = tried(lambda: _redactions(loaded), problems)
    rehearsals = tried(lambda: _rehearsals(loaded), problems)
    baseline = None
    if suites is not None and rubrics is not None:
        problems += (wrong := baseline_problems(loaded.plan, loaded.gate))
        asking = _Asking(loaded.plan, suites, rubrics)
        baseline = None if wrong else tried(lambda: load_baseline(loaded.gate, asking), problems)
    if suites is not None and checklist is not None:
        # Conditions name suites and sections: without them each would be called unknown.
        policy = loaded.plan.gate
        known = subjects_of(loaded.plan, policy, suites, checklist)
        tried(lambda: check_conditions(specs_of(policy), known, loaded.condition_line), problems)
    if suites is not None:
        problems.extend(suites_not_there(loaded, [suite.id for suite in suites]))
    if problems or suites is None or checklist is None:
        raise InputError(*problems)
    prepared = Prepared(
        loaded=loaded,
        suites=suites,
        rubrics=rubrics or {},
        checklist=checklist,
        attestations=attestations,
        waivers=waivers,
        calibrations=calibrations or {},
        weights=weights or {},
        imported=imported or (),
        baseline=baseline,
        template=template,
        listed=listed,
        rehearsals=rehearsals,
    )
    redactor = Hiding(listed=listed, keys=keys_of(loaded.plan, environment)).redactor()
    if found := list(unfit_to_travel(loaded.document, suites, _files(prepared), redactor)):
        raise InputError(*found)
    return prepared


def _files(prepared: Prepared) -> dict[str, Noun | None]:
    """Return what digests are made of, beside the suites, by what people call it."""
    return {
        "plan": prepared.plan,
        **{f"rubric of {judge}": own for judge, own in prepared.rubrics.items()},
        **{f"calibration of {judge}": own for judge, own in prepared.calibrations.items()},
        **{f"imported benchmark {number}": own for number, own in enumerate(prepared.imported, start=1)},
        "checklist": prepared.checklist,
        "attestations": prepared.attestations,
        "rehearsals": prepared.rehearsals,
        "waivers": prepared.waivers,
        "baseline": prepared.baseline,
    }


def _redactions(loaded: LoadedPlan) -> Redactions | None:
    name = loaded.plan.record.redact
    if name is None:
        return None
    return load_redactions(_find(loaded, name, ("record", "redact")), name, why_unusable)


def tried(part: Callable[[], PartT], problems: list[Problem]) -> PartT | None:
    """Return a part, or None when it has problems, which are kept to be told with all others."""
    try:
        return part()
    except InputError as error:
        problems.extend(error.problems)
        return None


def _checklist(loaded: LoadedPlan) -> Checklist:
    name = loaded.plan.readiness.checklist
    return (
        shipped_checklist() if name is None else load_checklist(_find(loaded, name, ("readiness", "checklist")), name)
    )


def _attestations(loaded: LoadedPlan, checklist: Checklist | None) -> Attestations | None:
    name = loaded.plan.readiness.attestations
    if name is None:
        return None
    return load_attestations(_find(loaded, name, ("readiness", "attestations")), name, checklist)


def _rehearsals(loaded: LoadedPlan) -> Rehearsals | None:
    name = loaded.plan.readiness.rehearsals
    if name is None:
        return None
    path = _find(loaded, name, ("readiness", "rehearsals"))
    return load_rehearsals(path, name, [candidate.id for candidate in loaded.plan.candidates])


def _calibrations(loaded: LoadedPlan) -> dict[str, Calibration]:
    found = {}
    for index, judge in enumerate(loaded.plan.judges):
        if judge.calibration is not None:
            path = _find(loaded, judge.calibration, ("judges", index, "calibration"))
            found[judge.id] = _calibration(loaded, judge.id, judge.calibration, path)
    return found


def _calibration(loaded: LoadedPlan, judge: str, name: str, path: Path) -> Calibration:
    try:
        calibration = Calibration.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        message = "it is no calibration file"
        raise InputError(Problem("bad-calibration", message, "Name one that `assay calibrate` wrote.", name)) from None
    if not follows_from_answers(calibration, wilson):
        message = "its figures do not follow from the labelled answers in it"
        raise InputError(Problem("bad-calibration", message, f"Write it anew: assay calibrate {judge} LABELS.", name))
    labels = _labels_beside(loaded, calibration)
    if labels is not None and hashlib.sha256(labels).hexdigest() != calibration.labels_digest:
        message = f"the labels in {calibration.labels} have changed since it was written"
        remedy = f"Write it anew: assay calibrate {judge} {calibration.labels}."
        raise InputError(Problem("bad-calibration", message, remedy, name))
    return calibration


def _labels_beside(loaded: LoadedPlan, calibration: Calibration) -> bytes | None:
    """Return the labels file of a calibration; None where it is not there any more."""
    if calibration.labels is None or Path(calibration.labels).is_absolute():
        return None
    try:
        path = loaded.folders.find(calibration.labels)
        return path.read_bytes() if path.is_file() else None
    except (InputError, OSError):
        return None


def _template(loaded: LoadedPlan) -> str | None:
    name = loaded.plan.record.template
    return None if name is None else checked_template(_find(loaded, name, ("record", "template")), name)


def _weights(loaded: LoadedPlan) -> dict[str, Path]:
    return {
        candidate.id: _find(loaded, candidate.weights, ("candidates", index, "weights"))
        for index, candidate in enumerate(loaded.plan.candidates)
        if candidate.weights is not None
    }


def _imported(loaded: LoadedPlan) -> tuple[ImportedBenchmark, ...]:
    read, problems = [], []
    for index, spec in enumerate(loaded.plan.bench.imports if loaded.plan.bench else ()):
        loc = ("bench", "imports", index)
        try:
            read.append(read_benchmark(_find(loaded, spec.path, (*loc, "path")), spec.format))
        except InputError as error:
            # What is wrong inside of the file names the file as the plan does; the rest is the plan's to mend.
            plan, line = (
                loaded.document.file,
                loaded.document.line_of((*loc, "path" if spec.format is None else "format")),
            )
            problems += [
                p if p.file == plan else p.at(spec.path, p.line) if p.file else p.at(plan, line) for p in error.problems
            ]
    if problems:
        raise InputError(*problems)
    return tuple(read)


def _find(loaded: LoadedPlan, name: str, loc: tuple[str | int, ...]) -> Path:
    """Return the file that a name in the plan means; a problem names the plan's line."""
    try:
        return loaded.folders.find(name)
    except InputError as error:
        file, line = loaded.document.file, loaded.document.line_of(loc)
        raise InputError(*(p.at(file, line) for p in error.problems)) from None

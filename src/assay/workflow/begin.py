"""How does a run begin, or go on where it was left: its folder, what it promises to be, and what is mended?"""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

import assay
from assay import provenance
from assay.errors import InputError, Problem
from assay.record.journal import CANARIES_FILE
from assay.record.run_folder import BENCH_JOURNALS, PROBES_FILE, TEMPLATE_FILE, RunFolder
from assay.schema._base import Noun
from assay.schema.findings import Attestations, Checklist
from assay.schema.run import Run
from assay.scoring import plugin_versions
from assay.workflow.evidence import BASELINE_FILE, WAIVERS_FILE
from assay.workflow.hiding import PATTERNS_FILE
from assay.workflow.stopping import stopping_of

if TYPE_CHECKING:
    from pathlib import Path

    from assay.workflow.prepare import Prepared
    from assay.workflow.wishes import Surroundings, Wishes

__all__ = ["begin", "found_run", "write_inputs"]

_LIBRARIES = ("aiohttp", "pydantic", "jsonschema", "rapidfuzz", "regex", "scipy", "jinja2")
NounT = TypeVar("NounT", bound=Noun)
_CHECKLIST, _ATTESTATIONS = "evidence/checklist.json", "evidence/attestations.json"
_JOURNALS = ("trials.jsonl", "judgements.jsonl", *BENCH_JOURNALS, PROBES_FILE, CANARIES_FILE)


def begin(
    prepared: Prepared, out: Path, wishes: Wishes, surroundings: Surroundings, *, reuses: str | None
) -> tuple[RunFolder, Run]:
    """Return the folder of a new run, or of the one to go on with, locked, and what `run.json` says.

    Args:
        prepared: the plan.
        out: folder that gets `runs/`.
        wishes: which run to go on with, which part to ask.
        surroundings: clock, chance, and who watches.
        reuses: id of the earlier run whose answers may be taken, or None.

    Raises:
        InputError: the folder cannot be made, there is no such run, it was begun with another plan or another part
            of it, or another process is at work on it.
    """
    if wishes.resume is not None:
        folder, run = _resumed(prepared, out, wishes, surroundings)
        run = run.model_copy(update={"reuses": reuses or run.reuses})
        folder.write_noun("run.json", run)
        return folder, run
    run = _new(prepared, wishes, surroundings).model_copy(update={"reuses": reuses})
    folder = RunFolder.create(out / "runs" / run.id)
    try:
        folder.lock()
        write_inputs(folder, prepared)
        folder.write_noun("run.json", run)
    except BaseException:
        # Without its run.json a folder is no run: nobody could go on with it.
        shutil.rmtree(folder.path, ignore_errors=True)
        raise
    return folder, run


def _new(prepared: Prepared, wishes: Wishes, surroundings: Surroundings) -> Run:
    started = surroundings.now()
    return Run(
        id=f"{started:%Y%m%dT%H%M%S}-{prepared.plan.use_case.id}-{surroundings.salt[:4]}",
        plan_digest=prepared.plan.digest(),
        suite_digests={suite.id: suite.digest() for suite in prepared.suites},
        rubric_digests={judge: rubric.digest() for judge, rubric in prepared.rubrics.items()},
        calibration_digests={judge: own.digest() for judge, own in prepared.calibrations.items()},
        imported_digests=_imported_digests(prepared),
        baseline_digest=_baseline_digest(prepared),
        waivers_digest=_waivers_digest(prepared),
        started=started.isoformat(timespec="seconds"),
        state="running",
        versions={
            "assay": assay.__version__,
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _LIBRARIES},
            **plugin_versions(_scorers(prepared)),
        },
        selection=wishes.selection,
        stopping=stopping_of(prepared, wishes),
        plan_file=_plan_file(prepared.loaded.document.file),
        salt=surroundings.salt,
    )


def _plan_file(named: str) -> str:
    """Return how a plan was named, or its name alone where it lies elsewhere: a record tells nothing of the machine."""
    path = PurePath(named)
    return path.name if path.is_absolute() or ".." in path.parts else path.as_posix()


def _imported_digests(prepared: Prepared) -> dict[str, str]:
    return {f"{number}": own.digest() for number, own in enumerate(prepared.imported, start=1)}


def _baseline_digest(prepared: Prepared) -> str | None:
    return prepared.baseline.digest() if prepared.baseline is not None else None


def _waivers_digest(prepared: Prepared) -> str | None:
    return None if prepared.waivers is None else prepared.waivers.digest()


def _scorers(prepared: Prepared) -> frozenset[str]:
    return frozenset(
        leaf.name
        for suite in prepared.suites
        for case in suite.cases
        for spec in suite.scorers_of(case)
        for leaf in spec.leaves()
    )


def write_inputs(folder: RunFolder, prepared: Prepared) -> None:
    """Write what a run rests on into its folder: the plan, all files that it names, and what the host is."""
    folder.write_noun("plan.json", prepared.plan)
    for suite in prepared.suites:
        # Without what every case leaves at its default: that is most of a large suite's file and memory.
        folder.write_noun(f"suites/{suite.id}.json", suite, whole=False)
    for judge, rubric in prepared.rubrics.items():
        folder.write_noun(f"rubrics/{judge}.json", rubric)
    for judge, calibration in prepared.calibrations.items():
        folder.write_noun(f"calibrations/{judge}.json", calibration)
    for number, benchmark in enumerate(prepared.imported, start=1):
        folder.write_noun(f"imported/{number}.json", benchmark)
    folder.write_noun(_CHECKLIST, prepared.checklist)
    _write_optional(folder, prepared)
    folder.write_noun("evidence/host.json", provenance.look_at_host())


def _write_optional(folder: RunFolder, prepared: Prepared) -> None:
    """Write the files that not every plan names."""
    optional = {
        _ATTESTATIONS: prepared.attestations,
        BASELINE_FILE: prepared.baseline,
        WAIVERS_FILE: prepared.waivers,
        PATTERNS_FILE: prepared.listed,
    }
    for name, noun in optional.items():
        if noun is not None:
            folder.write_noun(name, noun)
    if prepared.template is not None:
        folder.write(TEMPLATE_FILE, prepared.template)


def found_run(out: Path, name: Path) -> Path:
    """Return the folder that a run's id or path means; where there is none, the likeliest."""
    places = (out / "runs" / name, out / name, name)
    return next((place for place in places if (place / "run.json").is_file()), places[0])


def _resumed(prepared: Prepared, out: Path, wishes: Wishes, surroundings: Surroundings) -> tuple[RunFolder, Run]:
    folder = RunFolder.existing(found_run(out, wishes.resume or out))
    run, note = folder.read_run(), surroundings.progress.note
    _refuse_another(prepared, folder, run, wishes)
    folder.lock()
    for journal in _JOURNALS:
        torn = folder.mend(journal)
        if torn:
            note(f"{journal}: cut off a torn last line of {torn} bytes; it is asked again")
    if _stored(folder, _ATTESTATIONS, Attestations) != prepared.attestations and prepared.attestations is not None:
        folder.write_noun(_ATTESTATIONS, prepared.attestations)
        note("people attest otherwise than when the run was begun: what they say now counts")
    if run.waivers_digest != _waivers_digest(prepared) and prepared.waivers is not None:
        folder.write_noun(WAIVERS_FILE, prepared.waivers)
        note("other waivers than when the run was begun: what is waived now counts")
    if prepared.template is not None and folder.template() != prepared.template:
        folder.write(TEMPLATE_FILE, prepared.template)
        note("the template is another than when the run was begun: the page is made with what it says now")
    if prepared.listed is not None:
        folder.write_noun(PATTERNS_FILE, prepared.listed)
    if wishes.retry_failed and (aside := folder.set_failed_aside()):
        note(f"{aside} trials without an answer are asked again; superseded.jsonl keeps them")
    begun = {"state": "running", "ended": None, "resumed": run.resumed + 1, "waivers_digest": _waivers_digest(prepared)}
    return folder, run.model_copy(update=begun)


def _refuse_another(prepared: Prepared, folder: RunFolder, run: Run, wishes: Wishes) -> None:
    """Raise InputError where a run cannot go on as it is asked to: it was begun with something else."""
    if changed := [what for what, differs in _changes(prepared, folder, run) if differs]:
        message = f"the run {run.id} was begun with {', '.join(changed)}"
        remedy = f"Start a new run with --reuse {run.id}: it takes every answer that still holds."
        raise InputError(Problem("other-plan", message, remedy, str(folder.path)))
    if not wishes.selection.is_whole and wishes.selection != run.selection:
        message = f"the run {run.id} was begun with another --limit, --tag, --candidate or --shard"
        raise InputError(Problem("other-plan", message, "Leave them out: a run keeps its own.", str(folder.path)))
    if wishes.sequential and run.stopping != "sequential":
        message = f"the run {run.id} was begun without --sequential, or could not have looks"
        raise InputError(Problem("other-plan", message, "Leave it out: a run keeps its own.", str(folder.path)))
    if wishes.reuse is not None and run.stopping == "sequential":
        message = f"the run {run.id} was begun with --sequential, and its looks could not be planned on known answers"
        raise InputError(Problem("other-plan", message, "Leave out --reuse.", str(folder.path)))


def _changes(prepared: Prepared, folder: RunFolder, run: Run) -> tuple[tuple[str, bool], ...]:
    """Return what a run rests on, and whether it is another one now than when the run was begun."""
    suites = {suite.id: suite.digest() for suite in prepared.suites}
    rubrics = {judge: rubric.digest() for judge, rubric in prepared.rubrics.items()}
    calibrations = {judge: own.digest() for judge, own in prepared.calibrations.items()}
    return (
        ("another plan", run.plan_digest != prepared.plan.digest()),
        ("other cases", run.suite_digests != suites),
        ("other rubrics", run.rubric_digests != rubrics),
        ("other calibrations", run.calibration_digests != calibrations),
        ("other imported benchmarks", run.imported_digests != _imported_digests(prepared)),
        ("another baseline", run.baseline_digest != _baseline_digest(prepared)),
        ("another checklist", _stored(folder, _CHECKLIST, Checklist) != prepared.checklist),
    )


def _stored(folder: RunFolder, name: str, model: type[NounT]) -> NounT | None:
    """Return an input as the run has it, or None where it has none that can be read."""
    try:
        return model.model_validate_json((folder.path / name).read_bytes())
    except (OSError, ValidationError):
        return None

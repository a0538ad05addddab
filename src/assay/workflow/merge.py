"""How do the shards of a plan become the one run that they are parts of?"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.record.journal import CANARIES_FILE
from assay.record.run_folder import (
    BENCH_JOURNALS,
    EVIDENCE_FOLDERS,
    PROBES_FILE,
    TEMPLATE_FILE,
    RunFolder,
)
from assay.workflow.conclude import write_record
from assay.workflow.hiding import PATTERNS_FILE, hiding_of
from assay.workflow.run import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assay.schema.run import Run
    from assay.workflow.wishes import Surroundings

__all__ = ["merge_runs"]

_JOURNALS = ("trials.jsonl", "superseded.jsonl", "judgements.jsonl", *BENCH_JOURNALS, PROBES_FILE, CANARIES_FILE)


def merge_runs(paths: Sequence[Path], out: Path, surroundings: Surroundings, *, transcripts: bool = True) -> Outcome:
    """Put shards together into a new run, and write its record.

    Args:
        paths: the run folders of all shards, in any order.
        out: folder that gets `runs/` and `records/`.
        surroundings: clock, chance, and who watches.
        transcripts: whether prompts and answers go into the evidence, where the plan does not leave them out.

    Raises:
        InputError: they are not all shards of one plan, each once and finished, or their candidates were not the same.
    """
    folders = [RunFolder.existing(path) for path in paths]
    runs = [folder.read_run() for folder in folders]
    problems = list(_faults(runs, paths))
    if problems:
        raise InputError(*problems)
    pairs = sorted(zip(runs, folders, strict=True), key=lambda pair: pair[0].selection.shard)
    first, source = pairs[0]
    ended = surroundings.now()
    run = first.model_copy(
        update={
            "id": f"{ended:%Y%m%dT%H%M%S}-merged-{surroundings.salt[:4]}",
            "selection": first.selection.model_copy(update={"shard": 1, "shards": 1}),
            "started": min(run.started for run in runs),
            # Waivers and attestations hold by the day of the verdict, and that is given now.
            "ended": ended.isoformat(timespec="seconds"),
            "merged": tuple(run.id for run, _ in pairs),
        }
    )
    folder = RunFolder.create(out / "runs" / run.id)
    with folder:
        folder.lock()
        _copy(source, folder, [own for _, own in pairs])
        folder.write_noun("run.json", run)
        surroundings.progress.note(f"run {run.id} in {folder.path}")
        hiding = hiding_of(folder, surroundings.environment, transcripts=transcripts)
        record, files = write_record(folder, run, out, hiding)
    return Outcome(record, files, folder.path)


def _copy(source: RunFolder, target: RunFolder, shards: Sequence[RunFolder]) -> None:
    """Take inputs and facts from the first shard, and the journals of all, shard after shard."""
    for name in ("plan.json", TEMPLATE_FILE, PATTERNS_FILE):
        if (source.path / name).exists():
            shutil.copyfile(source.path / name, target.path / name)
    for name in EVIDENCE_FOLDERS:
        for file in sorted((source.path / name).glob("*.json")):
            shutil.copyfile(file, target.path / name / file.name)
    for journal in _JOURNALS:
        parts = [shard.path / journal for shard in shards if (shard.path / journal).exists()]
        if parts:
            with (target.path / journal).open("wb") as whole:
                for part in parts:
                    with part.open("rb") as lines:
                        shutil.copyfileobj(lines, whole)


def _faults(runs: Sequence[Run], paths: Sequence[Path]) -> list[Problem]:
    """Return what keeps runs from being the shards of one."""
    first = runs[0]
    of = first.selection.shards
    faults = []
    for run, path in zip(runs, paths, strict=True):
        checks = [
            (run.selection.shards == 1, "it is no shard: its run was asked whole", "Merge runs made with --shard."),
            (run.state != "completed", "the shard is not finished", "Go on with it first: --resume."),
            (
                run.selection.model_copy(update={"shard": 1}) != first.selection.model_copy(update={"shard": 1}),
                f"it asks another part of the cases than the shards of {paths[0]}",
                "Merge runs that differ in --shard alone.",
            ),
            *(
                (differs, f"it was begun with {what} than {paths[0]}", "Merge shards of one plan and one Assay.")
                for what, differs in _differences(run, first, (path, paths[0]))
            ),
            (
                run.fingerprints != first.fingerprints,
                f"its candidates were not the same as those of {paths[0]}",
                "Ask all shards of the same servers.",
            ),
        ]
        faults += [Problem("no-merge", what, remedy, str(path)) for wrong, what, remedy in checks if wrong]
    there = sorted(run.selection.shard for run in runs)
    if not faults and there != list(range(1, of + 1)):
        told = ", ".join(map(str, there))
        message = f"of {of} shards these are given: {told}"
        faults.append(Problem("no-merge", message, "Give each shard once."))
    return faults


def _differences(run: Run, first: Run, paths: tuple[Path, Path]) -> tuple[tuple[str, bool], ...]:
    """Return what shards of one plan have in common, and whether these two do not: only one of both is kept."""
    return (
        (
            "another plan or other cases",
            (run.plan_digest, run.suite_digests) != (first.plan_digest, first.suite_digests),
        ),
        ("other rubrics", run.rubric_digests != first.rubric_digests),
        ("other calibrations", run.calibration_digests != first.calibration_digests),
        ("other imported benchmarks", run.imported_digests != first.imported_digests),
        ("another baseline", run.baseline_digest != first.baseline_digest),
        ("other waivers", run.waivers_digest != first.waivers_digest),
        ("another version of Assay", run.versions.get("assay") != first.versions.get("assay")),
        ("another checklist", len({_bytes_of(path, "evidence/checklist.json") for path in paths}) > 1),
        ("another template", len({RunFolder(path).template() for path in paths}) > 1),
        ("other attestations", len({_bytes_of(path, "evidence/attestations.json") for path in paths}) > 1),
        ("other patterns of what must not travel", len({_bytes_of(path, PATTERNS_FILE) for path in paths}) > 1),
    )


def _bytes_of(run: Path, name: str) -> bytes:
    path = run / name
    return path.read_bytes() if path.exists() else b""

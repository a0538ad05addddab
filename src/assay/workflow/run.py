"""What does `assay run` do: from a plan to a verdict and a record that can be verified?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.record.run_folder import RunFolder
from assay.workflow.begin import begin, found_run
from assay.workflow.conclude import write_record
from assay.workflow.prepare import prepare
from assay.workflow.selection import check_selection, described
from assay.workflow.stages import do_all

if TYPE_CHECKING:
    from pathlib import Path

    from assay.record.store import RecordFiles
    from assay.schema.record import Record
    from assay.schema.run import Run
    from assay.workflow.prepare import Prepared
    from assay.workflow.wishes import Surroundings, Wishes

__all__ = ["Outcome", "Taken", "run_plan", "take_run"]


@dataclass(frozen=True)
class Taken:
    """A run whose questions are asked."""

    prepared: Prepared
    """Its plan."""
    folder: RunFolder
    """Where it lies; closed."""
    run: Run
    """What `run.json` says."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    record: Record
    """The record."""
    files: RecordFiles
    """Where it was written."""
    run_folder: Path
    """Where the run lies."""

    @property
    def answered(self) -> int:
        """Trials that got an answer, of all candidates."""
        return sum(candidate.completed for candidate in self.record.candidates)


def run_plan(plan_path: Path, out: Path, surroundings: Surroundings, wishes: Wishes) -> Outcome:
    """Do everything that a plan asks for.

    Args:
        plan_path: the plan.
        out: folder that gets `runs/` and `records/`.
        surroundings: clock, environment, chance, and who watches.
        wishes: what to do beside what the plan says.

    Raises:
        InputError: the plan or a file it names is wrong; a server refuses key or model name.
        ServerError: a server cannot be reached or started, or went away.
    """
    folder, run = _asked(plan_path, out, surroundings, wishes)
    record, files = write_record(folder, run, out)
    return Outcome(record, files, folder.path)


def _asked(plan_path: Path, out: Path, surroundings: Surroundings, wishes: Wishes) -> tuple[RunFolder, Run]:
    """Take a run and let go of its plan: the record is derived from what is on disk, and needs the memory."""
    taken = take_run(plan_path, out, surroundings, wishes)
    return taken.folder, taken.run


def take_run(plan_path: Path, out: Path, surroundings: Surroundings, wishes: Wishes) -> Taken:
    """Ask everything that a plan asks for, and leave it on disk.

    Raises:
        InputError: as `run_plan`.
        ServerError: as `run_plan`.
        KeyboardInterrupt: a stop was asked for, and what was in flight is on disk.
    """
    prepared = prepare(plan_path, surroundings.environment)
    check_selection(prepared.plan, prepared.suites, wishes.selection)
    if wishes.reuse is not None:
        wishes = replace(wishes, reuse=RunFolder.existing(found_run(out, wishes.reuse)).path)
    folder, run = begin(prepared, out, wishes, surroundings)
    note = surroundings.progress.note
    note(f"run {run.id} in {folder.path}")
    if not run.selection.is_whole:
        note(f"only a part of the cases is asked: {described(run.selection)}")
    with folder:
        try:
            run = do_all(prepared, folder, run, wishes, surroundings)
        except BaseException as error:
            stopped = isinstance(error, KeyboardInterrupt)
            _end(folder, folder.read_run(), "interrupted" if stopped else "failed", surroundings)
            if (folder.path / "trials.jsonl").exists():
                note(f"what was answered is kept: go on with --resume {run.id}")
            raise
        run = _end(folder, run, "completed", surroundings)
    return Taken(prepared, folder, run)


def _end(folder: RunFolder, run: Run, state: str, surroundings: Surroundings) -> Run:
    ended = surroundings.now().isoformat(timespec="seconds")
    run = run.model_copy(update={"state": state, "ended": ended})
    folder.write_noun("run.json", run)
    return run

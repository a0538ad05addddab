"""What does `assay run` do: from a plan to a verdict and a record that can be verified?"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.workflow.begin import begin, found_run
from assay.workflow.conclude import write_record
from assay.workflow.forecast import announce
from assay.workflow.hiding import hiding_of
from assay.workflow.idle_waivers import announce_waivers
from assay.workflow.prepare import prepare
from assay.workflow.reuse import Reuse
from assay.workflow.selection import check_selection, described
from assay.workflow.stages import do_all
from assay.workflow.stopping import whole_notes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assay.record.run_folder import RunFolder
    from assay.record.store import RecordFiles
    from assay.schema.record import Record
    from assay.schema.run import Run
    from assay.workflow.wishes import Surroundings, Wishes

__all__ = ["Outcome", "Taken", "run_plan", "take_run"]


@dataclass(frozen=True)
class Taken:
    """A run whose questions are asked."""

    folder: RunFolder
    """Where it lies."""
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


def run_plan(plan_path: Path, out: Path, surroundings: Surroundings, wishes: Wishes) -> Outcome | Taken:
    """Do everything that a plan asks for.

    Args:
        plan_path: the plan.
        out: folder that gets `runs/` and `records/`.
        surroundings: clock, environment, chance, and who watches.
        wishes: what to do beside what the plan says.

    Returns:
        What it came to; of a shard only what was asked, for it has no record of its own.

    Raises:
        InputError: the plan or a file it names is wrong; a server refuses key or model name.
        ServerError: a server cannot be reached or started, or went away.
    """
    taken = _asked(plan_path, out, surroundings, wishes)
    with taken.folder:
        if taken.run.selection.shards > 1:
            return taken
        hiding = hiding_of(taken.folder, surroundings.environment, transcripts=wishes.transcripts)
        record, files = write_record(taken.folder, taken.run, out, hiding)
    return Outcome(record, files, taken.folder.path)


def take_run(plan_path: Path, out: Path, surroundings: Surroundings, wishes: Wishes) -> Taken:
    """Ask everything that a plan asks for, and leave it on disk.

    Raises:
        InputError: as `run_plan`.
        ServerError: as `run_plan`.
        KeyboardInterrupt: a stop was asked for, and what was in flight is on disk.
    """
    taken = _asked(plan_path, out, surroundings, wishes)
    with taken.folder:
        return taken


def _asked(plan_path: Path, out: Path, surroundings: Surroundings, wishes: Wishes) -> Taken:
    """Take a run and let go of its plan: the record is derived from what is on disk, and needs the memory.

    The folder stays locked, for whoever makes a record of it.
    """
    prepared = prepare(plan_path, surroundings.environment)
    if wishes.load_only and prepared.plan.bench is None:
        remedy = "Add bench to it, such as `bench: {profiles: [short], concurrency: [1, 4], requests: 60}`."
        raise InputError(Problem("no-bench", "the plan asks for no benchmark", remedy, str(plan_path)))
    check_selection(prepared.plan, prepared.suites, wishes.selection)
    note = surroundings.progress.note
    reuse = _reuse(out, wishes.reuse, note) if wishes.reuse is not None else None
    reuses = reuse.run_id if reuse is not None else None
    folder, run = begin(prepared, out, wishes, surroundings, reuses=reuses)
    note(f"run {run.id} in {folder.path}")
    if not (wishes.load_only or wishes.cases_only):
        announce(prepared, run.stopping, note)
        announce_waivers(prepared, surroundings.now().date(), note)
    if not run.selection.is_whole:
        note(f"only a part of the cases is asked: {described(run.selection)}")
    for kept in whole_notes(prepared, run, wishes):
        note(kept)
    with ExitStack() as locked:
        locked.enter_context(folder)
        try:
            run = do_all(prepared, folder, run, wishes, surroundings, reuse=reuse)
            folder.settle()
            run = _end(folder, run, "completed", surroundings)
        except BaseException as error:
            if any((folder.path / name).exists() for name in ("trials.jsonl", "requests.jsonl")):
                note(f"what was answered is kept: go on with --resume {run.id}")
            # A disk that is full takes no state either: why the run ended is worth more than that.
            with suppress(OSError, InputError):
                stopped = isinstance(error, KeyboardInterrupt)
                _end(folder, folder.read_run(), "interrupted" if stopped else "failed", surroundings)
            raise
        locked.pop_all()
    return Taken(folder, run)


def _reuse(out: Path, name: Path, note: Callable[[str], None]) -> Reuse:
    reuse = Reuse(found_run(out, name))
    if reuse.torn:
        note(f"{reuse.run_id}: a torn last line of {reuse.torn} bytes is passed over; --resume would mend it")
    return reuse


def _end(folder: RunFolder, run: Run, state: str, surroundings: Surroundings) -> Run:
    ended = surroundings.now().isoformat(timespec="seconds")
    run = run.model_copy(update={"state": state, "ended": ended})
    folder.write_noun("run.json", run)
    return run

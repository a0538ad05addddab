"""What of a run do other tools and people read: its scores as a table or tests, its answers to label?"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from assay.errors import InputError, MismatchError, Problem
from assay.record.export import EXPORTERS, Exporter, Source, Wanted
from assay.record.run_folder import RunFolder
from assay.record.sheets import SHEETS
from assay.schema._base import Noun
from assay.schema.suite import Plan, Suite
from assay.scoring import cases_by_rubric, draw_of, reference_of
from assay.workflow.selection import chosen_candidates, chosen_questions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.schema.run import Run, TrialKey
    from assay.schema.suite import Case

__all__ = ["Exported", "export_run", "whole"]

NounT = TypeVar("NounT", bound=Noun)


@dataclass(frozen=True)
class Exported:
    """What was written."""

    count: int
    """Entries: scores, test cases or answers."""
    counted: str
    """What the entries are, in words that follow the number."""
    not_asked: int
    """Trials that were due and of which the run has no answer, not even a fault."""
    stopped_early: bool
    """Whether they were left out on purpose: no outcome of theirs could have changed a condition."""


def export_run(path: Path, format_: str, out: Path | None, standard: IO[bytes], *, most: int | None = None) -> Exported:
    """Write a run in another format.

    Args:
        path: the run's folder.
        format_: name of the format.
        out: file to write, there whole when all went well, or not at all; None writes to `standard`.
        standard: where data goes without a file.
        most: at most so many answers to label; None takes all.

    Raises:
        InputError: there is no such format or run, it has no scores, or the file cannot be written.
        MismatchError: the run's files do not belong together.
    """
    exporter = _exporter(format_, out, most)
    folder = RunFolder.existing(path)
    with Source(folder.path, _wanted(folder, most)) as source:
        if out is None:
            count = exporter.write(source, standard)
        else:
            with whole(out) as file:
                count = exporter.write(source, file)
        return Exported(count, exporter.counted, source.not_asked, source.stopped_early)


def _exporter(format_: str, out: Path | None, most: int | None) -> Exporter:
    exporter = EXPORTERS.get(format_)
    if exporter is None:
        message = f"there is no format {format_[:60]!r} to export to"
        raise InputError(Problem("unknown-format", message, f"There are: {', '.join([*EXPORTERS, *SHEETS])}."))
    if most is not None and (not exporter.is_filled_in or most < 1):
        message = "--most says how many answers to label, at least 1"
        raise InputError(Problem("bad-usage", message, "Use it with --format labels."))
    if out is None and not exporter.as_text:
        message = f"{format_} is no text and is not written to the terminal"
        raise InputError(Problem("bad-usage", message, "Name a file with --out."))
    if out is not None and out.exists():
        if not out.is_file():
            message = "this is no plain file"
            raise InputError(Problem("file-exists", message, "Name another file with --out.", str(out)))
        if exporter.is_filled_in:
            message = "the file is there already, and people may have written into it"
            raise InputError(Problem("file-exists", message, "Name another file with --out.", str(out)))
    return exporter


def _wanted(folder: RunFolder, most: int | None) -> Wanted:
    run = folder.read_run()
    plan = _noun(folder.path / "plan.json", Plan)
    # By what the files say, not by paths made of names: a name in run.json may be hostile.
    found = {suite.id: suite for suite in (_noun(p, Suite) for p in sorted((folder.path / "suites").glob("*.json")))}
    suites = {name: found[name] for name in run.suite_digests if name in found}
    if plan.digest() != run.plan_digest or {own: suites[own].digest() for own in suites} != run.suite_digests:
        message = "the plan or a suite is not the one of the run"
        raise MismatchError(Problem("bad-evidence", message, "Take the files of one run.", str(folder.path)))
    return Wanted(run, suites, _due(plan, suites, run), _references_of, draw_of, most)


def _references_of(suite: Suite, case: Case) -> dict[str, str | None]:
    return {rubric: reference_of(own) for rubric, own in cases_by_rubric(suite, case).items()}


def _due(plan: Plan, suites: dict[str, Suite], run: Run) -> tuple[TrialKey, ...]:
    """Return the trials that the run was to have, candidate by candidate and suite by suite."""
    questions = list(chosen_questions(tuple(suites.values()), plan.trials, run.selection))
    places = {name: number for number, name in enumerate(suites)}
    cases = {(own.id, case.id): place for own in suites.values() for place, case in enumerate(own.cases)}
    asked = sorted(
        ((suite.id, case.id, trial) for suite, case, trial in questions),
        key=lambda own: (places[own[0]], cases[own[:2]], own[2]),
    )
    return tuple((candidate.id, *own) for candidate in chosen_candidates(plan, run.selection) for own in asked)


def _noun(path: Path, model: type[NounT]) -> NounT:
    try:
        return model.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        problem = Problem("bad-journal", f"{path.name} cannot be read", "Start a new run.", str(path))
        raise InputError(problem) from None


@contextmanager
def whole(out: Path) -> Iterator[IO[bytes]]:
    """Yield a file that is there whole when the block ends, or not at all."""
    target = out.resolve()
    draft = target.with_name(target.name + ".part")
    try:
        file = draft.open("wb")
    except OSError as error:
        message = f"cannot write the file: {error.strerror}"
        raise InputError(Problem("no-folder", message, "Name another file with --out.", str(out))) from None
    try:
        with file:
            yield file
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)

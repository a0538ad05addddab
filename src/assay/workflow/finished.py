"""Which finished run, or which record that holds, does a name mean, and what is its evidence?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import assay
from assay.errors import InputError, Problem
from assay.record.bundle import read_zip, unpack
from assay.record.run_folder import RunFolder, to_json
from assay.record.store import RecordFiles
from assay.schema.record import Assembly
from assay.workflow.evidence import read_inputs
from assay.workflow.holding import verified

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.workflow.evidence import Inputs

__all__ = ["Finished", "finished", "finished_record"]

_ASSEMBLY = "assembly.json"


@dataclass(frozen=True)
class Finished:
    """A run that came to its end, or a record that holds."""

    name: str
    """Id of the run or of the record."""
    path: Path
    """The run's folder, or the record's JSON."""
    evidence_sha256: str | None
    """SHA-256 of the record's evidence zip; None for a run."""
    files: Mapping[str, bytes]
    """Its evidence by path."""

    def inputs(self) -> Inputs:
        """Return the evidence, read.

        Raises:
            MismatchError: the files do not belong together.
            InputError: a journal has a line that cannot be read.
        """
        if _ASSEMBLY in self.files:
            return read_inputs(self.files)
        nothing = Assembly(number=0, slug="", date="", assay_version=assay.__version__)
        return read_inputs({**self.files, _ASSEMBLY: to_json(nothing).encode()})


def finished(name: Path) -> Finished:
    """Return a run by its id or folder, or a record by one of its files or their stem.

    Raises:
        InputError: there is neither, or the run is not finished, or is only a shard.
        MismatchError: the record does not verify.
    """
    for folder in (name, Path("runs") / name):
        if (folder / "run.json").is_file():
            return _run(folder)
    try:
        return finished_record(name)
    except InputError as error:
        if len(error.problems) > 1 or name.suffix in {".json", ".md", ".zip"}:
            raise
        message = "there is neither a run nor a record here"
        remedy = "Name a run by its id or folder, or a record such as records/0001-policy-qa."
        raise InputError(Problem("no-run", message, remedy, str(name))) from None


def finished_record(path: Path) -> Finished:
    """Return a record that verifies, by one of its files or their stem.

    Raises:
        InputError: there is no record.
        MismatchError: it does not verify.
    """
    files = RecordFiles.beside(path)
    record = verified(path)
    content = read_zip(files.evidence)
    return Finished(record.id, files.json, record.evidence.sha256, unpack(content, files.evidence.name))


def _run(path: Path) -> Finished:
    folder = RunFolder.existing(path)
    run = folder.read_run()
    if run.state != "completed":
        message = f"the run {run.id} is not finished: it is {run.state}"
        raise InputError(
            Problem("unfinished-run", message, f"Go on with it: assay run PLAN --resume {run.id}.", str(path))
        )
    if run.selection.shards > 1:
        message = f"the run {run.id} is shard {run.selection.shard} of {run.selection.shards}"
        raise InputError(Problem("unfinished-run", message, "Put all shards together: assay merge RUN...", str(path)))
    return Finished(run.id, folder.path, None, folder.evidence())

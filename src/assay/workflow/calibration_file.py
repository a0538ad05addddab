"""Where is a calibration written, and where what its judge says as it comes?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.schema.run import Completion

if TYPE_CHECKING:
    from assay.schema.suite import JudgeSpec
    from assay.workflow.prepare import Prepared

__all__ = ["Journal", "beside", "target"]


def target(prepared: Prepared, spec: JudgeSpec, out: Path | None) -> Path:
    """Return the file to write: what `--out` names, else what the plan names or its usual place, beside the plan.

    Raises:
        InputError: it leads out of the plan's folder, or what lies there is something else.
    """
    name = spec.calibration or f"calibrations/{spec.id}.json"
    path = out or prepared.loaded.folders.base / name
    root = prepared.loaded.folders.base.resolve()
    if out is None and not Path(name).is_absolute() and not path.resolve().is_relative_to(root):
        message = f"the path {name!r} leads out of the plan's folder"
        raise InputError(Problem("path-outside", message, "Move the file, or name it absolutely.", str(path)))
    if path.exists() and not _is_calibration(path):
        message = "there is another file already, and it is no calibration"
        raise InputError(Problem("file-exists", message, "Name another file with --out.", str(path)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot make the folder: {error.strerror}"
        raise InputError(Problem("no-folder", message, "Name another file with --out.", str(path))) from None
    return path


def _is_calibration(path: Path) -> bool:
    """Say whether a file is a calibration, be it of an older form."""
    try:
        said = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and str(said.get("schema", "")).startswith("assay/calibration/")


def beside(path: Path, base: Path) -> str | None:
    """Return the path of a file relative to the plan's folder, or None where it lies outside."""
    full, root = path.resolve(), base.resolve()
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else None


class Journal:
    """Judgements as they come, found again by what was asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Completion] = {}
        self.completions: dict[tuple[str, str], Completion] = {}
        """What the judge answered, by answer and kind of question."""
        if path.exists():
            for line in path.read_bytes().split(b"\n"):
                try:
                    row = json.loads(line)
                    self._known[row["asked"]] = Completion.model_validate(row["completion"])
                except (ValueError, KeyError, TypeError):
                    continue  # a torn line is asked again

    def find(self, about: tuple[str, str], asked: str) -> bool:
        """Take an answer that is on disk already; say whether there was one.

        Args:
            about: answer and kind of question.
            asked: digest of what was asked.
        """
        known = self._known.get(asked)
        if known is not None and known.fault is None:
            self.completions[about] = known
            return True
        return False

    def keep(self, about: tuple[str, str], asked: str, completion: Completion) -> None:
        """Write an answer down."""
        self.completions[about] = completion
        row = {"asked": asked, "completion": completion.model_dump(mode="json")}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def close(self, path: Path) -> None:
        """Put the file where the judgements of a finished calibration lie; the next one asks anew."""
        if self._path.exists():
            self._path.replace(path)

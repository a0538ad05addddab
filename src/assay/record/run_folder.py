"""What is on disk of a run, and what of it survives a crash?

A run folder is append-only: each finished trial, judgement and benchmark request is one line, written with one
system call when it is there. A kill loses at most what was in flight; a torn last line is cut off and said.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Self, TypeVar

from pydantic import ValidationError

from assay.errors import InputError, Problem
from assay.schema._base import Noun
from assay.schema.run import Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

__all__ = ["EVIDENCE_FOLDERS", "RunFolder", "parse_lines", "to_json"]

NounT = TypeVar("NounT", bound=Noun)

EVIDENCE_FOLDERS = ("suites", "rubrics", "evidence")
"""Folders of a run whose JSON files go into the evidence zip."""


def to_json(noun: Noun) -> str:
    """Return a noun as stored: indented JSON with a final newline, the same text on every machine."""
    return json.dumps(noun.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1) + "\n"


def parse_lines(content: bytes, model: type[NounT], name: str) -> Iterator[NounT]:
    """Yield the nouns of a JSONL file.

    Raises:
        InputError: a line is not such a noun; the problem names file and line.
    """
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            yield model.model_validate_json(line)
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            message = f"not a {model.__name__.lower()}: {'.'.join(map(str, detail['loc']))} {detail['msg']}"
            raise InputError(
                Problem("bad-journal", message, "Take the run again from its last good state.", name, number)
            ) from None


class RunFolder:
    """The folder of one run; a context manager that closes what it appended to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: dict[str, int] = {}

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """Make a new, empty run folder.

        Raises:
            InputError: the folder is there already or cannot be made.
        """
        try:
            path.mkdir(parents=True)
            for name in (*EVIDENCE_FOLDERS, "logs"):
                (path / name).mkdir()
        except OSError as error:
            message = f"cannot make the run folder: {error.strerror}"
            raise InputError(
                Problem("no-run-folder", message, "Choose another folder with --out.", str(path))
            ) from None
        return cls(path)

    @classmethod
    def existing(cls, path: Path) -> RunFolder:
        """Open the folder of an earlier run.

        Raises:
            InputError: there is no run in it.
        """
        if not (path / "run.json").is_file():
            raise InputError(Problem("no-run", "there is no run here", "Name a folder under runs/.", str(path)))
        return cls(path)

    def __enter__(self) -> Self:
        """Return the folder."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Sync and close the journals."""
        for descriptor in self._open.values():
            os.fsync(descriptor)
            os.close(descriptor)
        self._open.clear()

    def append(self, name: str, noun: Noun) -> None:
        """Append one noun to a journal, as one line in one write."""
        descriptor = self._open.get(name)
        if descriptor is None:
            descriptor = os.open(self.path / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            self._open[name] = descriptor
        line = memoryview((noun.model_dump_json(by_alias=True) + "\n").encode())
        while line:  # a disk that is nearly full takes a part first, and says so at the next write
            line = line[os.write(descriptor, line) :]

    def write(self, name: str, text: str) -> None:
        """Write a file whole or not at all."""
        target = self.path / name
        draft = target.with_name(target.name + ".part")
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(target)

    def write_noun(self, name: str, noun: Noun) -> None:
        """Write one noun as a JSON file, whole or not at all."""
        self.write(name, to_json(noun))

    def read_run(self) -> Run:
        """Return `run.json`.

        Raises:
            InputError: it is not one.
        """
        try:
            return Run.model_validate_json((self.path / "run.json").read_bytes())
        except (OSError, ValidationError):
            problem = Problem("bad-journal", "run.json cannot be read", "Start a new run.", str(self.path / "run.json"))
            raise InputError(problem) from None

    def read(self, name: str, model: type[NounT]) -> Iterator[NounT]:
        """Yield the nouns of a journal; nothing when it is not there."""
        path = self.path / name
        if path.exists():
            yield from parse_lines(path.read_bytes(), model, str(path))

    def mend(self, name: str) -> int:
        """Cut a torn last line off a journal and return how many bytes it had."""
        path = self.path / name
        if not path.exists():
            return 0
        content = path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(path, whole)
        return len(content) - whole

    def evidence(self) -> dict[str, bytes]:
        """Return the files of the run that a record rests on, by path in the evidence zip."""
        names = ["run.json", "plan.json", "trials.jsonl", "judgements.jsonl", "requests.jsonl", "resources.jsonl"]
        files = {name: (self.path / name).read_bytes() for name in names if (self.path / name).exists()}
        for folder in EVIDENCE_FOLDERS:
            for path in sorted((self.path / folder).glob("*.json")):
                files[f"{folder}/{path.name}"] = path.read_bytes()
        return files

"""What is on disk of a run, and what of it survives a crash?

A run folder is append-only: each finished trial, judgement and benchmark request is one line, written with one
system call when it is there. A kill loses at most what was in flight; a torn last line is cut off and said.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from assay.errors import InputError, Problem
from assay.record.journal import CANARIES_FILE, is_torn, last_line, named, naming
from assay.schema._base import Noun
from assay.schema.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from assay.schema.run import TrialKey

__all__ = ["BENCH_JOURNALS", "EVIDENCE_FOLDERS", "PROBES_FILE", "TEMPLATE_FILE", "RunFolder", "parse_lines", "to_json"]

NounT = TypeVar("NounT", bound=Noun)

EVIDENCE_FOLDERS = ("suites", "rubrics", "calibrations", "imported", "evidence")
"""Folders of a run whose JSON files go into the evidence zip."""

BENCH_JOURNALS = ("requests.jsonl", "resources.jsonl", "counters.jsonl", "measurements.jsonl")
"""What the benchmark writes while it goes on."""

PROBES_FILE = "probes.jsonl"
"""What the deep probes came to, one line for each probe of each server."""

TEMPLATE_FILE = "template.md.j2"
"""The page's template, where the plan names one of its own; the evidence of every record has one by this path."""

_EVIDENCE_FILES = (
    TEMPLATE_FILE,
    *("run.json", "plan.json", "trials.jsonl", "superseded.jsonl"),
    "judgements.jsonl",
    *BENCH_JOURNALS,
    PROBES_FILE,
    CANARIES_FILE,
)
_MEND_BY_HAND = "Remove the line, and go on with --resume: what it held is asked again."


def to_json(noun: Noun) -> str:
    """Return a noun as stored: indented JSON with a final newline, the same text on every machine."""
    return json.dumps(noun.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1) + "\n"


def parse_lines(content: bytes, model: type[NounT], name: str) -> Iterator[NounT]:
    """Yield the nouns of a JSONL file.

    Raises:
        InputError: a line is not such a noun; the problem names file and line.
    """
    return _parsed(io.BytesIO(content), model, name, "Take the evidence of a run as it was written.")


def _parsed(lines: Iterable[bytes], model: type[NounT], name: str, remedy: str) -> Iterator[NounT]:
    for number, line in enumerate(lines, start=1):
        try:
            yield model.model_validate_json(line)
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            message = f"not a {model.__name__.lower()}: {'.'.join(map(str, detail['loc']))} {detail['msg']}"
            raise InputError(Problem("bad-journal", message, remedy, name, number)) from None


class RunFolder:
    """The folder of one run; a context manager that closes what it appended to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: dict[str, int] = {}
        self._lock: int | None = None

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
        """Sync and close the journals, and let other processes in."""
        self.settle()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def settle(self) -> None:
        """Sync and close the journals; the lock stays."""
        while self._open:
            name, descriptor = self._open.popitem()
            try:
                with naming(self.path / name):
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def lock(self) -> None:
        """Keep every other process from writing into the run until it is closed; a crash lets go of it.

        Raises:
            InputError: another process works on it.
        """
        # The file stays behind on purpose: were it removed, one process could hold the lock of the file that is gone
        # while another makes a new one and holds that.
        descriptor = os.open(self.path / "run.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            message = "another process is at work on this run"
            raise InputError(Problem("run-in-use", message, "Wait for it, or stop it.", str(self.path))) from None
        self._lock = descriptor

    def append(self, name: str, noun: Noun) -> None:
        """Append one noun to a journal, as one line in one write."""
        descriptor = self._open.get(name)
        if descriptor is None:
            descriptor = os.open(self.path / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            self._open[name] = descriptor
        line = memoryview((noun.model_dump_json(by_alias=True) + "\n").encode())
        try:
            while line:  # a disk that is nearly full takes a part first, and says so at the next write
                line = line[os.write(descriptor, line) :]
        except OSError as error:
            raise named(error, self.path / name) from None

    def write(self, name: str, text: str) -> None:
        """Write a file whole or not at all; a folder that it names is made."""
        target = self.path / name
        target.parent.mkdir(exist_ok=True)
        draft = target.with_name(target.name + ".part")
        with naming(draft):
            draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(target)

    @contextmanager
    def writing_lines(self, name: str) -> Iterator[Callable[[str], None]]:
        """Yield a way to write a file line by line; it is there whole when the block ends, or not at all."""
        target = self.path / name
        draft = target.with_name(target.name + ".part")
        with naming(draft), draft.open("w", encoding="utf-8", newline="\n") as file:
            yield lambda line: print(line, file=file)
        draft.replace(target)

    def write_noun(self, name: str, noun: Noun, *, whole: bool = True) -> None:
        """Write one noun as a JSON file, whole or not at all.

        A suite may have thousands of cases: pydantic writes it many times faster than the standard library indents it.

        Args:
            name: path in the folder.
            noun: what to write.
            whole: whether to write also what has its default value.
        """
        self.write(name, noun.model_dump_json(by_alias=True, indent=1, exclude_defaults=not whole) + "\n")

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
        """Yield the nouns of a journal, one in memory at a time; nothing when it is not there."""
        path = self.path / name
        if path.exists():
            with path.open("rb") as lines:
                yield from _parsed(lines, model, str(path), _MEND_BY_HAND)

    def places(self, name: str) -> Iterator[tuple[TrialKey, bool, tuple[int, int]]]:
        """Yield the key of each trial in a journal, whether it has an answer, and its first byte and length.

        Far quicker than `read`, and all that is needed to know what is done. A torn last line is passed over.

        Raises:
            InputError: a line is no trial.
        """
        path = self.path / name
        if not path.exists():
            return
        start = 0
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    row = from_json(line)
                    key = (row["candidate"], row["suite"], row["case"], row["trial"])
                    yield key, row["status"] == "completed", (start, len(line))
                except (ValueError, KeyError, TypeError):
                    if is_torn(line):
                        return
                    raise InputError(Problem("bad-journal", "not a trial", _MEND_BY_HAND, str(path), number)) from None
                start += len(line)

    def torn(self, name: str) -> int:
        """Return how many bytes a torn last line of a journal has, 0 when there is none."""
        return len(line) if is_torn(line := last_line(self.path / name)) else 0

    def mend(self, name: str) -> int:
        """Cut a torn last line off a journal and return how many bytes it had; one that is whole gets its end."""
        path = self.path / name
        line = last_line(path)
        if is_torn(line):
            os.truncate(path, path.stat().st_size - len(line))
            return len(line)
        if line:
            with naming(path), path.open("ab") as file:
                file.write(b"\n")
        return 0

    def set_failed_aside(self) -> int:
        """Move the trials without an answer out of the journal, so that they are asked again; return how many.

        They stay on disk in `superseded.jsonl`. A crash in between leaves a trial in both files, which is harmless:
        only `trials.jsonl` counts.
        """
        journal = self.path / "trials.jsonl"
        failed = [place for _, completed, place in self.places("trials.jsonl") if not completed]
        if not failed:
            return 0
        starts = {start for start, _ in failed}
        draft = journal.with_name("trials.jsonl.part")
        with journal.open("rb") as lines, draft.open("wb") as kept, (self.path / "superseded.jsonl").open("ab") as old:
            start = 0
            for line in lines:
                (old if start in starts else kept).write(line)
                start += len(line)
            for file in (old, kept):
                file.flush()
                os.fsync(file.fileno())
        draft.replace(journal)
        return len(failed)

    def evidence(self) -> dict[str, bytes]:
        """Return the files of the run that a record rests on, by path in the evidence zip; no torn last line."""
        files = {name: self._whole(name) for name in _EVIDENCE_FILES if (self.path / name).exists()}
        for folder in EVIDENCE_FOLDERS:
            for path in sorted((self.path / folder).glob("*.json")):
                files[f"{folder}/{path.name}"] = path.read_bytes()
        return files

    def template(self) -> str | None:
        """Return the template that the run was begun with, or None where it is the shipped one."""
        path = self.path / TEMPLATE_FILE
        return path.read_bytes().decode("utf-8", "replace") if path.exists() else None

    def _whole(self, name: str) -> bytes:
        torn = self.torn(name) if name.endswith(".jsonl") else 0
        content = (self.path / name).read_bytes()
        return content[:-torn] if torn else content

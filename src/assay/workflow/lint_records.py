"""Does every record of a folder stand as people left it: its body, its page, its links, its index?

Nothing is derived: this is what a commit can wait for. `assay verify` derives.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.errors import InputError
from assay.record.change import JOURNAL, drafts, is_unfinished
from assay.record.index import INDEX_JSON, INDEX_PAGE, Index
from assay.record.store import PLOTS, RecordFiles, number_of, stems
from assay.schema._base import Noun
from assay.scoring.lint import LintFinding
from assay.workflow.lint_record import first_differing, lint_record
from assay.workflow.records import index_contents, index_in, records_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from assay.workflow.records import Stored

__all__ = ["LintedRecords", "RecordsTarget", "lint_records", "records_target"]

_LEVELS: Final = ("error", "warning", "note")
_ANOTHER_NUMBER: Final = "Make the one that nobody has decided on anew: assay decide RUN --out DIR gives it a number."
_DECIDED_TWICE: Final = (
    "Both were decided on: take the folder as one branch has it; then make the other record anew, with "
    "assay decide RUN --out DIR, and decide on it again."
)
_ANEW: Final = "Make it anew: assay list records {} --write."


class LintedRecords(Noun):
    """What was found in a folder of records, or in one of them."""

    name: str
    """The folder or the record as the user called it."""
    records: int
    """How many records were looked at."""
    findings: tuple[LintFinding, ...]
    """All that was found: errors, warnings, notes."""


class RecordsTarget(NamedTuple):
    """What is to be looked at."""

    folder: Path
    """The folder that the records lie in."""
    stem: str | None
    """Stem of the only record that is looked at; None for all. What they have in common is looked at anyhow."""


def records_target(path: Path) -> RecordsTarget | None:
    """Return which records a path names: a folder of them, a file or the stem of one, or an index; None for neither."""
    try:
        return _target(path)
    except (OSError, ValueError):
        return None  # no file system takes such a name


def _target(path: Path) -> RecordsTarget | None:
    if path.is_dir() and path.suffix != PLOTS:
        suite = (path / "suite.yaml").exists() or (path / "labels.jsonl").exists()
        records = path.name == "records" or bool(stems(path)) or (path / INDEX_JSON).is_file() or is_unfinished(path)
        return RecordsTarget(path, None) if records and not suite else None
    if path.name in {INDEX_PAGE, INDEX_JSON} and path.is_file():
        return RecordsTarget(path.parent, None)
    stem = path.name.removesuffix(PLOTS) if path.is_dir() else RecordFiles.stem_of(path)
    files = RecordFiles.of(path.parent, stem)
    there = any(own.is_file() for own in (files.json, files.markdown, files.evidence))
    return RecordsTarget(path.parent, stem) if number_of(stem) is not None and there else None


def lint_records(target: RecordsTarget, name: str, today: date) -> LintedRecords:
    """Look at a folder of records, or at one of them with its place among the others.

    Args:
        target: what to look at.
        name: how the user called it.
        today: the day by which an acceptance has expired, in UTC.
    """
    folder, only = target
    stored = records_in(folder)
    index = _known_index(folder)
    looked_at = [own for own in stored if only in {None, own.files.json.stem}]
    findings = [
        *_unreadable(folder, stored, only),
        *(finding for own in looked_at for finding in lint_record(own, stored, index, today)),
        *_unfinished(folder),
        *_two(stored),
        *_index(folder, stored),
    ]
    findings.sort(key=lambda own: _LEVELS.index(own.level))
    return LintedRecords(name=name, records=len(looked_at), findings=tuple(findings))


def _known_index(folder: Path) -> Index:
    """Return the index of a folder, an empty one where it cannot be read: that has a finding of its own."""
    try:
        return index_in(folder)
    except InputError:
        return Index()


def _unreadable(folder: Path, stored: Sequence[Stored], only: str | None) -> Iterator[LintFinding]:
    """Yield each record whose JSON is none; a numbered file without evidence beside it is nobody's record."""
    known = {own.files.json.name for own in stored}
    for stem in stems(folder) if only is None else (only,):
        files = RecordFiles.of(folder, stem)
        if files.json.name in known or (only is None and not files.evidence.is_file()):
            continue
        message = "this is no record of this version of Assay" if files.json.is_file() else "the record has no JSON"
        yield LintFinding(
            kind="record-files",
            level="error",
            file=str(files.json),
            message=message,
            remedy="Take it from version control as it was written.",
        )


def _unfinished(folder: Path) -> Iterator[LintFinding]:
    if is_unfinished(folder):
        yield LintFinding(
            kind="unfinished-change",
            level="error",
            file=str(folder / JOURNAL),
            message="a command was killed while it changed several files of this folder",
            remedy=f"Finish it by giving the command again, or with: assay list records {folder} --write.",
        )
        return
    for left in drafts(folder):
        yield LintFinding(
            kind="unfinished-change",
            level="note",
            file=str(folder / left),
            message="a draft was left by a command that was killed before it changed anything",
            remedy="Remove it.",
        )


def _two(stored: Sequence[Stored]) -> Iterator[LintFinding]:
    """Yield where two records have one number, or are accepted for one use case."""
    numbers: dict[int | None, list[Stored]] = defaultdict(list)
    accepted: dict[str, list[Stored]] = defaultdict(list)
    for own in stored:
        numbers[number_of(own.files.json.name)].append(own)
        if own.record.status == "accepted":
            accepted[own.record.use_case.id].append(own)
    for first, *more in numbers.values():
        for own in more:
            yield LintFinding(
                kind="record-number",
                level="error",
                file=str(own.files.json),
                message=f"{first.files.json.stem} has this number too",
                remedy=_ANOTHER_NUMBER if _is_open(first) or _is_open(own) else _DECIDED_TWICE,
            )
    for use_case, (first, *more) in accepted.items():
        for own in more:
            yield LintFinding(
                kind="two-accepted",
                level="error",
                file=str(own.files.json),
                message=f"it is accepted for the use case {use_case}, and so is {first.files.json.stem}",
                remedy="Take one back from version control, and let the other replace it with --supersedes.",
            )


def _is_open(own: Stored) -> bool:
    """Say whether nobody has decided on a record, so that it may be made anew and removed."""
    return not own.record.standing.decisions


def _index(folder: Path, stored: Sequence[Stored]) -> Iterator[LintFinding]:
    """Yield where the index is not what the records make of it; a folder without decisions needs none."""
    try:
        index = index_in(folder)
        wanted = index_contents(folder, [own.record for own in stored])
    except InputError as error:
        for problem in error.problems:
            yield LintFinding(
                kind="record-index", level="error", file=problem.file, message=problem.message, remedy=problem.remedy
            )
        return
    yield from _gone(folder, stored, index)
    there = [name for name in wanted if (folder / name).is_file()]
    if not there and all(own.record.status == "proposed" for own in stored):
        return
    for name, content in wanted.items():
        path = folder / name
        found = path.read_bytes() if path.is_file() else None
        if found == content:
            continue
        line = None if found is None else first_differing(found, content)
        message = "the index is missing" if found is None else "the index is not what the records say"
        yield LintFinding(
            kind="record-index",
            level="error",
            file=str(path),
            line=line,
            message=message,
            remedy=_ANEW.format(folder),
        )


def _gone(folder: Path, stored: Sequence[Stored], index: Index) -> Iterator[LintFinding]:
    known = {own.files.json.stem for own in stored}
    for entry in index.records:
        if entry.body_sha256 is not None and entry.id not in known:
            yield LintFinding(
                kind="record-files",
                level="error",
                file=str(folder / INDEX_JSON),
                message=f"{entry.id} is {entry.status}, and its JSON is gone",
                remedy="Take the record from version control: what was decided on is kept.",
            )

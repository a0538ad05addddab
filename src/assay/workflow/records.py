"""Which records lie in a folder, and how does its index follow them?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import InputError, MismatchError, Problem
from assay.record.change import change, finish
from assay.record.index import INDEX_JSON, INDEX_PAGE, Index, index_of, page_of, parse_index
from assay.record.run_folder import to_json
from assay.record.store import RecordFiles, locked, stems
from assay.record.truth import parsed_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from assay.schema.record import Record

__all__ = [
    "Stored",
    "broken_in",
    "index_contents",
    "index_in",
    "index_now",
    "keep_index",
    "parse_record",
    "records_in",
    "write_index",
]


@dataclass(frozen=True)
class Stored:
    """A record as its JSON says, whether or not it holds."""

    files: RecordFiles
    """Where it lies."""
    record: Record
    """What its JSON says."""


def parse_record(path: Path) -> Record | None:
    """Return the record that a JSON file holds, or None where it holds none."""
    try:
        return parsed_record(path.read_bytes())
    except FileNotFoundError:
        return None


def records_in(folder: Path) -> tuple[Stored, ...]:
    """Return the records of a folder, by number; whatever else lies there is passed over."""
    found = ((RecordFiles.of(folder, stem), parse_record(folder / f"{stem}.json")) for stem in stems(folder))
    return tuple(Stored(files, record) for files, record in found if record is not None)


def broken_in(folder: Path) -> tuple[Path, ...]:
    """Return the JSON files of what should be records of a folder, for evidence lies beside them, and are none."""
    known = {own.files.json for own in records_in(folder)}
    files = (RecordFiles.of(folder, stem) for stem in stems(folder))
    return tuple(own.json for own in files if own.json not in known and own.evidence.is_file())


def index_in(folder: Path) -> Index:
    """Return the index that lies in a folder, an empty one where none does.

    Raises:
        InputError: the file is no index.
    """
    path = folder / INDEX_JSON
    return parse_index(path.read_bytes(), str(path)) if path.is_file() else Index()


def index_contents(folder: Path, records: Iterable[Record]) -> dict[str, bytes]:
    """Return what the two files of a folder's index are to hold, by name.

    Args:
        folder: where they lie: what was decided on before, and the text around the table, are taken from them.
        records: all records of the folder.

    Raises:
        InputError: a file of that name is no index.
    """
    index = index_of(records, index_in(folder))
    page = folder / INDEX_PAGE
    try:
        text = page.read_bytes().decode("utf-8") if page.is_file() else None
    except UnicodeDecodeError:
        raise InputError(Problem("bad-index", "the page is no UTF-8", "Save it as UTF-8.", str(page))) from None
    return {INDEX_PAGE: page_of(index, text, str(page)).encode(), INDEX_JSON: to_json(index).encode()}


def index_now(folder: Path) -> Index:
    """Return the index of a folder as its records are now, whatever its index files say.

    Raises:
        InputError: there is no such folder, or its index is none.
    """
    if not folder.is_dir():
        raise InputError(Problem("no-such-file", "there is no such folder", "Name a folder of records.", str(folder)))
    return index_of([own.record for own in records_in(folder)], index_in(folder))


def write_index(folder: Path) -> tuple[str, ...]:
    """Make the index of a folder anew, after a change was finished that was broken off.

    Returns:
        The names of the files that such a change was about.

    Raises:
        InputError: there is no such folder, or a file of that name is no index.
        MismatchError: what was broken off cannot be finished.
    """
    if not folder.is_dir():
        raise InputError(Problem("no-such-file", "there is no such folder", "Name a folder of records.", str(folder)))
    with locked(folder):
        finished = finish(folder)
        _write(folder, index_contents(folder, [own.record for own in records_in(folder)]))
    return finished


def keep_index(folder: Path) -> None:
    """Let the index follow a record that was just written; the caller holds the folder's lock.

    A file that is no index stays as it is: it is no reason to lose a record, and `assay lint` names it.
    """
    with suppress(InputError, MismatchError):
        finish(folder)
        _write(folder, index_contents(folder, [own.record for own in records_in(folder)]))


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write what is not there yet: files that hold it already keep their time."""
    paths = {name: folder / name for name in contents}
    stale = {name: new for name, new in contents.items() if not _same(paths[name], new)}
    if stale:
        change(folder, stale)


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content

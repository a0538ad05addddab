"""How do several files of a folder change together, so that a crash leaves them all old, or all new once it is mended?

The new contents are written as drafts beside the files. A journal that names them with their digests makes the change:
before it is there nothing has changed, and from then on whoever comes next puts the rest of the drafts in place.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, StringConstraints, ValidationError

from assay.errors import MismatchError, Problem
from assay.record.run_folder import to_json
from assay.schema._base import Noun

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["JOURNAL", "Change", "change", "drafts", "finish", "is_unfinished"]

JOURNAL: Final = ".assay-change.json"
"""Name of the journal of a change that is under way, or was broken off."""
_DRAFT: Final = ".part"

_FileName = Annotated[str, StringConstraints(pattern=r"^[^/\\.\x00-\x1f][^/\\\x00-\x1f]*$", max_length=255)]
"""A name in the folder itself: a journal may come from elsewhere, and leads nowhere."""


class Change(Noun):
    """The journal: which files change, and to what."""

    schema_name: Literal["assay/change/v1"] = Field(default="assay/change/v1", alias="schema")
    """Name of this format."""
    files: dict[_FileName, str]
    """SHA-256 of the new content, by the name of the file."""


def change(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Give files of a folder new contents, all or none; the caller holds the folder's lock.

    Args:
        folder: where they lie.
        contents: what they are to hold, by name.
    """
    for name, content in contents.items():
        _store(_draft(folder / name), content)
    journal = Change(files={name: hashlib.sha256(content).hexdigest() for name, content in contents.items()})
    _store(_draft(folder / JOURNAL), to_json(journal).encode())
    _sync(folder)
    # From here on the change is made: what is left of it needs no decision any more.
    _draft(folder / JOURNAL).replace(folder / JOURNAL)
    finish(folder)


def finish(folder: Path) -> tuple[str, ...]:
    """Put in place what a change left that was broken off; the caller holds the folder's lock.

    Returns:
        The names of the files that the change was about; none where no change was broken off.

    Raises:
        MismatchError: the journal is none, or a file that it names is neither old nor what it was to become.
    """
    path = folder / JOURNAL
    if not path.is_file():
        return ()
    try:
        files = Change.model_validate_json(path.read_bytes()).files
    except ValidationError:
        raise _broken(path, "the journal of a change cannot be read") from None
    waiting = [name for name, digest in files.items() if _holds(_draft(folder / name), digest)]
    lost = [name for name in files if name not in waiting and not _holds(folder / name, files[name])]
    if lost:
        raise _broken(path, f"a change was broken off, and its draft of {lost[0]} is gone")
    for name in waiting:
        _draft(folder / name).replace(folder / name)
    _sync(folder)
    path.unlink()
    return tuple(files)


def is_unfinished(folder: Path) -> bool:
    """Say whether a change of this folder was broken off, or is under way."""
    return (folder / JOURNAL).is_file()


def drafts(folder: Path) -> tuple[str, ...]:
    """Return the names of the drafts that lie in a folder, sorted."""
    return tuple(sorted(path.name for path in folder.glob(f".*{_DRAFT}") if path.is_file()))


def _draft(path: Path) -> Path:
    """Return where a draft of a file lies: hidden, so that nobody who names all files of a folder names it."""
    return path.with_name(f".{path.name.removeprefix('.')}{_DRAFT}")


def _store(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Wait until the names of a folder are on disk, so that no journal survives the drafts that it names."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _holds(path: Path, digest: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def _broken(path: Path, message: str) -> MismatchError:
    remedy = f"Restore the folder from version control and remove {path.name}."
    return MismatchError(Problem("broken-change", message, remedy, str(path)))

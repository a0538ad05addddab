"""Where do the three files of a record lie, and how are they written together?"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["KEYLESS", "PLOTS", "SIGNATURES", "RecordFiles", "locked", "number_of", "numbered", "stems"]

_NUMBERED = re.compile(r"^(\d{4,})-")
_EVIDENCE = ".evidence.zip"
PLOTS: Final = ".plots"
"""How the name of the folder of a record's pictures ends."""
SIGNATURES: Final = ".intoto.jsonl"
"""How the name of the file of a record's signatures ends; the ending that in-toto gives a bundle of attestations."""
KEYLESS: Final = ".sigstore.jsonl"
"""How the name of the file of Sigstore bundles ends."""


@dataclass(frozen=True)
class RecordFiles:
    """The paths of one record's files."""

    markdown: Path
    """What people read."""
    json: Path
    """The truth."""
    evidence: Path
    """All that verifying needs."""
    plots: Path
    """Folder of the pictures that the Markdown shows; a record holds without them."""
    signatures: Path
    """DSSE envelopes, one a line; there only once somebody signed."""
    keyless: Path
    """Sigstore bundles, one a line; there only once somebody signed without a key."""

    @classmethod
    def of(cls, folder: Path, stem: str) -> RecordFiles:
        """Return the paths of a record by its folder and stem."""
        return cls(
            markdown=folder / f"{stem}.md",
            json=folder / f"{stem}.json",
            evidence=folder / f"{stem}{_EVIDENCE}",
            plots=folder / f"{stem}{PLOTS}",
            signatures=folder / f"{stem}{SIGNATURES}",
            keyless=folder / f"{stem}{KEYLESS}",
        )

    @staticmethod
    def stem_of(path: Path) -> str:
        """Return the stem of the record that a path names by one of its files, or by the stem itself."""
        # One ending only: the stem may end in the like, for a use case is free to be called `notes.md`.
        endings = (_EVIDENCE, SIGNATURES, KEYLESS, ".json", ".md")
        return path.name.removesuffix(next((ending for ending in endings if path.name.endswith(ending)), ""))

    @classmethod
    def beside(cls, path: Path) -> RecordFiles:
        """Return the paths of the record that one of its files, or its stem, belongs to.

        Raises:
            InputError: there is no record at that place.
        """
        files = cls.of(path.parent, cls.stem_of(path))
        missing = [file for file in (files.json, files.markdown, files.evidence) if not file.is_file()]
        if len(missing) == len((files.json, files.markdown, files.evidence)):
            remedy = "Name one of its files, for example records/0001-policy-qa.md."
            raise InputError(Problem("no-such-file", "there is no record here", remedy, str(path)))
        if missing:
            problems = [
                Problem("no-such-file", "a file of the record is missing", "Keep its three files together.", str(file))
                for file in missing
            ]
            raise InputError(*problems)
        return files

    def write(self, markdown: str, json: str, evidence: bytes, plots: Mapping[str, str]) -> None:
        """Write all three and the pictures, the Markdown last: a record without it is not there for anybody."""
        self.markdown.parent.mkdir(parents=True, exist_ok=True)
        if plots:
            self.plots.mkdir(exist_ok=True)
        for path, content in (
            *((self.plots / name, picture.encode()) for name, picture in plots.items()),
            (self.evidence, evidence),
            (self.json, json.encode()),
            (self.markdown, markdown.encode()),
        ):
            draft = path.with_name(path.name + ".part")
            draft.write_bytes(content)
            draft.replace(path)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a records folder to oneself, made where it is missing; whoever else wants it waits until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # The lock is on the folder itself, so that no file is left behind; a crash lets go of it.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def numbered(folder: Path) -> Iterator[int]:
    """Yield the next free number of a records folder, from 1; whoever else wants one waits until the block ends."""
    with locked(folder):
        taken = [number for path in folder.iterdir() if (number := number_of(path.name)) is not None]
        yield max(taken, default=0) + 1


def number_of(name: str) -> int | None:
    """Return the number at the beginning of a file's name, or None where it has none."""
    match = _NUMBERED.match(name)
    return int(match[1]) if match else None


def stems(folder: Path) -> tuple[str, ...]:
    """Return the stems of what may be records in a folder, by number: of each JSON file and each evidence zip."""
    names = (path.name for path in folder.iterdir() if path.is_file())
    endings = ((name, ending) for name in names for ending in (".json", _EVIDENCE) if name.endswith(ending))
    found = {name.removesuffix(ending) for name, ending in endings if number_of(name) is not None}
    return tuple(sorted(found, key=lambda stem: (number_of(stem) or 0, stem)))

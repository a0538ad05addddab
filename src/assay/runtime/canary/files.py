"""What was written to log files since a moment, also where they were rotated, packed or written anew meanwhile?"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.runtime.canary.searching import PACKED, Found, TooMuchError, search

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.runtime.canary.encodings import Lexicon
    from assay.runtime.canary.searching import Budget

__all__ = ["FileSink", "FolderSink", "NoSinkError", "search_file"]

_SAMPLE: Final = 4096
_MOST_FILES: Final = 5000


class NoSinkError(Exception):
    """A sink cannot be looked into; the message says why, as a clause."""


@dataclass(frozen=True)
class _Stand:
    """How far a file was."""

    inode: tuple[int, int]
    size: int
    changed_ns: int
    head: bytes
    """How it began."""
    tail: bytes
    """How it ended."""


@dataclass(frozen=True)
class _InFile:
    """An open file as bytes that can be read from any place."""

    descriptor: int

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self.descriptor, length, offset)


def _stand_of(path: Path) -> _Stand | None:
    """Return how far a regular file is, or None where there is none that can be read."""
    try:
        # A pipe would be waited for until somebody writes to it.
        if not path.is_file():
            return None
        with path.open("rb") as file:
            own = os.fstat(file.fileno())
            head, tail = _ends(file.fileno(), own.st_size)
    except OSError:
        return None
    return _Stand((own.st_dev, own.st_ino), own.st_size, own.st_mtime_ns, head, tail)


def _ends(descriptor: int, size: int) -> tuple[bytes, bytes]:
    return os.pread(descriptor, min(_SAMPLE, size), 0), os.pread(descriptor, _SAMPLE, max(size - _SAMPLE, 0))


def _begins(descriptor: int, before: _Stand | None) -> int:
    """Return where a file's new part begins: its end of then, if it was only appended to, else its beginning."""
    now = os.fstat(descriptor)
    if before is None or (now.st_dev, now.st_ino) != before.inode or now.st_size < before.size:
        return 0
    # What did not grow was written in its midst, and so is what had its room kept for it beforehand.
    if now.st_size == before.size or not before.tail.strip(b"\0"):
        return 0
    # A file that is packed as a whole has its beginning in front, and one that was written anew may have grown.
    same = _ends(descriptor, before.size)[0] == before.head and _tail(descriptor, before.size) == before.tail
    return before.size if same and not PACKED.match(before.head) else 0


def _tail(descriptor: int, size: int) -> bytes:
    start = max(size - _SAMPLE, 0)
    return os.pread(descriptor, size - start, start)


def search_file(path: Path, before: _Stand | None, lexicon: Lexicon, budget: Budget, found: Found) -> None:
    """Search a file's new part.

    Args:
        path: the file.
        before: how far it was; None for all of it.
        lexicon: the marks.
        budget: how much may be searched.
        found: takes what is found.

    Raises:
        NoSinkError: it cannot be read.
        TooMuchError: not all was searched.
    """
    try:
        with path.open("rb") as file:
            search(lexicon, _InFile(file.fileno()), _begins(file.fileno(), before), budget, found)
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror}"
        raise NoSinkError(message) from None


@dataclass
class FileSink:
    """One log file, and those that it was rotated into."""

    path: Path
    """Where it is."""
    before: dict[Path, _Stand] = field(default_factory=dict)
    """How far it and its neighbours of like name were."""

    def mark_place(self) -> None:
        """Note how far it is, before anything is sent."""
        self.before = {path: stand for path in self._family() if (stand := _stand_of(path)) is not None}

    def search(self, lexicon: Lexicon, budget: Budget, places: dict[str, Found]) -> None:
        """Search what was written since, place by place.

        Raises:
            NoSinkError: there is no such file, it cannot be read, or what stood in it is not beside it.
            TooMuchError: not all was searched.
        """
        if not self.path.is_file():
            message = "there is no such file"
            raise NoSinkError(message)
        by_inode = {stand.inode: stand for stand in self.before.values()}
        rotated = False
        for path in self._family():
            now = _stand_of(path)
            if path != self.path and (now is None or _unchanged(now, by_inode)):
                continue
            rotated |= path != self.path
            found = places.setdefault("" if path == self.path else path.name, Found())
            search_file(path, by_inode.get(now.inode) if now else None, lexicon, budget, found)
        if not rotated and self._was_emptied():
            message = "it was replaced or cut meanwhile, and what stood in it is not beside it"
            raise NoSinkError(message)

    def _was_emptied(self) -> bool:
        """Return whether it is another file than before, or shorter: marks may have stood in what is gone."""
        before, now = self.before.get(self.path), _stand_of(self.path)
        return before is not None and (now is None or now.inode != before.inode or now.size < before.size)

    def _family(self) -> list[Path]:
        """Return the file and the regular files beside it that have the names of its rotated forms."""
        stem, suffix = re.escape(self.path.stem), re.escape(self.path.suffix)
        rotated = re.compile(rf"{stem}[-._T0-9]*{suffix}[-._T0-9a-z]*")
        beside: list[Path] = []
        with suppress(OSError):
            beside += [
                path
                for path in sorted(self.path.parent.iterdir())
                if rotated.fullmatch(path.name) and path != self.path and path.is_file() and not path.is_symlink()
            ]
        if len(beside) > _MOST_FILES:
            message = f"more than {_MOST_FILES} files beside it have the names of its rotated forms"
            raise TooMuchError(message)
        return [self.path, *beside]


def _unchanged(now: _Stand, before: Mapping[tuple[int, int], _Stand]) -> bool:
    earlier = before.get(now.inode)
    return earlier is not None and (earlier.size, earlier.changed_ns) == (now.size, now.changed_ns)


@dataclass
class FolderSink:
    """A folder of files and folders; links are not followed."""

    path: Path
    """Where it is."""
    before: dict[tuple[int, int], _Stand] = field(default_factory=dict)
    """How far its files were, wherever they lie."""

    def mark_place(self) -> None:
        """Note how far its files are, before anything is sent."""
        stands = (_stand_of(path) for path in islice(self._files(), _MOST_FILES))
        self.before = {stand.inode: stand for stand in stands if stand is not None}

    def search(self, lexicon: Lexicon, budget: Budget, places: dict[str, Found]) -> None:
        """Search what was written since, file by file.

        Raises:
            NoSinkError: there is no such folder, something in it cannot be read, or a link leads out of it.
            TooMuchError: not all was searched.
        """
        if not self.path.is_dir():
            message = "there is no such folder"
            raise NoSinkError(message)
        for number, path in enumerate(self._files(), start=1):
            if number > _MOST_FILES:
                message = f"it holds more than {_MOST_FILES} files"
                raise TooMuchError(message)
            budget.spend(0)
            now = _stand_of(path)
            if now is not None and _unchanged(now, self.before):
                continue
            found = places.setdefault(path.relative_to(self.path).as_posix(), Found())
            search_file(path, self.before.get(now.inode) if now else None, lexicon, budget, found)
        self._stays_inside(budget)

    def _files(self) -> Iterator[Path]:
        for path in self._entries():
            if path.is_file() and not path.is_symlink():
                yield path

    def _stays_inside(self, budget: Budget) -> None:
        """Refuse links to what lies elsewhere, after all else was searched: whoever writes there follows them."""
        inside = self.path.resolve()
        for path in self._entries():
            budget.spend(0)
            if path.is_symlink() and path.exists() and not path.resolve().is_relative_to(inside):
                message = "a link in it leads out of it: list what it leads to as a sink of its own"
                raise NoSinkError(message)

    def _entries(self) -> Iterator[Path]:
        """Yield what lies in it and in its folders, without the folders themselves."""

        def refused(error: OSError) -> None:
            raise error

        for folder, folders, names in os.walk(self.path, onerror=refused, followlinks=False):
            folders.sort()
            linked = [name for name in folders if Path(folder, name).is_symlink()]
            yield from (Path(folder, name) for name in sorted([*names, *linked]))

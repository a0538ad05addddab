"""What stands in a SQLite database, and what does a command print?"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from assay.runtime.canary.encodings import HALF
from assay.runtime.canary.files import NoSinkError, search_file
from assay.runtime.canary.searching import Found, InBytes, TooMuchError, search

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.runtime.canary.encodings import Lexicon
    from assay.runtime.canary.searching import Budget

__all__ = ["CommandSink", "SqliteSink"]

_MOST_ROWS: Final = 200_000
_MOST_PRINTED: Final = 256 << 20
_MOST_COMMAND_S: Final = 15.0
_BUSY_S: Final = 2.0
_OPCODES: Final = 100_000


def _name(text: str) -> str:
    """Return a name as SQL writes it."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


@dataclass
class SqliteSink:
    """A SQLite database; it is opened to read only."""

    path: Path
    """Where it is."""
    before: dict[str, int] = field(default_factory=dict)
    """Last row of each table then."""

    def mark_place(self) -> None:
        """Note the last row of each table, before anything is sent."""
        with suppress(sqlite3.Error, NoSinkError), closing(self._open()) as database:
            for table in _tables(database):
                with suppress(sqlite3.Error):
                    (last,) = database.execute(f"SELECT max(rowid) FROM {_name(table)}").fetchone()  # noqa: S608 - quoted
                    self.before[table] = last if isinstance(last, int) else 0

    def search(self, lexicon: Lexicon, budget: Budget, places: dict[str, Found]) -> None:
        """Search every column of every table, the newest rows first.

        Where a table has too many rows of before, they may have been changed: then the file is searched as it lies.

        Raises:
            NoSinkError: it cannot be opened or read.
            TooMuchError: not all that is new was searched.
        """
        try:
            with closing(self._open()) as database:
                database.set_progress_handler(lambda: time.perf_counter() > budget.until_s, _OPCODES)
                whole = True
                for table in _tables(database):
                    whole &= self._search_table(database, table, lexicon, budget, places)
                if not whole:
                    self._search_as_file(lexicon, budget, places)
        except sqlite3.Error as error:
            budget.spend(0)
            message = f"it cannot be read: {error}"
            raise NoSinkError(message) from None

    def _open(self) -> sqlite3.Connection:
        if not self.path.is_file():
            message = "there is no such file"
            raise NoSinkError(message)
        address = f"file:{quote(str(self.path.absolute()))}?mode=ro"
        database = sqlite3.connect(address, uri=True, timeout=_BUSY_S)
        database.text_factory = bytes
        return database

    def _search_table(
        self, database: sqlite3.Connection, table: str, lexicon: Lexicon, budget: Budget, places: dict[str, Found]
    ) -> bool:
        """Return whether all of a table was searched; rows of before may be left out when there are too many."""
        sums = places.setdefault("", Found())
        for number, (row, cells) in enumerate(_rows(database, table), start=1):
            if number > _MOST_ROWS:
                if row is not None and row <= self.before.get(table, -1):
                    return False
                message = f"table {table} has more than {_MOST_ROWS} rows to search"
                raise TooMuchError(message)
            for column, value in cells:
                content = value if isinstance(value, bytes) else str(value).encode()
                if len(content) < HALF:
                    continue
                found = Found()
                search(lexicon, InBytes(content), 0, budget, found)
                sums.searched += found.searched
                sums.unread |= found.unread
                if found.places:
                    places[f"{table}.{column}.{row if row is not None else f'row {number}'}"] = found
        return True

    def _search_as_file(self, lexicon: Lexicon, budget: Budget, places: dict[str, Found]) -> None:
        for path in (self.path, self.path.with_name(f"{self.path.name}-wal")):
            if path.is_file():
                search_file(path, None, lexicon, budget, places.setdefault(f"the file {path.name}", Found()))


def _tables(database: sqlite3.Connection) -> list[str]:
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return [name.decode() for (name,) in names]


def _rows(database: sqlite3.Connection, table: str) -> Iterator[tuple[int | None, list[tuple[str, object]]]]:
    """Yield each row with its number, the newest first; a table without row numbers yields None for them."""
    try:
        cursor = database.execute(f"SELECT rowid, * FROM {_name(table)} ORDER BY rowid DESC")  # noqa: S608 - quoted
        numbered = True
    except sqlite3.OperationalError:
        cursor = database.execute(f"SELECT * FROM {_name(table)}")  # noqa: S608 - quoted
        numbered = False
    columns = [str(own[0]) for own in cursor.description]
    for values in cursor:
        # A column of the table may itself be called so, and its text is nobody's business.
        row = values[0] if numbered and isinstance(values[0], int) else None
        yield row, list(zip(columns[numbered:], values[numbered:], strict=True))


@dataclass
class CommandSink:
    """A command whose output is searched, all of it each time."""

    command: tuple[str, ...]
    """The command and its arguments."""
    folder: Path
    """Where it runs."""
    keys: frozenset[str] = field(default=frozenset(), repr=False)
    """Values of environment variables that it is not given."""

    def mark_place(self) -> None:
        """Do nothing: marks are new, whatever it printed before has none."""

    def search(self, lexicon: Lexicon, budget: Budget, places: dict[str, Found]) -> None:
        """Run it and search what it prints on both of its outputs.

        Raises:
            NoSinkError: it cannot be run, does not end in time, or fails.
            TooMuchError: it prints more than may be searched.
        """
        found = places.setdefault("", Found())
        with tempfile.TemporaryFile() as printed:
            try:
                process = subprocess.Popen(  # noqa: S603 - the plan names it, and no shell reads it
                    self.command,
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=subprocess.STDOUT,
                    env={name: value for name, value in os.environ.items() if value not in self.keys},
                    start_new_session=True,
                )
            except OSError as error:
                message = f"the command cannot be run: {error.strerror}"
                raise NoSinkError(message) from None
            try:
                code = self._wait(process, printed.fileno(), budget)
            finally:
                _end(process)
            search(lexicon, _Printed(printed.fileno()), 0, budget, found)
        if code:
            message = f"the command ended with code {code}"
            raise NoSinkError(message)

    def _wait(self, process: subprocess.Popen[bytes], output: int, budget: Budget) -> int:
        ends = time.perf_counter() + _MOST_COMMAND_S
        while True:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(0.1)
            budget.spend(0)
            if time.perf_counter() > ends:
                message = f"the command did not end within {_MOST_COMMAND_S:g} s"
                raise NoSinkError(message)
            if os.fstat(output).st_size > _MOST_PRINTED:
                message = "the command prints more than may be searched"
                raise TooMuchError(message)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command with all that it started, also what it left behind when it ended by itself."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass(frozen=True)
class _Printed:
    """What a command printed."""

    descriptor: int

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self.descriptor, length, offset)

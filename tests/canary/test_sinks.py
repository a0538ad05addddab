"""Is each kind of sink read from where it stood, wherever it went meanwhile, and is what cannot be read unknown?"""

from __future__ import annotations

import gzip
import sqlite3
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from assay.runtime.canary.marks import Marks
from assay.runtime.canary.searching import Budget
from assay.runtime.canary.sinks import watched
from assay.schema.suite import SinkSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assay.runtime.canary.sinks import Watched
    from assay.schema.provenance import CanarySink

MARKS = Marks(bytes(range(32)), "abc123def456")
MARK = MARKS.mark("success", 1, "user")
BEACON = MARKS.beacon("success", 1)
LINE = f"{BEACON} {MARK}\n"
OLD = "an old line\n" * 20


def _told(own: Watched) -> CanarySink:
    own.search(MARKS.lexicon(), Budget(1 << 30, time.perf_counter() + 60))
    return own.told(MARKS.carried)


def _seen(told: CanarySink) -> list[tuple[str, str, int]]:
    return [(hit.place, hit.encoding, hit.offset) for hit in told.hits]


def _appended(log: Path) -> None:
    with log.open("a") as file:
        file.write(LINE)


def _written_anew(log: Path) -> None:
    log.write_text(LINE + "x" * 999)


def _rotated(log: Path) -> None:
    _appended(log)
    log.rename(log.with_name("gateway.log.1"))
    log.write_text(BEACON)


def _copied_and_cut(log: Path) -> None:
    _appended(log)
    log.with_name("gateway-2026.log").write_text(log.read_text())
    log.write_text(BEACON)


def _packed_away(log: Path) -> None:
    _appended(log)
    log.with_name("gateway.log.2.gz").write_bytes(gzip.compress(log.read_bytes()))
    log.write_text(BEACON)


AT = len(BEACON) + 1 + 26


@pytest.mark.parametrize(
    ("grow", "places", "searched"),
    [
        (_appended, [("", "raw", len(OLD) + AT)], len(LINE)),
        (_written_anew, [("", "raw", AT)], len(LINE) + 999),
        (_rotated, [("gateway.log.1", "raw", len(OLD) + AT)], len(LINE) + len(BEACON)),
        (_copied_and_cut, [("gateway-2026.log", "raw", len(OLD) + AT)], len(OLD) + len(LINE) + len(BEACON)),
        (_packed_away, [("gateway.log.2.gz", "raw in gzip", 0)], None),
    ],
)
def test_a_log_is_followed(
    tmp_path: Path, grow: Callable[[Path], None], places: list[tuple[str, str, int]], searched: int | None
) -> None:
    """A log that grew is read from its old end; one that was rotated, cut or packed is found again."""
    log = tmp_path / "gateway.log"
    log.write_text(OLD)
    (tmp_path / "gateway.log.9").write_text(OLD + LINE)  # older than the look: nobody reads it
    own = watched(SinkSpec(id="log", file="gateway.log"), tmp_path)
    grow(log)
    told = _told(own)
    assert (told.status, told.control, _seen(told)) == ("leak", True, places)
    assert searched is None or told.searched_bytes == searched


def test_a_log_that_comes_later_is_found(tmp_path: Path) -> None:
    """It need not be there when it is marked."""
    own = watched(SinkSpec(id="log", file="gateway.log"), tmp_path)
    assert (_told(own).status, _told(own).trouble) == ("unknown", "there is no such file")
    (tmp_path / "gateway.log").write_text(BEACON)
    assert (_told(own).status, _told(own).controls) == ("clean", ("success",))


def test_what_was_there_once_had_come_to_rest(tmp_path: Path) -> None:
    """A mark that one round saw and the next does not is a leak all the same."""
    log = tmp_path / "gateway.log"
    own = watched(SinkSpec(id="log", file=str(log)), tmp_path / "elsewhere")
    log.write_text(LINE)
    assert _told(own).status == "leak"
    log.write_text("")
    assert (_told(own).status, _told(own).searched_bytes) == ("leak", 0)


def test_a_folder_is_searched_through(tmp_path: Path) -> None:
    """New and grown files at any depth are read; links are not followed, and old files are left alone."""
    folder = tmp_path / "logs"
    (folder / "deep").mkdir(parents=True)
    (folder / "old.txt").write_text(LINE)
    (tmp_path / "outside.txt").write_text(LINE)
    own = watched(SinkSpec(id="all", folder="logs"), tmp_path)
    (folder / "deep" / "new.txt").write_text(LINE)
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "up").symlink_to(tmp_path)
    told = _told(own)
    assert (told.status, told.places, _seen(told)) == ("leak", 1, [("deep/new.txt", "raw", AT)])


def _database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.executescript(
        'CREATE TABLE IF NOT EXISTS "a ""log"" " (id INTEGER PRIMARY KEY, who TEXT, what BLOB);'
        "CREATE TABLE IF NOT EXISTS bare (k TEXT PRIMARY KEY) WITHOUT ROWID;"
    )
    return database


def test_every_column_of_a_database_is_searched(tmp_path: Path) -> None:
    """Text and blobs of every table are read, also while the database is open and in WAL mode."""
    with closing(_database(tmp_path / "spend.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        own = watched(SinkSpec(id="spend", sqlite="spend.db"), tmp_path)
        database.execute('INSERT INTO "a ""log"" " VALUES (7, ?, ?)', (BEACON, gzip.compress(MARK.encode())))
        database.execute("INSERT INTO bare VALUES (?)", (f"x{MARK}",))
        database.commit()
        told = _told(own)
    assert (told.status, told.control) == ("leak", True)
    assert _seen(told) == [('a "log" .what.7', "raw in gzip", 0), ("bare.k.row 1", "raw", 27)]


def test_a_file_that_is_no_database_is_unknown(tmp_path: Path) -> None:
    """It is said why it could not be read."""
    (tmp_path / "spend.db").write_text(LINE * 100)
    told = _told(watched(SinkSpec(id="spend", sqlite="spend.db"), tmp_path))
    assert (told.status, told.trouble) == ("unknown", "it cannot be read: file is not a database")


@pytest.mark.parametrize(
    ("script", "status", "trouble"),
    [
        (f"print({BEACON!r})", "clean", ""),
        (f"import sys; print({MARK!r}, file=sys.stderr)", "leak", ""),
        (f"print({BEACON!r}); raise SystemExit(3)", "unknown", "the command ended with code 3"),
        ("print('nothing')", "unknown", ""),
    ],
)
def test_a_command_is_searched(tmp_path: Path, script: str, status: str, trouble: str) -> None:
    """What it prints on either output is read, and one that fails shows nothing."""
    told = _told(watched(SinkSpec(id="cmd", command=(sys.executable, "-c", script)), tmp_path))
    assert (told.status, told.trouble) == (status, trouble)


def test_a_command_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    """It is said that it cannot be run."""
    told = _told(watched(SinkSpec(id="cmd", command=("no-such-command-here",)), tmp_path))
    assert (told.status, told.trouble) == ("unknown", "the command cannot be run: No such file or directory")


def test_what_is_packed_otherwise_makes_a_sink_unknown(tmp_path: Path) -> None:
    """A part that cannot be unpacked is not taken for clean."""
    own = watched(SinkSpec(id="log", file="gateway.log"), tmp_path)
    (tmp_path / "gateway.log").write_bytes(BEACON.encode() + b"\x28\xb5\x2f\xfd")
    assert _told(own).trouble == "it holds parts packed as zstd, which are not unpacked here"
    assert _told(own).status == "unknown"


@pytest.mark.parametrize("key", ["file", "folder", "sqlite"])
def test_a_sink_stays_in_the_folder_of_the_plan(key: str) -> None:
    """A relative name that leads out of it is refused."""
    with pytest.raises(ValueError, match="leads out of the plan's folder: name it absolutely"):
        SinkSpec.model_validate({"id": "x", key: "logs/../../secret"})

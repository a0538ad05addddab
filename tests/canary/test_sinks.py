"""Is each kind of sink read from where it stood, wherever it went meanwhile, and is what cannot be read unknown?"""

from __future__ import annotations

import gzip
import os
import sqlite3
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import psutil
import pytest

from assay.runtime.canary import stores
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


def _moved_away(log: Path) -> None:
    _appended(log)
    (log.parent / "old").mkdir()
    log.rename(log.parent / "old" / "gateway.log.1")
    log.write_text(BEACON)


def _cut(log: Path) -> None:
    _appended(log)
    log.write_text(BEACON)


@pytest.mark.parametrize("happens", [_moved_away, _cut])
def test_what_a_log_lost_is_unknown(tmp_path: Path, happens: Callable[[Path], None]) -> None:
    """A log whose earlier text is neither in it nor beside it is not clean, whatever its new text shows."""
    log = tmp_path / "gateway.log"
    log.write_text(OLD)
    own = watched(SinkSpec(id="log", file="gateway.log"), tmp_path)
    happens(log)
    told = _told(own)
    assert (told.control, told.status) == (True, "unknown")
    assert told.trouble == "it was replaced or cut meanwhile, and what stood in it is not beside it"


def test_what_is_written_in_the_midst_of_a_file_is_found(tmp_path: Path) -> None:
    """A file whose room was kept for it beforehand grows inside, not at its end."""
    log = tmp_path / "ring.bin"
    log.write_bytes(bytes(20_000))
    own = watched(SinkSpec(id="log", file="ring.bin"), tmp_path)
    with log.open("r+b") as file:
        file.seek(9_000)
        file.write(LINE.encode())
    assert _told(own).status == "leak"


def test_a_link_out_of_a_folder_makes_it_unknown(tmp_path: Path) -> None:
    """Logs of containers are links: what lies elsewhere was not searched, and what lies inside was."""
    logs, elsewhere = tmp_path / "logs", tmp_path / "elsewhere.log"
    logs.mkdir()
    (logs / "access.log").write_text(BEACON)
    (logs / "today.log").symlink_to(logs / "access.log")
    own = watched(SinkSpec(id="logs", folder="logs"), tmp_path)
    (logs / "access.log").write_text(f"GET /{BEACON}")
    assert _told(own).status == "clean"
    elsewhere.write_text(LINE)
    (logs / "linked.log").symlink_to(elsewhere)
    told = _told(own)
    assert (told.control, told.status) == (True, "unknown")
    assert told.trouble == "a link in it leads out of it: list what it leads to as a sink of its own"


def test_a_mark_in_a_name_is_found_and_not_kept(tmp_path: Path) -> None:
    """Names of files and columns can hold prompts, too; they are found there, and stand in no evidence."""
    (tmp_path / "logs").mkdir()
    own = watched(SinkSpec(id="logs", folder="logs"), tmp_path)
    (tmp_path / "logs" / f"{MARK}.txt").write_text(LINE)
    told = _told(own)
    assert _seen(told) == [
        ("a place whose name holds a mark", "raw", LINE.index("-success-") + len("-success-")),
        ("a place whose name holds a mark", "raw in a name", MARK.index("-success-") + len("-success-")),
    ]
    assert MARK[-13:] not in told.model_dump_json()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Nothing comes to rest in a pipe, and opening one waits for whoever writes to it."""
    os.mkfifo(tmp_path / "pipe")
    told = _told(watched(SinkSpec(id="log", file="pipe"), tmp_path))
    assert (told.status, told.trouble) == ("unknown", "there is no such file")


def test_a_command_gets_no_key_and_leaves_nothing_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys stay with Assay, and what a command began ends with it."""
    monkeypatch.setenv("GATEWAY_KEY", "sk-secret")
    script = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"print('GATEWAY_KEY' in os.environ, child.pid, {BEACON!r}, file=open('told', 'w'))\n"
        f"print({BEACON!r})"
    )
    spec = SinkSpec(id="command", command=(sys.executable, "-c", script))
    told = _told(watched(spec, tmp_path, {"sk-secret"}))
    given, child, _ = (tmp_path / "told").read_text().split()
    assert (told.status, given) == ("clean", "False")
    ends = time.perf_counter() + 30
    while _runs(int(child)):
        assert time.perf_counter() < ends
        time.sleep(0.01)


def _runs(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_changed_row_of_a_large_table_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of before that are too many to read may have been changed: the file shows it."""
    monkeypatch.setattr(stores, "_MOST_ROWS", 3)
    with closing(sqlite3.connect(tmp_path / "spend.db")) as database:
        database.execute("CREATE TABLE spend (body TEXT)")
        database.executemany("INSERT INTO spend VALUES (?)", [("x" * 60,)] * 9)
        database.commit()
        own = watched(SinkSpec(id="db", sqlite="spend.db"), tmp_path)
        assert _told(own).trouble == ""
        database.execute("UPDATE spend SET body = ? WHERE rowid = 2", (LINE,))
        database.commit()
        told = _told(own)
    assert (told.status, {place for place, _, _ in _seen(told)}) == ("leak", {"the file spend.db"})


def test_no_text_of_a_database_stands_in_a_place(tmp_path: Path) -> None:
    """A column that is called as row numbers are gives its text to nobody."""
    own = watched(SinkSpec(id="db", sqlite="spend.db"), tmp_path)
    with closing(sqlite3.connect(tmp_path / "spend.db")) as database:
        database.execute("CREATE TABLE spend (rowid TEXT, body TEXT)")
        database.execute("INSERT INTO spend VALUES (?, ?)", ("a private name", LINE))
        database.commit()
    assert {place for place, _, _ in _seen(_told(own))} == {"spend.body.row 1"}

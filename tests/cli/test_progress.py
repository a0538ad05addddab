"""Is long work told as bars in a terminal and as plain lines elsewhere?"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from assay.cli import progress as module
from assay.cli.progress import watching

if TYPE_CHECKING:
    import pytest


class Clock:
    """A clock that goes a step a look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def monotonic(self) -> float:
        self.now += self.step
        return self.now


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def work() -> None:
    with watching() as progress:
        progress.note("run r1 [bold]in[/] out")
        progress.stage("asking cases", 40)
        for _ in range(4):
            progress.advance(10)
        progress.stage("nothing", 0)
        progress.advance(0)


def test_elsewhere_one_line_a_stage_and_one_every_ten_seconds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines on stderr name the stage, how far it is, the rate and the time left."""
    monkeypatch.setattr(module, "time", Clock(5.0))
    work()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "run r1 [bold]in[/] out",
        "asking cases ...",
        "asking cases: 20 of 40, 2.0/s, 10 s left",
        "asking cases: 40 of 40",
        "nothing ...",
    ]


def test_short_work_says_only_its_stages(capsys: pytest.CaptureFixture[str]) -> None:
    """Work of under ten seconds has no lines in between."""
    work()
    assert capsys.readouterr().err.splitlines() == ["run r1 [bold]in[/] out", "asking cases ...", "nothing ..."]


def test_a_terminal_shows_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal shows a bar for each stage with its count, and notes as they are written."""
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setenv("COLUMNS", "120")
    work()
    shown = stderr.getvalue()
    assert "run r1 [bold]in[/] out" in shown
    assert "asking cases" in shown
    assert "40/40" in shown


def sparing() -> None:
    with watching() as progress:
        progress.stage("asking cases", 40)
        progress.advance(10)
        progress.spare(20)
        progress.advance(10)


def test_what_need_not_be_done_is_not_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where work turns out to be less, the end is where it ends, in lines and in bars."""
    monkeypatch.setattr(module, "time", Clock(5.0))
    sparing()
    assert capsys.readouterr().err.splitlines()[-1] == "asking cases: 20 of 20"
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)
    sparing()
    assert "20/20" in stderr.getvalue()


def test_long_notes_are_wrapped(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal no line of a note is longer than 80 columns unless a single word is; in a log it stays whole."""
    word = "runs/" + "x" * 90
    note = f"fresh: plain stopped after 93 of 100 cases: {'no outcome of the others could change it, ' * 2}{word}"
    wanted = [
        "fresh: plain stopped after 93 of 100 cases: no outcome of the others could",
        "  change it, no outcome of the others could change it,",
        f"  {word}",
    ]
    with watching() as progress:
        progress.note(note)
    assert capsys.readouterr().err.splitlines() == [note]
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setenv("COLUMNS", "120")
    with watching() as progress:
        progress.note(note)
    shown = stderr.getvalue()
    assert all(line in shown for line in wanted)


def hashing() -> None:
    with watching() as progress:
        progress.stage("looking at servers", 98_362_440)
        for _ in range(2):
            progress.advance(49_181_220)


def test_bytes_are_told_as_megabytes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that hashes weights says megabytes and their rate, in lines and in bars."""
    monkeypatch.setattr(module, "time", Clock(5.0))
    hashing()
    assert capsys.readouterr().err.splitlines()[-1] == "looking at servers: 98.4 of 98.4 MB"
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setenv("COLUMNS", "120")
    hashing()
    assert "98.4/98.4 MB" in stderr.getvalue()

"""Does every fault end as lines on stderr and a code, never as a traceback?"""

from __future__ import annotations

import errno
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from assay.cli.boundary import Exit, guarded
from assay.errors import AssayError, InputError, MismatchError, Problem, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROBLEM = Problem("slug", "what \x1b[2J happened", "Do this.", "file.yaml", 3)


def raising(error: BaseException) -> Callable[[], int]:
    def work() -> int:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code"),
    [(InputError, Exit.BAD_INPUT), (ServerError, Exit.NOT_DONE), (MismatchError, Exit.NO_GO)],
)
def test_each_foreseen_fault_has_its_code(
    capsys: pytest.CaptureFixture[str], error: type[AssayError], code: Exit
) -> None:
    """Each problem is one line that no terminal acts on."""
    assert guarded(raising(error(PROBLEM, PROBLEM))) == code
    assert capsys.readouterr().err == "error[slug]: file.yaml:3: what  [2J happened. Do this.\n" * 2


def test_a_full_disk_is_no_bug(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What the system refuses is said with the file's name."""
    assert guarded(raising(OSError(errno.ENOSPC, "No space left on device", "trials.jsonl"))) == Exit.NOT_DONE
    assert capsys.readouterr().err == (
        "error[system]: trials.jsonl: the system says: No space left on device. Mend it and try again.\n"
    )


def test_an_interrupt_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C is not a fault."""
    assert guarded(raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_bug_leaves_a_log(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw is one line and a file with the traceback."""
    monkeypatch.chdir(tmp_path)
    assert guarded(raising(ZeroDivisionError("oops"))) == Exit.NOT_DONE
    assert capsys.readouterr().err == ("error[internal]: Assay has a bug. Report it with the file assay-crash.log.\n")
    assert "ZeroDivisionError: oops" in (tmp_path / "assay-crash.log").read_text("utf-8")


def test_a_bug_where_nothing_can_be_written_is_still_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a place for the log its lines come on stderr."""
    monkeypatch.setattr("assay.cli.boundary._CRASH_LOG", str(tmp_path / "nowhere" / "log"))
    assert guarded(raising(ZeroDivisionError("oops"))) == Exit.NOT_DONE
    assert "ZeroDivisionError: oops" in capsys.readouterr().err


def test_the_code_of_the_work_is_passed_on() -> None:
    """Work without a fault keeps its own code."""
    assert guarded(lambda: Exit.HOLD) == Exit.HOLD


@pytest.mark.parametrize("lines", [3, 100_000])
def test_a_reader_that_goes_away_changes_no_code(lines: int) -> None:
    """Whether the output fits into a buffer or not, the work goes on to its end and keeps its code."""
    work = (
        "import sys\nfrom assay.cli.boundary import guarded\n"
        f"def work():\n for number in range({lines}): sys.stdout.write('a line\\n')\n return 3\n"
        "sys.stdin.read()\nsys.exit(guarded(work))\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", work], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.close()
        assert (process.stderr.read(), process.wait()) == (b"", 3)

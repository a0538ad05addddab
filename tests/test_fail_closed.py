"""Do the traps of docs/fail-closed.md end as the page says: is each command run, and none of them green?"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
TRAP = re.compile(
    r"^\| (?P<trap>[^|]+) \| [^|]+ \| `assay (?P<command>[^`]+)` \| [^|]+ \| (?P<exit>\d) \|$", re.MULTILINE
)
TRAPS = [match.groupdict() for match in TRAP.finditer((ROOT / "docs" / "fail-closed.md").read_text("utf-8"))]
OUT = " --out /tmp/traps"
"""How each command of the page ends; the tests have folders of their own."""
SAID = {
    "everything-fails": "Not one of 100 trials has a score.",
    "one-fails": "99 of 100 trials passed; 1 of 100 trials has no score and decides it.",
    "careless-judge": "trials has a score. The judge careless is not trusted",
    "ten-alike": "59 in all",
    "no-scorers": "error[no-scorers]",
    "no-conditions": "error[no-conditions]",
    "sums": "error[nothing-selected]",
}
"""By plan, what the command must print: a trap that ends right for another reason shows nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Return the address of the server that misbehaves on demand."""
    command = [sys.executable, str(ROOT / "examples" / "fail-closed" / "server.py"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


def test_every_trap_is_there() -> None:
    """Each trap has a command, and no plan is left over; none leaves anything where it is called."""
    plans = {Path(trap["command"].split()[1]).stem for trap in TRAPS}
    assert all(trap["command"].endswith(OUT) for trap in TRAPS)
    assert plans == {path.stem for path in (ROOT / "examples" / "fail-closed").glob("*.yaml")} == set(SAID)


@pytest.mark.parametrize("trap", TRAPS, ids=[trap["trap"] for trap in TRAPS])
def test_no_trap_ends_green(trap: dict[str, str], address: str, tmp_path: Path) -> None:
    """Each command ends with the exit code of the page, for the reason that it gives, and says GO nowhere."""
    command = [sys.executable, "-m", "assay", *trap["command"].removesuffix(OUT).split(), "--out", str(tmp_path)]
    environment = {**os.environ, "TRAPS_URL": address}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    said = " ".join((ended.stdout + ended.stderr).split())
    assert ended.returncode == int(trap["exit"]) != 0, said
    assert SAID[Path(trap["command"].split()[1]).stem] in said
    assert "Verdict: GO" not in said


def test_what_was_answered_before_the_fault_is_kept(address: str, tmp_path: Path) -> None:
    """The ninety-nine answers beside the one that failed are on disk, and so is the failure."""
    plan = "examples/fail-closed/one-fails.yaml"
    command = [sys.executable, "-m", "assay", "run", plan, "--out", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "TRAPS_URL": address}, capture_output=True, check=False)
    (journal,) = tmp_path.glob("runs/*/trials.jsonl")
    lines = journal.read_text("utf-8").splitlines()
    assert (len(lines), sum('"completed"' in line for line in lines)) == (100, 99)

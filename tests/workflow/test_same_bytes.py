"""Does one run give one record, wherever it lies and whatever the machine is set to?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.fakes import Reply, completion, every, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes import Said, Workplace

# The order of sets and hashes, the language, the character set and the clock's zone all differ.
SETTINGS = (
    {"LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "UTC", "PYTHONHASHSEED": "1"},
    {"LC_ALL": "C.UTF-8", "LANGUAGE": "vi", "PYTHONUTF8": "1", "TZ": "ICT-7", "PYTHONHASHSEED": "77"},
    {"LC_ALL": "POSIX", "PYTHONIOENCODING": "latin-1", "TZ": "PST8", "PYTHONHASHSEED": "random", "COLUMNS": "40"},
)


def _records(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "records").rglob("*")) if path.is_file()}


def _decided(run: Path, folder: Path, settings: dict[str, str]) -> dict[str, bytes]:
    """Return the files of the record that a copy of a run gives in a folder of its own, in a process of its own."""
    copied = folder / "runs" / run.name
    shutil.copytree(run, copied)
    command = [sys.executable, "-m", "assay", "decide", str(copied), "--out", str(folder)]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **settings}, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr.decode()
    return _records(folder)


def test_one_run_gives_one_record_anywhere(assay: Callable[..., Said], place: Workplace) -> None:
    """A run copied to other paths gives the same page, JSON, zip, pictures and index under other locales."""
    with serving(every(3, Reply(body=completion("bốn \u2028 41")))) as server:
        place.write(plan_of(server.base_url, record={"title": "Có cộng được không?"}), sums=6)
        assert assay("run", place.plan, "--out", place.out).code == 1
    names = ("a", "một nơi khác/b b", "c" * 60)
    made = [_decided(place.run, place.folder / name, settings) for name, settings in zip(names, SETTINGS, strict=True)]
    assert sorted(made[0]) == [
        "0001-adding.evidence.zip",
        "0001-adding.json",
        "0001-adding.md",
        "index.json",
        "index.md",
    ]
    assert made[0] == made[1] == made[2]

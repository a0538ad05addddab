"""Do the three files of a record find each other?"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.record.store import RecordFiles, numbered

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("ending", ["", ".md", ".json", ".evidence.zip"])
@pytest.mark.parametrize("stem", ["0001-a", "0002-v1.2", "0003-notes.md"])
def test_any_of_the_three_names_the_record(stem: str, ending: str, tmp_path: Path) -> None:
    """Each file of a record leads to all three, and so does the stem where it does not look like a file."""
    files = RecordFiles.of(tmp_path, stem)
    files.write("# a\n", "{}\n", b"zip", {})
    if stem.endswith(".md") and not ending:
        return
    assert RecordFiles.beside(tmp_path / f"{stem}{ending}") == files


def test_written_as_given(tmp_path: Path) -> None:
    """The three files and the pictures hold what they were given, and no draft stays."""
    files = RecordFiles.of(tmp_path / "records", "0001-a")
    files.write("# \u00e4\r\n", '{"\u00e4": 1}\n', b"\x00zip", {"a.svg": "<svg/>\n"})
    assert files.markdown.read_bytes() == "# \u00e4\r\n".encode()
    assert files.json.read_bytes() == '{"\u00e4": 1}\n'.encode()
    assert files.evidence.read_bytes() == b"\x00zip"
    assert (files.plots / "a.svg").read_bytes() == b"<svg/>\n"
    assert len(list((tmp_path / "records").rglob("*"))) == 5


def test_every_missing_file_is_named(tmp_path: Path) -> None:
    """A record without one of its files is no record, and each missing one is named."""
    files = RecordFiles.of(tmp_path, "0001-a")
    files.write("", "", b"", {})
    files.json.unlink()
    files.evidence.unlink()
    with pytest.raises(InputError) as error:
        RecordFiles.beside(files.markdown)
    assert [problem.file for problem in error.value.problems] == [str(files.json), str(files.evidence)]


def number_of(folder: Path) -> int:
    with numbered(folder) as number:
        return number


def test_numbers_go_up(tmp_path: Path) -> None:
    """The next number is one above the highest, whatever else lies there."""
    assert number_of(tmp_path / "none") == number_of(tmp_path) == 1
    for name in ("0001-a.md", "0007-b.json", "12345-c.md", "99-no.md", "README.md", "0009"):
        (tmp_path / name).touch()
    assert number_of(tmp_path) == 12_346


def test_a_number_is_given_once(tmp_path: Path) -> None:
    """Whoever asks for a number while another record is being written gets the one after it."""

    def write(_: int) -> int:
        with numbered(tmp_path) as number:
            assert not list(tmp_path.glob(f"{number:04d}-*"))
            time.sleep(0.01)
            (tmp_path / f"{number:04d}-a.md").touch()
            return number

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write, range(8))) == list(range(1, 9))

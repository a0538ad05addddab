"""Does a signature get into its file whole, beside those that others add at the same time?"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from assay.record.signing.envelope import MOST_BYTES, lines_of
from assay.record.signing.file import NoFileError, add_line, content_of

if TYPE_CHECKING:
    from pathlib import Path


def test_many_sign_at_once(tmp_path: Path) -> None:
    """None of the lines that are added at the same time is lost, each is there once, and no draft stays."""
    path = tmp_path / "0001-a.intoto.jsonl"
    wanted = [b"%03d" % number for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda line: add_line(path, line), wanted * 2))
    assert list(lines_of(path.read_bytes())) == wanted
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_file_stays_as_it_is(tmp_path: Path) -> None:
    """Nothing is added to a file that is torn."""
    path = tmp_path / "a"
    path.write_bytes(b"b\na")
    with pytest.raises(ValueError, match="torn"):
        add_line(path, b"c")
    assert path.read_bytes() == b"b\na"


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    """Of a file that is too large only so much is read that this is seen; one that is not there is none."""
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.truncate(1 << 34)
    content = content_of(path)
    assert content is not None
    assert len(content) == MOST_BYTES + 1
    with pytest.raises(ValueError, match="larger than 1 MiB"):
        lines_of(content)
    assert content_of(tmp_path / "b") is None


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """What is no regular file is refused, and nobody waits for a pipe that nobody writes into."""
    os.mkfifo(tmp_path / "a")
    (tmp_path / "b").mkdir()
    for name in ("a", "b"):
        with pytest.raises(NoFileError, match="no regular file"):
            content_of(tmp_path / name)

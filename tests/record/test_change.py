"""Do several files change together, whatever breaks in the middle?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assay.errors import MismatchError
from assay.record.change import JOURNAL, change, drafts, finish, is_unfinished

OLD = {"a.md": b"old a", "b.json": b"old b", "c.md": b"old c"}
NEW = {"a.md": b"new a", "b.json": b"new b", "d.md": b"new d"}


class Killed(BaseException):
    """The process ends here: nothing that comes after it is done."""


def folder_of(path: Path) -> dict[str, bytes]:
    return {own.name: own.read_bytes() for own in sorted(path.iterdir()) if not own.name.startswith(".")}


def kill_at_rename(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let the process end at the rename of a number, from 0."""
    replace, seen = Path.replace, []

    def killing(self: Path, target: Path) -> Path:
        seen.append(target)
        if len(seen) > number:
            raise Killed
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", killing)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in OLD.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_all_change(folder: Path) -> None:
    """What is named holds the new content, all else stays, and neither journal nor draft is left."""
    change(folder, NEW)
    assert folder_of(folder) == OLD | NEW
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    assert finish(folder) == ()


@pytest.mark.parametrize("number", range(4))
def test_a_crash_at_any_rename(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Before the journal is there nothing has changed; from then on the rest is put in place by whoever comes next."""
    with monkeypatch.context() as patch:
        kill_at_rename(patch, number)
        with pytest.raises(Killed):
            change(folder, NEW)
    assert is_unfinished(folder) == (number > 0)
    assert drafts(folder)
    finished = finish(folder)
    assert finished == (tuple(NEW) if number else ())
    assert folder_of(folder) == (OLD | NEW if number else OLD)
    assert not is_unfinished(folder)
    change(folder, NEW)
    assert folder_of(folder) == OLD | NEW
    assert drafts(folder) == ()


def test_a_crash_before_the_journal_goes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All is in place and the journal is still there: finishing only removes it."""
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            change(folder, NEW)
    assert finish(folder) == tuple(NEW)
    assert folder_of(folder) == OLD | NEW


def test_a_lost_draft_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change whose draft is gone or was edited is not finished, and nothing of the rest is touched."""
    with monkeypatch.context() as patch:
        kill_at_rename(patch, 1)
        with pytest.raises(Killed):
            change(folder, NEW)
    (folder / ".d.md.part").write_bytes(b"something else")
    with pytest.raises(MismatchError, match=r"its draft of d\.md is gone"):
        finish(folder)
    assert folder_of(folder) == OLD


@pytest.mark.parametrize("name", ["../x", "/x", "a/b", "a\\b", ".x", "", "a\nb"])
def test_a_journal_leads_nowhere_else(folder: Path, name: str) -> None:
    """A journal that names a file outside of the folder is none."""
    journal = {"schema": "assay/change/v1", "files": {"a.md": "0" * 64, name: "0" * 64}}
    (folder / JOURNAL).write_text(json.dumps(journal), "utf-8")
    with pytest.raises(MismatchError, match="cannot be read"):
        finish(folder)
    assert folder_of(folder) == OLD

"""Is what was appended there after a crash, and is each line read as what was written?"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import InputError
from assay.record.run_folder import RunFolder, parse_lines, to_json
from assay.schema.run import Completion, Judgement, Run
from tests.record.evidence_files import PLAN, RUN

if TYPE_CHECKING:
    from pathlib import Path


def _judgement(output: str, trial: int = 1) -> Judgement:
    completion = Completion(output=output, elapsed_ms=1.5, attempts=1)
    return Judgement(judge="j", rubric="r", candidate="c", suite="s", case="k", trial=trial, completion=completion)


def _folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "runs" / "one")


def test_journal_round_trip(tmp_path: Path) -> None:
    """What was appended is read again, in order, by the same and by another opening of the folder."""
    written = [_judgement("a", 1), _judgement("b", 2), _judgement("c", 3)]
    with _folder(tmp_path) as folder:
        for noun in written[:2]:
            folder.append("judgements.jsonl", noun)
        assert list(folder.read("judgements.jsonl", Judgement)) == written[:2]
    with RunFolder(folder.path) as again:
        again.append("judgements.jsonl", written[2])
    assert list(again.read("judgements.jsonl", Judgement)) == written


def test_a_line_is_on_disk_when_append_returns(tmp_path: Path) -> None:
    """A line is in the file before the journal is closed, and ends with a line end."""
    with _folder(tmp_path) as folder:
        folder.append("judgements.jsonl", _judgement("a"))
        assert (folder.path / "judgements.jsonl").read_bytes() == _judgement("a").model_dump_json().encode() + b"\n"


def test_no_journal_is_no_line(tmp_path: Path) -> None:
    """A journal that is not there has no lines and nothing to mend."""
    folder = _folder(tmp_path)
    assert list(folder.read("trials.jsonl", Judgement)) == []
    assert folder.mend("trials.jsonl") == 0


@pytest.mark.parametrize("cut", [2, 5, 50])
def test_torn_last_line_is_mended(cut: int, tmp_path: Path) -> None:
    """A torn last line is cut off and counted, and what is appended then stands on its own line."""
    with _folder(tmp_path) as folder:
        folder.append("j.jsonl", _judgement("a", 1))
        folder.append("j.jsonl", _judgement("b", 2))
    path = folder.path / "j.jsonl"
    content = path.read_bytes()
    path.write_bytes(content[:-cut])
    torn = len(content) // 2 - cut
    assert folder.mend("j.jsonl") == torn
    assert folder.mend("j.jsonl") == 0
    with folder:
        folder.append("j.jsonl", _judgement("c", 3))
    assert [noun.trial for noun in folder.read("j.jsonl", Judgement)] == [1, 3]


def test_a_whole_last_line_without_its_end_gets_one(tmp_path: Path) -> None:
    """Where only the line end was lost, nothing is cut off, and the next line stands on its own."""
    folder = _folder(tmp_path)
    with folder:
        folder.append("j.jsonl", _judgement("a", 1))
    path = folder.path / "j.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    assert (folder.torn("j.jsonl"), folder.mend("j.jsonl")) == (0, 0)
    with folder:
        folder.append("j.jsonl", _judgement("b", 2))
    assert [noun.trial for noun in folder.read("j.jsonl", Judgement)] == [1, 2]


def test_a_torn_last_line_is_no_evidence(tmp_path: Path) -> None:
    """What was never finished is passed over by whoever only reads, and the file stays as it is."""
    folder = _folder(tmp_path)
    line = b'{"candidate": "a", "suite": "s", "case": "c", "trial": 1, "status": "completed"}\n'
    (folder.path / "trials.jsonl").write_bytes(line + b'{"candidate": "a", "su')
    assert folder.torn("trials.jsonl") == 22
    assert folder.evidence() == {"trials.jsonl": line}
    assert [key for key, _, _ in folder.places("trials.jsonl")] == [("a", "s", "c", 1)]
    assert (folder.path / "trials.jsonl").stat().st_size == len(line) + 22


@pytest.mark.parametrize("write", ["append", "write"])
def test_a_failed_write_names_its_file(write: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system does not say which file a disk was too full for; the folder does."""

    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = _folder(tmp_path)
    monkeypatch.setattr("os.write", full)
    monkeypatch.setattr("pathlib.Path.write_text", full)
    with folder, pytest.raises(OSError, match="No space left") as error:
        folder.append("j.jsonl", _judgement("a")) if write == "append" else folder.write("j.jsonl", "text")
    assert str(error.value.filename).startswith(str(folder.path / "j.jsonl"))


def test_a_journal_of_one_torn_line_is_emptied(tmp_path: Path) -> None:
    """A journal whose only line is torn is empty afterwards."""
    folder = _folder(tmp_path)
    (folder.path / "j.jsonl").write_bytes(b'{"judge"')
    assert folder.mend("j.jsonl") == 8
    assert (folder.path / "j.jsonl").read_bytes() == b""


@pytest.mark.parametrize("text", ["a\u2028b\u2029c", "a\x85b", "a\rb\r\nc\nd", "a\x0b\x0c\x1c\x1d\x1eb", "\x00\x1b[0m"])
def test_odd_line_ends_inside_texts_survive(text: str, tmp_path: Path) -> None:
    """What other readers take for a line end does not break a line inside a text."""
    with _folder(tmp_path) as folder:
        folder.append("j.jsonl", _judgement(text, 1))
        folder.append("j.jsonl", _judgement("next", 2))
    assert [noun.completion.output for noun in folder.read("j.jsonl", Judgement)] == [text, "next"]
    assert (folder.path / "j.jsonl").read_bytes().count(b"\n") == 2
    assert b"\r" not in (folder.path / "j.jsonl").read_bytes()


@given(st.lists(st.text(), max_size=5))
def test_any_texts_are_read_as_written(texts: list[str]) -> None:
    """Any texts come back, one noun a line."""
    nouns = [_judgement(text) for text in texts]
    content = "".join(noun.model_dump_json() + "\n" for noun in nouns).encode()
    assert list(parse_lines(content, Judgement, "j")) == nouns


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b'{"judge": "j"}', b"\xff", b"null", b"[" * 100_000])
def test_broken_line_is_named(line: bytes) -> None:
    """A line that is no such noun is a problem that names file and line."""
    good = _judgement("a").model_dump_json().encode()
    with pytest.raises(InputError) as error:
        list(parse_lines(good + b"\n" + line + b"\n" + good + b"\n", Judgement, "j.jsonl"))
    (problem,) = error.value.problems
    assert (problem.slug, problem.file, problem.line) == ("bad-journal", "j.jsonl", 2)


def test_write_leaves_whole_files_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half way leaves the earlier file as it was."""
    folder = _folder(tmp_path)
    folder.write("x.json", "old\n")
    with pytest.raises(UnicodeEncodeError):
        folder.write("x.json", "new" * 100_000 + "\ud800")
    assert (folder.path / "x.json").read_text(encoding="utf-8") == "old\n"
    folder.write("x.json", "new\r\n\u2028")
    assert (folder.path / "x.json").read_bytes() == "new\r\n\u2028".encode()
    monkeypatch.undo()


def test_noun_as_a_file_is_read_again(tmp_path: Path) -> None:
    """A noun's file has the names of its format and a final line end, and reads as the noun."""
    folder = _folder(tmp_path)
    folder.write_noun("run.json", RUN)
    text = (folder.path / "run.json").read_text(encoding="utf-8")
    assert text == to_json(RUN)
    assert text.startswith('{\n "schema": "assay/run/v1",\n')
    assert text.endswith("}\n")
    assert folder.read_run() == RUN == RunFolder.existing(folder.path).read_run()


def test_existing_folder_is_not_taken(tmp_path: Path) -> None:
    """A run never writes into a folder that is there."""
    _folder(tmp_path)
    with pytest.raises(InputError, match=r"no-run-folder.*File exists"):
        _folder(tmp_path)


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A run folder below a file cannot be made."""
    (tmp_path / "runs").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="no-run-folder"):
        _folder(tmp_path)


def test_no_run_there(tmp_path: Path) -> None:
    """A folder without run.json is no run."""
    with pytest.raises(InputError, match="no-run"):
        RunFolder.existing(tmp_path)


def test_broken_run_is_said(tmp_path: Path) -> None:
    """A run.json that is none is a problem."""
    folder = _folder(tmp_path)
    (folder.path / "run.json").write_text('{"id": "x"}', encoding="utf-8")
    with pytest.raises(InputError, match=r"bad-journal.*run\.json"):
        RunFolder.existing(folder.path).read_run()


def test_evidence_is_what_a_record_rests_on(tmp_path: Path) -> None:
    """The evidence holds the run's own files and none of its drafts, scores or logs."""
    with _folder(tmp_path) as folder:
        folder.write_noun("run.json", RUN)
        folder.write_noun("plan.json", PLAN)
        folder.append("trials.jsonl", _judgement("a"))
        folder.write("evidence/host.json", "{}")
        folder.write("suites/a.json", "{}")
        for other in ("scores.jsonl", "logs/server.log", "evidence/x.json.part", "evidence/notes.txt"):
            folder.write(other, "x")
    assert sorted(folder.evidence()) == ["evidence/host.json", "plan.json", "run.json", "suites/a.json", "trials.jsonl"]
    assert Run.model_validate_json(folder.evidence()["run.json"]) == RUN

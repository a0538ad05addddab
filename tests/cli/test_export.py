"""Does `assay export` put data where it belongs, and say clearly why it cannot?"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from assay.cli.app import app
from assay.cli.boundary import guarded
from assay.cli.export import export
from tests.fakes import Reply, Said, completion, every, serving
from tests.fakes import plan_of as asking
from tests.record.diff.two_records import write_two
from tests.record.export.run_files import plan_of, score, small_run, trial, write_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assay.schema.run import Trial
    from tests.fakes import Workplace

    Export = Callable[..., Said]


@pytest.fixture(name="said")
def _said(capsysbinary: pytest.CaptureFixture[bytes]) -> Export:
    """Return a way to call the verb behind the one boundary, with what it printed."""

    def call(run: Path, format_: str, out: Path | None = None, most: int | None = None) -> Said:
        code = guarded(lambda: export(run, format_=format_, out=out, most=most))
        printed = capsysbinary.readouterr()
        return Said(code, printed.out.decode(), printed.err.decode())

    return call


@pytest.mark.parametrize(
    ("format_", "begins", "told"),
    [
        ("csv", "candidate,suite,case,", "6 scores\n"),
        ("junit", '<?xml version="1.0"', "4 test cases\n"),
        ("labels", '{"id":"talk/hell', "2 answers to label\n"),
    ],
)
def test_data_goes_to_stdout(said: Export, tmp_path: Path, format_: str, begins: str, told: str) -> None:
    """Without --out data stands on stdout and all else on stderr; with it the same text is in the file."""
    run = small_run(tmp_path)
    printed = said(run, format_)
    assert (printed.code, printed.out[: len(begins)], printed.err) == (0, begins, told)
    out = tmp_path / "out"
    written = said(run, format_, out)
    assert (written.code, written.out, written.err) == (0, "", told.replace("\n", f" in {out}\n"))
    assert out.read_bytes().decode() == printed.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "run"]


def test_parquet_wants_a_file(said: Export, tmp_path: Path) -> None:
    """Parquet is not written to a terminal; the error names --out."""
    pytest.importorskip("pyarrow")
    run = small_run(tmp_path)
    printed = said(run, "parquet")
    assert (printed.code, printed.out) == (2, "")
    assert "bad-usage" in printed.err
    assert "--out" in printed.err
    assert said(run, "parquet", tmp_path / "s.parquet").code == 0
    assert (tmp_path / "s.parquet").read_bytes()[:4] == b"PAR1"


def test_an_unfinished_run_says_so(said: Export, tmp_path: Path) -> None:
    """Trials that were never asked are counted on stderr."""
    own = trial("one/sums/a", "2")
    run = write_run(tmp_path, [own], [score(own, "exact", "passed")], plan_of(trials=2))
    assert said(run, "csv").err == "1 scores\nThe run is not finished: 7 of its trials were never asked.\n"


def test_a_run_that_stopped_early_is_finished(said: Export, tmp_path: Path) -> None:
    """What was left out on purpose is counted as that."""
    own = trial("one/sums/a", "2")
    run = write_run(tmp_path, [own], [score(own, "exact", "passed")])
    written = json.loads((run / "run.json").read_text("utf-8"))
    (run / "run.json").write_text(json.dumps({**written, "stopping": "curtail"}), "utf-8")
    assert said(run, "csv").err == "1 scores\n3 trials were not asked: the run could stop early.\n"


def test_a_run_without_scores_says_what_to_run(said: Export, tmp_path: Path) -> None:
    """Nothing is written, and the remedy is a command."""
    run = write_run(tmp_path, [trial("one/sums/a", "2")], None)
    printed = said(run, "csv", tmp_path / "out.csv")
    assert (printed.code, printed.out) == (2, "")
    assert printed.err == f"error[no-scores]: {run}: the run has no scores. Run `assay score {run}` first.\n"
    assert not (tmp_path / "out.csv").exists()


A, B = trial("one/sums/a", "2"), trial("one/sums/b", "4")


@pytest.mark.parametrize(
    ("trials", "scored", "code", "slug"),
    [
        ([], [], 2, "nothing-to-export"),
        ([A, B], [A], 2, "no-scores"),
        ([A], [A, B], 2, "no-scores"),
        ([A], [A, A], 2, "no-scores"),
        ([A, A], [A], 1, "bad-evidence"),
        ([A.model_copy(update={"case_digest": "0" * 64})], [A], 1, "bad-evidence"),
        ([A.model_copy(update={"case": "x"})], [A], 1, "bad-evidence"),
    ],
)
@pytest.mark.parametrize("format_", ["csv", "junit", "labels"])
def test_files_that_do_not_belong_together_are_not_exported(
    said: Export, tmp_path: Path, format_: str, trials: list[Trial], scored: list[Trial], code: int, slug: str
) -> None:
    """Scores of other answers, answers to other cases, and a run without answers give an error and no data."""
    run = write_run(tmp_path, trials, [score(own, "exact", "passed") for own in scored])
    printed = said(run, format_)
    assert (printed.code, printed.out) == (code, "")
    assert printed.err.startswith(f"error[{slug}]: ")


@pytest.mark.parametrize(
    ("name", "change", "slug"),
    [
        ("trials.jsonl", lambda text: text[:-20], "bad-journal"),
        ("trials.jsonl", lambda text: text.replace('"output":"2"', '"output":"\\ud800"'), "bad-journal"),
        ("scores.jsonl", lambda text: text + "\n", "bad-journal"),
        ("plan.json", lambda text: "{}", "bad-journal"),
        ("plan.json", lambda text: text.replace('"small"', '"other"'), "bad-evidence"),
        ("suites/sums.json", lambda text: text.replace("1+1", "1+2"), "bad-evidence"),
        ("suites/sums.json", lambda text: text.replace('"sums"', '"../sums"'), "bad-evidence"),
        ("run.json", lambda text: text.replace('"sums"', '"../../sums"'), "bad-evidence"),
        ("run.json", lambda text: text[1:], "bad-journal"),
    ],
)
def test_broken_files_are_named(
    said: Export, tmp_path: Path, name: str, change: Callable[[str], str], slug: str
) -> None:
    """A file that was cut or edited ends in one line, and in no data."""
    run = small_run(tmp_path)
    path = run / name
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    printed = said(run, "csv")
    assert printed.out == ""
    assert printed.err.startswith(f"error[{slug}]: ")
    assert printed.err.count("\n") == 1


def test_a_bad_line_is_named_by_its_number(said: Export, tmp_path: Path) -> None:
    """The problem has file and line."""
    run = small_run(tmp_path)
    path = run / "scores.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:2], json.dumps({"candidate": 1}) + "\n", *lines[3:]]), "utf-8")
    assert said(run, "csv").err.startswith(f"error[bad-journal]: {path}:3: not a score: ")


@pytest.mark.parametrize(
    ("format_", "out", "most", "slug"),
    [
        ("xml", None, None, "unknown-format"),
        ("csv", None, 3, "bad-usage"),
        ("labels", None, 0, "bad-usage"),
        ("csv", "missing/out.csv", None, "no-folder"),
        ("csv", "run", None, "file-exists"),
        ("labels", "kept.jsonl", None, "file-exists"),
    ],
)
def test_wrong_arguments_are_told(
    said: Export, tmp_path: Path, format_: str, out: str | None, most: int | None, slug: str
) -> None:
    """Each mistake has a line of its own; a file that people may have filled in is never replaced."""
    run, kept = small_run(tmp_path), tmp_path / "kept.jsonl"
    kept.write_text("filled in", "utf-8")
    printed = said(run, format_, tmp_path / out if out is not None else None, most)
    assert (printed.code, printed.out) == (2, "")
    assert printed.err.startswith(f"error[{slug}]: ")
    assert kept.read_text("utf-8") == "filled in"


def test_no_run_is_told(said: Export, tmp_path: Path) -> None:
    """A folder without a run is not exported."""
    assert said(tmp_path, "csv").err.startswith("error[no-run]: ")


def test_a_table_is_replaced_whole(said: Export, tmp_path: Path) -> None:
    """An earlier table gives way to the new one, and stays when the export fails."""
    run, out = small_run(tmp_path), tmp_path / "out.csv"
    out.write_text("old", "utf-8")
    (run / "plan.json").rename(run / "away")
    assert (said(run, "csv", out).code, out.read_text("utf-8")) == (2, "old")
    (run / "away").rename(run / "plan.json")
    assert said(run, "csv", out).code == 0
    assert out.read_text("utf-8").startswith("candidate,")


def test_a_sample_is_drawn(said: Export, tmp_path: Path) -> None:
    """--most limits how many answers are to label."""
    printed = said(small_run(tmp_path), "labels", None, 1)
    assert (len(printed.out.splitlines()), printed.err) == (1, "1 answers to label\n")


def test_a_real_run_is_exported(assay: Callable[..., Said], place: Workplace) -> None:
    """What `assay eval` leaves on disk can be exported: a wrong answer that looks like a formula among right ones."""
    with serving(every(3, Reply(body=completion("=1+1")))) as server:
        place.write(asking(server.base_url, trials=2))
        assert assay("eval", place.plan, "--out", place.out).code == 0
    table = assay("export", place.run, "--format", "csv", "--out", "scores.csv")
    rows = list(csv.DictReader(io.StringIO((place.folder / "scores.csv").read_text("utf-8"), newline="")))
    wrong = [row["output"] for row in rows if row["outcome"] == "failed"]
    assert (table.code, table.err, len(rows), wrong) == (0, "6 scores in scores.csv\n", 6, ["'=1+1", "'=1+1"])
    assert assay("export", place.run, "--format", "junit", "--out", "scores.xml").code == 0
    assert 'tests="6" failures="2" errors="0"' in (place.folder / "scores.xml").read_text("utf-8")


FRONT = """\
---
# verdict: {}, status: proposed (Assay record 0001-small)
license: "mit"
model-index:
- name: "{}"
"""


@pytest.mark.parametrize(
    ("words", "code", "begins", "told"),
    [
        (["--format", "model-index"], 0, FRONT.format("NO-GO", "one"), "model-index\n"),
        (
            ["--format", "model-index", "--candidate", "two"],
            0,
            FRONT.format("not decided on", "two"),
            "",
        ),
        (["--format", "cyclonedx"], 0, "{\n", "cyclonedx\n"),
        (["--format", "cyclonedx", "--candidate", "one"], 2, "", "error[bad-usage]"),
        (["--format", "model-index", "--most", "3"], 2, "", "error[bad-usage]"),
        (["--format", "spdx"], 2, "", "There are: csv, parquet, junit, labels, cyclonedx, model-index."),
    ],
)
def test_records_are_exported_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, begins: str, told: str
) -> None:
    """Data on stdout, what was written on stderr; an option that the format has no use for is refused."""
    write_two(tmp_path / "records")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["export", "records/0001-small", *words])
    assert (result.exit_code, result.stdout[: len(begins)]) == (code, begins)
    assert told in result.stderr

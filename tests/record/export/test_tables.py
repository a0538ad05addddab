"""Do scores come whole out of CSV and Parquet, and is no cell of them a formula?"""

from __future__ import annotations

import csv
import importlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import InputError
from assay.record.export import parquet
from assay.record.export.columns import COLUMNS, Row
from assay.record.export.comma_separated import cell, defused, line, visible
from assay.suite.importing import Options, read_import
from assay.workflow.export import export_run
from tests.record.export.run_files import exported, score, small_run, trial, write_run

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL = Path(__file__).with_name("small.csv")

HOSTILE = [
    ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
    ("+1+1", "'+1+1"),
    ("-1+1", "'-1+1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "'\t=1"),
    ("\r=1", "'\r=1"),
    ("\n=1", "'\n=1"),
    ("\uff1d1+1", "'\uff1d1+1"),
    ("'=1", "''=1"),
    ("-5", "-5"),
    ("+3.5e2", "+3.5e2"),
    ("-", "'-"),
    ("-5\n", "'-5\n"),
    ("\u0663", "\u0663"),
    ("-\u0663", "'-\u0663"),
    ("'quoted'", "'quoted'"),
    (" =1", " =1"),
    ("", ""),
    ("😀, \ttab\r\nline", "😀, \ttab\r\nline"),
]


def _read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def _restored(text: str) -> str:
    """Undo what the module's docstring says was done."""
    bare = text.lstrip("'")
    return text[1:] if text != bare and bare[:1] in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20") - {""} else text


def test_csv_of_a_small_run(tmp_path: Path) -> None:
    """The whole text: a row for each score, nothing where nothing is known, the answer last."""
    assert exported(small_run(tmp_path), "csv") == SMALL.read_bytes()


@pytest.mark.parametrize(("answer", "shown"), HOSTILE)
def test_csv_holds_no_formula(tmp_path: Path, answer: str, shown: str) -> None:
    """A text that a spreadsheet would run has an apostrophe before it; plain numbers stay what they are."""
    assert _read(exported(small_run(tmp_path, answer), "csv"))[0]["output"] == shown
    assert _restored(shown) == answer


def test_csv_holds_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    """Controls, escapes and marks of direction are written out, also in front of what would be a formula."""
    answer = "\x00=1 \x1b[31m\x9b \u202eabc\u2066 \x85\u2028"
    shown = _read(exported(small_run(tmp_path, answer), "csv"))[0]["output"]
    assert shown == r"\x00=1 \x1b[31m\x9b \u202eabc\u2066 \x85\u2028"


def test_numbers_below_zero_stay_numbers() -> None:
    """A figure is never taken for a formula."""
    assert (cell(-1.5), cell(-3), cell(None), cell(("-a", "b"))) == ("-1.5", "-3", "", "'-a;b")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_defused_and_comes_back(text: str) -> None:
    """No text begins like a formula afterwards but a plain number, and taking the apostrophe off gives it back."""
    shown = defused(text)
    assert _restored(shown) == text
    if shown[:1] in set("=+-@\t\r\n"):
        float(shown)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4))
def test_any_row_is_one_row(values: list[str]) -> None:
    """A reader of CSV sees as many cells as were written, with their text."""
    content = line(values) + line(values)
    wanted = [defused(visible(value)) for value in values]
    assert list(csv.reader(io.StringIO(content.decode(), newline=""))) == [wanted, wanted]


def test_scores_in_another_order_find_their_trials(tmp_path: Path) -> None:
    """Rows follow the scores, wherever in the journal their trials stand."""
    first, second = trial("one/sums/a", "2"), trial("one/sums/b", "5")
    run = write_run(tmp_path, [first, second], [score(second, "exact", "failed"), score(first, "exact", "passed")])
    found = [(row["case"], row["outcome"], row["output"]) for row in _read(exported(run, "csv"))]
    assert found == [("b", "failed", "5"), ("a", "passed", "2")]


def test_figures_that_are_none_are_left_out(tmp_path: Path) -> None:
    """Readers of JSON let NaN and infinity through; a table has nothing there."""
    run = small_run(tmp_path)
    journal = run / "trials.jsonl"
    journal.write_text(journal.read_text("utf-8").replace('"elapsed_ms":12.5', '"elapsed_ms":NaN', 1), "utf-8")
    assert _read(exported(run, "csv"))[0]["elapsed_ms"] == ""


def test_columns_are_documented() -> None:
    """Each column has a type in Parquet and a sentence in the source."""
    assert tuple(parquet.TYPES) == COLUMNS == Row._fields
    assert COLUMNS[-1] == "output"


def _parquet(run: Path, out: Path) -> list[dict[str, object]]:
    reader = pytest.importorskip("pyarrow.parquet")
    with out.open("wb") as unused:
        export_run(run, "parquet", out, unused)
    return reader.read_table(out).to_pylist()


def test_parquet_comes_back_as_a_suite(tmp_path: Path) -> None:
    """What a run is exported to can be imported: each score is a case again, its texts as they came."""
    answer = '=1\r\n"\x00\u202e" 😀'
    table = tmp_path / "scores.parquet"
    rows = _parquet(small_run(tmp_path, answer), table)
    columns = {"input": "reason", "expected": "output", "id": "case"}
    suite = read_import("table", table, Options(scorer="exact", columns=columns))
    assert [case.expected for case in suite.cases] == [row["output"] for row in rows]
    assert suite.cases[0].expected == answer
    assert suite.cases[0].tags == tuple(rows[0]["tags"])
    assert suite.cases[0].metadata["trial"] == 1
    assert suite.cases[0].metadata["elapsed_ms"] == rows[0]["elapsed_ms"]


def test_parquet_has_types_and_nulls(tmp_path: Path) -> None:
    """What was not known is null, tags are a list, and the answer is as it came, formula or not."""
    answer = '=1\r\n"\x00" 😀'
    rows = _parquet(small_run(tmp_path, answer), tmp_path / "s.parquet")
    assert rows[0] == {
        "candidate": "one",
        "suite": "sums",
        "case": "a",
        "trial": 1,
        "scorer": "exact",
        "outcome": "passed",
        "value": 1.0,
        "reason": "equal",
        "status": "completed",
        "fault": None,
        "finish_reason": "stop",
        "elapsed_ms": 12.5,
        "attempts": 1,
        "prompt_tokens": 9,
        "completion_tokens": 1,
        "tags": ["small", "a;b\\"],
        "severity": "normal",
        "reused_from": None,
        "output": answer,
    }
    assert [row["value"] for row in rows] == [1.0, None, 0.0, 1.0, None, 1.0]
    assert rows[1]["output"] is None


def test_parquet_types_are_the_table_s(tmp_path: Path) -> None:
    """The types in the file are those of the table of types; the run is named in the metadata."""
    reader = pytest.importorskip("pyarrow.parquet")
    _parquet(small_run(tmp_path), tmp_path / "s.parquet")
    schema = reader.read_schema(tmp_path / "s.parquet")
    named = {"float64": "double", "list": "list<element: string>"}
    assert {field.name: str(field.type) for field in schema} == {
        name: named.get(kind, kind) for name, kind in parquet.TYPES.items()
    }
    assert schema.metadata[b"assay.run"] == b"20260102T030405-small-abcd"


@pytest.mark.parametrize(("rows", "characters", "groups"), [(4, 1 << 20, [4, 2]), (100, 1, [1] * 6), (100, 99, [5, 1])])
def test_parquet_is_written_in_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, characters: int, groups: Sequence[int]
) -> None:
    """A row group ends after so many rows, or where their text is long; together they hold all rows."""
    reader = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(parquet, "_ROWS", rows)
    monkeypatch.setattr(parquet, "_MOST_CHARACTERS", characters)
    assert len(_parquet(small_run(tmp_path), tmp_path / "s.parquet")) == 6
    stated = reader.ParquetFile(tmp_path / "s.parquet").metadata
    assert [stated.row_group(number).num_rows for number in range(stated.num_row_groups)] == groups


def test_a_count_beyond_64_bits_is_a_fault_of_the_file(tmp_path: Path) -> None:
    """A hostile journal ends in an error and leaves no file."""
    pytest.importorskip("pyarrow")
    run, out = small_run(tmp_path), tmp_path / "s.parquet"
    journal = run / "trials.jsonl"
    journal.write_text(journal.read_text("utf-8").replace('"prompt_tokens":9', f'"prompt_tokens":{2**70}', 1), "utf-8")
    with pytest.raises(InputError) as caught:
        export_run(run, "parquet", out, io.BytesIO())
    assert caught.value.problems[0].slug == "bad-journal"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pyarrow is not installed, the error says what to install, and no file is left."""
    load = importlib.import_module

    def absent(name: str, package: str | None = None) -> object:
        if name.startswith("pyarrow"):
            raise ModuleNotFoundError(name)
        return load(name, package)

    monkeypatch.setattr("importlib.import_module", absent)
    with pytest.raises(InputError) as caught:
        export_run(small_run(tmp_path), "parquet", tmp_path / "s.parquet", io.BytesIO())
    problem = caught.value.problems[0]
    assert (problem.slug, "pip install '.[parquet]'" in problem.remedy) == ("missing-extra", True)
    assert not (tmp_path / "s.parquet").exists()

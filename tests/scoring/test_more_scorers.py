"""Scorers beside those of test_scorers.py, against tables of hard answers: cases/<scorer>.jsonl."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.schema.suite import Case, ScorerSpec, Suite
from assay.scoring.checks import check_scorers
from assay.scoring.registry import SCORERS
from tests.scoring.tables import Row, rows_of

TABLES = ["contains", "contains_all", "regex", "number", "choice", "json_fields", "length", "refusal"]
ROWS = [pytest.param(name, *row.values, id=f"{name}: {row.id}") for name in TABLES for row in rows_of(name)]


def case_of(row: Row) -> Case:
    return Case(id="c", input="?", expected=row["expected"], metadata=row.get("metadata", {}))


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_table(name: str, row: Row) -> None:
    """Each answer of the table has its outcome, its grade where one is given, and a reason that says why."""
    score = SCORERS[name].score
    assert score is not None
    mark = score(case_of(row), row["output"], row.get("options", {}))
    assert (mark.outcome, mark.reason) == (row["outcome"], mark.reason)
    assert row.get("reason", "") in mark.reason
    assert mark.value == row.get("value", {"passed": 1.0, "failed": 0.0, "unscored": None}[row["outcome"]])


@pytest.mark.parametrize("name", TABLES)
def test_table_is_hard_enough(name: str) -> None:
    """Each table holds answers that pass and answers that fail, a dozen at least."""
    outcomes = [row.values[0]["outcome"] for row in rows_of(name)]
    assert len(outcomes) >= 12
    assert {"passed", "failed"} <= set(outcomes)


EXPECTED = {
    "contains": "Huế",
    "contains_all": ["Huế", "b"],
    "regex": "Hu[ếe]",
    "number": 12,
    "choice": "A",
    "json_fields": {"a": "Huế"},
    "length": None,
    "refusal": None,
}
OPTIONS: dict[str, dict] = {"choice": {"options": ["Huế", "Paris"]}, "length": {"max_characters": 9}}


@given(st.sampled_from(TABLES), st.text(max_size=200))
def test_no_answer_breaks_a_scorer(name: str, output: str) -> None:
    """Whatever an answer holds, the outcome is the same for composed and decomposed text, and the grade a share."""
    score = SCORERS[name].score
    assert score is not None
    case = Case(id="c", input="?", expected=EXPECTED[name])
    marks = [score(case, unicodedata.normalize(form, output), OPTIONS.get(name, {})) for form in ("NFC", "NFD")]
    assert marks[0].outcome == marks[1].outcome
    assert all(mark.value is None or 0 <= mark.value <= 1 for mark in marks)


@given(st.integers(-(10**15), 10**15), st.integers(0, 3), st.sampled_from([("{:,}", "."), ("{:_}", ",")]))
def test_a_number_is_read_as_it_was_written(units: int, decimals: int, style: tuple[str, str]) -> None:
    """A number with thousands grouped and decimals marked comes back as itself."""
    form, mark = style
    whole, rest = divmod(abs(units), 10**decimals)
    text = form.format(whole).replace("_", ".") if form == "{:_}" else form.format(whole)
    text += f"{mark}{rest:0{decimals}d}" if decimals else ""
    sign = "-" if units < 0 else ""
    expected = f"{sign}{whole}.{rest:0{decimals}d}" if decimals else f"{sign}{whole}"
    score = SCORERS["number"].score
    assert score is not None
    case = Case(id="c", input="?", expected=float(expected) if decimals else int(expected))
    mark = score(case, sign + text, {"decimal": mark, "rel_tolerance": 1e-12})
    assert mark.outcome == "passed", mark.reason


SOUND = [
    ("choice", {"expected": "B"}, {"options": ["x", "y"]}),
    ("choice", {"expected": "y"}, {"options": {"A": "x", "B": "y"}}),
    ("number", {"expected": "1,000"}, {"units": ["kg", "g"], "rel_tolerance": 0.1}),
    ("json_fields", {"expected": {"a": [1]}}, {"fields": {"a[0]": {"weight": 2}}}),
    ("length", {}, {"max_words": 5}),
    ("any", {"expected": "x"}, {"scorers": ["exact", {"contains": {"expected": "y", "label": "y"}}]}),
    ("weighted", {"expected": "x"}, {"scorers": [{"scorer": "exact", "weight": 2}, "contains"], "min": 0.5}),
]


@pytest.mark.parametrize(("name", "case", "options"), SOUND)
def test_sound_options_have_no_flaw(name: str, case: dict, options: dict) -> None:
    """Options as they stand in files are taken."""
    spec = ScorerSpec.model_validate({name: options})
    own = Case.model_validate({"id": "c", "input": "?", **case})
    assert check_scorers(Suite(id="s", scorers=(spec,), cases=(own,)), own) == []


FLAWS = [
    ("contains", {"expected": ""}, {}, "bad-expected"),
    ("regex", {"expected": "(a"}, {}, "bad-expected"),
    ("regex", {"expected": "x" * 5001}, {}, "bad-expected"),
    ("number", {"expected": "many"}, {}, "bad-expected"),
    ("number", {"expected": "1 2 x"}, {}, "bad-expected"),
    ("choice", {"expected": "C", "metadata": {"choices": ["x", "y"]}}, {}, "bad-expected"),
    ("choice", {"expected": "A", "metadata": {"choices": ["x"]}}, {}, "bad-option"),
    ("choice", {"expected": "A", "metadata": {"choices": ["x", "X"]}}, {}, "bad-option"),
    ("json_fields", {"expected": "x"}, {}, "bad-expected"),
    ("json_fields", {"expected": {"a": 1}}, {"fields": {"b": {}}}, "bad-expected"),
    ("length", {}, {}, "bad-option"),
    ("length", {}, {"min_words": 3, "max_words": 2}, "bad-option"),
    ("refusal", {}, {"expect": "both"}, "bad-option"),
    ("all", {}, {}, "bad-option"),
    ("weighted", {}, {"scorers": ["exact"], "min": 2}, "missing-expected"),
]


@pytest.mark.parametrize(("name", "case", "options", "slug"), FLAWS)
def test_flaws_are_found_before_a_model_is_asked(name: str, case: dict, options: dict, slug: str) -> None:
    """What keeps a scorer from doing its work is named by its kind."""
    spec = ScorerSpec.model_validate({name: options})
    own = Case.model_validate({"id": "c", "input": "?", **case})
    assert slug in [flaw[0] for flaw in check_scorers(Suite(id="s", scorers=(spec,), cases=(own,)), own)]

"""The scorers, against tables of hard answers: cases/exact.jsonl, fuzzy.jsonl and json_schema.jsonl."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.schema._base import field_docs
from assay.schema.suite import Case
from assay.scoring.registry import SCORERS
from tests.scoring.tables import Row, rows_of

SCHEMA = {
    "type": "object",
    "properties": {
        "n": {"type": "integer", "minimum": 0},
        "day": {"type": "string", "format": "date"},
        "name": {"type": "string"},
        "lines": {"type": "array", "items": {"type": "string"}},
        "more": True,
    },
    "required": ["n"],
    "additionalProperties": False,
}


def outcome_of(scorer: str, case: Case, output: str, **options: object) -> tuple[str, float | None, str]:
    score = SCORERS[scorer].score
    assert score is not None
    mark = score(case, output, options)
    return (mark.outcome, mark.value, mark.reason)


@pytest.mark.parametrize("row", rows_of("exact"))
def test_exact(row: Row) -> None:
    """`exact` compares composed text and says what it expected and got."""
    case = Case(id="c", input="?", expected=row["expected"])
    value = {"passed": 1.0, "failed": 0.0, "unscored": None}[row["outcome"]]
    expected = (row["outcome"], value, row["reason"])
    assert outcome_of("exact", case, row["output"], **row.get("options", {})) == expected


@pytest.mark.parametrize("row", rows_of("fuzzy"))
def test_fuzzy(row: Row) -> None:
    """`fuzzy` grades how much of the expected text the answer holds."""
    case = Case(id="c", input="?", expected=row["expected"])
    expected = (row["outcome"], row["value"], row["reason"])
    assert outcome_of("fuzzy", case, row["output"], **row.get("options", {})) == expected


@pytest.mark.parametrize("row", rows_of("json_schema"))
def test_json_schema(row: Row) -> None:
    """`json_schema` takes strict JSON only and names the first violation by its path."""
    case = Case(id="c", input="?", expected=row.get("expected"), json_schema=row.get("schema", SCHEMA))
    value = {"passed": 1.0, "failed": 0.0, "unscored": None}[row["outcome"]]
    expected = (row["outcome"], value, row["reason"])
    assert outcome_of("json_schema", case, row["output"], **row.get("options", {})) == expected


@given(st.text(min_size=1), st.text(), st.booleans(), st.booleans())
def test_exact_does_not_see_how_characters_are_composed(
    expected: str, output: str, ignore_case: bool, ignore_punctuation: bool
) -> None:
    """The outcome is the same for composed and decomposed text, on either side."""
    options = {"ignore_case": ignore_case, "ignore_punctuation": ignore_punctuation}
    outcomes = {
        outcome_of(
            "exact",
            Case(id="c", input="?", expected=unicodedata.normalize(form, expected)),
            unicodedata.normalize(other, output),
            **options,
        )[0]
        for form in ("NFC", "NFD")
        for other in ("NFC", "NFD")
    }
    assert len(outcomes) == 1


@given(st.text(min_size=1))
def test_an_answer_equals_itself(text: str) -> None:
    """The expected text, composed in any way, passes `exact`, and `fuzzy` when it is not blank."""
    case = Case(id="c", input="?", expected=text)
    assert outcome_of("exact", case, unicodedata.normalize("NFD", text))[0] == "passed"
    if text.strip():
        for mode in ("ratio", "partial", "token_set"):
            assert outcome_of("fuzzy", case, unicodedata.normalize("NFD", text), mode=mode)[0] == "passed"


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(["ratio", "partial", "token_set"]))
def test_fuzzy_grades_from_0_to_1(expected: str, output: str, mode: str) -> None:
    """The grade is a share, and it is at the threshold or above exactly when the answer passes."""
    outcome, value, _ = outcome_of("fuzzy", Case(id="c", input="?", expected=expected), output, mode=mode)
    assert value is not None
    assert 0 <= value <= 1
    assert (outcome == "passed") == (value >= 0.9)


def test_fuzzy_does_not_read_an_endless_answer() -> None:
    """An answer of more than 100,000 characters fails without being compared."""
    outcome, value, reason = outcome_of("fuzzy", Case(id="c", input="?", expected="a"), "a" * 100_001)
    assert (outcome, value) == ("failed", 0.0)
    assert reason == "the answer has 100001 characters, more than 100000 are not compared"


def test_every_scorer_is_documented() -> None:
    """Each registered scorer has its own name, a sentence, and a description for each option."""
    for name, scorer in SCORERS.items():
        assert scorer.name == name
        assert scorer.summary.endswith(".")
        docs = field_docs(scorer.options)
        for option, field in scorer.options.model_fields.items():
            assert docs[option]
            assert not field.is_required()

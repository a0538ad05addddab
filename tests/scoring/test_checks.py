"""Flaws in scorers and cases, found before any model is asked."""

from __future__ import annotations

import pytest

from assay.schema.suite import Case
from assay.scoring.checks import check_scorers
from assay.scoring.plugins import known_scorers
from tests.scoring.building import suite_of


@pytest.mark.parametrize(
    ("scorer", "slug", "message", "remedy"),
    [
        ("exat", "unknown-scorer", "there is no scorer 'exat'", "Did you mean exact?"),
        (
            "zzz",
            "unknown-scorer",
            "there is no scorer 'zzz'",
            f"There are: {', '.join(known_scorers())}.",
        ),
        (
            {"exact": {"ignore_cas": 1}},
            "unknown-option",
            "scorer exact has no option 'ignore_cas'",
            "Did you mean ignore_case?",
        ),
        (
            {"exact": {"ignore_case": "yes"}},
            "bad-option",
            "option ignore_case of scorer exact cannot be 'yes'",
            "It should be a valid boolean.",
        ),
        (
            {"exact": {"ignore_case": 1}},
            "bad-option",
            "option ignore_case of scorer exact cannot be 1",
            "It should be a valid boolean.",
        ),
        (
            {"fuzzy": {"min_ratio": 0}},
            "bad-option",
            "option min_ratio of scorer fuzzy cannot be 0",
            "It should be greater than 0.",
        ),
        (
            {"fuzzy": {"min_ratio": float("nan")}},
            "bad-option",
            "option min_ratio of scorer fuzzy cannot be nan",
            "It should be a finite number.",
        ),
        (
            {"fuzzy": {"mode": "set"}},
            "bad-option",
            "option mode of scorer fuzzy cannot be 'set'",
            "It should be 'ratio', 'token_set' or 'partial'.",
        ),
        (
            "json_schema",
            "missing-schema",
            "scorer json_schema needs `schema`, and the case has none",
            "Give the case `schema`, or choose another scorer.",
        ),
        ("judge", "missing-rubric", "scorer judge needs a rubric", "Name a rubric: {judge: {rubric: …}}."),
        (
            {"judge": {"rubric": ""}},
            "bad-option",
            "option rubric of scorer judge cannot be ''",
            "String should have at least 1 character.",
        ),
    ],
)
def test_flaws_of_a_scorer(scorer: str | dict, slug: str, message: str, remedy: str) -> None:
    """An unknown name, an unknown or wrong option and a missing need are each told with what to do."""
    case = Case(id="c", input="?", expected="yes")
    assert check_scorers(suite_of(case, scorers=(scorer,)), case) == [(slug, message, remedy)]


@pytest.mark.parametrize(
    ("scorer", "fields", "slugs"),
    [
        ("exact", {}, ["missing-expected"]),
        ("fuzzy", {}, ["missing-expected"]),
        ("exact", {"expected": {"a": 1}}, ["bad-expected"]),
        ("exact", {"expected": True}, ["bad-expected"]),
        ("exact", {"expected": []}, ["bad-expected"]),
        ("exact", {"expected": ["yes", None]}, ["bad-expected"]),
        ("exact", {"expected": ["yes", " "]}, ["bad-expected"]),
        ("exact", {"expected": [1, "one", 2.5]}, []),
        ({"fuzzy": {"mode": "partial"}}, {"expected": "x" * 2001}, ["bad-expected"]),
        ({"fuzzy": {"mode": "partial"}}, {"expected": "x" * 2000}, []),
        ("fuzzy", {"expected": "x" * 2001}, []),
        ("json_schema", {"schema": {"type": "object"}}, []),
        ("json_schema", {"schema": {"type": "objekt"}}, ["bad-schema"]),
        ({"json_schema": {"compare": True}}, {"schema": {}}, ["missing-expected"]),
        ({"json_schema": {"compare": True}}, {"schema": {}, "expected": {"a": [True]}}, []),
        ({"judge": {"rubric": "helpfulness"}}, {}, []),
    ],
)
def test_what_a_case_must_bring(scorer: str | dict, fields: dict, slugs: list[str]) -> None:
    """A scorer that could not say anything of a case, or would pass an empty answer, is a flaw of the case."""
    case = Case.model_validate({"id": "c", "input": "?", **fields})
    flaws = check_scorers(suite_of(case, scorers=(scorer,)), case)
    assert [flaw[0] for flaw in flaws] == slugs


def test_a_case_without_scorers() -> None:
    """A case that nobody scores is a flaw, whether the suite has no scorers or the case asks for none."""
    case = Case(id="c", input="?", expected="yes")
    silent = Case(id="c", input="?", expected="yes", scorers=())
    for suite, asked in ((suite_of(case, scorers=()), case), (suite_of(silent), silent)):
        assert [flaw[0] for flaw in check_scorers(suite, asked)] == ["no-scorers"]


def test_a_scorer_that_stands_twice() -> None:
    """Two scorers under one label would overwrite each other's scores; two rubrics are two labels."""
    case = Case(id="c", input="?", expected="yes")
    suite = suite_of(
        case, scorers=("fuzzy", {"fuzzy": {"mode": "partial"}}, {"judge": {"rubric": "a"}}, {"judge": {"rubric": "b"}})
    )
    assert [flaw[:2] for flaw in check_scorers(suite, case)] == [
        ("duplicate-scorer", "the scorer 'fuzzy' stands 2 times, and scores are kept by that name"),
    ]


def test_all_flaws_are_told_at_once() -> None:
    """Every scorer of a case is checked, and every option of a scorer."""
    case = Case(id="c", input="?")
    suite = suite_of(case, scorers=({"exact": {"x": 1, "ignore_case": 2}}, "json_schema", "exakt"))
    assert [flaw[0] for flaw in check_scorers(suite, case)] == [
        "missing-expected",
        "bad-option",
        "unknown-option",
        "missing-schema",
        "unknown-scorer",
    ]


def test_the_scorers_of_the_case_win() -> None:
    """Scorers of the suite are not checked where the case names its own."""
    case = Case.model_validate({"id": "c", "input": "?", "expected": "yes", "scorers": ["exact"]})
    assert check_scorers(suite_of(case, scorers=("json_schema",)), case) == []

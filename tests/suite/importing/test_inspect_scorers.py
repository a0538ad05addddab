"""Does each scorer of Inspect and each filter of lm-eval become the scorer that says the same, or a loss?"""

from __future__ import annotations

import re

import pytest

from assay.suite.importing import inspect_scorers, lm_eval_scorers

LAST_NUMBER = "(-?[$0-9.,]{2,})|(-?[0-9]+)"


@pytest.mark.parametrize(
    ("location", "answer", "found"),
    [
        ("end", "It is **Paris**.", True),
        ("end", "Paris it is", False),
        ("begin", "“ Paris, of course", False),
        ("begin", "* paris, of course", True),
        ("exact", " 'PARIS'! ", True),
        ("exact", "Paris it is", False),
    ],
)
def test_match_looks_where_inspect_looks(location: str, answer: str, found: bool) -> None:
    """White space and ASCII punctuation at the edges count for nothing, nor does case."""
    made = inspect_scorers.scorer_of("inspect_ai/match", {"location": location}, ["Paris"], 0)
    options = made["regex"]
    assert isinstance(options, dict)
    assert options["ignore_case"] is True
    assert (re.search(str(options["expected"]), answer, re.IGNORECASE) is not None) is found


@pytest.mark.parametrize(
    ("name", "options", "targets", "scorer"),
    [
        ("includes", {}, ["a"], {"contains": {"expected": "a", "ignore_case": True}}),
        (
            "match",
            {"numeric": True},
            ["$1,000"],
            {"number": {"expected": 1000, "take": "last", "rel_tolerance": 5e-6, "decimal": ".", "bounds": True}},
        ),
        ("choice", {}, ["B"], {"choice": {"expected": "B", "options": ["A", "B", "C"]}}),
    ],
)
def test_scorer_of_inspect_has_its_equal(name: str, options: dict, targets: list[str], scorer: dict) -> None:
    """Defaults are those of Inspect."""
    assert inspect_scorers.scorer_of(name, options, targets, 3) == scorer


@pytest.mark.parametrize(
    ("name", "options", "targets", "why"),
    [
        ("model_graded_fact", {}, ["a"], "asks a model"),
        ("f1", {}, ["a"], "no equal"),
        ("includes", {}, [""], "a target is empty"),
        ("match", {}, ["."], "a target is empty"),
        ("match", {"location": "middle"}, ["a"], "unknown location"),
        ("match", {"location": "any", "numeric": True}, ["5"], "numeric match"),
        ("pattern", {"pattern": "(a)(b)"}, ["a"], "exactly one group"),
        ("choice", {}, ["A", "B"], "several letters"),
        ("choice", {}, ["Z"], "none of the choices"),
    ],
)
def test_scorer_of_inspect_without_an_equal_is_lost(name: str, options: dict, targets: list[str], why: str) -> None:
    """A target that any answer matches is no target."""
    with pytest.raises(inspect_scorers.LostError, match=why):
        inspect_scorers.scorer_of(name, options, targets, 3)


@pytest.mark.parametrize(
    ("metric", "steps", "target", "why"),
    [
        ("acc", [], "5", "metric 'acc'"),
        ("exact_match", [], [], "target is empty"),
        ("exact_match", [], " ", "target is empty"),
        ("exact_match", [{"function": "majority_vote"}], "5", "does more than"),
        ("exact_match", [{"function": "regex", "group_select": 1}], "5", "another match"),
        ("exact_match", [{"function": "regex", "regex_pattern": "(a)(b)"}], "5", "exactly one group"),
        ("exact_match", [{"function": "regex", "group_select": -1, "regex_pattern": LAST_NUMBER}], "x", "that is none"),
    ],
)
def test_filter_without_an_equal_is_lost(metric: str, steps: list, target: object, why: str) -> None:
    """What a filter does to an answer is said exactly, or not at all."""
    config = {"filter_list": [{"name": "own", "filter": steps}]}
    with pytest.raises(lm_eval_scorers.LostError, match=why):
        lm_eval_scorers.scorer_of(metric, "own", target, config)


def test_filter_that_the_file_does_not_explain_is_lost() -> None:
    """A name alone does not say what a filter does."""
    with pytest.raises(lm_eval_scorers.LostError, match="not in the file"):
        lm_eval_scorers.scorer_of("exact_match", "strict-match", "5", {})

"""Several judges on one answer."""

from __future__ import annotations

import pytest

from assay.scoring.mark import failed, passed, unscored
from assay.scoring.panel import majority

PASS, FAIL, ZERO, NONE = passed("good", 0.9), failed("bad", 0.2), failed("awful"), unscored("parse_error")


@pytest.mark.parametrize(
    ("marks", "outcome", "value", "reason"),
    [
        ([], "unscored", None, "no judge was asked"),
        ([PASS], "passed", 0.9, "good"),
        ([NONE], "unscored", None, "parse_error"),
        ([PASS, PASS], "passed", 0.9, "of 2 judges 2 passed and 0 failed it (j1: good; j2: good)"),
        ([PASS, FAIL], "unscored", None, "of 2 judges 1 passed and 1 failed it (j1: good; j2: bad)"),
        ([NONE, NONE], "unscored", None, "of 2 judges 0 passed and 0 failed it (j1: parse_error; j2: parse_error)"),
        ([PASS, NONE], "unscored", None, "of 2 judges 1 passed and 0 failed it (j1: good; j2: parse_error)"),
        ([FAIL, NONE], "unscored", None, "of 2 judges 0 passed and 1 failed it (j1: bad; j2: parse_error)"),
        (
            [PASS, FAIL, FAIL],
            "failed",
            0.433333,
            "of 3 judges 1 passed and 2 failed it (j1: good; j2: bad; j3: bad)",
        ),
        (
            [PASS, ZERO, ZERO],
            "failed",
            0.3,
            "of 3 judges 1 passed and 2 failed it (j1: good; j2: awful; j3: awful)",
        ),
        (
            [PASS, PASS, NONE],
            "passed",
            0.9,
            "of 3 judges 2 passed and 0 failed it (j1: good; j2: good; j3: parse_error)",
        ),
        (
            [PASS, FAIL, NONE],
            "unscored",
            None,
            "of 3 judges 1 passed and 1 failed it (j1: good; j2: bad; j3: parse_error)",
        ),
    ],
)
def test_majority(marks: list, outcome: str, value: float | None, reason: str) -> None:
    """More than half of the judges decide; a tie, or too few that could be read, decide nothing."""
    mark = majority([(f"j{number}", mark) for number, mark in enumerate(marks, start=1)])
    assert (mark.outcome, mark.value, mark.reason) == (outcome, value, reason)

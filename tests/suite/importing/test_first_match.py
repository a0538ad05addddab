"""Does the expression that is made of a pattern and a text find what extraction and comparison find?"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.suite.importing.first_match import caught_equals

PATTERNS = [
    r"#### (\-?[0-9\.\,]+)",
    r"(\d+)",
    r"\d+",
    r"a+(b|bc)c",
    r"x(?:y|z)(a*?)b",
    r"[)(](a)[^]a]?",
    r"(?i)ANSWER\s*:\s*([^\n]+)\s*\Z",
    r"(?is)ANSWER\s*:\s*(\S+?)(?=[.,;:!?]?\s*(?:\n|$))(?!.*ANSWER\s*:)",
]
PIECES = ["#### ", "5", "55", "-5", "1,0", " ", "\n", "a", "b", "c", "x", "y", ")", "(", "]", "ANSWER: ", "yes", "."]


@given(
    st.sampled_from(PATTERNS),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.sampled_from(["5", "55", "a", "b", "bc", "yes", "-5", "55 a"]),
)
def test_expression_finds_what_extraction_and_comparison_find(pattern: str, answer: str, expected: str) -> None:
    """It is found exactly where the first match of the pattern caught the expected text."""
    expression = caught_equals(pattern, expected)
    first = re.search(pattern, answer)
    caught = (first.groups() or (first[0],))[0] if first else None
    assert expression is not None
    assert (re.search(expression, answer) is not None) == (caught is not None and caught.strip() == expected)


def test_longer_number_is_not_the_expected_one() -> None:
    """55 after the marks is not 5, though the text of the pattern with 5 in its group stands there."""
    expression = caught_equals(r"#### (\d+)", "5")
    assert expression is not None
    assert re.search(expression, "#### 5")
    assert not re.search(expression, "#### 55")
    assert not re.search(expression, "#### 7 then #### 5")


@pytest.mark.parametrize("pattern", ["(a)|b", "((a))", "(a)+", "(a)(b)", "(?:(a))", r"(a)\1", "(a", "a)", ""])
def test_pattern_of_another_form_has_no_expression(pattern: str) -> None:
    """What cannot be said exactly is not said at all."""
    assert caught_equals(pattern, "a") is None or pattern == ""


def test_empty_expected_text_has_no_expression() -> None:
    """Nothing to compare with would accept too much."""
    assert caught_equals(r"(\d*)", " ") is None

"""Patterns that would hang or break the process, and the budget that searches share."""

from __future__ import annotations

import pytest

from assay.scoring.patterns import PatternError, Searches, compiled

HARD = "^(?:(?:a|aa)+)+"
LONG = "a" * 5000


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "missing )"),
        ("x" * 5001, "it has more than 5000 characters"),
        ("a{1000000}", "its repeats come to more than 50000 pieces when they are written out"),
        ("(?:ab|c){1000000}", "its repeats come to more than 50000 pieces when they are written out"),
        ("(?:(?:ab|c){1000}){1000,}", "its repeats come to more than 50000 pieces when they are written out"),
        ("(?:ab|c){1000}" * 300, "its repeats come to more than 50000 pieces when they are written out"),
        ("[a-z]{50001}", "its repeats come to more than 50000 pieces when they are written out"),
        (r"(?:\p{L}){50001}", "its repeats come to more than 50000 pieces when they are written out"),
        ("(" * 2000 + "a" + ")" * 2000, ""),
    ],
)
def test_what_cannot_be_made_ready(pattern: str, reason: str) -> None:
    """A pattern that is no pattern, or would take long or end the process where no limit reaches, is refused."""
    with pytest.raises(PatternError) as caught:
        compiled(pattern)
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize(
    "pattern",
    ["a{1000}", ".{0,50000}", r"[\]a{9}]{50}", r"\{99999999\}", "(?:ab|c){1000}", "[]{9}]"],
)
def test_what_can(pattern: str) -> None:
    """Repeats of a usual size, and braces that repeat nothing, are no hindrance."""
    assert compiled(pattern) is compiled(pattern)


def test_searches_share_a_budget() -> None:
    """After a search that was stopped others may have a moment each, and after 10,000 there is none."""
    searches = Searches()
    assert searches.search(compiled("b"), "abc") is not None
    assert searches.search(compiled("b"), "abc", whole=True) is None
    for end in "bc":
        with pytest.raises(TimeoutError):
            searches.search(compiled(f"{HARD}{end}"), LONG)
    for _ in range(10_000 - 4):
        assert searches.search(compiled("c"), "abc") is not None
    with pytest.raises(TimeoutError):
        searches.search(compiled("c"), "abc")

"""Is a page cut between rows, never longer than it may be, and does it say what is missing?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assay.record.reports.fitting import Part, fitted

ROWS = st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40), max_size=30)


def test_all_is_shown_where_it_fits() -> None:
    """A part without rows is left out with its frame."""
    page = fitted([Part(["a", "b"]), Part([], opening=["("], closing=[")"]), Part(["c"], ["["], ["]"])], 1_000, "x")
    assert page == "a\nb\n[\nc\n]\n"


def test_what_is_left_out_is_counted() -> None:
    """Once a row does not fit none of the later ones is shown, so that no gap goes unseen."""
    page = fitted([Part(["a", "b" * 900, "c"], ["("], [")"]), Part(["d"])], 500, "the record")
    assert page == "(\na\n)\n\n3 more lines stand in the record.\n"


@given(st.lists(ROWS, max_size=6), st.integers(300, 2_000))
def test_never_longer_than_it_may_be(parts: list[list[str]], most: int) -> None:
    """Whatever the rows are, the page has at most so many bytes, and what is opened is closed."""
    page = fitted([Part(rows, ["<<"], [">>"]) for rows in parts], most, "the record")
    assert len(page.encode()) <= most
    assert page.splitlines().count("<<") >= page.splitlines().count(">>") - sum(">>" in rows for rows in parts)

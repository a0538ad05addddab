"""Does a page say where each of its numbers stands?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.record.numbers import Number, marked, numerals, orphans_in, read_page, unmarked


def test_marks_are_taken_out_and_numbers_told() -> None:
    """A page is the text without marks; each value that shows a numeral is told with its line and path."""
    text = f"a {marked('one', 'title')}\nb {marked('97 %', 'metrics[0].rate')} and {marked('5', 'host.cores')}\n"
    page = read_page(text)
    assert page.text == "a one\nb 97 % and 5\n"
    assert page.numbers == (Number(2, "97 %", "metrics[0].rate"), Number(2, "5", "host.cores"))
    assert page.loose == ()


def test_orphans_name_line_number_and_text() -> None:
    """A number outside of all values is told with its line, and why."""
    (first, second) = read_page(f"x\n12 {marked('7', 'n')} and 3rd\n").loose
    assert (first.line, first.number, first.text) == (2, "12", "12 7 and 3rd")
    assert (second.line, second.number) == (2, "3rd")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("p95 and SHA-256", []),
        ("SHA-97 SHA-2567", ["97", "2567"]),
        ("p99.9", ["9"]),
        ("v1.2.3", ["2", "3"]),
        ("1,000", ["1", "000"]),
        ("_weights_sha256_", []),
        ("Điều 5, khoản b2", ["5"]),
        ("第5条", ["第5条"]),
        ("đ5 é5 Đ5", []),
        ("\u01c097 a\u01c097 \ua78c97 \u316497", ["\u01c097", "a\u01c097", "\ua78c97", "\u316497"]),
        ("一二三", []),
    ],
)
def test_numerals_are_digits_that_begin_a_word(text: str, found: list[str]) -> None:
    """What follows a letter in its word is a name; words of numbers are no numerals."""
    assert [number for _, number in numerals(text)] == found


@given(values=st.lists(st.text(alphabet=st.characters(exclude_categories=["Cn", "Cs", "Co", "Cc"]), max_size=9)))
def test_values_come_back_as_they_were(values: list[str]) -> None:
    """Whatever values say, marking and reading them changes no character of the page."""
    text = " | ".join(marked(value, "title") for value in values)
    assert read_page(text).text == unmarked(text) == " | ".join(values)


@given(text=st.text(alphabet=st.characters(exclude_categories=["Nd", "Nl", "No", "Cn"], exclude_characters="&")))
def test_a_text_without_numerals_has_no_orphan(text: str) -> None:
    """No text without a digit is ever held to show a number."""
    assert [*orphans_in(text)] == []


def test_a_page_of_numbers_is_told_in_time() -> None:
    """Of a page that is all numbers a thousand are told, however long it is, and the first ones are among them."""
    found = [*orphans_in("97 256 " * 1_000_000)]
    assert len(found) == 1_000
    assert (found[0].line, found[0].number) == (1, "97")

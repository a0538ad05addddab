"""Hostile text in a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.scoring.mark import readable, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Đà Nẵng 🫨 ﷽", "Đà Nẵng 🫨 ﷽"),
        ("a\nb\t\r\x00", r"a\nb\t\r\x00"),
        ("\x1b[31mred\x9b", r"\x1b[31mred\x9b"),
        ("admin\u202egpj.exe", r"admin\u202egpj.exe"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("\ud800", r"\ud800"),
    ],
)
def test_readable_writes_out_what_cannot_be_seen(text: str, expected: str) -> None:
    """Controls, direction marks, invisible characters and lone surrogates become visible; all else stays."""
    assert readable(text) == expected


@given(st.text(st.characters()))
def test_readable_text_can_be_stored_and_stays_as_it_is(text: str) -> None:
    """A readable text has one line, encodes as UTF-8, and is left alone the second time."""
    result = readable(text)
    assert len(result.splitlines()) <= 1
    assert result.encode().decode() == result
    assert readable(result) == result


def test_shown_cuts_and_quotes() -> None:
    """A shown text holds the first characters, and a backslash cannot be taken for an escape."""
    assert shown("x" * 81) == f"'{'x' * 80}…'"
    assert shown("x" * 80) == f"'{'x' * 80}'"
    assert shown("\\n\n", limit=3) == r"'\\n\n'"

"""Is what differs seen in what is shown of two values?"""

from __future__ import annotations

import json

from hypothesis import assume, given
from hypothesis import strategies as st

from assay.record.apart import apart


@given(st.text(), st.text(max_size=3), st.text(max_size=3), st.text())
def test_what_is_shown_always_differs(before: str, one: str, other: str, after: str) -> None:
    """Wherever two texts differ, so does what is shown of them, on one line with nothing that cannot be seen."""
    assume(before + one + after != before + other + after)
    shown = apart(before + one + after, before + other + after)
    assert shown[0] != shown[1]
    assert all(own.isprintable() for own in shown)


def test_the_part_around_the_difference_is_shown() -> None:
    """Of long texts only that part stands there, with a mark where something is cut off."""
    one, other = apart("x" * 200 + "GO" + "y" * 200, "x" * 200 + "HOLD" + "y" * 200)
    assert one == "…" + "x" * 24 + "GO" + "y" * 32 + "…"
    assert other == "…" + "x" * 24 + "HOLD" + "y" * 30 + "…"
    assert apart([], [1] * 90) == ("[]", json.dumps([1] * 90)[:58] + "…")


def test_letters_stand_as_they_are_and_controls_are_written_out() -> None:
    """Vietnamese can be read; what moves a cursor or turns the reading direction is escaped as in JSON."""
    assert apart("Người", "Nguời\x1b\u202e\x7f\r") == ('"Người"', '"Nguời\\u001b\\u202e\\u007f\\r"')


def test_texts_that_look_the_same_are_written_out() -> None:
    """Letters with accents that are composed otherwise are told apart."""
    assert apart("\u1ec5", "e\u0302\u0303") == ('"\\u1ec5"', '"e\\u0302\\u0303"')

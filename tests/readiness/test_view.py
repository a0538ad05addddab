"""What checks stand on: the worst of several answers, and what counts as written."""

from __future__ import annotations

import pytest

from assay.readiness.view import (
    Answer,
    calendar_day,
    clipped,
    combined,
    met,
    not_applicable,
    not_met,
    provided,
    unknown,
    well_scored,
)
from tests.readiness.builders import metric


def test_nothing_to_combine_is_unknown() -> None:
    """No answer at all is never a yes."""
    assert combined([]).status == "unknown"


def test_the_worst_answer_decides_and_all_its_reasons_are_said() -> None:
    """One that is not met outweighs unknowns; evidence of all is named once."""
    answers = [met("a", "1"), not_met("b", "2"), unknown("c", "1"), not_met("d"), not_met("b", "3")]
    assert combined(answers) == Answer("not_met", "b; d", ("1", "2", "3"))


def test_what_does_not_apply_gives_way() -> None:
    """An answer that applies decides over one that does not."""
    assert combined([not_applicable("a"), met("b")]) == Answer("met", "b", ())


@pytest.mark.parametrize(
    "text", [None, "", "  ", "TBD", "n/a", "...", "…", "<todo>", "Not provided.", "[to be decided]"]
)
def test_placeholders_are_not_text(text: str | None) -> None:
    """A word that holds the place of a text is none."""
    assert not provided(text)


def test_text_is_text() -> None:
    """A short sentence is enough."""
    assert provided("Canary at 5 %.")


def test_clipped_keeps_the_limit() -> None:
    """A cut text is as long as allowed and shows that it was cut."""
    assert clipped("a  b\nc", 5) == "a b c"
    assert clipped("abcdef", 5) == "abcd…"


@pytest.mark.parametrize("text", ["2026-02-30", "2026-00-01", "\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0661"])
def test_no_calendar_day(text: str) -> None:
    """A text of the right shape is not yet a day."""
    assert calendar_day(text) is None


@pytest.mark.parametrize(("passed", "unscored", "enough"), [(95, 5, True), (94, 6, False), (0, 0, False)])
def test_a_rate_needs_most_of_its_trials(passed: int, unscored: int, enough: bool) -> None:
    """One trial in twenty may lack a score; of no trials at all there is no rate."""
    assert well_scored(metric(passed=passed, failed=0, unscored=unscored)) is enough

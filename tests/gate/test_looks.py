"""Are looks taken in the order of asking, and only where everything up to them was asked?"""

from __future__ import annotations

from dataclasses import replace

from assay.gate.looks import Looks
from assay.gate.question import Answer, unknown

LEVELS = (0.001, 0.02, 0.04)


def unsure(size: int, confidence: float) -> Answer:
    return replace(unknown(f"{size} at {confidence:g}.", n=size), method="test", flip="1 more of the same")


def test_the_cases_up_to_the_first_that_was_not_asked_count() -> None:
    """Whatever was asked after a gap is beyond any look."""
    assert Looks.at([True] * 5 + [False] + [True] * 3, 3) == Looks(asked=5, due=9, sizes=(3, 6, 9))


def test_an_undecided_run_says_when_the_next_look_is() -> None:
    """The last look that could be taken gives the answer, at its own confidence."""
    found = Looks(asked=7, due=9, sizes=(3, 6, 9)).first_decided(LEVELS, unsure)
    assert found.flip is None, "what would turn this look is another number than what the next one needs"
    assert (found.reason, found.needed) == (
        "Look 2 of 3, after 6 of 9 cases: 6 at 0.98. The next look is after 9 cases: 2 more cases needed.",
        2,
    )
    assert found.method == "test, look 2 of 3 (O'Brien-Fleming)"


def test_after_the_last_look_the_answer_stands_as_it_is() -> None:
    """There is no next look, and what is needed is what the test says."""
    found = Looks(asked=9, due=9, sizes=(3, 6, 9)).first_decided(LEVELS, unsure)
    assert (found.reason, found.needed) == ("Look 3 of 3, after 9 of 9 cases: 9 at 0.96.", None)
    assert found.flip == "1 more of the same"


def test_no_look_is_taken_after_one_that_decides() -> None:
    """The first decision ends the run, so nothing is asked of later looks."""
    seen: list[int] = []

    def sure(size: int, _confidence: float) -> Answer:
        seen.append(size)
        return Answer("met", "Good.", n=size, method="test")

    found = Looks(asked=9, due=9, sizes=(3, 6, 9)).first_decided(LEVELS, sure)
    assert (found.status, seen) == ("met", [3])


def test_a_failure_tells_what_came_after_the_look() -> None:
    """A waiver is held against the number over all cases, and against none while some were not asked."""

    def bad(size: int, _confidence: float) -> Answer:
        return Answer("not_met", "Bad.", observed=1 / size, n=size)

    found = Looks(asked=9, due=9, sizes=(3, 6, 9)).first_decided(LEVELS, bad)
    assert (found.n, found.observed, found.whole, found.silent) == (3, 1 / 3, 1 / 9, ())
    found = Looks(asked=8, due=9, sizes=(3, 6, 9)).first_decided(LEVELS, bad)
    assert (found.n, found.observed, found.whole, found.silent) == (3, 1 / 3, None, ("6 cases after the look",))


def test_nothing_due_and_nothing_asked_are_unknown() -> None:
    """Without cases there is no look at all."""
    assert Looks(0, 0, ()).first_decided((), unsure).reason == "No cases were due."
    assert Looks(0, 9, (3, 6, 9)).first_decided(LEVELS, unsure).reason == (
        "The first of 3 looks is after 3 cases; 0 were asked: 3 more cases needed."
    )

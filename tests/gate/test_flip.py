"""Does a verdict say what would turn it?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.gate import Condition, judge_candidate
from assay.gate.question import Answer, Countless
from tests.gate.build import TODAY, facts, finding, judge, licence, metric, waiver

if TYPE_CHECKING:
    from assay.gate import Facts

RATE, LIST = "suite:qa.pass_rate >= 0.9", "readiness all met"


class Fixed(Countless):
    """A question with a fixed answer."""

    def __init__(self, answer: Answer, threshold: float | None = None) -> None:
        self.metric, self.threshold, self._answer = "fixed", threshold, answer

    def answer(self, _facts: Facts) -> Answer:
        return self._answer


def flip(*answers: tuple[Answer, float | None]) -> str | None:
    conditions = [Condition(f"c{n}", f"c{n}", "block", Fixed(*own)) for n, own in enumerate(answers)]
    return judge_candidate("c", conditions, facts()).flip


def test_no_go_names_what_must_turn() -> None:
    """Each condition that stands in the way is named, with what would turn it where that can be counted."""
    failed = Answer("not_met", "Too few.", flip="12 passes instead of failures")
    silent = Answer("unknown", "Too few.", needed=7)
    assert flip((failed, 0.9), (replace(failed, flip=None), None), (silent, 0.9), (Answer("met", "Yes."), None)) == (
        "To go it needs c0 to be met by 12 passes instead of failures; c1 to be met; c2 to be shown (7 more needed)."
    )


def test_hold_names_what_is_needed() -> None:
    """Unknown conditions want to be shown, an expired waiver to be renewed; without conditions one is needed."""
    known = facts(findings=[finding("a", "not_met")])
    days = {"granted": "2026-05-01", "expires": "2026-06-14"}
    held = judge(known, LIST, "pins all met", waivers=[waiver(LIST, ("a",), **days)])
    assert held.flip == "To go it needs readiness all met to be met, or its waiver renewed; pins all met to be shown."
    assert judge_candidate("c", [], known).flip == "To go it needs a blocking condition."


def test_go_names_the_condition_nearest_to_failing() -> None:
    """The smallest margin as a share of its threshold is the nearest, whatever the units."""
    wide = Answer("met", "Yes.", margin=0.2, flip="20 more failures")
    near = Answer("met", "Yes.", margin=0.5, flip="1 slower request")
    bare = Answer("met", "Yes.")
    assert flip((wide, 0.8), (near, 5.0), (bare, None)) == (
        "c1 is nearest to failing, with a margin of 0.5 against 5; it would fail by 1 slower request."
    )
    assert flip((replace(wide, flip=None), 0.0), (near, 1.0)) == (
        "c0 is nearest to failing, with a margin of 0.2 against 0."
    )
    assert flip((bare, None)) == "No blocking condition has a margin: any one that is not met would turn it."


def test_go_says_when_its_waivers_run_out() -> None:
    """A GO under waivers is one until a day, and the first to run out is named first."""
    known = facts(metric(passed=80, failed=20), metric(passed=1, failed=9, tag="vi"), terms=licence("yes"))
    texts = (RATE, "suite:qa#vi.pass_rate >= 0.5", "licence allows commercial use")
    given = [waiver(RATE, 0.8), waiver(texts[1], 0.1, expires="2026-06-20")]
    decided = judge(known, *texts, waivers=given)
    assert (decided.verdict, TODAY.isoformat()) == ("GO", "2026-06-15")
    assert decided.flip == (
        "No blocking condition has a margin: any one that is not met would turn it; a waiver holds no more: "
        "suite:qa#vi.pass_rate >= 0.5 after 2026-06-20; suite:qa.pass_rate >= 0.9 after 2026-06-30."
    )

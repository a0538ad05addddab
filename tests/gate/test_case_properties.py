"""Can order, a lost score or one more failure ever turn what single cases say towards a pass?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gate.build import answer, baseline, by_case, tried

if TYPE_CHECKING:
    from random import Random

    from assay.gate import Facts
    from assay.schema.score import CaseResult

TEXTS = (
    "suite:qa.pass_rate >= 0.3 with 99% confidence",
    "suite:qa.pass_rate >= 0.8 with 90% confidence",
    "suite:qa.mean_grade >= 0.5",
    "suite:qa.pass_rate not worse than baseline by 0.15 with 90% confidence",
    "suite:qa.pass_rate not worse than baseline by 0.5",
    "suite:qa.pass_rate better than baseline with 90% confidence",
)
ORDERED = (*TEXTS, "suite:qa.mean_grade >= 0.4 with 95% confidence", "suite:qa.mean_grade better than baseline")
BETTER = {"not_met": 0, "unknown": 1, "met": 2}

mostly = st.sampled_from("1111110?")


@st.composite
def drawn(draw: st.DrawFn) -> tuple[list[str], list[str], list[str | None]]:
    """Draw trials of candidate and baseline at the same cases, with sources, or with none at all."""
    count, trials = draw(st.sampled_from([12, 35, 70])), draw(st.sampled_from([1, 1, 2]))
    rows = st.lists(st.text(mostly, min_size=trials, max_size=trials), min_size=count, max_size=count)
    alone = st.lists(st.none(), min_size=count, max_size=count)
    shared = st.lists(st.one_of(st.none(), st.sampled_from("abcdefghijklmno")), min_size=count, max_size=count)
    return draw(rows), draw(rows), draw(st.one_of(alone, shared))


def known(own: list[str], other: list[str], sources: list[str | None], looks: int = 0) -> Facts:
    return by_case(tried(*own, sources=sources), baseline(tried(*other, sources=sources)), looks=looks)


def changed(trials: list[str], old: str, new: str, which: int) -> list[str]:
    """Return the trials with one of those that came out as `old` turned, if there is one."""
    at = [number for number, own in enumerate(trials) if old in own]
    if not at:
        return trials
    place = at[which % len(at)]
    return [own.replace(old, new, 1) if number == place else own for number, own in enumerate(trials)]


@settings(deadline=None, max_examples=40)
@given(drawn(), st.sampled_from(ORDERED), st.randoms(use_true_random=False))
def test_order_of_cases_does_not_matter_without_looks(
    rows: tuple[list[str], list[str], list[str | None]], text: str, chance: Random
) -> None:
    """Candidate and baseline may each come in any order."""
    before = known(*rows)
    assert before.baseline is not None

    def mixed(cases: tuple[CaseResult, ...]) -> tuple[CaseResult, ...]:
        return tuple(chance.sample(cases, len(cases)))

    other = before.baseline.model_copy(update={"cases": mixed(before.baseline.cases)})
    after = replace(before, cases=mixed(before.cases), baseline=other)
    assert answer(after, text) == answer(before, text)


@settings(deadline=None, max_examples=80)
@given(drawn(), st.sampled_from(TEXTS), st.integers(0, 99), st.sampled_from([0, 3]))
def test_one_more_failure_never_helps(
    rows: tuple[list[str], list[str], list[str | None]], text: str, which: int, looks: int
) -> None:
    """Nor does one more pass of the baseline, or a score that the candidate loses."""
    own, other, sources = rows
    before = answer(known(own, other, sources, looks), text).status
    for worse in (
        known(changed(own, "1", "0", which), other, sources, looks),
        known(changed(own, "?", "0", which), other, sources, looks),
        known(own, changed(other, "0", "1", which), sources, looks),
    ):
        after = answer(worse, text).status
        assert BETTER[after] <= BETTER[before]


@settings(deadline=None, max_examples=80)
@given(drawn(), st.sampled_from(TEXTS), st.integers(0, 99), st.sampled_from("01"))
def test_a_lost_score_only_ever_makes_an_answer_unknown(
    rows: tuple[list[str], list[str], list[str | None]], text: str, which: int, lost: str
) -> None:
    """Whichever trial of either side loses its score, nothing becomes met or not met by it."""
    own, other, sources = rows
    before = answer(known(own, other, sources), text).status
    for less in (
        known(changed(own, lost, "?", which), other, sources),
        known(own, changed(other, lost, "?", which), sources),
    ):
        assert answer(less, text).status in {before, "unknown"}


def test_the_properties_are_not_empty() -> None:
    """From sound cases each condition is met, and from bad ones each is not."""
    good, bad, sources = ["1"] * 70, ["0"] * 70, [None] * 70
    assert {answer(known(good, bad, sources), text).status for text in TEXTS} == {"met"}
    assert {answer(known(bad, good, sources), text).status for text in TEXTS} == {"not_met"}

"""Can lost scores, failures or order ever turn what rests on single cases towards GO: clusters, grades, baselines?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gate.build import baseline, by_case, counted, judge, tried, waiver

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from assay.gate import Facts
    from assay.schema.score import CaseResult

ASKED = (
    "suite:qa.pass_rate not worse than baseline by 0.2",
    "suite:qa.pass_rate not worse than baseline by 0.5 with 90% confidence",
    "suite:qa.pass_rate better than baseline with 80% confidence",
    "suite:qa.mean_grade not worse than baseline by 0.5",
    "suite:qa.mean_grade >= 0.5",
    "suite:qa.mean_grade >= 0.4 with 80% confidence",
    "suite:qa.pass_rate >= 0.5 with 95% confidence",
    "suite:qa.pass_rate >= 0.6",
)
"""Conditions under which a failure is bad, and a pass of the baseline too."""
BETTER = {"not_met": 0, "unknown": 1, "met": 2, "NO-GO": 0, "HOLD": 1, "GO": 2}

fates = st.sampled_from("1111110000??")


@st.composite
def both(draw: st.DrawFn) -> tuple[list[str], list[str], list[str | None]]:
    """Draw what candidate and baseline did at the same cases, and what the cases were made from."""
    n = draw(st.sampled_from([1, 5, 30, 60]))
    own = draw(st.lists(fates, min_size=n, max_size=n))
    other = draw(st.lists(fates, min_size=n, max_size=n))
    sources = draw(st.sampled_from([1, 2, 3])) if draw(st.booleans()) else 0
    return own, other, [f"s{number // sources}" for number in range(n)] if sources else [None] * n


def known(own: list[str], other: list[str], sources: list[str | None]) -> Facts:
    return by_case(tried(*own, sources=sources), tried(*other, sources=sources))


def turned(trials: list[str], old: str, new: str, count: int) -> list[str]:
    """Return trials of which the first so many of one fate have another."""
    places = [place for place, fate in enumerate(trials) if fate == old][:count]
    return [new if place in places else fate for place, fate in enumerate(trials)]


def statuses(facts: Facts) -> list[str]:
    return [one.status for one in judge(facts, *ASKED).conditions]


def of_candidate(change: Callable[[tuple[CaseResult, ...]], tuple[CaseResult, ...]]) -> Callable[[Facts], Facts]:
    return lambda own: replace(own, cases=change(own.cases))


LOSSES: dict[str, Callable[[Facts], Facts]] = {
    "all cases": of_candidate(lambda _cases: ()),
    "one case": of_candidate(lambda cases: cases[1:]),
    "the metric": lambda own: replace(own, metrics=()),
    "the baseline": lambda own: replace(own, baseline=None),
    "the baseline's cases": lambda own: replace(own, baseline=own.baseline.model_copy(update={"cases": ()})),
    "the baseline's metric": lambda own: replace(own, baseline=own.baseline.model_copy(update={"metrics": ()})),
    "the baseline's digests": lambda own: replace(
        own,
        baseline=baseline([one.model_copy(update={"digest": f"other {one.digest}"}) for one in own.baseline.cases]),
    ),
}


@settings(deadline=None, max_examples=20)
@given(both(), st.randoms(use_true_random=False))
def test_order_of_cases_never_matters(drawn: tuple, chance: Random) -> None:
    """Cases in another order, each with the same digest, come to the same."""
    facts = known(*drawn)
    mixed = tuple(chance.sample(facts.cases, len(facts.cases)))
    theirs = chance.sample(facts.baseline.cases, len(facts.baseline.cases))
    other = replace(facts, cases=mixed, metrics=(counted(mixed),), baseline=baseline(theirs))
    assert statuses(other) == statuses(facts)


@settings(deadline=None, max_examples=25)
@given(both(), st.sampled_from("10"), st.booleans(), st.integers(1, 4))
def test_lost_scores_only_ever_make_answers_unknown(drawn: tuple, fate: str, mine: bool, count: int) -> None:
    """A trial of either side that loses its score leaves an answer as it was, or makes it unknown."""
    own, other, sources = drawn
    before = known(own, other, sources)
    lost = turned(own if mine else other, fate, "?", count)
    after = known(lost, other, sources) if mine else known(own, lost, sources)
    pairs = zip(ASKED, statuses(before), statuses(after), strict=True)
    assert [pair for pair in pairs if pair[2] not in {pair[1], "unknown"}] == []


@settings(deadline=None, max_examples=25)
@given(both(), st.sampled_from("10"), st.booleans(), st.sampled_from(ASKED), st.sampled_from([0.0, -0.05, 0.05]))
def test_lost_scores_never_make_a_go_under_a_waiver(
    drawn: tuple, fate: str, mine: bool, text: str, apart: float
) -> None:
    """What a waiver does not cover is not covered once some scores are lost."""
    own, other, sources = drawn
    before = known(own, other, sources)
    (result,) = judge(before, text).conditions
    waivers_given = [waiver(text, (result.observed or 0.0) + apart)]
    lost = turned(own if mine else other, fate, "?", 3)
    after = known(lost, other, sources) if mine else known(own, lost, sources)
    assert (
        judge(after, text, waivers=waivers_given).verdict != "GO"
        or judge(before, text, waivers=waivers_given).verdict == "GO"
    )


@settings(deadline=None, max_examples=25)
@given(both(), st.sampled_from(sorted(LOSSES)))
def test_lost_cases_never_make_a_go(drawn: tuple, loss: str) -> None:
    """Without cases, metric, baseline or its digests an answer is what it was, or unknown: none becomes met."""
    facts = known(*drawn)
    before, after = statuses(facts), statuses(LOSSES[loss](facts))
    pairs = zip(ASKED, before, after, strict=True)
    assert [pair for pair in pairs if pair[2] not in {pair[1], "unknown"}] == []


@settings(deadline=None, max_examples=25)
@given(both(), st.integers(1, 6), st.booleans())
def test_more_failures_never_improve(drawn: tuple, count: int, mine: bool) -> None:
    """A further failure, or a further pass of the baseline, makes no answer better."""
    own, other, sources = drawn
    before = statuses(known(own, other, sources))
    worse = turned(own, "1", "0", count) if mine else own
    after = statuses(known(worse, other if mine else turned(other, "0", "1", count), sources))
    pairs = zip(ASKED, before, after, strict=True)
    assert [pair for pair in pairs if BETTER[pair[2]] > BETTER[pair[1]]] == []

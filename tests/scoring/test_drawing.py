"""Is what people say of answers a sample that nobody chose?"""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from assay.gate.poststratified import JudgedLabels, post_stratified
from assay.schema.suite import Case
from assay.scoring.drawing import draw_of, sampled

CASES = {("s", f"c{n}"): Case(id=f"c{n}", input=f"Say {n}.") for n in range(40)}
DRAWS = {place: draw_of(place[0], case) for place, case in CASES.items()}
ORDER = sorted(DRAWS, key=DRAWS.__getitem__)


@given(st.sets(st.integers(0, 39)), st.sets(st.integers(0, 39)))
def test_only_an_unbroken_beginning_counts(labelled: set[int], answered: set[int]) -> None:
    """The labelled cases up to the first answered one without a label count; a gap is told where labels follow it."""
    answers = {ORDER[n]: [f"a{n}"] for n in answered}
    words = {(*ORDER[n], f"a{n}"): "passed" for n in labelled}
    found = sampled(answers, DRAWS, words)
    first = next((n for n in sorted(answered) if n not in labelled), 40)
    assert found.cases == {ORDER[n] for n in answered if n < first}
    assert found.gap == (ORDER[first] if any(n > first for n in labelled & answered) else None)


def test_each_suite_has_a_sample_of_its_own() -> None:
    """A suite without labels does not end the sample of another."""
    answers = {("s", "c0"): ["x"], ("t", "c0"): ["y"], ("t", "c1"): ["z"]}
    draws = {("s", "c0"): "1", ("t", "c0"): "0", ("t", "c1"): "2"}
    found = sampled(answers, draws, {("s", "c0", "x"): "passed", ("t", "c1", "z"): "passed"})
    assert (found.cases, found.gap) == ({("s", "c0")}, ("t", "c0"))


def test_a_case_counts_once_all_its_answers_are_labelled() -> None:
    """With several trials a case belongs to the sample only as a whole."""
    answers = {ORDER[0]: ["x", "y"]}
    assert sampled(answers, DRAWS, {(*ORDER[0], "x"): "passed"}).cases == frozenset()
    both = {(*ORDER[0], "x"): "passed", (*ORDER[0], "y"): "failed"}
    assert sampled(answers, DRAWS, both).cases == {ORDER[0]}


def test_answers_that_candidates_share_bend_no_rate() -> None:
    """Where three candidates share their right answers, the interval lies above the truth as seldom as it says."""
    chance = random.Random(7)
    above = drawn = 0
    for _ in range(150):
        salt = chance.random()
        draws = {("s", str(n)): draw_of(f"s{salt}", Case(id=str(n), input="?")) for n in range(200)}
        truth = {(name, n): chance.random() < 0.7 for name in "abc" for n in range(200)}
        judge = {key: chance.random() < (0.9 if right else 0.25) for key, right in truth.items()}
        texts = {key: f"right {key[1]}" if right else f"wrong {key}" for key, right in truth.items()}
        order = sorted(draws, key=draws.__getitem__)[:60]
        words = {(*place, texts[name, int(place[1])]): "passed" for place in order for name in "abc"}
        for name in "abc":
            found = sampled({("s", str(n)): [texts[name, n]] for n in range(200)}, draws, words).cases
            assert found == set(order)
            own = [(judge[name, n], truth[name, n], ("s", str(n)) in found) for n in range(200)]
            counts = JudgedLabels(
                sum(j for j, _, _ in own),
                200,
                sum(j and s for j, _, s in own),
                sum(j and t and s for j, t, s in own),
                sum(s and not j for j, _, s in own),
                sum(s and t and not j for j, t, s in own),
            )
            estimate = post_stratified(counts)
            above += estimate.low > sum(t for _, t, _ in own) / 200
            drawn += 1
    assert drawn == 450
    assert above / drawn < 0.05

"""Does the estimate from a judge and some human labels cover the truth, also at the edges?"""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.gate import wilson
from assay.gate.poststratified import (
    JudgedLabels,
    labels_carry,
    post_stratified,
    post_stratified_limits,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DRAWS = 400


@st.composite
def judged(draw: st.DrawFn) -> JudgedLabels:
    n = draw(st.integers(0, 300))
    passed = draw(st.integers(0, n))
    pass_labels, fail_labels = draw(st.integers(0, passed)), draw(st.integers(0, n - passed))
    return JudgedLabels(
        passed, n, pass_labels, draw(st.integers(0, pass_labels)), fail_labels, draw(st.integers(0, fail_labels))
    )


CONFIDENCES = st.sampled_from([0.8, 0.9, 0.95, 0.99])


def test_the_parts_add_up() -> None:
    """80 % judged a pass, of which people pass 90 %, and 20 % a fail, of which people pass 30 %: 78 %."""
    labels = JudgedLabels(400, 500, 40, 36, 10, 3)
    found = post_stratified(labels)
    assert found.value == pytest.approx(0.8 * 0.9 + 0.2 * 0.3)
    share, agreed, missed = wilson(400, 500), wilson(36, 40), wilson(3, 10)
    low = (0.8 * (0.9 - agreed[0])) ** 2 + (0.2 * (0.3 - missed[0])) ** 2 + (0.6 * (0.8 - share[0])) ** 2
    high = (0.8 * (agreed[1] - 0.9)) ** 2 + (0.2 * (missed[1] - 0.3)) ** 2 + (0.6 * (share[1] - 0.8)) ** 2
    assert (found.low, found.high) == pytest.approx((0.78 - low**0.5, 0.78 + high**0.5))


@settings(deadline=None, max_examples=200)
@given(judged(), CONFIDENCES)
def test_limits_hold_the_estimate_and_never_meet(labels: JudgedLabels, confidence: float) -> None:
    """Whatever the counts, the interval has a width, stays within 0 and 1, and holds the estimate."""
    found = post_stratified(labels, confidence)
    assert 0 <= found.low < found.high <= 1
    assert found.high - found.low > 1 / (labels.judged_n + 10) / 4
    if found.value is not None:
        assert found.low - 1e-12 <= found.value <= found.high + 1e-12


@settings(deadline=None, max_examples=100)
@given(judged())
def test_one_sided_limits_are_those_of_a_wider_interval(labels: JudgedLabels) -> None:
    """A limit at 97.5 % is an end of the interval at 95 %, and less confidence brings it nearer."""
    both = post_stratified(labels, 0.95)
    assert post_stratified_limits(labels, 0.975) == pytest.approx((both.low, both.high), abs=1e-12)
    low, high = post_stratified_limits(labels, 0.95)
    assert both.low <= low
    assert high <= both.high


@settings(deadline=None, max_examples=100)
@given(judged())
def test_pass_and_fail_are_mirrors(labels: JudgedLabels) -> None:
    """When people say the opposite, so does the interval; when the judge does, nothing changes."""
    found = post_stratified(labels)
    opposite = post_stratified(
        replace(
            labels,
            pass_labels_passed=labels.pass_labels - labels.pass_labels_passed,
            fail_labels_passed=labels.fail_labels - labels.fail_labels_passed,
        )
    )
    assert (opposite.low, opposite.high) == pytest.approx((1 - found.high, 1 - found.low), abs=1e-9)
    contrary = post_stratified(
        JudgedLabels(
            labels.judged_n - labels.judged_passed,
            labels.judged_n,
            labels.fail_labels,
            labels.fail_labels_passed,
            labels.pass_labels,
            labels.pass_labels_passed,
        )
    )
    assert (contrary.low, contrary.high) == pytest.approx((found.low, found.high), abs=1e-9)


@settings(deadline=None, max_examples=200)
@given(judged())
def test_a_further_pass_lowers_no_limit(labels: JudgedLabels) -> None:
    """Turning one label from fail to pass moves neither limit down."""
    before = post_stratified_limits(labels, 0.95)
    for name in ("pass_labels", "fail_labels"):
        passed = getattr(labels, f"{name}_passed")
        if passed < getattr(labels, name):
            after = post_stratified_limits(replace(labels, **{f"{name}_passed": passed + 1}), 0.95)
            assert after[0] >= before[0] - 1e-9
            assert after[1] >= before[1] - 1e-9


def test_a_stratum_without_labels_may_have_any_rate() -> None:
    """Without labels of the judge's fails there is no estimate, and all of them may be passes or fails."""
    found = post_stratified(JudgedLabels(90, 100, 30, 30, 0, 0))
    assert found.value is None
    assert found.high == 1
    assert found.low < 0.9 * wilson(30, 30)[0]
    unknown = post_stratified(JudgedLabels(50, 100, 0, 0, 0, 0))
    assert (unknown.value, unknown.low, unknown.high) == (None, 0, 1)
    assert post_stratified(JudgedLabels(0, 0, 0, 0, 0, 0)) == unknown


@pytest.mark.parametrize("passed", [0, 30])
def test_an_empty_stratum_is_no_obstacle(passed: int) -> None:
    """Where the judge passes all or nothing, the labels speak alone; the interval is no narrower than theirs."""
    for labels in (JudgedLabels(100, 100, 30, passed, 0, 0), JudgedLabels(0, 100, 0, 0, 30, passed)):
        found, alone = post_stratified(labels), wilson(passed, 30)
        assert found.value == passed / 30
        assert found.low <= alone[0] + 1e-12
        assert found.high >= alone[1] - 1e-12


def test_a_good_judge_narrows_the_interval() -> None:
    """With the same labels, verdicts that go with people make it narrower than the labels alone; idle ones do not."""
    alone = wilson(40, 50)
    good = post_stratified(JudgedLabels(400, 500, 40, 39, 10, 1))
    idle = post_stratified(JudgedLabels(400, 500, 40, 32, 10, 8))
    assert good.value == idle.value == 0.8
    assert good.high - good.low < 0.75 * (alone[1] - alone[0])
    assert idle.high - idle.low > 0.95 * (alone[1] - alone[0])


CELLS = [
    (0.85, 0.92, 0.75, 30),
    (0.85, 0.92, 0.75, 100),
    (0.95, 0.95, 0.70, 30),
    (0.95, 0.95, 0.70, 50),
    (0.95, 0.95, 0.70, 100),
    (0.70, 0.90, 0.90, 50),
    (0.90, 0.80, 0.60, 50),
]


@pytest.mark.parametrize(("rate", "sensitivity", "specificity", "n"), CELLS)
def test_the_interval_covers_the_truth(rate: float, sensitivity: float, specificity: float, n: int) -> None:
    """Drawn with a fixed seed, the interval holds the true rate, and the lower limit seldom lies above it.

    The full simulation covers in at least 93.9 % in these cells; few draws allow for three standard errors less.
    """
    chance = random.Random(f"{rate} {n}")
    covered = above = 0
    for _ in range(DRAWS):
        counts = {verdicts: [0, 0] for verdicts in product((True, False), repeat=2)}
        for trial in range(n + 500):
            human = chance.random() < rate
            judge = chance.random() < (sensitivity if human else 1 - specificity)
            counts[judge, human][trial < n] += 1
        labels = JudgedLabels(
            sum(counts[True, True]) + sum(counts[True, False]),
            n + 500,
            counts[True, True][1] + counts[True, False][1],
            counts[True, True][1],
            counts[False, True][1] + counts[False, False][1],
            counts[False, True][1],
        )
        low, high = post_stratified_limits(labels, 0.975)
        covered += low <= rate <= high
        above += low > rate
    assert covered / DRAWS >= 0.939 - 3 * (0.06 * 0.94 / DRAWS) ** 0.5
    assert above / DRAWS <= 0.025 + 3 * (0.025 * 0.975 / DRAWS) ** 0.5


@pytest.mark.parametrize(
    ("labels", "rho", "multiplier"),
    [
        (JudgedLabels(275, 550, 25, 20, 25, 5), 0.6, 1 / (1 - 0.36 * 500 / 550)),
        (JudgedLabels(275, 550, 25, 25, 25, 0), 1.0, 11.0),
        (JudgedLabels(275, 550, 25, 10, 25, 10), 0.0, 1.0),
        (JudgedLabels(25, 50, 25, 20, 25, 5), 0.6, 1.0),
        (JudgedLabels(550, 550, 50, 40, 0, 0), 0.0, 1.0),
    ],
)
def test_labels_are_worth_more_with_a_good_judge(labels: JudgedLabels, rho: float, multiplier: float) -> None:
    """50 labels and 500 other trials: the worth follows the correlation; with no other trials there is no gain."""
    worth = labels_carry(labels)
    assert worth is not None
    assert (worth.rho, worth.multiplier) == pytest.approx((rho, multiplier))
    assert worth.labels == pytest.approx(50 * multiplier)


def test_the_worth_of_labels_may_be_unknown() -> None:
    """Where people gave one verdict only, or a stratum has no label, nothing is known of the correlation."""
    assert labels_carry(JudgedLabels(90, 100, 30, 30, 5, 5)) is None
    assert labels_carry(JudgedLabels(90, 100, 30, 20, 0, 0)) is None
    assert labels_carry(JudgedLabels(0, 0, 0, 0, 0, 0)) is None


@settings(deadline=None)
@given(judged())
def test_the_worth_is_bounded_by_the_trials(labels: JudgedLabels) -> None:
    """A judge takes nothing away, and cannot make more labels than there are trials."""
    worth = labels_carry(labels)
    if worth is not None:
        assert -1 - 1e-12 <= worth.rho <= 1 + 1e-12
        assert labels.labelled * (1 - 1e-12) <= worth.labels <= labels.judged_n * (1 + 1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda: JudgedLabels(11, 10, 0, 0, 0, 0),
        lambda: JudgedLabels(5, 10, 6, 0, 0, 0),
        lambda: JudgedLabels(5, 10, 5, 6, 0, 0),
        lambda: JudgedLabels(5, 10, 0, 0, 6, 0),
        lambda: JudgedLabels(5, 10, 0, 0, 5, -1),
        lambda: post_stratified(JudgedLabels(5, 10, 5, 5, 5, 5), 1.0),
        lambda: post_stratified_limits(JudgedLabels(5, 10, 5, 5, 5, 5), 0.5),
    ],
)
def test_nonsense_is_refused(call: Callable[[], object]) -> None:
    """Counts that do not fit into each other and confidences that prove nothing raise ValueError."""
    with pytest.raises(ValueError, match=r"do not fit|does not lie between"):
        call()

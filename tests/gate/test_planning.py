"""Do the chances and numbers of cases that are told before a run hold?"""

from __future__ import annotations

import itertools
from statistics import NormalDist
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.gate.paired import PairedTable, tango_limits
from assay.gate.planning import (
    noninferiority_floor,
    noninferiority_n,
    noninferiority_power,
    rate_n,
    rate_power,
    smallest_provable_margin,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIDENCES = st.sampled_from([0.8, 0.9, 0.95, 0.99])
MARGINS = st.sampled_from([0.02, 0.05, 0.1, 0.2])
DISCORDANCES = st.sampled_from([0.0, 0.05, 0.1, 0.3, 1.0])


def enumerated(n: int, discordance: float, margin: float, difference: float) -> float:
    """Return the chance to pass at 95 % by trying all numbers of wins and losses against the limits."""
    gain, loss = (discordance + difference) / 2, (discordance - difference) / 2
    counts = stats.multinomial(n, [gain, loss, 1 - discordance])
    return sum(
        float(counts.pmf([gained, lost, n - gained - lost]))
        for gained, lost in itertools.product(range(n + 1), repeat=2)
        if gained + lost <= n and tango_limits(PairedTable(n - gained - lost, gained, lost, 0), 0.95)[0] >= -margin
    )


@pytest.mark.parametrize("n", [10, 30, 45])
@pytest.mark.parametrize(("discordance", "difference"), [(0.1, 0.0), (0.1, -0.1), (0.4, -0.2), (0.4, 0.1), (1.0, 0.0)])
def test_the_power_is_the_sum_over_all_outcomes(n: int, discordance: float, difference: float) -> None:
    """Adding up the multinomial chances of the outcomes that pass gives the same."""
    expected = enumerated(n, discordance, 0.2, difference)
    assert noninferiority_power(n, discordance, 0.2, 0.95, difference) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 400), DISCORDANCES, MARGINS, CONFIDENCES)
def test_power_is_a_chance_that_grows_with_the_truth(
    n: int, discordance: float, margin: float, confidence: float
) -> None:
    """It lies within 0 and 1, is larger for a better candidate and nothing below the floor on n."""
    worse, same, better = (
        noninferiority_power(n, discordance, margin, confidence, discordance * share) for share in (-1, 0, 1)
    )
    assert 0 <= worse <= same + 1e-9 <= better + 2e-9 <= 1 + 3e-9
    if n < noninferiority_floor(margin, confidence) and discordance == 0:
        assert same == 0


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 300), st.sampled_from([0.05, 0.1, 0.3]), MARGINS)
def test_a_wrong_pass_stays_near_its_stated_rate(n: int, discordance: float, margin: float) -> None:
    """At a true difference of -margin Tango's test passes in at most 6 % at a stated 5."""
    if margin <= discordance:
        assert noninferiority_power(n, discordance, margin, 0.95, -margin) <= 0.06


@pytest.mark.parametrize(("n", "discordance"), [(20, 0.05), (60, 0.3), (250, 0.1), (1000, 0.2)])
def test_the_provable_margin_is_where_the_power_turns(n: int, discordance: float) -> None:
    """At that margin the power is there, a little below it is not."""
    margin = smallest_provable_margin(n, discordance, 0.95)
    assert margin is not None
    assert noninferiority_power(n, discordance, margin, 0.95) >= 0.8
    assert noninferiority_power(n, discordance, margin - 1e-9, 0.95) < 0.8


def test_some_runs_prove_no_margin() -> None:
    """Without cases there is none, and one case that always differs is lost too often."""
    assert smallest_provable_margin(0, 0.1, 0.95) is None
    assert smallest_provable_margin(1, 1.0, 0.95) is None


@settings(deadline=None, max_examples=25)
@given(st.sampled_from([0.0, 0.05, 0.1, 0.3]), st.sampled_from([0.05, 0.1]), st.sampled_from([0.5, 0.8, 0.9]))
def test_the_number_of_cases_is_the_least_with_the_power(discordance: float, margin: float, power: float) -> None:
    """With that many the chance is there, and with none of the hundred numbers before."""
    n = noninferiority_n(discordance, margin, 0.95, power)
    assert n is not None
    assert noninferiority_power(n, discordance, margin, 0.95) >= power
    before = range(max(1, n - 100), n)
    assert all(noninferiority_power(own, discordance, margin, 0.95) < power for own in before)


def test_margins_that_nobody_can_show_have_no_number() -> None:
    """More than 100,000 cases are no advice; where nothing differs the floor is the number."""
    assert noninferiority_n(0.5, 0.001, 0.95) is None
    assert noninferiority_n(0.0, 0.01, 0.95) == noninferiority_floor(0.01, 0.95) == 268


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 400), st.floats(0.3, 0.99), st.floats(0, 1), CONFIDENCES)
def test_the_power_of_a_rate_is_that_of_the_binomial_test(
    n: int, threshold: float, true_rate: float, confidence: float
) -> None:
    """It is the chance of all counts whose test is significant; on the threshold at most the level."""
    power = rate_power(n, threshold, true_rate, confidence)
    p = stats.binom.sf([own - 1 for own in range(n + 1)], n, threshold)
    if all(abs(own - (1 - confidence)) > 1e-9 for own in p):
        passing = [own for own in range(n + 1) if p[own] <= 1 - confidence]
        expected = sum(float(stats.binom.pmf(own, n, true_rate)) for own in passing)
        assert power == pytest.approx(expected, abs=1e-9)
    assert rate_power(n, threshold, threshold, confidence) <= 1 - confidence + 1e-9


@pytest.mark.parametrize(("threshold", "true_rate"), [(0.9, 0.95), (0.8, 0.9), (0.95, 0.98), (0.5, 1.0), (0.95, 1.0)])
@pytest.mark.parametrize("power", [0.5, 0.8])
def test_the_number_of_trials_is_the_least_of_all(threshold: float, true_rate: float, power: float) -> None:
    """Trying one number after the other finds the same."""
    tried = (n for n in itertools.count(1) if rate_power(n, threshold, true_rate, 0.95) >= power)
    assert rate_n(threshold, true_rate, 0.95, power) == next(tried)


def test_a_rate_on_the_threshold_has_no_number() -> None:
    """Nothing shows what is not so, nor what hardly is."""
    assert rate_n(0.9, 0.9, 0.95) is None
    assert rate_n(0.9, 0.5, 0.95) is None
    assert rate_n(0.9, 0.9001, 0.95) is None
    assert rate_n(1.0, 1.0, 0.95) is None


def test_the_floor_is_the_formula_rounded_up() -> None:
    """z^2 (1 - d) / d, and at least one case."""
    z = NormalDist().inv_cdf(0.95)
    assert noninferiority_floor(0.03, 0.95) == -int(-(z * z * 0.97 / 0.03) // 1)
    assert noninferiority_floor(0.9, 0.6) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: noninferiority_floor(0.0, 0.95),
        lambda: noninferiority_floor(0.05, 0.5),
        lambda: noninferiority_power(-1, 0.1, 0.05, 0.95),
        lambda: noninferiority_power(10, 1.1, 0.05, 0.95),
        lambda: noninferiority_power(10, 0.1, 0.05, 0.95, 0.2),
        lambda: smallest_provable_margin(10, 0.1, 0.95, 1.0),
        lambda: noninferiority_n(0.1, 1.0, 0.95),
        lambda: noninferiority_n(0.1, 0.05, 0.95, 1.0),
        lambda: rate_power(10, 0.9, 1.2, 0.95),
        lambda: rate_n(0.9, 1.2, 0.95),
        lambda: rate_n(0.9, 0.95, 0.95, 0.0),
    ],
)
def test_nonsense_is_refused(call: Callable[[], object]) -> None:
    """Negative numbers, impossible differences and shares out of range raise ValueError."""
    with pytest.raises(ValueError, match=r"is no number|does not lie|impossible|not both rates"):
        call()

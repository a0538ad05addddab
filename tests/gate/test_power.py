"""Do the figures for planning keep what they promise, and are they those of the planning table?"""

from __future__ import annotations

import math
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.gate import exact_lower
from assay.gate.power import (
    floor_on_n,
    most_failures,
    smallest_margin,
    smallest_paired_difference,
    true_rate_needed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

THRESHOLDS = (0.8, 0.85, 0.9, 0.95)
DISCORDANCES = (0.05, 0.1, 0.2, 0.3)

# Found by full enumeration with a second program: one-sided 95 % for the failures; for the differences McNemar mid-p,
# two-sided 5 %, power 0.8, the next multiple of 0.005.
PLANNING_TABLE = {
    20: ((0, 0, None, None), (None, None, None, None)),
    50: ((5, 3, 1, None), (None, None, 0.165, 0.21)),
    100: ((13, 8, 4, 1), (None, 0.085, 0.125, 0.155)),
    200: ((30, 21, 12, 4), (0.045, 0.065, 0.09, 0.11)),
    500: ((84, 61, 38, 16), (0.03, 0.04, 0.06, 0.07)),
    1000: ((178, 131, 84, 38), (0.02, 0.03, 0.04, 0.05)),
}

NUMBERS = st.integers(1, 400)
SHARES = st.floats(0.5, 0.99)
CONFIDENCES = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@pytest.mark.parametrize("n", PLANNING_TABLE)
def test_most_failures_are_those_of_the_planning_table(n: int) -> None:
    """The failures that a proof can bear agree, also where there is no proof."""
    assert tuple(most_failures(n, threshold, 0.95) for threshold in THRESHOLDS) == PLANNING_TABLE[n][0]


@pytest.mark.parametrize("n", PLANNING_TABLE)
def test_paired_differences_are_those_of_the_planning_table(n: int) -> None:
    """The difference that shows with power 0.8 is the one of the grid, and just below it on the real line."""
    found = [smallest_paired_difference(n, discordance, 0.95) for discordance in DISCORDANCES]
    assert tuple(None if own is None else math.ceil(own * 200) / 200 for own in found) == PLANNING_TABLE[n][1]


def test_most_failures_give_the_wilks_table() -> None:
    """59 requests bear no violation of a p95, 93 bear one, and so on (Wilks 1941, 95/95); one fewer does not."""
    for violations, n in enumerate([59, 93, 124, 153, 181, 208, 234, 260, 286, 311]):
        assert most_failures(n, 0.95, 0.95) == violations
        assert most_failures(n - 1, 0.95, 0.95) == (violations - 1 if violations else None)


def test_floor_on_n_gives_the_table_of_zero_violations() -> None:
    """The least n without a violation, for common percentiles at 95 % (Wilks 1941)."""
    percentiles = (0.5, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999)
    assert [floor_on_n(q, 0.95) for q in percentiles] == [5, 14, 29, 59, 299, 598, 2995]
    assert floor_on_n(1.0, 0.95) is None


@pytest.mark.parametrize(("n", "rate"), [(59, 0.996), (200, 0.985), (1000, 0.966)])
def test_true_rate_needed_leaves_room_above_a_p95(n: int, rate: float) -> None:
    """To prove a p95 with power 0.8, the truth must be well above 95 %."""
    assert true_rate_needed(n, 0.95, 0.95) == pytest.approx(rate, abs=6e-4)


@settings(deadline=None, max_examples=80)
@given(NUMBERS, SHARES, CONFIDENCES)
def test_most_failures_is_where_the_exact_test_turns(n: int, threshold: float, confidence: float) -> None:
    """With that many failures the test is significant, with one more it is not."""
    found = most_failures(n, threshold, confidence)
    if found is None:
        assert exact_lower(n, n, confidence) < threshold
        assert n < (floor_on_n(threshold, confidence) or 0)
    else:
        assert exact_lower(n - found, n, confidence) >= threshold
        assert found == n or exact_lower(n - found - 1, n, confidence) < threshold


@settings(deadline=None, max_examples=80)
@given(NUMBERS, SHARES, CONFIDENCES, st.sampled_from([0.5, 0.8, 0.9]))
def test_true_rate_needed_has_the_power(n: int, threshold: float, confidence: float, power: float) -> None:
    """At that rate the binomial chance of few enough failures is the power; the margin is what lies above."""
    rate = true_rate_needed(n, threshold, confidence, power)
    margin = smallest_margin(n, threshold, confidence, power)
    failures = most_failures(n, threshold, confidence)
    if failures is None or rate is None or margin is None:
        assert (failures, rate, margin) == (None, None, None)
    else:
        assert stats.binom.cdf(failures, n, 1 - rate) == pytest.approx(power, abs=1e-6)
        assert rate == pytest.approx(threshold + margin)
        if power >= 0.5:
            assert margin > 0


@settings(deadline=None, max_examples=40)
@given(NUMBERS, SHARES, st.sampled_from([0.8, 0.9]))
def test_more_certainty_costs_more(n: int, threshold: float, confidence: float) -> None:
    """More confidence bears no more failures, and more trials no fewer."""
    found = most_failures(n, threshold, confidence)
    surer = most_failures(n, threshold, 0.99)
    longer = most_failures(n + 1, threshold, confidence)
    assert (-1 if surer is None else surer) <= (-1 if found is None else found) <= (-1 if longer is None else longer)


def mid_p(b: int, c: int) -> float:
    """McNemar's two-sided mid-p, as Fagerland, Lydersen & Laake 2013 write it."""
    if b == c:
        return 1 - float(stats.binom.pmf(b, b + c, 0.5)) / 2
    return float(2 * stats.binom.cdf(min(b, c), b + c, 0.5) - stats.binom.pmf(min(b, c), b + c, 0.5))


@pytest.mark.parametrize(("b", "c", "expected"), [(1, 7, 0.0390625), (6, 16, 0.03469)])
def test_the_mid_p_of_this_test_is_the_published_one(b: int, c: int, expected: float) -> None:
    """The values of Fagerland, Lydersen & Laake 2013 and of Cavo et al. in Fagerland's package contingencytables."""
    assert mid_p(b, c) == pytest.approx(expected, abs=6e-6)


@pytest.mark.parametrize(("n", "discordance", "power"), [(40, 0.3, 0.8), (60, 0.25, 0.5), (30, 0.6, 0.9)])
def test_the_paired_difference_has_the_power(n: int, discordance: float, power: float) -> None:
    """Enumerated over all tables, the chance of a significant win at that difference is the power."""
    difference = smallest_paired_difference(n, discordance, 0.95, power)
    assert difference is not None
    win, lose = (discordance + difference) / 2, (discordance - difference) / 2
    chance = sum(
        float(stats.multinomial.pmf([b, c, n - b - c], n, [win, lose, 1 - win - lose]))
        for b in range(n + 1)
        for c in range(n + 1 - b)
        if b > c and mid_p(b, c) <= 0.05
    )
    assert chance == pytest.approx(power, abs=1e-6)


def test_the_paired_difference_nears_the_formula() -> None:
    """With many cases it is the one of Connor 1987: 312 pairs for 0.05 of 0.10, at 5 % and power 0.8."""
    assert smallest_paired_difference(312, 0.1, 0.95) == pytest.approx(0.05, abs=1e-3)
    z = stats.norm.ppf(0.975), stats.norm.ppf(0.8)
    n = (z[0] * math.sqrt(0.1) + z[1] * math.sqrt(0.1 - 0.01**2)) ** 2 / 0.01**2
    assert smallest_paired_difference(round(n), 0.1, 0.95) == pytest.approx(0.01, abs=2e-5)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 300), st.sampled_from([0.1, 0.2, 0.4]))
def test_the_paired_difference_stays_possible(n: int, discordance: float) -> None:
    """No difference exceeds the discordance, and more power needs a larger one."""
    found = smallest_paired_difference(n, discordance, 0.95)
    more = smallest_paired_difference(n, discordance, 0.95, 0.9)
    assert found is None or 0 < found <= discordance
    assert more is None or (found is not None and found <= more)


def test_nothing_proves_nothing() -> None:
    """Without trials only a threshold of 0 is met, and no difference shows."""
    assert (most_failures(0, 0.5, 0.95), true_rate_needed(0, 0.5, 0.95), smallest_margin(0, 0.5, 0.95)) == (None,) * 3
    assert (most_failures(7, 0.0, 0.95), true_rate_needed(7, 0.0, 0.95)) == (7, 0.0)
    assert most_failures(10**6, 1.0, 0.95) is None
    assert smallest_paired_difference(0, 0.1, 0.95) is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: most_failures(-1, 0.9, 0.95),
        lambda: most_failures(10, 0.9, 1.0),
        lambda: true_rate_needed(100, 0.9, 0.95, 1.0),
        lambda: smallest_paired_difference(10, 0.0, 0.95),
        lambda: smallest_paired_difference(10, 0.1, 95),
        lambda: smallest_paired_difference(-1, 0.1, 0.95),
    ],
)
def test_nonsense_is_refused(call: Callable[[], object]) -> None:
    """Negative numbers of trials and shares outside 0 to 1 raise ValueError."""
    with pytest.raises(ValueError, match=r"is no rate|is no number|does not lie between"):
        call()


def test_scipy_comes_late_and_in_small() -> None:
    """Importing the module loads no scipy, and planning loads no scipy.stats."""
    code = (
        "import sys, assay.gate.power as power; assert 'scipy' not in sys.modules;"
        "power.true_rate_needed(99, .9, .95), power.smallest_paired_difference(50, .3, .95);"
        "assert 'scipy.special' in sys.modules and 'scipy.stats' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

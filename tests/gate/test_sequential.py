"""Do all looks together keep the error rate of one, exactly where that can be computed?"""

from __future__ import annotations

import itertools
import subprocess
import sys
from statistics import NormalDist
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.gate import exact_lower, exact_upper
from assay.gate.sequential import (
    binomial_look_levels,
    look_levels,
    look_sizes,
    obrien_fleming_constant,
    overall_level,
)

if TYPE_CHECKING:
    from collections.abc import Callable

LOOKS = st.integers(1, 12)
LEVELS = st.sampled_from([0.01, 0.025, 0.05, 0.1])
THRESHOLDS = st.sampled_from([0.5, 0.8, 0.9, 0.95])


@given(st.integers(0, 3000), st.integers(1, 100))
def test_looks_are_spread_evenly_and_end_with_the_last_case(n: int, looks: int) -> None:
    """They rise, the last is n, no two lie further apart than by one case, and none is empty."""
    sizes = look_sizes(n, looks)
    assert len(sizes) == min(n, looks)
    assert list(sizes) == sorted(set(sizes))
    steps = [after - before for before, after in itertools.pairwise((0, *sizes))]
    assert sum(steps) == n
    assert not steps or max(steps) - min(steps) <= 1


def test_sizes_are_rounded_up() -> None:
    """Five looks at 33 cases are at 7, 14, 20, 27 and 33."""
    assert look_sizes(33, 5) == (7, 14, 20, 27, 33)


@settings(deadline=None, max_examples=10)
@given(st.integers(2, 8), LEVELS)
def test_the_bounds_are_crossed_just_so_often(looks: int, level: float) -> None:
    """By the multivariate normal distribution of scipy the chance to stay below all bounds is 1 less the level."""
    height = obrien_fleming_constant(looks, level) * looks**0.5
    covariance = [[min(one, other) for other in range(1, looks + 1)] for one in range(1, looks + 1)]
    stay = stats.multivariate_normal(cov=covariance, seed=3, abseps=1e-5).cdf([height] * looks)
    assert 1 - float(stay) == pytest.approx(level, abs=2e-4)


@settings(deadline=None, max_examples=15)
@given(LOOKS, LEVELS)
def test_levels_rise_and_hardly_cost_anything_at_the_end(looks: int, level: float) -> None:
    """The first looks are the strictest; the last is a little stricter than a single test, and one look is just it."""
    levels = look_levels(looks, level)
    assert len(levels) == looks
    assert list(levels) == sorted(levels)
    assert level * 0.6 < levels[-1] <= level <= sum(levels) + 1e-12
    assert looks > 1 or levels == (level,)


def test_levels_of_many_looks_are_never_zero() -> None:
    """A level that is too small for a float still leaves a confidence below 1."""
    assert 0 < 1 - (1 - look_levels(60, 0.001)[0]) < 1e-14


def enumerated(sizes: tuple[int, ...], levels: tuple[float, ...], rate: float, *, above: bool) -> float:
    """Return the chance to show the claim at some look, by trying every sequence of results."""
    total = 0.0
    for path in itertools.product((0, 1), repeat=sizes[-1]):
        for size, level in zip(sizes, levels, strict=True):
            passes = sum(path[:size])
            limit = exact_lower if above else exact_upper
            shown = (limit(passes, size, 1 - level) - rate) * (1 if above else -1)
            if shown >= 0:
                total += rate ** sum(path) * (1 - rate) ** (sizes[-1] - sum(path))
                break
    return total


@pytest.mark.parametrize("rate", [0.3, 0.5, 0.6])
@pytest.mark.parametrize("looks", [1, 2, 3])
def test_the_exact_chance_is_that_of_all_sequences(looks: int, rate: float) -> None:
    """Counting paths gives what trying all 4,096 sequences of twelve results gives, for both claims."""
    sizes, levels = look_sizes(12, looks), (0.02, 0.05, 0.1)[:looks]
    expected = enumerated(sizes, levels, rate, above=True)
    assert overall_level(sizes, levels, rate) == pytest.approx(expected, abs=1e-11)
    expected = enumerated(sizes, levels, rate, above=False)
    assert overall_level(sizes, levels, round(1 - rate, 12)) == pytest.approx(expected, abs=1e-11)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 600), st.integers(1, 8), THRESHOLDS, LEVELS)
def test_no_claim_is_wrong_more_often_than_the_level(n: int, looks: int, threshold: float, level: float) -> None:
    """Neither "at least" nor "below" exceeds it, and no level is larger than that of the bounds."""
    sizes, levels = look_sizes(n, looks), binomial_look_levels(n, looks, threshold, level)
    for claim in (threshold, round(1 - threshold, 12)):
        assert overall_level(sizes, levels, claim) <= level
    assert all(0 < own <= bound for own, bound in zip(levels, look_levels(len(sizes), level), strict=True))


@pytest.mark.parametrize(("n", "looks", "threshold"), [(158, 5, 0.9), (90, 2, 0.9), (158, 5, 0.1)])
def test_levels_are_tightened_where_counts_are_unlucky(n: int, looks: int, threshold: float) -> None:
    """With some numbers of cases the bounds for normal figures do not keep the level, and these are mended."""
    sizes, loose = look_sizes(n, looks), look_levels(looks, 0.05)
    claim = max(threshold, 1 - threshold)
    assert overall_level(sizes, loose, claim) > 0.05
    levels = binomial_look_levels(n, looks, threshold, 0.05)
    assert levels[-1] < loose[-1]
    assert overall_level(sizes, levels, claim) <= 0.05


def test_naive_looks_do_not_keep_it() -> None:
    """Testing at 5 % after every ten of 200 cases shows a rate of 0.8 wrongly in three times as many runs."""
    sizes = tuple(range(10, 201, 10))
    assert overall_level(sizes, (0.05,) * 20, 0.8) == pytest.approx(0.157, abs=6e-3)
    assert overall_level((200,), (0.05,), 0.8) <= 0.05


def test_without_cases_there_are_no_looks() -> None:
    """Nothing is shown then."""
    assert binomial_look_levels(0, 5, 0.9, 0.05) == look_sizes(0, 5) == ()
    assert overall_level((), (), 0.5) == 0.0


def test_one_look_needs_no_bounds() -> None:
    """Its constant is the quantile of a single test."""
    assert obrien_fleming_constant(1, 0.05) == pytest.approx(NormalDist().inv_cdf(0.95), abs=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: look_sizes(-1, 5),
        lambda: look_sizes(10, 0),
        lambda: look_levels(101, 0.05),
        lambda: look_levels(1, 0.5),
        lambda: obrien_fleming_constant(5, 0.0),
        lambda: overall_level((5, 5), (0.1, 0.1), 0.5),
        lambda: overall_level((5,), (0.1,), 1.0),
    ],
)
def test_nonsense_is_refused(call: Callable[[], object]) -> None:
    """Looks, levels and thresholds out of range raise ValueError."""
    with pytest.raises(ValueError, match=r"is no number|no looks at|does not lie between"):
        call()


def test_looks_load_no_scipy_stats() -> None:
    """numpy and scipy.special are enough, and come late."""
    code = (
        "import sys; from assay.gate.sequential import *; assert not {'scipy', 'numpy'} & set(sys.modules);"
        "binomial_look_levels(50, 5, .9, .05); assert 'scipy.stats' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""Are the limits for bounded scores the exact ones where those are known, and right where a simulation can tell?"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assay.gate import exact_lower, exact_upper
from assay.gate.bounded import bounded_limits, bounded_p_value

if TYPE_CHECKING:
    from collections.abc import Callable

SCORES = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])), max_size=60)
CONFIDENCES = st.sampled_from([0.8, 0.9, 0.95, 0.99, 0.9999])


@settings(deadline=None, max_examples=150)
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), CONFIDENCES)
def test_passes_and_failures_have_the_exact_binomial_limits(kn: tuple[int, int], confidence: float) -> None:
    """On scores of 0 and 1 both limits are those of Clopper and Pearson."""
    k, n = kn
    exact = exact_lower(k, n, confidence), exact_upper(k, n, confidence)
    assert bounded_limits([1.0] * k + [0.0] * (n - k), confidence) == pytest.approx(exact, abs=2e-8)


@pytest.mark.parametrize("n", [2, 12, 80])
def test_graded_scores_have_the_quantile_of_randomly_weighted_means(n: int) -> None:
    """Drawing the weights gives the same lower limit as the integral."""
    rng = np.random.default_rng(n)
    values = np.where(rng.random(n) < 0.1, 0.0, rng.beta(18, 2, n))
    weights = rng.dirichlet(np.ones(n + 1), 200_000)
    drawn = float(np.quantile(weights[:, 1:] @ values, 0.05))
    assert bounded_limits(values.tolist(), 0.95)[0] == pytest.approx(drawn, abs=2e-3)


@settings(deadline=None, max_examples=100)
@given(SCORES, CONFIDENCES)
def test_no_interval_has_zero_width(values: list[float], confidence: float) -> None:
    """It stays on the scale, holds the mean and more, also where all values agree or there are none."""
    low, high = bounded_limits(values, confidence)
    assert 0 <= low < high <= 1
    if values:
        mean = sum(values) / len(values)
        assert low <= mean + 1e-8
        assert mean <= high + 1e-8


@settings(deadline=None, max_examples=100)
@given(SCORES, CONFIDENCES)
def test_mirrored_scores_have_mirrored_limits(values: list[float], confidence: float) -> None:
    """Reading what is missing in place of what is there turns the limits around."""
    low, high = bounded_limits(values, confidence)
    assert bounded_limits([1 - own for own in values], confidence) == pytest.approx((1 - high, 1 - low), abs=1e-8)


@settings(deadline=None, max_examples=100)
@given(SCORES, CONFIDENCES)
def test_another_scale_moves_the_limits_with_it(values: list[float], confidence: float) -> None:
    """Scores from -1 to 1 have the limits of the same scores from 0 to 1, stretched."""
    low, high = bounded_limits(values, confidence)
    stretched = bounded_limits([2 * own - 1 for own in values], confidence, least=-1)
    assert stretched == pytest.approx((2 * low - 1, 2 * high - 1), abs=1e-8)


@settings(deadline=None, max_examples=100)
@given(SCORES, st.floats(0.01, 0.99), CONFIDENCES)
def test_limit_and_p_value_decide_alike(values: list[float], null: float, confidence: float) -> None:
    """The lower limit reaches a number exactly when the p-value against it is within the level."""
    low, _ = bounded_limits(values, confidence)
    assume(abs(low - null) > 1e-7)
    p = bounded_p_value(values, null)
    assert (low >= null) == (p <= 1 - confidence)


@settings(deadline=None, max_examples=100)
@given(SCORES.filter(len), st.data())
def test_a_better_score_never_lowers_a_limit(values: list[float], data: st.DataObject) -> None:
    """Raising one score raises both limits or leaves them."""
    index = data.draw(st.integers(0, len(values) - 1))
    better = [*values[:index], data.draw(st.floats(values[index], 1)), *values[index + 1 :]]
    before, after = bounded_limits(values, 0.95), bounded_limits(better, 0.95)
    assert all(new >= old - 1e-8 for new, old in zip(after, before, strict=True))


def test_fifty_nine_best_scores_show_95_percent() -> None:
    """As for passes; and agreement on differences shows a margin of twice that, for its scale is twice as long."""
    assert bounded_limits([1.0] * 59, 0.95)[0] >= 0.95 > bounded_limits([1.0] * 58, 0.95)[0]
    assert bounded_limits([0.0] * 59, 0.95, least=-1)[0] == pytest.approx(-(1 - 0.05 ** (1 / 59)), abs=1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda: bounded_limits([0.5], 0.5),
        lambda: bounded_limits([1.5], 0.95),
        lambda: bounded_limits([-0.5], 0.95),
        lambda: bounded_p_value([0.5], 0.5, least=1.0),
    ],
)
def test_nonsense_is_refused(call: Callable[[], object]) -> None:
    """Values off the scale and confidences out of range raise ValueError."""
    with pytest.raises(ValueError, match=r"lie within|is no scale|does not lie between"):
        call()


def test_bounded_limits_load_no_scipy_stats() -> None:
    """A root finder and numpy are enough, and come late."""
    code = (
        "import sys; from assay.gate.bounded import *; assert not {'scipy', 'numpy'} & set(sys.modules);"
        "bounded_limits([1, .5, 0], .95); assert 'scipy.stats' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

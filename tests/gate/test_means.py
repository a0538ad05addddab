"""Are the limits of means wide enough: where all agree, where cases belong together, and as scipy has them?"""

from __future__ import annotations

import math
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.gate import exact_lower
from assay.gate.means import bca_limits, clustered_se, mean_limits

if TYPE_CHECKING:
    from collections.abc import Callable

SCORES = st.lists(st.floats(0, 1), min_size=2, max_size=60)
CONFIDENCES = st.sampled_from([0.8, 0.9, 0.95, 0.99])
GROUPED = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6)), min_size=2, max_size=60).filter(
    lambda own: len({group for _, group in own}) > 1
)


@given(SCORES)
def test_cases_that_stand_alone_have_the_plain_standard_error(values: list[float]) -> None:
    """With one case in each cluster it is the standard deviation over the root of n."""
    expected = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    assert clustered_se(values, range(len(values))) == pytest.approx(expected, abs=1e-12)


@given(GROUPED)
def test_clusters_of_copies_count_once(rows: list[tuple[float, int]]) -> None:
    """When each case is there three times over, in its cluster, the error is that of the cases themselves."""
    values, clusters = [value for value, _ in rows], [group for _, group in rows]
    assert clustered_se(values * 3, clusters * 3) == pytest.approx(clustered_se(values, clusters), abs=1e-12)


@settings(deadline=None)
@given(SCORES, st.floats(0, 1), CONFIDENCES)
def test_plain_limits_are_students_t_with_two_made_up_cases(
    values: list[float], null: float, confidence: float
) -> None:
    """They agree with scipy.stats on the values and two more, half a unit above and below the threshold."""
    padded = [*values, null + 0.5, null - 0.5]
    half = stats.t.ppf(confidence, len(values) - 1) * stats.sem(padded)
    found = mean_limits(values, None, null=null, confidence=confidence)
    mean = float(np.mean(padded))
    assert found.low == pytest.approx(min(found.value, max(null - 1, mean - half)), abs=1e-9)
    assert found.high == pytest.approx(max(found.value, min(null + 1, mean + half)), abs=1e-9)


@settings(deadline=None)
@given(GROUPED, st.floats(0, 1), CONFIDENCES)
def test_no_interval_has_zero_width(rows: list[tuple[float, int]], null: float, confidence: float) -> None:
    """It holds the mean and more, in clusters and without, however much the values agree."""
    values, clusters = [value for value, _ in rows], [group for _, group in rows]
    for own, flat in ((clusters, values), (None, values), (clusters, [0.7] * len(rows))):
        found = mean_limits(flat, own, null=null, confidence=confidence)
        assert found.low <= found.value <= found.high
        assert found.high - found.low > 0.1 / len(rows)
        assert found.clusters == len(set(clusters)) if own else len(rows)


@settings(deadline=None)
@given(SCORES, st.floats(0, 1))
def test_mirrored_scores_have_mirrored_limits(values: list[float], null: float) -> None:
    """Reading failures in place of passes turns the limits around."""
    found = mean_limits(values, None, null=null, confidence=0.95)
    mirrored = mean_limits([1 - own for own in values], None, null=1 - null, confidence=0.95)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((found.low, found.high), abs=1e-9)


def test_ten_clusters_that_agree_count_as_ten_cases() -> None:
    """A hundred passes from ten sources show as much as ten passes: not that nine in ten are right."""
    together = mean_limits([1.0] * 100, [case // 10 for case in range(100)], null=0.9, confidence=0.95)
    ten = mean_limits([1.0] * 10, None, null=0.9, confidence=0.95)
    assert (together.low, together.high, together.clusters) == pytest.approx((ten.low, ten.high, 10))
    assert together.low < 0.9
    assert mean_limits([1.0] * 100, None, null=0.9, confidence=0.95).low > 0.9


@settings(deadline=None)
@given(GROUPED, st.floats(0.05, 0.95), CONFIDENCES)
def test_a_scale_only_widens(rows: list[tuple[float, int]], null: float, confidence: float) -> None:
    """Limits that know the scale hold those of t, in clusters and without."""
    values, clusters = [value for value, _ in rows], [group for _, group in rows]
    for own in (clusters, None):
        plain = mean_limits(values, own, null=null, confidence=confidence)
        safe = mean_limits(values, own, null=null, confidence=confidence, scale=(0, 1))
        assert safe.low <= plain.low <= plain.high <= safe.high
        assert (safe.value, safe.clusters) == (plain.value, plain.clusters)


def test_with_a_scale_passes_and_failures_are_decided_as_by_the_binomial_test() -> None:
    """Scores of 0 and 1 have the exact lower limit, or t's where that is lower still; so have clusters of copies."""
    for passes, n in ((95, 100), (59, 59), (40, 50)):
        values = [1.0] * passes + [0.0] * (n - passes)
        copies = mean_limits(values * 3, [*range(n)] * 3, null=0.8, confidence=0.95, scale=(0, 1))
        alone = mean_limits(values, None, null=0.8, confidence=0.95, scale=(0, 1))
        assert alone.low == pytest.approx(exact_lower(passes, n, 0.95), abs=2e-3)
        assert alone.low <= exact_lower(passes, n, 0.95) + 1e-8
        assert (copies.low, copies.high) == pytest.approx((alone.low, alone.high), abs=1e-8)


def test_clusters_of_unlike_size_are_weighed_by_the_largest() -> None:
    """Ten sources of one case and ten of nine: a mean of all cases, with limits wider than twenty cases would have."""
    values = [1.0] * 100
    clusters = [*range(10), *(10 + case // 9 for case in range(90))]
    found = mean_limits(values, clusters, null=0.5, confidence=0.95, scale=(0, 1))
    twenty = mean_limits([1.0] * 20, None, null=0.5, confidence=0.95, scale=(0, 1))
    assert found.clusters == 20
    assert 0.5 < found.low < twenty.low


@pytest.mark.parametrize(("values", "clusters"), [([0.4], None), ([0.9] * 50, ["a"] * 50)])
def test_one_case_or_cluster_tells_nothing(values: list[float], clusters: list[str] | None) -> None:
    """Then the limits are as far from the threshold as scores can be."""
    found = mean_limits(values, clusters, null=0.5, confidence=0.95)
    assert (found.low, found.high, found.clusters) == (-0.5, 1.5, 1)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_bootstrap_is_scipys_and_says_the_same_again(confidence: float) -> None:
    """Two limits, each at the confidence, are one interval of scipy.stats at twice it less one; twice the same."""
    values = [0.0] * 8 + [own / 10 for own in range(5, 10)] * 9
    rng = np.random.default_rng(1)
    interval = stats.bootstrap(
        (np.array(values),), np.mean, confidence_level=2 * confidence - 1, n_resamples=20_000, rng=rng
    ).confidence_interval
    found = bca_limits(values, confidence)
    assert found == pytest.approx(tuple(interval), abs=4e-3)
    assert bca_limits(values, confidence) == found


@pytest.mark.parametrize("values", [[], [0.5], [1.0] * 40])
def test_the_bootstrap_has_no_answer_where_all_agree(values: list[float]) -> None:
    """In place of a width of zero it is None."""
    assert bca_limits(values, 0.95) is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: clustered_se([0.1, 0.2], ["a", "a"]),
        lambda: clustered_se([0.1, 0.2], ["a"]),
        lambda: mean_limits([], None, null=0.5, confidence=0.95),
        lambda: mean_limits([0.1, 0.2], ["a"], null=0.5, confidence=0.95),
        lambda: mean_limits([0.1, 0.2], None, null=0.5, confidence=0.4),
        lambda: mean_limits([0.1, 1.2], None, null=0.5, confidence=0.95, scale=(0, 1)),
        lambda: mean_limits([0.1, 0.2], None, null=-0.1, confidence=0.95, scale=(0, 1)),
        lambda: bca_limits([0.1, 0.2], 95),
    ],
)
def test_nonsense_is_refused(call: Callable[[], object]) -> None:
    """No values, clusters that do not fit and confidences out of range raise ValueError."""
    with pytest.raises(ValueError, match=r"two clusters|shorter|lie within|mean of nothing|does not lie between"):
        call()


def test_limits_of_means_load_no_scipy_stats() -> None:
    """Student's t comes from scipy.special; only the bootstrap needs scipy.stats."""
    code = (
        "import sys; from assay.gate.means import *; mean_limits([1, .5, 0], None, null=.2, confidence=.95);"
        "assert 'scipy.stats' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

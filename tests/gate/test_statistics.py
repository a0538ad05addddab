"""Are the limits, ranks and numbers of further trials those of the literature and of scipy.stats?"""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.gate import exact_lower, exact_upper, order_statistic_ranks, passes_needed, requests_needed, wilson

if TYPE_CHECKING:
    from collections.abc import Callable

    from _pytest.mark import ParameterSet

PUBLISHED = json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))
LAST_DIGIT = 6e-5  # the tables print four digits


def published(method: str) -> list[ParameterSet]:
    return [
        pytest.param(own, id=f"{own['source']} {own.get('n', own.get('q'))}")
        for own in PUBLISHED
        if own["method"] == method
    ]


@st.composite
def counts(draw: st.DrawFn, least: int = 0) -> tuple[int, int]:
    n = draw(st.integers(least, 400))
    return draw(st.integers(0, n)), n


CONFIDENCES = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@pytest.mark.parametrize("case", published("wilson"))
def test_wilson_gives_the_published_interval(case: dict[str, Any]) -> None:
    """The Wilson interval agrees with the printed digits."""
    assert wilson(case["k"], case["n"]) == pytest.approx(case["expected"], abs=LAST_DIGIT)


@pytest.mark.parametrize("case", published("exact"))
def test_exact_limits_give_the_published_interval(case: dict[str, Any]) -> None:
    """Two one-sided exact limits at 97.5 % make the printed two-sided interval at 95 %."""
    k, n = case["k"], case["n"]
    assert (exact_lower(k, n, 0.975), exact_upper(k, n, 0.975)) == pytest.approx(case["expected"], abs=LAST_DIGIT)


@pytest.mark.parametrize("case", published("ranks"))
def test_ranks_are_the_published_ones(case: dict[str, Any]) -> None:
    """The ranks of the 95 % interval of a percentile agree, also where n is too small for an upper one."""
    assert order_statistic_ranks(case["n"], case["q"]) == tuple(case["expected"])


@pytest.mark.parametrize("case", published("requests"))
def test_requests_needed_give_the_wilks_table(case: dict[str, Any]) -> None:
    """From nothing measured, the requests needed with each number of violations are those of the table."""
    totals = [v + requests_needed(v, v, case["q"], 0.95) for v in range(len(case["expected"]))]
    assert totals == case["expected"]


@pytest.mark.parametrize(
    ("q", "confidence", "expected"),
    [
        (0.9, 0.99, [44, 64, 81, 127, 197]),
        (0.95, 0.99, [90, 130, 165, 259, 398]),
        (0.99, 0.99, [459, 662, 838, 1307, 2010]),
        (0.999, 0.99, [4603, 6636, 8403, 13105, 20140]),
        (0.9, 0.95, [29, 46, 61, 103, 167]),
        (0.95, 0.95, [59, 93, 124, 208, 336]),
        (0.99, 0.95, [299, 473, 628, 1049, 1693]),
    ],
)
def test_requests_needed_give_the_table_of_mlperf(q: float, confidence: float, expected: list[int]) -> None:
    """The early-stopping table of MLPerf inference for 0, 1, 2, 5 and 10 violations.

    Source: inference rules, appendix on early stopping; 662 is also `min_query_count` of MultiStream in mlperf.conf.
    """
    assert [v + (requests_needed(v, v, q, confidence) or 0) for v in (0, 1, 2, 5, 10)] == expected


@settings(deadline=None, max_examples=80)
@given(counts(least=1), CONFIDENCES)
def test_limits_agree_with_scipy_stats(kn: tuple[int, int], confidence: float) -> None:
    """Wilson and both exact limits are those of scipy.stats.binomtest."""
    k, n = kn
    both = stats.binomtest(k, n).proportion_ci(confidence, "wilson")
    assert wilson(k, n, confidence) == pytest.approx((both.low, both.high), abs=1e-9)
    lower = stats.binomtest(k, n, alternative="greater").proportion_ci(confidence, "exact").low
    upper = stats.binomtest(k, n, alternative="less").proportion_ci(confidence, "exact").high
    assert exact_lower(k, n, confidence) == pytest.approx(lower, abs=1e-9)
    assert exact_upper(k, n, confidence) == pytest.approx(upper, abs=1e-9)


@settings(deadline=None, max_examples=80)
@given(counts(least=1), st.floats(0.01, 0.99), CONFIDENCES)
def test_lower_limit_decides_as_the_binomial_test_does(
    kn: tuple[int, int], threshold: float, confidence: float
) -> None:
    """The lower limit reaches a threshold exactly when the exact test against it is significant."""
    k, n = kn
    p = stats.binomtest(k, n, threshold, alternative="greater").pvalue
    if abs(p - (1 - confidence)) > 1e-9:
        assert (exact_lower(k, n, confidence) >= threshold) == (p <= 1 - confidence)


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 600), st.sampled_from([0.5, 0.9, 0.95, 0.99]), CONFIDENCES)
def test_ranks_agree_with_scipy_stats(n: int, q: float, confidence: float) -> None:
    """On the values 1 to n the interval of scipy.stats.quantile_test is a pair of ranks, and it is ours."""
    interval = stats.quantile_test(list(range(1, n + 1)), q=0, p=q).confidence_interval(confidence)
    expected = tuple(None if own != own else int(own) for own in interval)  # noqa: PLR0124 - NaN: no such rank
    assert order_statistic_ranks(n, q, confidence) == expected


@settings(deadline=None)
@given(counts(least=1), CONFIDENCES)
def test_no_interval_has_zero_width(kn: tuple[int, int], confidence: float) -> None:
    """Also when all trials agree, the interval holds more than the observed rate, and it holds that."""
    k, n = kn
    for low, high in (wilson(k, n, confidence), (exact_lower(k, n, confidence), exact_upper(k, n, confidence))):
        assert 0 <= low <= k / n <= high <= 1
        assert high - low > 1 / (n + 4) / 2


def test_an_observed_extreme_stays_possible() -> None:
    """With no passes or only passes the Wilson interval ends at 0 or 1, to the last bit."""
    for n, confidence in product(range(1, 200), (0.8, 0.9, 0.95, 0.99)):
        assert wilson(0, n, confidence)[0] == 0.0
        assert wilson(n, n, confidence)[1] == 1.0


def test_nothing_measured_says_nothing() -> None:
    """Without trials the interval is the whole range, and no rank exists."""
    assert wilson(0, 0) == (0.0, 1.0)
    assert (exact_lower(0, 0, 0.95), exact_upper(0, 0, 0.95)) == (0.0, 1.0)
    assert order_statistic_ranks(0, 0.5) == (None, None)


@settings(deadline=None, max_examples=60)
@given(counts(), st.floats(0.01, 0.995), CONFIDENCES)
def test_passes_needed_is_the_least_number_that_is_enough(
    kn: tuple[int, int], threshold: float, confidence: float
) -> None:
    """With that many further passes the lower limit reaches the threshold, with one fewer it does not."""
    k, n = kn
    more = passes_needed(k, n, threshold, confidence)
    assert more is not None
    assert exact_lower(k + more, n + more, confidence) >= threshold
    assert more == 0 or exact_lower(k + more - 1, n + more - 1, confidence) < threshold


def test_no_number_of_passes_proves_certainty() -> None:
    """A threshold of 1 is out of reach, and so is one that needs more trials than anybody runs."""
    assert passes_needed(10, 10, 1.0, 0.95) is None
    assert passes_needed(0, 0, 0.9999999, 0.95) is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: wilson(3, 2),
        lambda: wilson(-1, 2),
        lambda: wilson(1, 2, 95),
        lambda: exact_lower(1, 2, 1.0),
        lambda: exact_upper(3, 2, 0.95),
        lambda: order_statistic_ranks(10, 1.0),
        lambda: requests_needed(3, 2, 0.95, 0.95),
    ],
)
def test_nonsense_is_refused(call: Callable[[], object]) -> None:
    """Counts that are no rate and shares outside 0 to 1 raise ValueError."""
    with pytest.raises(ValueError, match=r"is no rate|does not lie between"):
        call()


def test_scipy_comes_late_and_in_small() -> None:
    """Importing the gate loads no scipy, and using its statistics loads no scipy.stats."""
    code = (
        "import sys, assay.gate as gate; assert 'scipy' not in sys.modules;"
        "gate.wilson(1, 2), gate.exact_lower(1, 2, .9), gate.order_statistic_ranks(9, .5);"
        "assert 'scipy.special' in sys.modules and 'scipy.stats' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""A percentile is a member of the sample, failures count as infinite, and it says how many requests it needs."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.bench.percentiles import median, n_needed, nearest_rank, percentiles
from assay.schema.bench import Percentile

if TYPE_CHECKING:
    from random import Random

QUANTILES = st.sampled_from([0.07, 0.5, 0.55, 0.95, 0.99])
LATENCIES = st.lists(st.none() | st.integers(0, 10**12), min_size=1, max_size=300)


def _finite(value: int | None) -> float:
    return math.inf if value is None else value


@given(LATENCIES, QUANTILES)
def test_nearest_rank_is_its_definition(values: list[int | None], q: float) -> None:
    """A percentile is the least member that at least a share q of all members does not exceed."""
    share = Fraction(str(q))
    reached = [a for a in values if sum(_finite(b) <= _finite(a) for b in values) >= share * len(values)]
    assert nearest_rank(values, q) == min(reached, key=_finite)


@given(LATENCIES, QUANTILES, st.integers(1, 50))
def test_failures_never_improve_a_percentile(values: list[int | None], q: float, failures: int) -> None:
    """Requests that fail beside those that were answered raise a percentile or leave it."""
    assert _finite(nearest_rank([*values, *[None] * failures], q)) >= _finite(nearest_rank(values, q))


@given(LATENCIES, QUANTILES, st.randoms())
def test_order_does_not_matter(values: list[int | None], q: float, chance: Random) -> None:
    """A percentile does not depend on the order of the requests."""
    mixed = list(values)
    chance.shuffle(mixed)
    assert nearest_rank(mixed, q) == nearest_rank(values, q)


@pytest.mark.parametrize(
    ("q", "n", "rank"), [(0.95, 1, 1), (0.95, 19, 19), (0.95, 20, 19), (0.95, 100, 95), (0.55, 100, 55), (0.07, 100, 7)]
)
def test_ranks_at_whole_products(q: float, n: int, rank: int) -> None:
    """Where q times n is whole, that is the rank, whatever q is in binary."""
    assert nearest_rank(list(range(1, n + 1)), q) == rank


@pytest.mark.parametrize(
    ("confidence", "q", "n"),
    [
        (0.95, 0.5, 5),
        (0.95, 0.9, 29),
        (0.95, 0.95, 59),
        (0.95, 0.99, 299),
        (0.99, 0.9, 44),
        (0.99, 0.95, 90),
        (0.99, 0.99, 459),
    ],
)
def test_requests_that_a_percentile_needs(confidence: float, q: float, n: int) -> None:
    """The published counts (Wilks; MLPerf inference without a violation), and the least ones that fit the formula."""
    assert n_needed(q, confidence) == n
    assert 1 - q**n >= confidence > 1 - q ** (n - 1)


def test_interval_limits_are_members() -> None:
    """The ranks that are given choose the limits; a rank that n cannot give leaves its limit open."""
    asked: list[tuple[int, float]] = []

    def ranks(n: int, q: float) -> tuple[int | None, int | None]:
        asked.append((n, q))
        return (3, 9) if q == 0.5 else (7, None)

    half, high, _ = percentiles([n * 100 for n in (4, 1, 10, 7, 2, 5, 8, 3, 6, 9)], ranks)
    assert asked == [(10, 0.5), (10, 0.95), (10, 0.99)]
    assert half == Percentile(q=0.5, value_us=500, low_us=300, high_us=900, n=10, n_needed=5, supported=True)
    assert (high.value_us, high.low_us, high.high_us, high.supported) == (1000, 700, None, False)


def test_no_value_asks_for_no_rank() -> None:
    """Without a value there is no percentile, and nobody is asked for its limits."""
    found = percentiles([], lambda _n, _q: pytest.fail("there is nothing to rank"))
    assert {(own.n, own.value_us, own.low_us, own.high_us, own.supported) for own in found} == {
        (0, None, None, None, False)
    }


def test_median_of_what_is_known() -> None:
    """What is not known is left out of a median; nothing known has none."""
    assert (median([None, 3, 1, None, 2]), median([None]), median([])) == (2, None, None)

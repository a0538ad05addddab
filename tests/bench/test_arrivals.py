"""Requests of an open loop are due evenly or at random, and the same seed makes the same load."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from assay.bench.arrivals import due_times

if TYPE_CHECKING:
    from assay.schema.suite import Arrivals

NS = 1_000_000_000
RATES = st.floats(0.01, 10_000)


def _times(arrivals: Arrivals, rate: float, seed: str, count: int) -> list[int]:
    return list(islice(due_times(arrivals, rate, seed), count))


@given(RATES, st.text())
def test_constant_times_are_exact(rate: float, seed: str) -> None:
    """The request of a number is due at that number over the rate, with no error that adds up, whatever the seed."""
    for number, at in enumerate(_times("constant", rate, seed, 200)):
        assert abs(at - Fraction(number) / Fraction(rate) * NS) <= 1 + at * 2**-50


def test_constant_times_do_not_drift() -> None:
    """After hours of load a request is due at the very nanosecond: a sum of rounded gaps would be off by some."""
    assert _times("constant", 10.0, "a", 100_001) == [n * NS // 10 for n in range(100_001)]


@given(RATES, st.text(), st.integers(1, 500))
def test_poisson_times_are_those_of_the_seed(rate: float, seed: str, count: int) -> None:
    """The same seed gives the same times, which never fall; a longer load begins as a shorter one does."""
    times = _times("poisson", rate, seed, count)
    assert times[0] == 0
    assert times == sorted(times)
    # Gaps that were stretched until the load has its planned length would depend on how many there are.
    assert _times("poisson", rate, seed, 2 * count)[:count] == times
    assert _times("poisson", rate, f"{seed}x", 50) != _times("poisson", rate, seed, 50)


def test_poisson_gaps_are_exponential() -> None:
    """Over 100,000 gaps of fixed seeds, mean and deviation are one over the rate, and e**-1 of them are longer."""
    for seed in ("a", "b"):
        times = _times("poisson", 50.0, seed, 100_001)
        gaps = [(after - before) / NS for before, after in pairwise(times)]
        mean = sum(gaps) / len(gaps)
        deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
        # Five standard errors of each: 1/sqrt(n) of the mean, sqrt(2/n) of the deviation, 0.48/sqrt(n) of the share.
        assert abs(50 * mean - 1) < 0.016
        assert abs(50 * deviation - 1) < 0.023
        assert abs(sum(gap > 0.02 for gap in gaps) / len(gaps) - 0.367879) < 0.008


def test_poisson_loads_are_not_stretched_to_a_length() -> None:
    """Two loads of as many requests are of different lengths: the number of them in a time is what chance makes it."""
    ends = {_times("poisson", 10.0, f"seed {n}", 100)[-1] for n in range(20)}
    assert len(ends) == 20
    assert max(ends) > 1.1 * min(ends)

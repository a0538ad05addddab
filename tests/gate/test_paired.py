"""Do the paired intervals and tests keep their symmetries, their duality and their width?"""

from __future__ import annotations

import math
import subprocess
import sys
from statistics import NormalDist
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.gate.paired import (
    PairedTable,
    mcnemar_exact,
    mcnemar_mid_p,
    newcombe_interval,
    tango_interval,
    tango_limits,
    tango_z,
)
from assay.gate.planning import noninferiority_floor

if TYPE_CHECKING:
    from collections.abc import Callable

COUNTS = st.integers(0, 150)
CONFIDENCES = st.sampled_from([0.8, 0.9, 0.95, 0.975, 0.99])
DIFFERENCES = st.floats(-1, 1, allow_subnormal=False)


@st.composite
def tables(draw: st.DrawFn) -> PairedTable:
    table = PairedTable(*(draw(COUNTS) for _ in range(4)))
    assume(table.n > 0)
    return table


def swapped(table: PairedTable) -> PairedTable:
    return PairedTable(table.both, table.lost, table.gained, table.neither)


@settings(deadline=None, max_examples=200)
@given(tables(), CONFIDENCES)
def test_swapping_the_two_turns_the_interval_around(table: PairedTable, confidence: float) -> None:
    """What is better for one is worse for the other, to the last digit."""
    for interval in (tango_limits, tango_interval, newcombe_interval):
        low, high = interval(table, confidence)
        assert interval(swapped(table), confidence) == (-high, -low)


@given(tables(), DIFFERENCES)
def test_the_statistic_turns_around_as_well(table: PairedTable, difference: float) -> None:
    """Candidate against baseline at d is baseline against candidate at -d."""
    z = tango_z(table, difference)
    assert not math.isnan(z)
    assert tango_z(swapped(table), -difference) == -z


@settings(deadline=None, max_examples=200)
@given(tables(), st.floats(-0.99, 0.99), CONFIDENCES)
def test_limits_and_statistic_decide_alike(table: PairedTable, difference: float, confidence: float) -> None:
    """The lower limit reaches a difference exactly when the test against it is significant; the upper one likewise."""
    low, high = tango_limits(table, confidence)
    z, bound = tango_z(table, difference), NormalDist().inv_cdf(confidence)
    assume(abs(low - difference) > 1e-9)
    assume(abs(high - difference) > 1e-9)
    assert (low >= difference) == (z >= bound)
    assert (high <= difference) == (z <= -bound)


@given(tables(), DIFFERENCES, DIFFERENCES)
def test_the_statistic_falls_as_the_supposed_difference_grows(table: PairedTable, one: float, other: float) -> None:
    """So the differences that are not ruled out form one interval."""
    low, high = sorted((one, other))
    assert tango_z(table, low) >= tango_z(table, high) - 1e-9


@settings(deadline=None, max_examples=200)
@given(tables(), st.floats(-0.99, 0.99))
def test_a_win_never_counts_against_the_candidate_nor_a_loss_for_it(table: PairedTable, difference: float) -> None:
    """One pair that turns from a loss to agreement, or from agreement to a win, never lowers the statistic."""
    z = tango_z(table, difference)
    assume(table.lost and table.neither)
    mended = PairedTable(table.both, table.gained, table.lost - 1, table.neither + 1)
    won = PairedTable(table.both, table.gained + 1, table.lost, table.neither - 1)
    turned = PairedTable(table.both, table.gained + 1, table.lost - 1, table.neither)
    for better in (mended, won, turned):
        assert tango_z(better, difference) >= z - 1e-9


@settings(deadline=None)
@given(tables(), CONFIDENCES)
def test_no_interval_has_zero_width(table: PairedTable, confidence: float) -> None:
    """Each holds the observed difference and more, also where all pairs agree or none do."""
    for low, high in (tango_interval(table, confidence), newcombe_interval(table, confidence)):
        assert -1 <= low <= table.difference + 1e-12
        assert table.difference - 1e-12 <= high <= 1
        assert high - low > 0.5 / (table.n + 4)


@given(st.integers(1, 2000), CONFIDENCES)
def test_agreement_alone_leaves_tangos_width(n: int, confidence: float) -> None:
    """Without a discordant pair the interval ends at z^2 / (n + z^2) on both sides: that is the floor on n."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    half = z * z / (n + z * z)
    assert tango_interval(PairedTable(n, 0, 0, 0), confidence) == pytest.approx((-half, half), abs=1e-11)


@pytest.mark.parametrize("margin", [0.01, 0.02, 0.05, 0.1])
def test_identical_answers_pass_from_the_floor_on(margin: float) -> None:
    """A candidate that answers just as the baseline does is shown with the floor's number of cases, not with fewer."""
    n = noninferiority_floor(margin, 0.95)
    assert tango_limits(PairedTable(n, 0, 0, 0), 0.95)[0] >= -margin
    assert tango_limits(PairedTable(n - 1, 0, 0, 0), 0.95)[0] < -margin


def test_without_cases_nothing_is_known() -> None:
    """Then the intervals are the whole range, and no statistic speaks."""
    nothing = PairedTable(0, 0, 0, 0)
    assert tango_limits(nothing, 0.95) == tango_interval(nothing) == newcombe_interval(nothing) == (-1.0, 1.0)
    assert (nothing.difference, nothing.discordance, tango_z(nothing, -0.1)) == (0.0, 0.0, 0.0)


def test_the_ends_of_the_range_are_ruled_out_or_reached() -> None:
    """A difference of 1 is ruled out by any pair that is not a win, and nothing else."""
    assert tango_z(PairedTable(1, 5, 0, 0), 1.0) == -math.inf
    assert tango_z(PairedTable(0, 5, 0, 0), 1.0) == 0.0
    assert tango_z(PairedTable(1, 0, 5, 0), -1.0) == math.inf
    assert tango_interval(PairedTable(0, 5, 0, 0))[1] == 1.0


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_mcnemar_is_the_binomial_test_at_one_half(gained: int, lost: int) -> None:
    """The exact p is that of scipy.stats.binomtest; the mid-p leaves out half of the observed, so it is smaller."""
    exact, mid = mcnemar_exact(gained, lost), mcnemar_mid_p(gained, lost)
    assert exact == mcnemar_exact(lost, gained)
    assert mid == mcnemar_mid_p(lost, gained)
    if gained + lost == 0:
        assert exact == mid == 1.0
    else:
        assert exact == pytest.approx(stats.binomtest(gained, gained + lost).pvalue, abs=1e-11)
        assert 0 <= mid <= exact <= 1


def test_equal_counts_have_the_mid_p_of_the_supplement() -> None:
    """With as many wins as losses it is 1 less half of the chance of just that."""
    assert mcnemar_mid_p(3, 3) == 1 - math.comb(6, 3) / 2**6 / 2


def test_fewer_than_six_discordant_pairs_are_never_significant() -> None:
    """All on one side, five give 0.0625 by the exact test and six 0.03125."""
    assert [mcnemar_exact(0, pairs) for pairs in (5, 6)] == [0.0625, 0.03125]


@pytest.mark.parametrize(
    "call",
    [
        lambda: PairedTable(1, -1, 0, 0),
        lambda: tango_z(PairedTable(1, 0, 0, 0), -1.5),
        lambda: tango_limits(PairedTable(1, 0, 0, 0), 0.5),
        lambda: tango_interval(PairedTable(1, 0, 0, 0), 95),
        lambda: newcombe_interval(PairedTable(1, 0, 0, 0), 1.0),
        lambda: mcnemar_exact(-1, 1),
        lambda: mcnemar_mid_p(1, -1),
    ],
)
def test_nonsense_is_refused(call: Callable[[], object]) -> None:
    """Negative counts, impossible differences and confidences out of range raise ValueError."""
    with pytest.raises(ValueError, match=r"can be negative|no difference|does not lie between"):
        call()


def test_the_gate_of_pairs_needs_no_scipy() -> None:
    """Limits and the test of non-inferiority load neither scipy nor numpy; McNemar loads scipy.special alone."""
    code = (
        "import sys; from assay.gate.paired import *; t = PairedTable(9, 2, 1, 3);"
        "tango_limits(t, .95), newcombe_interval(t); assert not {'scipy', 'numpy'} & set(sys.modules);"
        "mcnemar_mid_p(2, 1); assert 'scipy.stats' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

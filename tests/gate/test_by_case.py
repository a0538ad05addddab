"""Are limits of a mean over cases safe against what one better case does to their width?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.gate.by_case import CaseFigures, cautious_limits, differences, further, passed, proves
from assay.gate.means import mean_limits
from assay.gate.scope import Scope
from tests.gate.build import tried

if TYPE_CHECKING:
    from random import Random

SCALE = (0.0, 1.0)


def figures(values: list[float], clusters: list[int] | None = None) -> CaseFigures:
    named = None if clusters is None else tuple(("source", str(own)) for own in clusters)
    return CaseFigures(tuple(values), tuple(values), named)


def test_far_from_the_flaw_the_limits_are_those_of_the_mean() -> None:
    """Nothing changes where no better case could have hidden behind its own spread."""
    values = [1.0] * 50 + [0.5] * 10
    plain = mean_limits(values, None, null=0.9, confidence=0.95, scale=SCALE)
    assert cautious_limits(figures(values), null=0.9, confidence=0.95) == (plain.low, plain.high)


def test_a_failure_never_turns_an_unknown_into_a_proof() -> None:
    """A single good case among poor ones widens t; without it t alone would prove what it did not prove with it."""
    outlier, evened = [0.9, *[0.42] * 19], [0.5, *[0.42] * 19]
    for null in [number / 1000 for number in range(360, 460, 4)]:
        before = cautious_limits(figures(outlier), null=null, confidence=0.99)[0] >= null
        after = cautious_limits(figures(evened), null=null, confidence=0.99)[0] >= null
        assert before or not after


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from([0.0, 0.25, 0.5, 1.0])), min_size=12, max_size=40),
    st.sampled_from([0.05, 0.2, 0.5, 0.8]),
    st.sampled_from([0.8, 0.95, 0.99]),
    st.data(),
)
def test_worse_figures_never_prove_more(
    drawn: list[tuple[int, float]], null: float, confidence: float, data: st.DataObject
) -> None:
    """Whichever cases do worse, nothing becomes proven, and nothing that was proven too low is no longer.

    The fast way says the same as the limits do.
    """
    clusters, values = [own for own, _ in drawn], [own for _, own in drawn]
    worse = [data.draw(st.sampled_from([own for own in (0.0, 0.25, 0.5, 1.0) if own <= value])) for value in values]
    low, high = cautious_limits(figures(values, clusters), null=null, confidence=confidence)
    lower, higher = cautious_limits(figures(worse, clusters), null=null, confidence=confidence)
    for own, limits in ((figures(values, clusters), (low, high)), (figures(worse, clusters), (lower, higher))):
        assert proves(own, null=null, confidence=confidence, above=True) == (limits[0] >= null)
        assert proves(own, null=null, confidence=confidence, above=False) == (limits[1] <= null)
    assert low >= null or lower < null
    assert high >= null or higher < null


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.floats(0, 1)), min_size=2, max_size=30), st.randoms(use_true_random=False)
)
def test_order_does_not_matter(drawn: list[tuple[int, float]], chance: Random) -> None:
    """The same cases in another order have the same limits."""
    mixed = chance.sample(drawn, len(drawn))
    results = [
        cautious_limits(figures([own for _, own in rows], [own for own, _ in rows]), null=0.5, confidence=0.95)
        for rows in (drawn, mixed)
    ]
    assert results[0] == results[1]


def test_figures_take_what_is_not_known_both_ways() -> None:
    """A share has a least and a most; of a difference the least is the worst of both."""
    scope = Scope("qa", None, None)
    own, other = passed(scope, tried("11", "1?", "0-")), passed(scope, tried("11", "?0", "11"))
    assert (own.low, own.high) == ((1.0, 0.5, 0.0), (1.0, 1.0, 0.5))
    apart = differences(own, other)
    assert (apart.low, apart.high, apart.least) == ((0.0, 0.0, -1.0), (0.0, 1.0, -0.5), -1.0)


def test_cases_are_clusters_only_where_some_share_a_source() -> None:
    """A source that is named once is none; a case without one stands for itself."""
    scope = Scope("qa", None, None)
    assert passed(scope, tried(*"111", sources=["a", "b", None])).clusters is None
    shared = passed(scope, tried(*"1111", sources=["a", "a", None, None]))
    assert (shared.groups, shared.counted) == (3, "3 sources")


def test_the_least_that_is_enough_is_found() -> None:
    """Any number up to ten thousand, and none beyond."""
    for least in (1, 2, 3, 7, 8, 9, 1000, 9_999, 10_000):
        assert further(lambda count, least=least: count >= least) == least
    assert further(lambda count: count > 10_000) is None

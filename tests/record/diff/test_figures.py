"""Are two numbers called apart exactly where their intervals do not meet, and better in the right direction?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.record.diff.figures import compared
from assay.record.figures import Estimate, OneFigure

VALUES = st.floats(0, 1e6, allow_nan=False)
LIMITS = st.none() | VALUES


@st.composite
def estimates(draw: st.DrawFn) -> Estimate:
    low, high = draw(LIMITS), draw(LIMITS)
    if low is not None and high is not None:
        low, high = sorted((low, high))
    return Estimate(value=draw(st.none() | VALUES), low=low, high=high, n=None)


def figure(estimate: Estimate | None) -> OneFigure | None:
    return None if estimate is None else OneFigure("s", estimate, is_main=True)


def rate(value: float, low: float | None, high: float | None) -> OneFigure:
    return OneFigure("share", Estimate(value=value, low=low, high=high, n=10), is_main=True)


@given(estimates(), estimates())
def test_apart_means_that_no_value_lies_in_both(a: Estimate, b: Estimate) -> None:
    """A number is apart only if each side has a limit and no number could lie in both intervals."""
    found = compared("one", ("short@1", "e2e p95"), figure(a), figure(b), None)
    low = max(-math.inf if own.low is None else own.low for own in (a, b))
    high = min(math.inf if own.high is None else own.high for own in (a, b))
    bounded = all(own.low is not None or own.high is not None for own in (a, b))
    same = (a.value, a.low, a.high) == (b.value, b.low, b.high)
    assert (found.status == "apart") == (low > high)
    assert (found.status == "same") == same
    assert (found.status == "no_interval") == (not bounded and not same)


@given(estimates(), estimates(), st.sampled_from(["e2e p95", "pass rate", "errors", "output"]))
def test_order_turns_only_the_names(a: Estimate, b: Estimate, name: str) -> None:
    """With A and B exchanged the status stays, and the better one is the same record."""
    forth = compared("one", ("g", name), figure(a), figure(b), None)
    back = compared("one", ("g", name), figure(b), figure(a), None)
    assert forth.status == back.status
    assert {forth.better, back.better} in ({None}, {"a", "b"})
    assert (forth.better is None) == (forth.status != "apart")


@pytest.mark.parametrize(
    ("name", "better"), [("pass rate", "b"), ("output", "b"), ("e2e p95", "a"), ("errors", "a"), ("memory", "a")]
)
def test_better_is_more_of_some_and_less_of_others(name: str, better: str) -> None:
    """A risen pass rate or throughput is better, a risen latency, error rate or memory is worse."""
    risen = compared("one", ("g", name), rate(0.2, 0.1, 0.3), rate(0.8, 0.7, 0.9), None)
    assert (risen.status, risen.better) == ("apart", better)


def test_one_limit_reaches_without_end() -> None:
    """A percentile that n gives no upper limit takes in all that is slower, and nothing below its lower one."""
    slow = OneFigure("s", Estimate(value=5.0, low=4.0, high=None, n=8), is_main=True)
    fast = OneFigure("s", Estimate(value=1.0, low=0.5, high=2.0, n=100), is_main=True)
    slower = OneFigure("s", Estimate(value=90.0, low=80.0, high=None, n=100), is_main=True)
    assert compared("one", ("g", "e2e p95"), fast, slow, None).better == "a"
    assert compared("one", ("g", "e2e p95"), slow, slower, None).status == "meet"


def test_a_number_of_one_side_is_new_or_gone() -> None:
    """What only one has is no comparison: it has no note, and somebody must have it."""
    only = rate(0.5, 0.4, 0.6)
    assert [compared("one", ("g", "x"), *pair, "note").status for pair in ((None, only), (only, None))] == [
        "new",
        "gone",
    ]
    assert compared("one", ("g", "x"), None, only, "other cases").note is None
    with pytest.raises(ValueError, match="must have the figure"):
        compared("one", ("g", "x"), None, None, None)

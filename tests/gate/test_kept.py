"""Does a claim of "not worse" keep its error rate, whatever share of the cases comes out differently?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.gate.kept import kept_confidence
from assay.gate.planning import noninferiority_power

margins = st.sampled_from([0.02, 0.05, 0.1, 0.2])


def largest(n: int, margin: float, confidence: float) -> float:
    """Return the largest chance of a wrong pass over many more shares than the gate looks at."""
    shares = [margin * 1.005**step for step in range(1000) if margin * 1.005**step < 1]
    return max(noninferiority_power(n, share, margin, confidence, -margin) for share in (*shares, 1.0))


@settings(deadline=None, max_examples=20)
@given(n=st.integers(1, 200), margin=margins, confidence=st.sampled_from([0.9, 0.95, 0.99]))
def test_a_wrong_pass_is_as_rare_as_is_written(n: int, margin: float, confidence: float) -> None:
    """The chance stays within the level, also between the shares that the gate looks at."""
    assert largest(n, margin, kept_confidence(n, margin, confidence)) <= (1 - confidence) * 1.001


@pytest.mark.parametrize(("n", "margin", "alone"), [(30, 0.1, 0.0714), (52, 0.05, 0.0694), (300, 0.02, 0.0602)])
def test_the_test_alone_would_pass_too_often(n: int, margin: float, alone: float) -> None:
    """Without it a wrong pass is likelier than 5 %: these are the exact chances."""
    assert largest(n, margin, 0.95) == pytest.approx(alone, abs=6e-4)
    assert kept_confidence(n, margin, 0.95) > 0.95


@given(n=st.integers(0, 100_000), margin=margins)
@settings(deadline=None, max_examples=20)
def test_it_never_asks_for_less(n: int, margin: float) -> None:
    """The confidence is at least the one that is written, and can be reached."""
    n = n if n > 2_000 else n % 100
    assert 0.95 <= kept_confidence(n, margin, 0.95) < 1

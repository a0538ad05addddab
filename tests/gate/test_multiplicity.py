"""Do adjusted p-values keep what Holm's procedure promises?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.gate.multiplicity import holm

P_VALUES = st.lists(st.floats(0, 1), max_size=40)


def stepwise(p: list[float], level: float) -> set[int]:
    """Return which are rejected, by Holm's own words: from the smallest on, until one is too large."""
    rejected = set()
    for rank, index in enumerate(sorted(range(len(p)), key=lambda own: p[own])):
        if (len(p) - rank) * p[index] > level:
            break
        rejected.add(index)
    return rejected


@given(P_VALUES)
def test_adjusting_only_raises_and_keeps_the_order(p: list[float]) -> None:
    """None falls, none exceeds 1, the smallest stays the smallest, and equal ones stay equal."""
    adjusted = holm(p)
    assert all(own <= new <= 1 for own, new in zip(p, adjusted, strict=True))
    ranked = sorted(zip(p, adjusted, strict=True))
    assert [new for _, new in ranked] == sorted(adjusted)
    assert all(ranked[i][1] == ranked[i + 1][1] for i in range(len(p) - 1) if ranked[i][0] == ranked[i + 1][0])


@given(P_VALUES, st.sampled_from([0.01, 0.05, 0.1]))
def test_those_within_a_level_are_those_that_the_procedure_rejects(p: list[float], level: float) -> None:
    """Comparing adjusted values with a level is the step-down procedure."""
    assert {index for index, own in enumerate(holm(p)) if own <= level} == stepwise(p, level)


def test_four_values_by_hand() -> None:
    """0.01 times 4, 0.02 times 3, then what came before or more."""
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx((0.06, 0.04, 0.06, 0.06))
    assert holm([0.5, 0.9]) == (1.0, 1.0)
    assert holm([]) == ()


@pytest.mark.parametrize("p", [[0.1, 1.5], [-0.1], [float("nan")]])
def test_nonsense_is_refused(p: list[float]) -> None:
    """What is no probability raises ValueError."""
    with pytest.raises(ValueError, match="are probabilities"):
        holm(p)

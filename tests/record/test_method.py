"""Are the constants that a page may name those of the code?"""

from __future__ import annotations

import pytest

from assay.gate import order_statistic_ranks, wilson
from assay.record.method import METHOD


def test_the_confidence_is_that_of_the_intervals() -> None:
    """Of the 95 % Wilson interval of 8 in 10 (by hand: 0.490 and 0.943), and of the ranks around a median of ten."""
    assert METHOD.confidence == 0.95
    assert wilson(8, 10) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert order_statistic_ranks(10, 0.5) == (2, 9)

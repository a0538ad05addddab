"""Do the counts that a page adds say what is meant?"""

from __future__ import annotations

from assay.record.counts import COUNTS
from assay.schema.bench import BenchCell
from assay.schema.score import Metric


def test_trials_that_were_not_asked_are_left_out() -> None:
    """What a run could stop before is not among the trials that were asked."""
    assert COUNTS["asked_trials"](Metric.model_construct(n=100, stopped=43)) == "57"


def test_the_share_of_nothing_is_unknown() -> None:
    """A measurement without requests has no share of failed ones."""
    assert COUNTS["error_share"](BenchCell.model_construct(n=40, failed=1)) == "2.5 %"
    assert COUNTS["error_share"](BenchCell.model_construct(n=0, failed=0)) == "unknown"

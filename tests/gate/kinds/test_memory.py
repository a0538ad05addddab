"""Is the arithmetic of memory held against a threshold only as far as it goes?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gate.build import ask, capacity, facts

if TYPE_CHECKING:
    from assay.schema.provenance import Capacity


@pytest.mark.parametrize(
    ("room", "text", "status", "reason"),
    [
        (capacity(), "need_gib <= 20", "met", "20 GiB needed at most, 18 at least (modelled)."),
        (capacity(), "need_gib < 20", "unknown", "20 GiB needed at most, 18 at least (modelled)."),
        (capacity(), "need_gib < 18", "not_met", "20 GiB needed at most, 18 at least (modelled)."),
        (capacity(20), "need_gib < 20", "not_met", "20 GiB needed at most (modelled)."),
        (capacity(None), "need_gib <= 20", "met", "20 GiB needed at most (modelled)."),
        (capacity(None), "need_gib < 1", "unknown", "20 GiB needed at most (modelled)."),
        (capacity(None, None), "need_gib <= 20", "unknown", "It cannot be computed: the weights were not read."),
        (capacity(), "requests_that_fit >= 4", "met", "4 requests with a full context fit at once (modelled)."),
        (capacity(), "requests_that_fit > 4", "not_met", "4 requests with a full context fit at once (modelled)."),
        (capacity(fit=0), "requests_that_fit > 1", "not_met", "0 requests with a full context fit at once (modelled)."),
        (capacity(fit=None), "requests_that_fit >= 1", "unknown", "It cannot be computed: weights + cache."),
        (None, "need_gib <= 20", "unknown", "Memory was not computed."),
        (None, "requests_that_fit >= 1", "unknown", "Memory was not computed."),
    ],
)
def test_truth_table(room: Capacity | None, text: str, status: str, reason: str) -> None:
    """A need between two figures decides only where both agree, and what could not be computed decides nothing."""
    result = ask(facts(room=room), f"memory.{text}")
    assert (result.status, result.reason) == (status, reason)


def test_figures_have_the_unit_of_the_threshold() -> None:
    """The most that is needed is what is compared, in GiB, with its distance to the threshold."""
    result = ask(facts(room=capacity(18, 20.5)), "memory.need_gib <= 24")
    assert (result.observed, result.threshold, result.margin) == (20.5, 24.0, 3.5)

"""Is the share of failed requests under load known and small?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import REQUESTS, TOLERATED_SHARE, Answer, combined, met, named, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.bench import BenchCell

__all__ = ["check"]

_REQUESTS_NEEDED = 59
"""Requests without a failure that show a rate under 5 % with 95 % confidence: 0.95 ** 59 < 0.05 (Wilks)."""


def check(view: View) -> Answer:
    """Return met when in every measurement of the plan at most one request in twenty failed, over enough requests."""
    load = view.load()
    answers = [*load.unknowns(), *(_small(cell) for cell in load.cells)]
    n = sum(cell.n for cell in load.cells)
    if n < _REQUESTS_NEEDED:
        answers.append(unknown(f"{n} requests measured: {_REQUESTS_NEEDED - n} more requests needed", REQUESTS))
    return combined(answers)


def _small(cell: BenchCell) -> Answer:
    text = f"{named(cell)}: {cell.failed} of {cell.n} requests failed"
    return (met if cell.failed <= TOLERATED_SHARE * cell.n else not_met)(text, REQUESTS)

"""Was it measured with several requests at once?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, REQUESTS, Answer, met, named, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_AT_LEAST = 2
"""Requests in flight at once from which queueing and batching begin to show."""


def check(view: View) -> Answer:
    """Return met when a measurement that can be believed had at least two requests in flight."""
    bench = view.plan.bench
    # How many are under way in an open loop is the server's to say: a plan with rates is not one at a time.
    if bench is not None and not bench.rates and max(bench.concurrency, default=0) < _AT_LEAST:
        return not_met("the plan measures one request at a time", PLAN)
    load = view.load()
    several = [cell for cell in load.cells if (cell.concurrency or 0) >= _AT_LEAST]
    if not several:
        return unknown("; ".join(load.gaps) or "nothing was measured with several requests at once", REQUESTS)
    return met(f"measured: {'; '.join(named(cell) for cell in several)}", REQUESTS)

"""Did the server take the memory that arithmetic says it needs?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, RESOURCES, Answer, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_SPARE = 0.1
"""Share by which what was measured may lie outside: pages are not all touched, and libraries take some."""


def check(view: View) -> Answer:
    """Return met when the largest memory that was measured lies in the interval, widened by a tenth."""
    capacity = view.facts.capacity
    peaks = [
        cell.memory.rss_peak_bytes
        for cell in view.cells
        if cell.candidate == view.candidate.id and cell.memory is not None and cell.memory.rss_peak_bytes is not None
    ]
    if capacity.need_low_bytes is None or capacity.need_high_bytes is None:
        return unknown("the memory that it needs is not known by arithmetic", FACTS)
    if not peaks:
        return unknown("no memory of the server was measured", RESOURCES)
    peak = max(peaks)
    low, high = (1 - _SPARE) * capacity.need_low_bytes, (1 + _SPARE) * capacity.need_high_bytes
    told = (
        f"measured {peak / 2**20:,.0f} MiB at most; arithmetic says {capacity.need_low_bytes / 2**20:,.0f} to "
        f"{capacity.need_high_bytes / 2**20:,.0f} MiB"
    )
    return (met if low <= peak <= high else not_met)(told, FACTS, RESOURCES)

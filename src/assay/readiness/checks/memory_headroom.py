"""Did the host keep memory free under the heaviest load?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import HOST, REQUESTS, RESOURCES, Answer, combined, met, named, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.bench import BenchCell

__all__ = ["check"]

_SHARE_FREE = 0.1
"""Share of the host's memory that must stay available: room for a longer prompt or one more request."""


def check(view: View) -> Answer:
    """Return met when a tenth of the host's memory stayed available in every measurement of the plan."""
    load = view.load()
    return combined([*load.unknowns(), *(_kept(cell, view.host.memory_bytes) for cell in load.cells)])


def _kept(cell: BenchCell, host_bytes: int) -> Answer:
    if cell.memory is None or cell.memory.samples < 1 or host_bytes <= 0:
        return unknown(f"{named(cell)}: the memory of the server's host could not be seen", REQUESTS)
    share = cell.memory.host_available_min_bytes / host_bytes
    text = f"{named(cell)}: {share:.1%} of the host's {host_bytes / 2**30:.3g} GiB stayed available"
    return (met if share >= _SHARE_FREE else not_met)(text, RESOURCES, HOST)

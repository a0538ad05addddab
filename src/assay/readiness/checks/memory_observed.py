"""Was the server's memory recorded while it was under load?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import REQUESTS, RESOURCES, Answer, clipped, combined, met, named, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.bench import BenchCell

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when every measurement of the plan has memory samples of the server's processes."""
    load = view.load()
    return combined([*load.unknowns(), *(_seen(cell) for cell in load.cells)])


def _seen(cell: BenchCell) -> Answer:
    if cell.memory is None or cell.memory.samples < 1:
        return unknown(f"{named(cell)}: the server's process could not be seen", REQUESTS)
    if cell.memory.rss_peak_bytes is None:
        return unknown(f"{named(cell)}: the server's process could not be seen", RESOURCES)
    peak = cell.memory.rss_peak_bytes / 2**30
    cards = "".join(
        f", {gpu.used_peak_bytes / 2**30:.3g} of {gpu.total_bytes / 2**30:.3g} GiB on {clipped(gpu.name, 80)}"
        for gpu in cell.memory.gpus
    )
    return met(f"{named(cell)}: peak {peak:.3g} GiB{cards} over {cell.memory.samples} samples", RESOURCES)

"""What does all that a benchmark left on disk come to: figures, ladders, pictures?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.bench.figures import cells_of
from assay.bench.ladder import ladders_of
from assay.bench.plots import plots_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.bench.figures import Stored
    from assay.schema.bench import BenchCell, Ladder

    Ranks = Callable[[int, float], tuple[int | None, int | None]]

__all__ = ["Results", "results_of"]


@dataclass(frozen=True)
class Results:
    """What follows from the stored lines alone."""

    cells: tuple[BenchCell, ...]
    """Figures of each measurement."""
    ladders: tuple[Ladder, ...]
    """What concurrencies say together."""
    pictures: Mapping[str, str]
    """SVG texts by file name."""


def results_of(stored: Stored, ranks: Ranks) -> Results:
    """Return the results, the same ones each time.

    Args:
        stored: what is on disk.
        ranks: as `cells_of` takes them.
    """
    cells = cells_of(stored, ranks)
    ladders = ladders_of(cells, stored.slos)
    return Results(cells, ladders, plots_of(cells, ladders, stored.events, stored.samples, stored.slos))

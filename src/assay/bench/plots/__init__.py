"""Which pictures show what was measured: latencies, ladders of concurrency, memory?

They are text, derived from the stored events, samples and figures alone, and the same to the byte each time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assay.bench.plots.ladder import ladder_plot
from assay.bench.plots.latency import latency_plot
from assay.bench.plots.memory import memory_plot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assay.schema.bench import BenchCell, Ladder, RequestEvent, ResourceSample
    from assay.schema.suite import Slo

__all__ = ["ladder_plot", "latency_plot", "memory_plot", "plots_of"]


def plots_of(
    cells: Sequence[BenchCell],
    ladders: Sequence[Ladder],
    events: Sequence[RequestEvent],
    samples: Sequence[ResourceSample],
    slos: Mapping[str, Slo],
) -> dict[str, str]:
    """Return the plots of a benchmark as SVG, by file name; only those for which there are data.

    `latency-PROFILE.svg` and `ladder-PROFILE.svg` for each profile, in the order of the cells, then `memory.svg`. In a
    name every character of a profile but letters, digits, dot and hyphen is a hyphen: `suite:qa` is `suite-qa`.

    Args:
        cells: figures of each measurement.
        ladders: what the concurrencies of one candidate and profile say together.
        events: lines of `requests.jsonl`.
        samples: lines of `resources.jsonl`.
        slos: service levels by profile.
    """
    made: dict[str, str | None] = {}
    for profile in dict.fromkeys([*(cell.profile for cell in cells), *(ladder.profile for ladder in ladders)]):
        slug = re.sub(r"[^A-Za-z0-9._-]", "-", profile)
        latency, ladder = f"latency-{slug}", f"ladder-{slug}"
        made[latency] = latency_plot(latency, profile, cells, events, slos.get(profile))
        made[ladder] = ladder_plot(ladder, profile, ladders, cells, slos.get(profile))
    made["memory"] = memory_plot("memory", samples)
    return {f"{name}.svg": text for name, text in made.items() if text is not None}

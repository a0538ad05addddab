"""How much of what an engine can decode does its server pass on?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema._base import rounded
from assay.schema.bench import Ceiling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from assay.schema.bench import BenchCell, ImportedBenchmark

__all__ = ["ceilings_of"]

_US_PER_S = 1_000_000


def ceilings_of(cells: Sequence[BenchCell], imported: Iterable[tuple[str, ImportedBenchmark]]) -> tuple[Ceiling, ...]:
    """Return each engine's ceiling on decoding beside what one stream of its server got, where both were measured.

    The engine is measured without tokenizing, sampling and HTTP, at a context of its own, so the share is a diagnosis
    (a low one says that time goes elsewhere) and never a figure of the server.

    Args:
        cells: figures of all measurements; those of one request at a time that can be believed are taken.
        imported: candidate id and what another tool measured on it.
    """
    return tuple(
        Ceiling(
            candidate=candidate,
            source=f"{benchmark.tool} {test}",
            engine_tokens_per_s=rounded(most),
            load=cell.label,
            served_tokens_per_s=rounded(_US_PER_S / tpot),
            share=rounded(_US_PER_S / tpot / most),
        )
        for candidate, benchmark in imported
        if benchmark.engine_ceiling
        for test, most in _decoding(benchmark)
        for cell in cells
        if (cell.candidate, cell.concurrency, cell.cache) == (candidate, 1, "cold") and cell.validity != "INVALID"
        if (tpot := cell.tpot[0].value_us)
    )


def _decoding(benchmark: ImportedBenchmark) -> Iterator[tuple[str, float]]:
    for load in benchmark.loads:
        for figure in load.figures:
            if (figure.measure, figure.statistic) == ("engine_decode_tokens_per_s", "mean") and figure.value:
                yield load.label, figure.value

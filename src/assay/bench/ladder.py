"""Up to which concurrency does a server gain throughput, and up to which does it keep its service levels?"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Literal

from assay.schema.bench import Ladder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assay.schema.bench import BenchCell, Percentile
    from assay.schema.suite import Slo

__all__ = ["knee_of", "ladders_of", "saturation_of"]

_NEARLY_ALL = 0.95
_LEAST_STEPS = 3
_LEAST_BEND = 0.1
_LEAST_RISE = 1.1
_US_PER_S = 1_000_000
_WHICH = 0.95


def ladders_of(cells: Iterable[BenchCell], slos: Mapping[str, Slo]) -> tuple[Ladder, ...]:
    """Return what the closed-loop measurements of each candidate, profile and cache state say together.

    INVALID measurements are no steps, and one step is no ladder.

    Args:
        cells: figures of all measurements.
        slos: service levels by profile.
    """
    groups: dict[tuple[str, str, Literal["cold", "warm"]], list[tuple[int, BenchCell]]] = {}
    for cell in cells:
        if cell.concurrency is not None and cell.validity != "INVALID" and cell.requests_per_s is not None:
            groups.setdefault((cell.candidate, cell.profile, cell.cache), []).append((cell.concurrency, cell))
    return tuple(
        _ladder(sorted(steps, key=lambda step: step[0]), slos.get(profile))
        for (_, profile, _), steps in groups.items()
        if len(steps) > 1
    )


def saturation_of(concurrencies: Sequence[int], throughput: Sequence[float]) -> int | None:
    """Return the least concurrency with at least 95 % of the highest throughput; None when that is the last step.

    At the last step the ladder may simply have ended too early.
    """
    enough = [c for c, rate in zip(concurrencies, throughput, strict=True) if rate >= _NEARLY_ALL * max(throughput)]
    return enough[0] if enough[0] != concurrencies[-1] else None


def knee_of(concurrencies: Sequence[int], throughput: Sequence[float]) -> int | None:
    """Return the concurrency beyond which throughput gains fall behind, or None where the curve shows none.

    Where the curve, both axes brought to 0 to 1, stands highest above the line between its ends. Fewer than three
    steps have no bend; one of less than a tenth, and a curve that rises by less than a tenth, are taken for noise.

    Source: Satopaa, Albrecht, Irwin, Raghavan 2011, Finding a "Kneedle" in a Haystack, ICDCS Workshops, section III.
    """
    span, rise = concurrencies[-1] - concurrencies[0], max(throughput) - throughput[0]
    if len(concurrencies) < _LEAST_STEPS or max(throughput) < _LEAST_RISE * throughput[0] or rise <= 0:
        return None
    above = [
        (rate - throughput[0]) / rise - (concurrency - concurrencies[0]) / span
        for concurrency, rate in zip(concurrencies, throughput, strict=True)
    ]
    best = max(range(len(above)), key=above.__getitem__)
    return concurrencies[best] if above[best] >= _LEAST_BEND else None


def _ladder(steps: Sequence[tuple[int, BenchCell]], slo: Slo | None) -> Ladder:
    concurrencies = tuple(concurrency for concurrency, _ in steps)
    cells = [cell for _, cell in steps]
    tokens = [cell.output_tokens_per_s for cell in cells if cell.output_tokens_per_s is not None]
    requests = [cell.requests_per_s for cell in cells if cell.requests_per_s is not None]
    throughput = tuple(tokens if len(tokens) == len(cells) else requests)
    kept = [concurrency for concurrency, _ in takewhile(lambda step: _keeps(step[1], slo), steps)]
    return Ladder(
        candidate=cells[0].candidate,
        profile=cells[0].profile,
        cache=cells[0].cache,
        concurrencies=concurrencies,
        unit="tokens" if len(tokens) == len(cells) else "requests",
        throughput=throughput,
        e2e_p95_us=tuple(None if (own := _p95(cell.e2e)) is None else own.value_us for cell in cells),
        saturation=saturation_of(concurrencies, throughput),
        knee=knee_of(concurrencies, throughput),
        within_slo=max(kept, default=None),
    )


def _keeps(cell: BenchCell, slo: Slo | None) -> bool:
    """Say whether p95 keeps every level; without any level none is kept.

    What was not seen keeps none, and neither does a percentile that its requests do not carry.
    """
    told = () if slo is None else ((slo.e2e_p95_s, cell.e2e), (slo.ttft_p95_s, cell.ttft))
    kept = [_within(_p95(figures), level) for level, figures in told if level is not None]
    return bool(kept) and all(kept)


def _within(figure: Percentile | None, level_s: float) -> bool:
    if figure is None or figure.value_us is None:
        return False
    return figure.supported and figure.value_us <= level_s * _US_PER_S


def _p95(figures: Iterable[Percentile]) -> Percentile | None:
    return next((own for own in figures if own.q == _WHICH), None)

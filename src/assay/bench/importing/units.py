"""Which base unit does a unit that a file names come to?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.bench.importing.tree import Tree

__all__ = ["base_value"]

_FACTORS = {
    "ns": 1e-9,
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "requests/sec": 1.0,
    "tokens/sec": 1.0,
    "requests": 1.0,
    "tokens": 1.0,
    "ratio": 1.0,
    "%": 0.01,
}


def base_value(metric: Tree, number: float) -> float | None:
    """Return a number of a metric in base units, by the `unit` that stands beside it.

    A unit that is not known is a problem of the file: guessing it would be wrong by a factor of a thousand in silence.
    """
    unit = metric.text("unit")
    if unit in _FACTORS:
        return number * _FACTORS[unit]
    told = "no unit is named" if unit is None else f"the unit {unit[:40]!r} is not known"
    metric.problems.add(metric.at("unit"), told, f"Known are: {', '.join(_FACTORS)}.")
    return None

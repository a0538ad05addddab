"""Does the candidate fit into memory, by the arithmetic of its weights and its KV cache?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.gate.comparison import read_comparison
from assay.gate.question import Answer, ConditionError, Countless, Form, UnknownMetricError, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.gate.comparison import Comparison
    from assay.gate.evidence import Facts
    from assay.schema.provenance import Capacity

__all__ = ["FORM", "MEASURES", "MemoryQuestion"]

_WRITTEN = "memory.need_gib <= 20"
_GIB = 1 << 30


@dataclass(frozen=True)
class Measure:
    """One figure of the arithmetic and what can be asked of it."""

    good: Literal["low", "high"]
    """Which figures are the good ones."""
    limits: Callable[[Capacity], tuple[float, float] | None]
    """Between which figures it lies; None where that is not known."""
    words: str
    """What it is, after the figure."""


def _need(capacity: Capacity) -> tuple[float, float] | None:
    if capacity.need_high_bytes is None:
        return None
    low = -math.inf if capacity.need_low_bytes is None else capacity.need_low_bytes / _GIB
    return low, capacity.need_high_bytes / _GIB


def _fit(capacity: Capacity) -> tuple[float, float] | None:
    fit = capacity.requests_that_fit
    return None if fit is None else (fit, fit)


MEASURES: Final[dict[str, Measure]] = {
    "need_gib": Measure("low", _need, "GiB needed at most"),
    "requests_that_fit": Measure("high", _fit, "requests with a full context fit at once"),
}
"""What can be asked of the arithmetic."""


@dataclass(frozen=True)
class MemoryQuestion(Countless):
    """A figure of the memory arithmetic, against a threshold."""

    measure: str
    """Name in MEASURES."""
    comparison: Comparison
    """What the figure is held against."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return f"memory.{self.measure}"

    @property
    def threshold(self) -> float:
        """What the figure is compared with."""
        return self.comparison.threshold

    def answer(self, facts: Facts) -> Answer:
        """Answer from the arithmetic: a need that lies between two figures is unknown where they disagree."""
        capacity, measure = facts.capacity, MEASURES[self.measure]
        if capacity is None:
            return unknown("Memory was not computed.")
        limits = measure.limits(capacity)
        if limits is None:
            return unknown(f"It cannot be computed: {capacity.formula.removeprefix('unknown: ').rstrip('.')}.")
        low, high = limits
        status, margin = self.comparison.weigh(low, high)
        least = f", {low:.6g} at least" if math.isfinite(low) and low < high else ""
        said = f"{high:.6g} {measure.words}{least} ({capacity.confidence})."
        return Answer(status, said, observed=high, margin=margin)


def _read(text: str) -> MemoryQuestion:
    target, comparison = read_comparison(text, _WRITTEN)
    head, _, name = target.partition(".")
    if head != "memory" or not name:
        raise ConditionError("cannot be read", f"Write it as `{_WRITTEN}`.")
    measure = MEASURES.get(name)
    if measure is None:
        raise UnknownMetricError(target)
    if comparison.wants_high != (measure.good == "high"):
        signs = ">= or >" if measure.good == "high" else "<= or <"
        raise ConditionError(f"bounds {name} on the wrong side", f"Write {signs}.")
    if comparison.confidence is not None:
        raise ConditionError("asks for confidence in what is computed, not sampled", "Leave out the confidence.")
    if comparison.threshold == 0:
        raise ConditionError("decides nothing", "Write a threshold above 0.")
    return MemoryQuestion(name, comparison)


FORM: Final = Form(_WRITTEN, _read, lambda _subjects: (f"memory.{name}" for name in MEASURES))

"""How does a tool's number become a figure: base unit, its definition's name, and in what it differs from ours?

A definition is ours only where start, end, what is counted and how failures count are all the same (docs/import.md has
each tool's). Whatever a tool leaves at zero was not measured, and a latency of zero is never a figure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.bench.importing.sources import unfit
from assay.bench.importing.tree import whole
from assay.schema._base import rounded
from assay.schema.bench import (
    ImportedBenchmark,
    ImportedFigure,
    ImportedLoad,
    ImportedMeasure,
    ImportedStatistic,
    ImportedUnit,
    ImportedWarning,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.bench.importing.sources import Source

__all__ = ["INTERPOLATED", "LATENCIES", "Definition", "FileDraft", "LoadDraft", "failure_share", "warning"]

LATENCIES: frozenset[ImportedMeasure] = frozenset({"e2e", "ttft", "visible", "tpot", "gap"})
"""Measures in seconds, of which zero is no value."""
INTERPOLATED = "percentiles are interpolated, ours are values of the sample"
"""What the percentiles of numpy do by default, and those of tools that use it."""
_MOST_TEXT = 300
_MOST_LOADS = 1_000


@dataclass(frozen=True)
class Definition:
    """What one tool means by one of its names."""

    id: str
    """Name, `guidellm.tpot:includes-ttft`."""
    measure: ImportedMeasure
    """Our word for the nearest quantity."""
    differs: str | None
    """In what it is another quantity; None where it is ours."""
    percentiles: str | None = None
    """In what its percentiles differ from ours, where they do."""

    @property
    def unit(self) -> ImportedUnit:
        """The base unit of its measure."""
        if self.measure in LATENCIES:
            return "s"
        return "share" if self.measure == "error_rate" else "per_s"


def warning(code: str, text: str, *, discredits: bool = False) -> ImportedWarning:
    """Return a warning of bounded length; some quote the file."""
    return ImportedWarning(code=code[:60], text=" ".join(text.split())[:_MOST_TEXT], discredits=discredits)


@dataclass
class LoadDraft:
    """One load while it is read."""

    label: str
    completed: int | None
    failed: int | None
    cut_off: int = 0
    figures: list[ImportedFigure] = field(default_factory=list)
    warnings: list[ImportedWarning] = field(default_factory=list)

    def warn(self, code: str, text: str, *, discredits: bool = False) -> None:
        """Add what stands against the figures of this load."""
        self.warnings.append(warning(code, text, discredits=discredits))

    def add(
        self, definition: Definition, values: Mapping[ImportedStatistic, float | None], *, n: int | None = None
    ) -> None:
        """Add the statistics of one quantity.

        Args:
            definition: under which it was measured.
            values: by statistic, in the base unit; None was not measured.
            n: values that they rest on.
        """
        told = {statistic: value for statistic, value in values.items() if value is not None}
        if definition.measure in LATENCIES and (wrong := [value for value in told.values() if value <= 0]):
            if min(wrong) < 0:
                text = f"{definition.id} has a negative time of {min(wrong):.4g} s, as a clock that was set gives"
                self.warn("negative_time", text, discredits=True)
            elif any(value > 0 for value in told.values()):
                text = f"{definition.id} holds times of 0 s: requests without a measurement count as zero"
                self.warn("zeros_injected", text, discredits=True)
            else:
                self.warn("not_measured", f"{definition.id} is 0 s throughout: it was not measured and is left out")
            told = {statistic: value for statistic, value in told.items() if value > 0}
        if definition.measure not in LATENCIES and any(
            value < 0 or (definition.unit == "share" and value > 1) for value in told.values()
        ):
            self.warn("units", f"{definition.id} is {min(told.values()):.4g}, which cannot be", discredits=True)
            return
        for statistic, value in told.items():
            differs = self._differs(definition, statistic)
            self.figures.append(
                ImportedFigure(
                    measure=definition.measure,
                    statistic=statistic,
                    value=rounded(value),
                    unit=definition.unit,
                    n=n,
                    definition=definition.id,
                    same_as_ours=differs is None,
                    differs=differs,
                )
            )

    def add_ours(
        self, name: str, measure: ImportedMeasure, values: Mapping[ImportedStatistic, float | None], *, n: int
    ) -> None:
        """Add figures that Assay derived from stored requests under its own definition; None is infinite."""
        self.add_exact(Definition(f"{name} from raw", measure, None), values, n=n)

    def add_exact(self, definition: Definition, values: Mapping[ImportedStatistic, float | None], *, n: int) -> None:
        """Add figures that Assay derived from stored requests by nearest rank; None is infinite."""
        self.figures += [
            ImportedFigure(
                measure=definition.measure,
                statistic=statistic,
                value=None if value is None else rounded(value),
                unit=definition.unit,
                n=n,
                definition=definition.id,
                same_as_ours=definition.differs is None,
                differs=definition.differs,
            )
            for statistic, value in values.items()
        ]

    def _differs(self, definition: Definition, statistic: ImportedStatistic) -> str | None:
        parts = [definition.differs]
        if definition.measure in LATENCIES:
            parts.append(definition.percentiles if statistic.startswith("p") else None)
            parts.append(self._dropped())
        return "; ".join(part for part in parts if part) or None

    def _dropped(self) -> str | None:
        if self.failed is None:
            return "failed requests are left out, and how many is not said"
        if not self.failed and not self.cut_off:
            return None
        # Those that are cut off at the end are the slow ones.
        return f"{self.failed} failed requests and {self.cut_off} that were cut off are left out"

    def value_of(self, measure: ImportedMeasure, statistic: ImportedStatistic) -> float | None:
        """Return the first figure of a measure and statistic, or None."""
        found = (own.value for own in self.figures if (own.measure, own.statistic) == (measure, statistic))
        return next(found, None)

    def build(self) -> ImportedLoad:
        """Return the load, with what its figures show against each other."""
        for statistic in ("p50", "mean"):
            ttft, e2e = self.value_of("ttft", statistic), self.value_of("e2e", statistic)
            if ttft is not None and e2e is not None and ttft > e2e * 1.01:
                text = f"the first token comes after the last one: {statistic} {ttft:.4g} s and {e2e:.4g} s"
                self.warn("units", f"{text}; a unit must be wrong", discredits=True)
                break
        first = {own.statistic: own.value for own in reversed(self.figures) if own.measure == "ttft"}
        # A tool without a word of thinking in any answer writes the same numbers twice.
        if all(own.value == first.get(own.statistic) for own in self.figures if own.measure == "visible"):
            self.figures = [own for own in self.figures if own.measure != "visible"]
        if self.completed == 0:
            self.warn("nothing_answered", "not one request was answered", discredits=True)
        return ImportedLoad(
            label=whole(self.label[:120]),
            completed=self.completed,
            failed=self.failed,
            figures=tuple(self.figures),
            warnings=tuple(self.warnings),
        )


@dataclass
class FileDraft:
    """A file while it is read."""

    source: Source
    tool: str
    tool_version: str | None = None
    model: str | None = None
    started: str | None = None
    engine_ceiling: bool = False
    loads: list[LoadDraft] = field(default_factory=list)
    warnings: list[ImportedWarning] = field(default_factory=list)

    def warn(self, code: str, text: str, *, discredits: bool = False) -> None:
        """Add what stands against all loads of the file."""
        self.warnings.append(warning(code, text, discredits=discredits))

    def build(self) -> ImportedBenchmark:
        """Return the noun; loads that bear the same name are numbered.

        Raises:
            InputError: there are more loads than anyone reads.
        """
        if len(self.loads) > _MOST_LOADS:
            raise unfit(self.source.name, f"there are more than {_MOST_LOADS} loads in it", remedy="Split the file.")
        seen: Counter[str] = Counter()
        for load in self.loads:
            seen[load.label] += 1
            if seen[load.label] > 1:
                load.label = f"{load.label} ({seen[load.label]})"
        return ImportedBenchmark(
            tool=self.tool,
            tool_version=self.tool_version,
            file=self.source.file,
            sha256=self.source.sha256,
            model=self.model,
            started=self.started,
            engine_ceiling=self.engine_ceiling,
            loads=tuple(load.build() for load in self.loads),
            warnings=tuple(self.warnings),
        )


def failure_share(completed: int | None, failed: int | None) -> float | None:
    """Return failed requests over all of them, or None where either is not said or there were none."""
    if completed is None or failed is None or completed + failed == 0:
        return None
    return failed / (completed + failed)

"""What can a condition ask about, and what is known of the candidate that it is asked of?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.schema.bench import BenchCell
    from assay.schema.findings import ChecklistItem, Finding, Section
    from assay.schema.provenance import Licence, PinCheck
    from assay.schema.record import BlockerFailure
    from assay.schema.score import Metric

__all__ = ["Facts", "Latency", "Subjects", "SuiteSubject"]

Latency = tuple[int | None, int | None]
"""Of one measured request, microseconds to the last and to the first token; None is infinite: it failed."""


@dataclass(frozen=True)
class SuiteSubject:
    """A suite by the names that conditions can use."""

    id: str
    """Suite id."""
    tags: tuple[str, ...] = ()
    """Tags of its cases."""
    scorers: tuple[str, ...] = ()
    """Labels of its scorers."""


@dataclass(frozen=True)
class Subjects:
    """What a plan measures: all that a condition may name."""

    suites: tuple[SuiteSubject, ...] = ()
    """The golden sets that are asked."""
    loads: tuple[str, ...] = ()
    """What is benchmarked, profile and load as conditions write them: `short@4`, `short@2/s`."""
    sections: tuple[Section, ...] = ()
    """Sections of the readiness checklist."""


@dataclass(frozen=True)
class Facts:
    """All evidence on one candidate. What is absent is unknown."""

    metrics: tuple[Metric, ...]
    """Pass rates by suite, tag and scorer."""
    blockers_failed: tuple[BlockerFailure, ...]
    """Blocker cases that did not pass."""
    blockers_total: int
    """Blocker cases that were due."""
    cells: tuple[BenchCell, ...]
    """Figures of each measurement."""
    latencies: Mapping[str, tuple[Latency, ...]]
    """Latencies of all measured requests, failed ones too, by profile and load as conditions write them."""
    checklist: tuple[ChecklistItem, ...]
    """Items on which a finding is due; one without a finding is unknown."""
    findings: tuple[Finding, ...]
    """What the items came to."""
    pins: tuple[PinCheck, ...]
    """Pins of the plan against what was observed."""
    licence: Licence
    """What the licence of the weights allows."""

    def candidates(self) -> frozenset[str]:
        """Return the candidates that the evidence names."""
        groups = (self.metrics, self.blockers_failed, self.cells, self.findings)
        return frozenset(own.candidate for group in groups for own in group)

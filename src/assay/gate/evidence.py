"""What can a condition ask about, and what is known of the candidate that it is asked of?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.schema.baseline import Baseline
    from assay.schema.bench import BenchCell
    from assay.schema.findings import ChecklistItem, Finding, Section
    from assay.schema.provenance import Capacity, Licence, PinCheck
    from assay.schema.record import BlockerFailure
    from assay.schema.score import CaseResult, JudgeTrust, Metric
    from assay.schema.suite import EvidenceKind

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
    items: tuple[str, ...] = ()
    """Items of the readiness checklist."""
    judges: tuple[str, ...] = ()
    """Judges of the plan."""
    baseline: bool = False
    """Whether there is something to compare with."""
    baseline_measured: bool = False
    """Whether that is a candidate of the same run, so that its benchmark can be compared too."""


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
    cases: tuple[CaseResult, ...] = ()
    """What came of each case, in the order of asking; only of suites of which a condition needs it."""
    whole: frozenset[str] = frozenset()
    """Suites of which a rate needs counts alone: their cases are one trial each, and no two were made from one source.
    Of any other suite a proof without its single cases is unknown."""
    baseline: Baseline | None = None
    """What the candidate is compared with."""
    baseline_cells: tuple[BenchCell, ...] = ()
    """Figures of each measurement of a baseline of the same run."""
    rivals: Mapping[str, tuple[CaseResult, ...]] = field(default_factory=dict)
    """Cases of the other candidates that are decided on, by id: of many, one may win by luck."""
    judges: tuple[JudgeTrust, ...] = ()
    """How far each judge of the plan may be trusted."""
    capacity: Capacity | None = None
    """What fits into memory."""
    loads: tuple[str, ...] = ()
    """What the plan benchmarks, as conditions write it, whether it was measured or not."""
    trials: int = 1
    """Trials that were due for each case."""
    looks: int = 0
    """Planned looks at part of the cases; 0 when all are asked before anything is weighed."""
    present: frozenset[EvidenceKind] = frozenset()
    """Kinds of evidence that are there."""

    def candidates(self) -> frozenset[str]:
        """Return the candidates that the evidence names."""
        groups = (self.metrics, self.blockers_failed, self.cells, self.findings)
        return frozenset(own.candidate for group in groups for own in group)

"""Which made-up evidence meets a whole policy, and which just fails one condition of it and nothing else?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.gate.evidence import Facts
from assay.gate.selftest.asked import CANDIDATE
from assay.gate.selftest.cases import BASELINE, baseline_of, cases_of, counted, spoil_suite
from assay.gate.selftest.listed import (
    BLOCKERS,
    CAPACITY,
    EVIDENCE,
    LICENCE,
    PINS,
    findings_of,
    judges_of,
    spoil_blockers,
    spoil_evidence,
    spoil_judge,
    spoil_licence,
    spoil_memory,
    spoil_pins,
    spoil_readiness,
)
from assay.gate.selftest.measured import bench_of, cells_of, spoil_bench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.gate.evidence import Subjects
    from assay.gate.selftest.asked import Asked
    from assay.schema.findings import ChecklistItem

    Spoil = Callable[[Facts, Asked, Callable[[Facts], bool]], Iterator[Facts]]

__all__ = ["SPOILERS", "exemplary", "spoilt"]

SPOILERS: Final[dict[str, Spoil]] = {
    "suite": spoil_suite,
    "blockers": spoil_blockers,
    "bench": spoil_bench,
    "memory": spoil_memory,
    "readiness": spoil_readiness,
    "pins": spoil_pins,
    "licence": spoil_licence,
    "judge": spoil_judge,
    "judges": spoil_judge,
    "evidence": spoil_evidence,
}
"""What makes evidence fail a condition, by the word that its kind begins with: one for each kind."""


def exemplary(
    subjects: Subjects, checklist: Sequence[ChecklistItem], conditions: Sequence[Asked], more: int = 0
) -> Facts:
    """Return evidence that meets a policy, as far as one candidate can meet all of it.

    Args:
        subjects: what the plan measures.
        checklist: items of the readiness checklist.
        conditions: the policy.
        more: so many further cases of each suite, that went well.
    """
    cases = cases_of(subjects, conditions, more)
    rows = bench_of(subjects, conditions)
    return Facts(
        metrics=counted(CANDIDATE, cases),
        blockers_failed=(),
        blockers_total=BLOCKERS,
        cells=cells_of(rows),
        latencies=rows,
        checklist=tuple(checklist),
        findings=findings_of(checklist),
        pins=PINS,
        licence=LICENCE,
        cases=cases,
        whole=frozenset(suite.id for suite in subjects.suites),
        baseline=baseline_of(subjects, cases),
        baseline_cells=cells_of(rows, BASELINE) if subjects.baseline_measured else (),
        judges=judges_of(subjects.judges),
        capacity=CAPACITY,
        present=EVIDENCE,
    )


def spoilt(facts: Facts, own: Asked, broken: Callable[[Facts], bool]) -> Iterator[Facts]:
    """Yield evidence that a condition just fails; of a list, with each member in turn."""
    yield from SPOILERS[own.word](facts, own, broken)

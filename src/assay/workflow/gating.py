"""What does the gate get to see: what a policy can speak of, and all that is known of a candidate?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.bench.series import latencies_of
from assay.gate import Facts, Subjects, SuiteSubject
from assay.schema.baseline import Baseline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.bench import BenchCell
    from assay.schema.findings import Checklist, Finding
    from assay.schema.suite import EvidenceKind, Gate, Plan, Suite
    from assay.workflow.evidence import Inputs
    from assay.workflow.measure import Measured

__all__ = ["LOOKS", "baseline_of", "counted_whole", "facts_for", "subjects_of"]

LOOKS = 5
"""Planned looks of a sequential run: more save little, and each costs some power (docs/decisions/0025)."""


def subjects_of(plan: Plan, policy: Gate, suites: tuple[Suite, ...], checklist: Checklist) -> Subjects:
    """Return what the conditions of a policy can speak of."""
    against = baseline_of(plan, policy)
    return Subjects(
        suites=tuple(
            SuiteSubject(
                suite.id,
                tags=tuple(sorted({tag for case in suite.cases for tag in case.tags})),
                scorers=_labels(suite),
            )
            for suite in suites
        ),
        loads=plan.bench.labels() if plan.bench is not None else (),
        sections=tuple(dict.fromkeys(item.section for item in checklist.items)),
        items=tuple(item.id for item in checklist.items),
        judges=tuple(judge.id for judge in plan.judges),
        baseline=against is not None,
        baseline_measured=against in {own.id for own in plan.evaluated()},
    )


def baseline_of(plan: Plan, policy: Gate) -> str | None:
    """Return what candidates are compared with: a candidate's id, an earlier record's path, or None for nothing."""
    if policy.baseline is not None:
        return policy.baseline
    named = [own.id for own in plan.evaluated() if "baseline" in own.roles]
    return named[0] if len(named) == 1 else None


def _labels(suite: Suite) -> tuple[str, ...]:
    """Return the scorers that have a metric of their own: those of a suite with several."""
    labels = sorted({spec.label for case in suite.cases for spec in suite.scorers_of(case)})
    return tuple(labels) if len(labels) > 1 else ()


def counted_whole(inputs: Inputs) -> frozenset[str]:
    """Return the suites of which a rate needs counts alone: one trial a case, no two of a source, nothing in parts."""
    if inputs.plan.trials > 1 or inputs.run.stopping == "sequential":
        return frozenset()
    return frozenset(own.id for own in inputs.suites if all(case.source is None for case in own.cases))


def _baseline(inputs: Inputs, measured: Measured) -> Baseline | None:
    if inputs.earlier is not None:
        return inputs.earlier
    name = baseline_of(inputs.plan, inputs.policy)
    if name is None or name not in measured.cases:
        return None
    metrics = tuple(metric for metric in measured.metrics if metric.candidate == name)
    return Baseline(candidate=name, record=None, evidence_sha256=None, metrics=metrics, cases=measured.cases[name])


def _present(inputs: Inputs, candidate: str, measured: Measured, cells: Sequence[BenchCell]) -> frozenset[EvidenceKind]:
    """Return the kinds of evidence that are there; requests that all failed are none, nor is a file of nothing."""
    facts = inputs.facts[candidate]
    there: dict[EvidenceKind, bool] = {
        "answers": measured.sums[candidate].completed > 0,
        "benchmark": any(cell.candidate == candidate and cell.n > cell.failed for cell in cells),
        "baseline": inputs.earlier is not None or _answered_beside(inputs, candidate, measured),
        "calibrations": bool(inputs.plan.judges) and len(inputs.calibrations) == len(inputs.plan.judges),
        "attestations": inputs.attestations is not None and bool(inputs.attestations.attestations),
        "weights": facts.fact("weights_sha256").value is not None,
        "licence-text": any(statement.sha256 is not None for statement in facts.licence.statements),
    }
    return frozenset(kind for kind, own in there.items() if own)


def _answered_beside(inputs: Inputs, candidate: str, measured: Measured) -> bool:
    """Return whether the baseline is another candidate of the run, with an answer."""
    name = baseline_of(inputs.plan, inputs.policy)
    own = measured.sums.get(name) if name is not None else None
    return own is not None and name != candidate and own.completed > 0


def facts_for(
    inputs: Inputs,
    candidate: str,
    measured: Measured,
    cells: tuple[BenchCell, ...],
    findings: tuple[Finding, ...],
) -> Facts:
    """Return all that the gate weighs of one candidate."""
    facts, against = inputs.facts[candidate], _baseline(inputs, measured)
    same_run = against.candidate if against is not None and against.record is None else None
    blocking = sum(case.severity == "blocker" for suite in inputs.suites for case in suite.cases)
    return Facts(
        metrics=tuple(metric for metric in measured.metrics if metric.candidate == candidate),
        blockers_failed=tuple(blocker for blocker in measured.blockers if blocker.candidate == candidate),
        blockers_total=blocking,
        cells=tuple(cell for cell in cells if cell.candidate == candidate),
        latencies=latencies_of([event for event in inputs.bench.events if event.candidate == candidate]),
        checklist=inputs.checklist.items,
        findings=findings,
        pins=facts.pins,
        licence=facts.licence,
        cases=measured.cases[candidate],
        whole=counted_whole(inputs),
        baseline=against,
        baseline_cells=tuple(cell for cell in cells if cell.candidate == same_run),
        rivals={own.id: measured.cases[own.id] for own in inputs.plan.decided_on() if own.id != candidate},
        judges=measured.judges,
        capacity=facts.capacity,
        loads=inputs.plan.bench.labels() if inputs.plan.bench is not None else (),
        trials=inputs.plan.trials,
        looks=LOOKS if inputs.run.stopping == "sequential" else 0,
        present=_present(inputs, candidate, measured, cells),
    )

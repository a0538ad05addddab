"""What follows from the evidence: scores, metrics, figures, findings, the verdict, the record?

`assay run` writes what this says and `assay verify` asks it again: one way from evidence to record (law 2).
Nothing here reads a clock, a network or a file other than those of the evidence.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, get_args

from assay import readiness
from assay.bench.figures import cells_of, latencies_of
from assay.gate import (
    Facts,
    Subjects,
    SuiteSubject,
    check_conditions,
    judge_candidate,
    order_statistic_ranks,
    overall,
    wilson,
)
from assay.schema.record import CandidateSummary, Record, RuntimeTested, SuiteSummary
from assay.schema.suite import RuntimeName
from assay.scoring import JudgeContract, blocker_failures, judge_trust, metrics_of, score_trial, untrusted_labels
from assay.workflow.evidence import read_inputs
from assay.workflow.untested import untested

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.schema.bench import BenchCell
    from assay.schema.findings import Checklist, Finding
    from assay.schema.record import BlockerFailure, Evidence
    from assay.schema.run import Judgement
    from assay.schema.score import JudgeTrust, Metric, Score
    from assay.schema.suite import Candidate, Plan, Suite
    from assay.workflow.evidence import Inputs

__all__ = ["Derived", "derive", "subjects_of"]


@dataclass(frozen=True)
class _Measured:
    """What the evidence came to, over all candidates, before anybody judges it."""

    scores: tuple[Score, ...]
    metrics: tuple[Metric, ...]
    blockers: tuple[BlockerFailure, ...]
    cells: tuple[BenchCell, ...]
    judges: tuple[JudgeTrust, ...]


def _scores(inputs: Inputs) -> tuple[Score, ...]:
    """Return the scores of all trials, in the order of the trials."""
    suites = {suite.id: suite for suite in inputs.suites}
    cases = {(suite.id, case.id): case for suite in inputs.suites for case in suite.cases}
    rubrics = {rubric.id: rubric for rubric in inputs.rubrics.values()}
    judgements: dict[tuple[str, str, str, int], dict[str, list[Judgement]]] = {}
    for judgement in inputs.judgements:
        key = (judgement.candidate, judgement.suite, judgement.case, judgement.trial)
        judgements.setdefault(key, {}).setdefault(judgement.rubric, []).append(judgement)
    return tuple(
        score
        for trial in inputs.trials
        for score in score_trial(
            suites[trial.suite],
            cases[trial.suite, trial.case],
            trial,
            {rubric: tuple(own) for rubric, own in judgements.get(trial.key, {}).items()},
            rubrics,
        )
    )


def subjects_of(plan: Plan, suites: tuple[Suite, ...], checklist: Checklist) -> Subjects:
    """Return what the conditions of a gate can speak of."""
    return Subjects(
        suites=tuple(
            SuiteSubject(
                suite.id,
                tags=tuple(sorted({tag for case in suite.cases for tag in case.tags})),
                scorers=_labels(suite),
            )
            for suite in suites
        ),
        profiles=plan.bench.profiles if plan.bench is not None else (),
        concurrencies=plan.bench.concurrency if plan.bench is not None else (),
        sections=tuple(dict.fromkeys(item.section for item in checklist.items)),
    )


def _labels(suite: Suite) -> tuple[str, ...]:
    """Return the scorers that have a metric of their own: those of a suite with several."""
    labels = sorted({spec.label for case in suite.cases for spec in suite.scorers_of(case)})
    return tuple(labels) if len(labels) > 1 else ()


@dataclass(frozen=True)
class Derived:
    """What the evidence came to."""

    record: Record
    """The record."""
    scores: tuple[Score, ...]
    """The scores under its metrics."""


def derive(files: Mapping[str, bytes], evidence: Evidence) -> Derived:
    """Return the record that the evidence supports.

    Args:
        files: the evidence files by path.
        evidence: their digests, for the record to name them.

    Raises:
        MismatchError: the files do not belong together.
        InputError: a journal has a line that cannot be read.
        KeyError: a file is missing.
    """
    inputs = read_inputs(files)
    plan, suites = inputs.plan, inputs.suites
    measured = _measured(inputs)
    findings = {
        candidate.id: readiness.find(inputs.checklist, _view(inputs, candidate, measured))
        for candidate in plan.decided_on()
    }
    conditions = check_conditions(
        plan.gate.conditions, subjects_of(plan, suites, inputs.checklist), lambda _: ("plan.json", None)
    )
    verdict = overall(
        [
            judge_candidate(name, conditions, _gate_evidence(inputs, name, measured, own))
            for name, own in findings.items()
        ]
    )
    record = Record(
        id=f"{inputs.assembly.number:04d}-{inputs.assembly.slug}",
        title=plan.record.title or plan.use_case.id,
        date=inputs.assembly.date,
        assay_version=inputs.assembly.assay_version,
        plan_digest=inputs.run.plan_digest,
        run=inputs.run,
        host=inputs.host,
        use_case=plan.use_case,
        verdict=verdict,
        candidates=tuple(_summary(inputs, candidate) for candidate in plan.evaluated()),
        runtimes=_runtimes(inputs),
        suites=tuple(_suite(suite) for suite in suites),
        metrics=measured.metrics,
        blockers=measured.blockers,
        judges=measured.judges,
        bench_settings=plan.bench,
        bench=measured.cells,
        findings=tuple(finding for own in findings.values() for finding in own),
        people=plan.record,
        untested=untested(plan, measured.metrics, measured.cells, inputs.facts, measured.judges),
        evidence=evidence,
    )
    return Derived(record, measured.scores)


def _measured(inputs: Inputs) -> _Measured:
    scores = _scores(inputs)
    judges = _judges(inputs)
    candidates = tuple(candidate.id for candidate in inputs.plan.evaluated())
    trials = inputs.plan.trials
    metrics = metrics_of(
        scores,
        inputs.suites,
        candidates,
        trials_per_case=trials,
        interval=wilson,
        untrusted=untrusted_labels(judges),
    )
    blockers = blocker_failures(scores, inputs.trials, inputs.suites, candidates, trials_per_case=trials)
    cells = cells_of(inputs.events, inputs.samples, order_statistic_ranks)
    return _Measured(scores, metrics, blockers, cells, judges)


def _judges(inputs: Inputs) -> tuple[JudgeTrust, ...]:
    candidates = {candidate.id: candidate for candidate in inputs.plan.candidates}
    trusts = []
    for spec in inputs.plan.judges:
        own = [judgement for judgement in inputs.judgements if judgement.judge == spec.id]
        rubric = inputs.rubrics[spec.id]
        contract = JudgeContract(rubric)
        parsed = sum(contract.parse(judgement.completion).outcome != "unscored" for judgement in own)
        judged = sorted({judgement.candidate for judgement in own})
        trusts.append(judge_trust(spec, rubric.id, candidates, judged, asked=len(own), parsed=parsed))
    return tuple(trusts)


def _view(inputs: Inputs, candidate: Candidate, measured: _Measured) -> readiness.View:
    own = inputs.trials_of(candidate)
    return readiness.View(
        plan=inputs.plan,
        candidate=candidate,
        facts=inputs.facts[candidate.id],
        suites=inputs.suites,
        metrics=measured.metrics,
        cells=measured.cells,
        judges=measured.judges,
        host=inputs.host,
        trials=inputs.due,
        completed=sum(trial.status == "completed" for trial in own),
        truncated=sum(trial.finish_reason == "length" for trial in own),
        unclosed_thinking=sum(readiness.left_thinking(trial) for trial in own),
        attestations=inputs.attestations,
        today=date.fromisoformat(inputs.assembly.date),
    )


def _gate_evidence(inputs: Inputs, candidate: str, measured: _Measured, findings: tuple[Finding, ...]) -> Facts:
    facts = inputs.facts[candidate]
    blocking = sum(case.severity == "blocker" for suite in inputs.suites for case in suite.cases)
    return Facts(
        metrics=tuple(metric for metric in measured.metrics if metric.candidate == candidate),
        blockers_failed=tuple(blocker for blocker in measured.blockers if blocker.candidate == candidate),
        blockers_total=blocking * inputs.plan.trials,
        cells=tuple(cell for cell in measured.cells if cell.candidate == candidate),
        latencies=latencies_of([event for event in inputs.events if event.candidate == candidate]),
        checklist=inputs.checklist.items,
        findings=findings,
        pins=facts.pins,
        licence=facts.licence,
    )


def _summary(inputs: Inputs, candidate: Candidate) -> CandidateSummary:
    own = inputs.trials_of(candidate)
    return CandidateSummary(
        candidate=candidate,
        facts=inputs.facts[candidate.id],
        trials=inputs.due,
        completed=sum(trial.status == "completed" for trial in own),
        attempts=sum(trial.attempts for trial in own),
        truncated=sum(trial.finish_reason == "length" for trial in own),
        unclosed_thinking=sum(readiness.left_thinking(trial) for trial in own),
        faults=dict(sorted(Counter(trial.error.kind for trial in own if trial.error is not None).items())),
    )


def _runtimes(inputs: Inputs) -> tuple[RuntimeTested, ...]:
    measured = {trial.candidate for trial in inputs.trials if trial.status == "completed"}
    return tuple(
        RuntimeTested(
            runtime=runtime,
            candidates=tuple(c.id for c in inputs.plan.evaluated() if c.runtime == runtime and c.id in measured),
        )
        for runtime in get_args(RuntimeName)
    )


def _suite(suite: Suite) -> SuiteSummary:
    return SuiteSummary(
        id=suite.id,
        version=suite.version,
        digest=suite.digest(),
        cases=len(suite.cases),
        blockers=sum(case.severity == "blocker" for case in suite.cases),
        description=suite.description,
        licence=suite.licence,
    )

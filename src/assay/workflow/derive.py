"""What follows from the evidence: scores, metrics, figures, findings, the verdict, the record?

`assay run` writes what this says and `assay verify` asks it again: one way from evidence to record (law 2).
Nothing here reads a clock, a network or a file other than those of the evidence.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, get_args

from assay import readiness
from assay.bench.ceiling import ceilings_of
from assay.bench.results import results_of
from assay.gate import (
    check_conditions,
    judge_candidate,
    order_statistic_ranks,
    overall,
    specs_of,
    suites_by_case,
)
from assay.schema.record import (
    CandidateSummary,
    ImportedFor,
    Plot,
    PolicySource,
    Record,
    RuntimeTested,
    SuiteSummary,
    Withheld,
)
from assay.schema.suite import RuntimeName
from assay.workflow.evidence import POLICY_FILE, read_inputs
from assay.workflow.gating import baseline_of, counted_whole, facts_for, subjects_of
from assay.workflow.measure import measure
from assay.workflow.members import check_form, check_members
from assay.workflow.selection import chosen_candidates, chosen_questions
from assay.workflow.stopped import needless, stopped_of, whole_suites
from assay.workflow.untested import untested

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.gate import Condition
    from assay.schema.bench import BenchCell
    from assay.schema.record import Evidence
    from assay.schema.score import Score
    from assay.schema.suite import Candidate, Suite
    from assay.workflow.evidence import Inputs
    from assay.workflow.measure import Measured

__all__ = ["derive"]


def derive(
    files: Mapping[str, bytes],
    evidence: Evidence,
    keep: Callable[[Score], None] = lambda _: None,
    draw: Callable[[str, str], None] = lambda _name, _picture: None,
) -> Record:
    """Return the record that the evidence supports.

    Args:
        files: the evidence files by path.
        evidence: their digests, for the record to name them.
        keep: told of each score, in the order of the trials.
        draw: told of each picture, by its file's name and its text.

    Raises:
        MismatchError: the files do not belong together, or hold one that nothing rests on.
        InputError: a journal has a line that cannot be read.
        KeyError: a file is missing.
    """
    check_form(files)
    inputs = read_inputs(files)
    plan, suites = inputs.plan, inputs.suites
    check_members(files, plan, inputs.run, inputs.assembly.record_format)
    conditions = check_conditions(
        specs_of(inputs.policy),
        subjects_of(plan, inputs.policy, suites, inputs.checklist),
        lambda _: ("plan.json", None),
    )
    measured = measure(inputs, keep, _by_case(inputs, conditions))
    stops = stopped_of(inputs, measured)
    spared = needless(inputs, measured)
    results = results_of(inputs.bench, order_statistic_ranks)
    cells = results.cells
    for name, picture in results.pictures.items():
        draw(name, picture)
    findings = {
        candidate.id: readiness.find(inputs.checklist, _view(inputs, candidate, (measured, spared), cells))
        for candidate in plan.decided_on()
    }
    waivers = inputs.waivers.waivers if inputs.waivers is not None else ()
    verdict = overall(
        [
            judge_candidate(name, conditions, facts_for(inputs, name, measured, cells, own), waivers, _today(inputs))
            for name, own in findings.items()
        ],
        waivers,
    )
    withheld = _withheld(inputs)
    return Record(
        schema_name=inputs.assembly.record_format,
        id=f"{inputs.assembly.number:04d}-{inputs.assembly.slug}",
        title=plan.record.title or plan.use_case.id,
        date=inputs.assembly.date,
        assay_version=inputs.assembly.assay_version,
        plan_digest=inputs.run.plan_digest,
        run=inputs.run,
        host=inputs.host,
        use_case=plan.use_case,
        verdict=verdict,
        candidates=tuple(_summary(inputs, candidate, measured) for candidate in plan.evaluated()),
        runtimes=_runtimes(inputs, measured),
        suites=tuple(_suite(suite) for suite in suites),
        metrics=measured.metrics,
        blockers=measured.blockers,
        judges=measured.judges,
        panels=measured.panels,
        bench_settings=plan.bench,
        bench=cells,
        ladders=results.ladders,
        clients=inputs.bench.clients,
        imported=tuple(ImportedFor(candidate=name, benchmark=own) for name, own in inputs.imported),
        ceilings=ceilings_of(cells, inputs.imported),
        plots=tuple(_plot(name, picture) for name, picture in results.pictures.items()),
        policy=_policy(inputs, files.get(POLICY_FILE)),
        findings=tuple(finding for own in findings.values() for finding in own),
        people=plan.record,
        stopped=stops,
        untested=untested(inputs, measured, cells, stops, withheld=withheld),
        withheld=withheld,
        evidence=evidence,
    )


def _policy(inputs: Inputs, stored: bytes | None) -> PolicySource:
    earlier = inputs.earlier
    return PolicySource(
        file=inputs.assembly.policy_file,
        sha256=hashlib.sha256(stored).hexdigest() if stored is not None else None,
        baseline=earlier.candidate if earlier is not None else baseline_of(inputs.plan, inputs.policy),
        baseline_record=earlier.record if earlier is not None else None,
        decided_with=inputs.assembly.decided_with,
    )


def _withheld(inputs: Inputs) -> Withheld:
    return Withheld(
        transcripts=not inputs.redaction.transcripts,
        cases=sum(case.withheld is not None for suite in inputs.suites for case in suite.cases),
        trials=len(inputs.stored.trials),
        judgements=len(inputs.stored.judgements),
        redactions=inputs.redaction.redactions,
        patterns_sha256=inputs.redaction.patterns_sha256,
    )


def _by_case(inputs: Inputs, conditions: tuple[Condition, ...]) -> frozenset[str]:
    """Return the suites of which single cases are wanted: of a sequential run all, for how far each was asked."""
    if inputs.run.stopping == "sequential":
        return frozenset(suite.id for suite in inputs.suites)
    return suites_by_case(conditions, whole=counted_whole(inputs))


def _plot(name: str, picture: str) -> Plot:
    return Plot(file=name, sha256=hashlib.sha256(picture.encode()).hexdigest())


def _today(inputs: Inputs) -> date:
    """Return the day of the verdict, by which attestations and waivers run out."""
    return date.fromisoformat(inputs.assembly.date)


def _view(
    inputs: Inputs,
    candidate: Candidate,
    asked: tuple[Measured, frozenset[tuple[str, str]]],
    cells: tuple[BenchCell, ...],
) -> readiness.View:
    measured, spared = asked
    sums = measured.sums[candidate.id]
    return readiness.View(
        plan=inputs.plan,
        candidate=candidate,
        facts=inputs.facts[candidate.id],
        suites=inputs.suites,
        metrics=measured.metrics,
        cells=cells,
        judges=measured.judges,
        host=inputs.host,
        trials=inputs.due,
        completed=sums.completed,
        truncated=sums.truncated,
        unclosed_thinking=sums.unclosed_thinking,
        needless=frozenset(suite for name, suite in spared if name == candidate.id),
        attestations=inputs.attestations,
        probes=tuple(own for own in inputs.probes if own.candidate == candidate.id),
        canary=next((own for own in inputs.canaries if own.candidate == candidate.id), None),
        rehearsals=inputs.rehearsals,
        today=_today(inputs),
    )


def _summary(inputs: Inputs, candidate: Candidate, measured: Measured) -> CandidateSummary:
    sums = measured.sums[candidate.id]
    selection = inputs.run.selection
    chosen = candidate in chosen_candidates(inputs.plan, selection)
    left_in = sum(1 for _ in chosen_questions(inputs.suites, inputs.plan.trials, selection))
    return CandidateSummary(
        candidate=candidate,
        facts=inputs.facts[candidate.id],
        trials=inputs.due,
        completed=sums.completed,
        attempts=sums.attempts,
        superseded=sums.superseded,
        truncated=sums.truncated,
        unclosed_thinking=sums.unclosed_thinking,
        faults=dict(sorted(sums.faults.items())),
        asked=left_in - sum(own.stopped for own in whole_suites(measured, candidate.id)) if chosen else 0,
        reused=dict(sorted(sums.reused.items())),
    )


def _runtimes(inputs: Inputs, measured: Measured) -> tuple[RuntimeTested, ...]:
    return tuple(
        RuntimeTested(
            runtime=runtime,
            candidates=tuple(
                c.id for c in inputs.plan.evaluated() if c.runtime == runtime and measured.sums[c.id].completed
            ),
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

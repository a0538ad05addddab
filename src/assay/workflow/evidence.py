"""What does the evidence say, read back, and do its files belong together?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter

from assay.bench.figures import Stored as StoredBench
from assay.errors import foreign_evidence
from assay.gate import wilson
from assay.record.journal import CANARIES_FILE
from assay.record.run_folder import PROBES_FILE, parse_lines
from assay.schema._base import Noun
from assay.schema.baseline import Baseline
from assay.schema.bench import (
    ClientError,
    CounterSample,
    ImportedBenchmark,
    Measurement,
    RequestEvent,
    ResourceSample,
)
from assay.schema.calibration import Calibration
from assay.schema.findings import Attestations, Checklist, Rehearsals
from assay.schema.provenance import CanaryResult, CandidateFacts, Host, ProbeResult
from assay.schema.record import Assembly
from assay.schema.run import Judgement, Run, Trial
from assay.schema.suite import Gate, Plan, Rubric, Suite, Waivers
from assay.schema.withheld import Redaction
from assay.scoring import follows_from_answers
from assay.workflow.stored import REDACTION_FILE, Stored, read_stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.schema.run import TrialKey

__all__ = [
    "BASELINE_FILE",
    "CLIENTS",
    "CLIENTS_FILE",
    "FACTS",
    "FACTS_FILE",
    "POLICY_FILE",
    "REHEARSALS_FILE",
    "WAIVERS_FILE",
    "Inputs",
    "read_bench",
    "read_inputs",
]

NounT = TypeVar("NounT", bound=Noun)
FACTS_FILE = "evidence/facts.json"
"""Where the facts of all candidates lie, in the run folder and in the zip."""
FACTS = TypeAdapter(tuple[CandidateFacts, ...])
"""Reads and writes that file."""
CLIENTS_FILE = "evidence/client.json"
"""Where the benchmark client's own error lies."""
CLIENTS = TypeAdapter(tuple[ClientError, ...])
"""Reads and writes that file."""
POLICY_FILE = "evidence/policy.json"
"""Where the policy lies that stands in for the plan's own gate."""
WAIVERS_FILE = "evidence/waivers.json"
"""Where the waivers lie."""
BASELINE_FILE = "evidence/baseline.json"
"""Where the answers of an earlier record lie that candidates are compared with."""

REHEARSALS_FILE = "evidence/rehearsals.json"
"""Where the log of rehearsals lies."""


@dataclass(frozen=True)
class Inputs:
    """The evidence, read."""

    run: Run
    plan: Plan
    suites: tuple[Suite, ...]
    rubrics: Mapping[str, Rubric]
    """Rubrics by judge id."""
    calibrations: Mapping[str, Calibration]
    """Calibrations by judge id, where the plan names one."""
    journal: bytes
    """`trials.jsonl`; its trials are read one by one."""
    superseded: tuple[Trial, ...]
    """Trials that failed and were asked again; they count for nothing but what they cost."""
    judgements: tuple[Judgement, ...]
    bench: StoredBench
    """What the benchmark left."""
    imported: tuple[tuple[str, ImportedBenchmark], ...]
    """Candidate id and what another benchmark tool measured on it, in the order of the plan."""
    facts: Mapping[str, CandidateFacts]
    """Facts by candidate id."""
    host: Host
    checklist: Checklist
    attestations: Attestations | None
    assembly: Assembly
    policy: Gate
    """The conditions: the plan's own, or those that a finished run is decided under."""
    waivers: Waivers | None
    earlier: Baseline | None
    """What an earlier record's candidate did, where the policy compares with one."""
    kinds: frozenset[str]
    """Paths of the evidence files."""
    stored: Stored
    """What was decided of texts that are left out."""
    redaction: Redaction
    """What was left out."""
    probes: tuple[ProbeResult, ...] = ()
    """What the deep probes came to."""
    canaries: tuple[CanaryResult, ...] = ()
    """What the searches for prompts came to."""
    rehearsals: Rehearsals | None = None
    """The log of rehearsals, where the plan names one."""

    @property
    def due(self) -> int:
        """Trials that were due for each candidate."""
        return self.plan.trials * sum(len(suite.cases) for suite in self.suites)

    def trials(self) -> Iterator[Trial]:
        """Yield the trials in the order in which they were written, checked against the cases that they name.

        Raises:
            MismatchError: a trial was asked another case than the suite holds, or stands twice.
            InputError: a line cannot be read.
        """
        digests = {(suite.id, case.id): case.digest() for suite in self.suites for case in suite.cases}
        seen: set[TrialKey] = set()
        asked = {candidate.id for candidate in self.plan.evaluated()}
        for trial in parse_lines(self.journal, Trial, "trials.jsonl"):
            if digests.get((trial.suite, trial.case)) != trial.case_digest:
                raise foreign_evidence("a trial was asked another case than the suite holds")
            if trial.candidate not in asked or trial.trial > self.plan.trials:
                raise foreign_evidence("a trial is of a candidate or a number that the plan does not ask")
            if trial.key in seen:
                raise foreign_evidence("a trial stands twice in trials.jsonl")
            if self.redaction.transcripts and trial.status == "completed" and trial.output is None:
                raise foreign_evidence("an answer is left out, and redaction.json does not say so")
            seen.add(trial.key)
            yield trial


def read_inputs(files: Mapping[str, bytes]) -> Inputs:
    """Read the evidence files and check that they belong together.

    Raises:
        MismatchError: the plan, a suite or a case is not the one that was run.
        InputError: a journal has a line that cannot be read.
        KeyError: a file is missing.
    """
    plan = Plan.model_validate_json(files["plan.json"])
    run = Run.model_validate_json(files["run.json"])
    suites = tuple(Suite.model_validate_json(files[f"suites/{name}.json"]) for name in run.suite_digests)
    inputs = Inputs(
        run=run,
        plan=plan,
        suites=suites,
        rubrics={judge.id: Rubric.model_validate_json(files[f"rubrics/{judge.id}.json"]) for judge in plan.judges},
        calibrations={
            judge.id: Calibration.model_validate_json(files[f"calibrations/{judge.id}.json"])
            for judge in plan.judges
            if judge.calibration is not None
        },
        journal=files.get("trials.jsonl", b""),
        superseded=_journal(files, "superseded.jsonl", Trial),
        # One that was asked for again after a fault stands twice: the last one counts.
        judgements=tuple({own.key: own for own in _journal(files, "judgements.jsonl", Judgement)}.values()),
        bench=read_bench(files, plan),
        imported=tuple(
            (spec.candidate, ImportedBenchmark.model_validate_json(files[f"imported/{number}.json"]))
            for number, spec in enumerate(plan.bench.imports if plan.bench else (), start=1)
        ),
        facts={facts.candidate: facts for facts in FACTS.validate_json(files[FACTS_FILE])},
        host=Host.model_validate_json(files["evidence/host.json"]),
        checklist=Checklist.model_validate_json(files["evidence/checklist.json"]),
        attestations=_optional(files, "evidence/attestations.json", Attestations),
        assembly=Assembly.model_validate_json(files["assembly.json"]),
        policy=_optional(files, POLICY_FILE, Gate) or plan.gate,
        waivers=_optional(files, WAIVERS_FILE, Waivers),
        earlier=_optional(files, BASELINE_FILE, Baseline),
        kinds=frozenset(files),
        stored=read_stored(files),
        redaction=_optional(files, REDACTION_FILE, Redaction) or Redaction(),
        probes=_journal(files, PROBES_FILE, ProbeResult),
        canaries=_journal(files, CANARIES_FILE, CanaryResult),
        rehearsals=_optional(files, REHEARSALS_FILE, Rehearsals),
    )
    _belongs_together(inputs)
    return inputs


def read_bench(files: Mapping[str, bytes], plan: Plan) -> StoredBench:
    """Return what the benchmark of a run left.

    Raises:
        InputError: a journal has a line that cannot be read.
    """
    return StoredBench(
        events=_journal(files, "requests.jsonl", RequestEvent),
        samples=_journal(files, "resources.jsonl", ResourceSample),
        counters=_journal(files, "counters.jsonl", CounterSample),
        measurements=_journal(files, "measurements.jsonl", Measurement),
        clients=CLIENTS.validate_json(files.get(CLIENTS_FILE, b"[]")),
        settings=plan.bench,
        slos=plan.use_case.slo,
    )


def _optional(files: Mapping[str, bytes], name: str, model: type[NounT]) -> NounT | None:
    content = files.get(name)
    return None if content is None else model.model_validate_json(content)


def _journal(files: Mapping[str, bytes], name: str, model: type[NounT]) -> tuple[NounT, ...]:
    return tuple(parse_lines(files.get(name, b""), model, name))


def _belongs_together(inputs: Inputs) -> None:
    if inputs.plan.digest() != inputs.run.plan_digest:
        raise foreign_evidence("plan.json is not the plan of the run")
    if any(suite.digest() != inputs.run.suite_digests[suite.id] for suite in inputs.suites):
        raise foreign_evidence("a suite is not the one of the run")
    if {judge: rubric.digest() for judge, rubric in inputs.rubrics.items()} != inputs.run.rubric_digests:
        raise foreign_evidence("a rubric is not the one of the run")
    if {judge: own.digest() for judge, own in inputs.calibrations.items()} != inputs.run.calibration_digests:
        raise foreign_evidence("a calibration is not the one of the run")
    if {f"{n}": own.digest() for n, (_, own) in enumerate(inputs.imported, start=1)} != inputs.run.imported_digests:
        raise foreign_evidence("an imported benchmark is not the one of the run")
    _probed_once(inputs)
    _stands_as_begun(inputs)
    _left_out_as_told(inputs)
    if not all(follows_from_answers(own, wilson) for own in inputs.calibrations.values()):
        raise foreign_evidence("the figures of a calibration do not follow from its labelled answers")


def _probed_once(inputs: Inputs) -> None:
    """Refuse a probe that stands twice, for a reader would take the first, or is of a server that nobody decides on."""
    if len({(own.candidate, own.probe) for own in inputs.probes}) < len(inputs.probes):
        raise foreign_evidence(f"a probe of one server stands twice in {PROBES_FILE}")
    if {own.candidate for own in inputs.probes} - {candidate.id for candidate in inputs.plan.decided_on()}:
        raise foreign_evidence(f"{PROBES_FILE} speaks of a candidate that the plan does not decide on")
    if len({own.candidate for own in inputs.canaries}) < len(inputs.canaries):
        raise foreign_evidence(f"the search for one server's prompts stands twice in {CANARIES_FILE}")
    if {own.candidate for own in inputs.canaries} - {candidate.id for candidate in inputs.plan.decided_on()}:
        raise foreign_evidence(f"{CANARIES_FILE} speaks of a candidate that the plan does not decide on")
    if any(own.mark != f"cnry-{inputs.run.nonce}-" for own in inputs.canaries):
        raise foreign_evidence(f"{CANARIES_FILE} speaks of marks that this run did not send")


def _stands_as_begun(inputs: Inputs) -> None:
    """Refuse another policy, waivers or baseline than the run was begun with, unless it was decided on again."""
    anew = inputs.assembly.decided_with
    if POLICY_FILE in inputs.kinds and "policy" not in anew:
        raise foreign_evidence("a policy stands in for the plan's own gate, and nobody decided again")
    if "waivers" not in anew and (inputs.waivers.digest() if inputs.waivers else None) != inputs.run.waivers_digest:
        raise foreign_evidence("the waivers are not those of the run")
    if "baseline" not in anew and (inputs.earlier.digest() if inputs.earlier else None) != inputs.run.baseline_digest:
        raise foreign_evidence("the baseline is not that of the run")


def _left_out_as_told(inputs: Inputs) -> None:
    """Refuse what stands in for texts where the record would not say that they are left out, or where they are not."""
    stored, suites = inputs.stored, inputs.suites
    cases = [case for suite in suites for case in suite.cases if case.withheld is not None]
    gone = bool(stored.trials or stored.judgements or cases or any(suite.withheld is not None for suite in suites))
    redaction = inputs.redaction
    if inputs.assembly.record_format == "assay/record/v1" and (gone or redaction != Redaction()):
        raise foreign_evidence("texts are left out, and a record of the first format cannot say so")
    if gone and redaction.transcripts and not redaction.redactions:
        raise foreign_evidence("texts are left out, and redaction.json does not say so")
    if stored.judgements.keys() - {judgement.key for judgement in inputs.judgements}:
        raise foreign_evidence("a decision is stored of a judgement that is not there")
    if any(case.withheld == case.model_copy(update={"withheld": None}).digest() for case in cases):
        raise foreign_evidence("a case is said to lack texts, and lacks none")

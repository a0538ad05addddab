"""What does a reviewer hold in hand: the record, a projection of evidence that names every file it rests on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assay.schema._base import Noun
from assay.schema.bench import BenchCell, Ceiling, ClientError, ImportedBenchmark, Ladder
from assay.schema.findings import Finding
from assay.schema.provenance import CandidateFacts, Host
from assay.schema.run import FaultKind, Run
from assay.schema.score import JudgeTrust, Metric, PanelAgreement
from assay.schema.standing import Standing, StatusWord
from assay.schema.suite import BenchSettings, Candidate, RecordSettings, RuntimeName, UseCase
from assay.schema.verdict import Stopped, Verdict

__all__ = [
    "LONGEST_OUTPUT",
    "Assembly",
    "BlockerFailure",
    "CandidateSummary",
    "Evidence",
    "EvidenceFile",
    "ImportedFor",
    "Plot",
    "PolicySource",
    "Record",
    "RecordFormat",
    "RuntimeTested",
    "SuiteSummary",
    "Untested",
    "Withheld",
]

RecordFormat = Literal["assay/record/v1", "assay/record/v2"]
"""Names of the record's formats; `v1` has no manifest, no status block, and may show numbers of its template."""


class EvidenceFile(Noun):
    """One file of the evidence zip."""

    path: str
    """Path in the zip."""
    bytes: int
    """Size."""
    sha256: str
    """Digest of its content."""


class Evidence(Noun):
    """The evidence zip that belongs to the record."""

    file: str
    """Name of the zip, beside the record."""
    sha256: str
    """Digest of the zip's bytes."""
    files: tuple[EvidenceFile, ...]
    """Every file in it but the manifest, by path."""
    manifest_sha256: str | None = None
    """Digest of `manifest.json` in the zip, which names the digest of every other file: what the evidence is, however
    it is packed. None in records of the first format, which have no manifest."""


class PolicySource(Noun):
    """Where the conditions of a verdict come from."""

    file: str | None = None
    """Name of the policy file that a finished run was decided under; None for the plan's own gate."""
    sha256: str | None = None
    """SHA-256 of that policy, as stored in the evidence."""
    baseline: str | None = None
    """Candidate that others are compared with, or None."""
    baseline_record: str | None = None
    """Earlier record that it comes from, or None for a candidate of the same run."""
    decided_with: tuple[Literal["policy", "waivers", "baseline"], ...] = ()
    """What was put in the place of the run's own when it was decided on again."""


class Assembly(Noun):
    """`assembly.json` in the zip: what the record needs beside the run itself."""

    number: int = Field(ge=0)
    """Number of the record in its folder; 0 for one that is only shown."""
    slug: str
    """Rest of its file name."""
    date: str
    """Day of the verdict, `YYYY-MM-DD` in UTC: that on which the run ended, or was decided on again."""
    policy_file: str | None = None
    """Name of the policy file that stands in for the plan's own gate, or None."""
    waivers_file: str | None = None
    """Name of the waivers file that was given beside the policy when it was decided on again, or None."""
    decided_with: tuple[Literal["policy", "waivers", "baseline"], ...] = ()
    """What was put in the place of the run's own when it was decided on again."""
    assay_version: str
    """Version of Assay that wrote it."""
    record_format: RecordFormat = "assay/record/v1"
    """Format of the record; the first one where none is named."""


class RuntimeTested(Noun):
    """One row of the runtimes table: measured by some candidate, or not tested."""

    runtime: RuntimeName
    """Which runtime."""
    candidates: tuple[str, ...]
    """Candidates on it that were measured; none means that it was not tested."""


class SuiteSummary(Noun):
    """What a suite was when it was asked."""

    id: str
    """Suite id."""
    version: str
    """Version that its author gave."""
    digest: str
    """SHA-256 of settings and cases."""
    cases: int
    """Number of cases."""
    blockers: int
    """Number of cases with severity blocker."""
    description: str
    """One sentence of its author."""
    licence: str
    """Licence of the cases."""


LONGEST_OUTPUT = 200
"""Characters of an answer that `BlockerFailure` holds."""


class BlockerFailure(Noun):
    """A case of severity blocker that did not pass."""

    candidate: str
    """Candidate id."""
    suite: str
    """Suite id."""
    case: str
    """Case id."""
    outcome: Literal["failed", "unscored"]
    """What became of it."""
    reason: str
    """Why, in the scorer's words."""
    output: str | None
    """The answer, cut to 200 characters (`LONGEST_OUTPUT`); hostile text, escaped wherever it is shown."""


class CandidateSummary(Noun):
    """A candidate with what it did over all suites."""

    candidate: Candidate
    """As the plan has it."""
    facts: CandidateFacts
    """What is known about it."""
    trials: int
    """Trials that were due."""
    completed: int
    """Trials with an answer."""
    attempts: int
    """Requests sent for them."""
    superseded: int = 0
    """Requests sent before for trials that failed and were asked again; not among `attempts`."""
    truncated: int
    """Answers that ended at the token limit."""
    unclosed_thinking: int
    """Answers that ended before the model had closed its thinking."""
    faults: dict[FaultKind, int]
    """Trials without an answer, by what went wrong."""
    asked: int
    """Trials that this run's selection left in: fewer than were due when it left some out."""
    reused: dict[str, int] = Field(default_factory=dict)
    """Answers taken from earlier runs, by the id of the run in which they were asked."""


class Untested(Noun):
    """One thing that was not tested, and what would test it."""

    what: str
    """What was not tested."""
    why: str
    """Why not."""
    how: str
    """What to add to test it."""


class ImportedFor(Noun):
    """What another benchmark tool measured on a candidate."""

    candidate: str
    """Candidate id."""
    benchmark: ImportedBenchmark
    """Its figures, under its own definitions."""


class Withheld(Noun):
    """What the evidence does not hold in clear, so that nobody can derive it again."""

    transcripts: bool = False
    """Whether all prompts and answers are left out."""
    cases: int = 0
    """Cases whose text is left out or redacted."""
    trials: int = 0
    """Trials whose answer is left out or redacted: their scores are taken as stored."""
    judgements: int = 0
    """Judgements whose text is left out or redacted: what the judge decided is taken as stored."""
    redactions: dict[str, int] = Field(default_factory=dict)
    """Texts taken out, by the name of the pattern that they matched."""
    patterns_sha256: str | None = None
    """SHA-256 of the organization's patterns file, or None where it lists none."""


class Plot(Noun):
    """A picture that the record links; it is drawn again from the evidence when the record is verified."""

    file: str
    """Its name, for example `latency-short.svg`."""
    sha256: str
    """Digest of its bytes."""


class Record(Noun):
    """`NNNN-slug.json`: the truth of which the Markdown is a picture."""

    schema_name: RecordFormat = Field(default="assay/record/v2", alias="schema")
    """Name of this format."""
    id: str
    """Number and slug: the stem of the record's files."""
    title: str
    """Title in the plan's words."""
    status: StatusWord = "proposed"
    """State of the decision; a person moves it on."""
    standing: Standing = Standing()
    """What people decided, and what it replaces."""
    date: str
    """Day on which the run ended, `YYYY-MM-DD` in UTC."""
    assay_version: str
    """Version of Assay that wrote it."""
    plan_digest: str
    """SHA-256 of the plan."""
    run: Run
    """What ran."""
    host: Host
    """Where it ran."""
    use_case: UseCase
    """What the model is wanted for."""
    verdict: Verdict
    """What the evidence says."""
    candidates: tuple[CandidateSummary, ...]
    """What was measured, in the plan's order."""
    runtimes: tuple[RuntimeTested, ...]
    """Every runtime that Assay knows, tested or not."""
    suites: tuple[SuiteSummary, ...]
    """The golden sets that were asked."""
    metrics: tuple[Metric, ...]
    """Pass rates by candidate, suite, tag and scorer."""
    blockers: tuple[BlockerFailure, ...]
    """Blocker cases that did not pass."""
    judges: tuple[JudgeTrust, ...]
    """Judges and how far they can be trusted."""
    panels: tuple[PanelAgreement, ...]
    """How far judges agree, for each rubric that several of them read."""
    bench_settings: BenchSettings | None
    """What load was asked for, or None when there was no benchmark."""
    bench: tuple[BenchCell, ...]
    """Figures of each measurement."""
    ladders: tuple[Ladder, ...]
    """What the concurrencies of each candidate and profile say together."""
    clients: tuple[ClientError, ...]
    """The benchmark client's own error, by concurrency; empty where it was not measured."""
    imported: tuple[ImportedFor, ...]
    """What other tools measured, in the plan's order; no condition reads it."""
    ceilings: tuple[Ceiling, ...]
    """Engines beside their servers."""
    plots: tuple[Plot, ...]
    """Pictures of the benchmark; they lie beside the record in `NNNN-slug.plots/`."""
    stopped: tuple[Stopped, ...] = ()
    """Where cases stopped being asked early, and why."""
    policy: PolicySource = PolicySource()
    """Where the conditions come from."""
    findings: tuple[Finding, ...]
    """The readiness checklist of each candidate that is decided on."""
    people: RecordSettings
    """What only people can say, quoted from the plan."""
    untested: tuple[Untested, ...]
    """What was not tested; generated, never written by hand."""
    withheld: Withheld = Withheld()
    """What the evidence does not hold in clear."""
    evidence: Evidence
    """The zip from which all of this can be derived again."""

"""What does the evidence say, read back, and do its files belong together?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter

from assay.errors import MismatchError, Problem
from assay.record.run_folder import parse_lines
from assay.schema._base import Noun
from assay.schema.bench import RequestEvent, ResourceSample
from assay.schema.findings import Attestations, Checklist
from assay.schema.provenance import CandidateFacts, Host
from assay.schema.record import Assembly
from assay.schema.run import Judgement, Run, Trial
from assay.schema.suite import Plan, Rubric, Suite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.schema.suite import Candidate

__all__ = ["FACTS", "FACTS_FILE", "Inputs", "read_inputs"]

NounT = TypeVar("NounT", bound=Noun)
FACTS_FILE = "evidence/facts.json"
"""Where the facts of all candidates lie, in the run folder and in the zip."""
FACTS = TypeAdapter(tuple[CandidateFacts, ...])
"""Reads and writes that file."""


@dataclass(frozen=True)
class Inputs:
    """The evidence, read."""

    run: Run
    plan: Plan
    suites: tuple[Suite, ...]
    rubrics: Mapping[str, Rubric]
    """Rubrics by judge id."""
    trials: tuple[Trial, ...]
    judgements: tuple[Judgement, ...]
    events: tuple[RequestEvent, ...]
    samples: tuple[ResourceSample, ...]
    facts: Mapping[str, CandidateFacts]
    """Facts by candidate id."""
    host: Host
    checklist: Checklist
    attestations: Attestations | None
    assembly: Assembly

    @property
    def due(self) -> int:
        """Trials that were due for each candidate."""
        return self.plan.trials * sum(len(suite.cases) for suite in self.suites)

    def trials_of(self, candidate: Candidate) -> list[Trial]:
        """Return the trials of one candidate."""
        return [trial for trial in self.trials if trial.candidate == candidate.id]


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
    attestations = files.get("evidence/attestations.json")
    inputs = Inputs(
        run=run,
        plan=plan,
        suites=suites,
        rubrics={judge.id: Rubric.model_validate_json(files[f"rubrics/{judge.id}.json"]) for judge in plan.judges},
        trials=_journal(files, "trials.jsonl", Trial),
        judgements=_journal(files, "judgements.jsonl", Judgement),
        events=_journal(files, "requests.jsonl", RequestEvent),
        samples=_journal(files, "resources.jsonl", ResourceSample),
        facts={facts.candidate: facts for facts in FACTS.validate_json(files[FACTS_FILE])},
        host=Host.model_validate_json(files["evidence/host.json"]),
        checklist=Checklist.model_validate_json(files["evidence/checklist.json"]),
        attestations=Attestations.model_validate_json(attestations) if attestations is not None else None,
        assembly=Assembly.model_validate_json(files["assembly.json"]),
    )
    _belongs_together(inputs)
    return inputs


def _journal(files: Mapping[str, bytes], name: str, model: type[NounT]) -> tuple[NounT, ...]:
    return tuple(parse_lines(files.get(name, b""), model, name))


def _belongs_together(inputs: Inputs) -> None:
    digests = {(suite.id, case.id): case.digest() for suite in inputs.suites for case in suite.cases}
    keys = Counter(trial.key for trial in inputs.trials)
    faults = [
        (inputs.plan.digest() != inputs.run.plan_digest, "plan.json is not the plan of the run"),
        (
            any(suite.digest() != inputs.run.suite_digests[suite.id] for suite in inputs.suites),
            "a suite is not the one of the run",
        ),
        (
            any(digests.get((trial.suite, trial.case)) != trial.case_digest for trial in inputs.trials),
            "a trial was asked another case than the suite holds",
        ),
        (any(count > 1 for count in keys.values()), "a trial stands twice in trials.jsonl"),
    ]
    problems = [Problem("bad-evidence", what, "Take the evidence of one run.") for wrong, what in faults if wrong]
    if problems:
        raise MismatchError(*problems)

"""What do the trials of a run come to: scores, metrics, blockers, and how far judges may be trusted?

Trials are scored one by one and forgotten, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.gate import corrected, wilson
from assay.scoring import (
    CaseResults,
    Counting,
    Heard,
    JudgeContract,
    Methods,
    is_same_model,
    judge_trust,
    panel_agreement,
    score_trial,
    trusted_labels,
    untrusted_labels,
)
from assay.workflow.people import voices_of
from assay.workflow.selection import could_stop, in_asking_order

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from assay.schema.record import BlockerFailure
    from assay.schema.run import FaultKind, Judgement, Trial, TrialKey
    from assay.schema.score import CaseResult, JudgeTrust, Metric, Outcome, PanelAgreement, Score
    from assay.schema.suite import Candidate, JudgeSpec
    from assay.workflow.evidence import Inputs
    from assay.workflow.people import Voices

__all__ = ["Measured", "Sums", "measure"]


@dataclass
class Sums:
    """What one candidate did over all suites."""

    completed: int = 0
    """Trials with an answer."""
    attempts: int = 0
    """Requests sent for all trials of this run; those of reused answers were sent in another."""
    superseded: int = 0
    """Requests sent for trials that failed and were asked again."""
    truncated: int = 0
    """Answers that ended at the token limit."""
    unclosed_thinking: int = 0
    """Answers that ended before the model had closed its thinking."""
    faults: Counter[FaultKind] = field(default_factory=Counter)
    """Trials without an answer, by what went wrong."""
    reused: Counter[str] = field(default_factory=Counter)
    """Answers of earlier runs, by run id."""

    def take(self, trial: Trial, *, left_thinking: bool) -> None:
        """Count one trial."""
        self.completed += trial.status == "completed"
        self.truncated += trial.finish_reason == "length"
        self.unclosed_thinking += left_thinking
        if trial.reused_from is None:
            self.attempts += trial.attempts
        else:
            self.reused[trial.reused_from] += 1
        if trial.error is not None:
            self.faults[trial.error.kind] += 1


@dataclass(frozen=True)
class Measured:
    """What the trials came to, over all candidates, before anybody decides."""

    metrics: tuple[Metric, ...]
    """Pass rates."""
    blockers: tuple[BlockerFailure, ...]
    """Blockers that did not pass."""
    judges: tuple[JudgeTrust, ...]
    """How far each judge may be trusted."""
    panels: tuple[PanelAgreement, ...]
    """How far several judges agree."""
    sums: Mapping[str, Sums]
    """By candidate id."""
    cases: Mapping[str, tuple[CaseResult, ...]]
    """What came of each case of the wanted suites, by candidate id."""


def measure(inputs: Inputs, keep: Callable[[Score], None], wanted: Container[str] = frozenset()) -> Measured:
    """Score every trial and count.

    Args:
        inputs: the evidence.
        keep: told of each score, in the order of the trials.
        wanted: suites of which each case's result is kept.

    Raises:
        MismatchError: a trial is not of this run.
        InputError: a journal has a line that cannot be read.
    """
    suites = {suite.id: suite for suite in inputs.suites}
    cases = {(suite.id, case.id): case for suite in inputs.suites for case in suite.cases}
    rubrics = {rubric.id: rubric for rubric in inputs.rubrics.values()}
    judgements = _by_trial(inputs)
    voices = voices_of(inputs)
    judges, panels = _judges(inputs, voices)
    candidates = [candidate.id for candidate in inputs.plan.evaluated()]
    counting = Counting(
        inputs.suites,
        candidates,
        trials_per_case=inputs.plan.trials,
        untrusted=untrusted_labels(judges),
        calibrated=trusted_labels(judges),
        stopping=could_stop(inputs.plan, inputs.run),
    )
    for gap in voices.gaps():
        counting.note_gap(*gap)
    sums = {name: Sums() for name in candidates}
    results = CaseResults(in_asking_order(inputs.suites, inputs.run), wanted, trials_per_case=inputs.plan.trials)
    for trial in inputs.trials():
        suite, case = suites[trial.suite], cases[trial.suite, trial.case]
        said = {rubric: tuple(own) for rubric, own in judgements.get(trial.key, {}).items()}
        scores = inputs.stored.scores(suite, case, trial) or score_trial(suite, case, trial, said, rubrics)
        for score in scores:
            keep(score)
        counting.take(trial, scores, voices.of(trial))
        results.take(trial, scores)
        if trial.candidate in sums:
            sums[trial.candidate].take(trial, left_thinking=inputs.stored.left_thinking(trial))
    for trial in inputs.superseded:
        if trial.candidate in sums:
            sums[trial.candidate].superseded += trial.attempts
    metrics = counting.metrics(Methods(wilson, corrected))
    by_case = {name: results.of(name) for name in candidates}
    return Measured(metrics, counting.blockers(), judges, panels, sums, by_case)


def _by_trial(inputs: Inputs) -> dict[TrialKey, dict[str, list[Judgement]]]:
    found: dict[TrialKey, dict[str, list[Judgement]]] = {}
    for judgement in inputs.judgements:
        key = (judgement.candidate, judgement.suite, judgement.case, judgement.trial)
        found.setdefault(key, {}).setdefault(judgement.rubric, []).append(judgement)
    return found


def _judges(inputs: Inputs, voices: Voices) -> tuple[tuple[JudgeTrust, ...], tuple[PanelAgreement, ...]]:
    heard = {judge.id: Heard(contradicts=voices.against.get(judge.id)) for judge in inputs.plan.judges}
    said: dict[str, dict[str, dict[str, Outcome]]] = {}
    contracts = {judge.id: JudgeContract(inputs.rubrics[judge.id]) for judge in inputs.plan.judges}
    for judgement in inputs.judgements:
        judged = inputs.stored.judged(judgement, contracts[judgement.judge])
        heard[judgement.judge].take(judgement, judged)
        answer = "/".join(map(str, judgement.key[2:]))
        said.setdefault(judgement.rubric, {}).setdefault(judgement.judge, {})[answer] = judged.outcome
    candidates = {candidate.id: candidate for candidate in inputs.plan.candidates}
    trusts = []
    for spec in inputs.plan.judges:
        heard[spec.id].twin = next(
            (other.id for other in inputs.plan.judges if _twins(spec, other, inputs, candidates)), None
        )
        own = inputs.calibrations.get(spec.id)
        labelled = (own, voices.labelled(own.rubric)) if own is not None else None
        trusts.append(judge_trust(spec, contracts[spec.id], candidates, heard[spec.id], labelled, named=voices.named))
    readers: dict[str, list[str]] = {}
    for spec in inputs.plan.judges:
        readers.setdefault(inputs.rubrics[spec.id].id, []).append(spec.id)
    panels = [panel_agreement(r, own, said.get(r, {})) for r, own in readers.items() if len(own) > 1]
    return tuple(trusts), tuple(panels)


def _twins(a: JudgeSpec, b: JudgeSpec, inputs: Inputs, candidates: Mapping[str, Candidate]) -> bool:
    """Say whether two judges of a plan read one rubric with one model."""
    if a.id == b.id or inputs.rubrics[a.id].id != inputs.rubrics[b.id].id:
        return False
    return is_same_model(candidates[a.candidate], candidates[b.candidate])

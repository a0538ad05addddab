"""What is the score of one trial, by each scorer of its case?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.schema.score import Score
from assay.scoring.combine import combine
from assay.scoring.judge import JudgeContract, reference_of
from assay.scoring.mark import Mark, UnsoundMarkError, readable, shown, sound, unscored
from assay.scoring.panel import majority
from assay.scoring.plugins import scorer_named, why_not_loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.schema.run import Judgement, Trial
    from assay.schema.score import Outcome
    from assay.schema.suite import Case, Rubric, ScorerSpec, Suite

__all__ = ["NO_ANSWER", "case_for", "cases_by_rubric", "outcomes_of", "score_trial"]

NO_ANSWER = "no answer"
"""How the reason of a trial without an answer begins."""


def score_trial(
    suite: Suite,
    case: Case,
    trial: Trial,
    judgements: Mapping[str, tuple[Judgement, ...]],
    rubrics: Mapping[str, Rubric],
) -> tuple[Score, ...]:
    """Return one score for each scorer of the case; never raises because of what an answer holds.

    Args:
        suite: The suite of the case.
        case: What was asked.
        trial: What was answered.
        judgements: What judges said of this very trial, by rubric id.
        rubrics: The rubrics of the plan's judges, by rubric id.
    """
    desk = _Desk(trial, judgements, rubrics)
    scores = []
    for spec in suite.scorers_of(case):
        mark = _mark(spec, case, desk)
        cut = mark.outcome == "failed" and trial.finish_reason == "length"
        score = Score(
            candidate=trial.candidate,
            suite=trial.suite,
            case=trial.case,
            trial=trial.trial,
            scorer=spec.label,
            value=mark.value,
            outcome=mark.outcome,
            reason=readable(mark.reason) + (" (the answer was cut at the token limit)" if cut else ""),
        )
        scores.append(score)
    return tuple(scores)


def outcomes_of(suite: Suite, case: Case, trial: Trial) -> dict[str, Outcome]:
    """Return what each scorer of the case says of a trial, by its label, where no judge is asked; without reasons."""
    desk = _Desk(trial, {}, {})
    return {spec.label: _mark(spec, case, desk).outcome for spec in suite.scorers_of(case)}


@dataclass(frozen=True)
class _Desk:
    """What lies before the scorers of one trial."""

    trial: Trial
    judgements: Mapping[str, tuple[Judgement, ...]]
    rubrics: Mapping[str, Rubric]


def _mark(spec: ScorerSpec, case: Case, desk: _Desk) -> Mark:
    if desk.trial.status == "failed" or desk.trial.output is None:
        error = desk.trial.error
        return unscored(f"{NO_ANSWER}: {error.kind if error else 'it has no text'}")
    own = case_for(spec, case)
    if spec.parts:
        parts = [(part.label, part.weight, _mark(part, own, desk)) for part in spec.parts]
        return combine(spec.name, parts, spec.options)
    try:
        return _scored(spec, own, desk.trial.output, desk)
    except UnsoundMarkError as error:
        why = f"it {error}"
    except Exception as error:  # noqa: BLE001  # a poisoned case costs that case only, whatever it sets off
        why = type(error).__name__
    return unscored(f"scorer {spec.name} broke on this case: {why}")


def _scored(spec: ScorerSpec, case: Case, output: str, desk: _Desk) -> Mark:
    scorer = scorer_named(spec.name)
    if scorer is None:
        return unscored(why_not_loaded(spec.name) or f"the scorer {shown(spec.name)} is not installed")
    if scorer.score is None:
        return _judged(case, str(spec.options["rubric"]), desk.judgements, desk.rubrics)
    return sound(scorer.score(case, output, spec.options))


def case_for(spec: ScorerSpec, case: Case) -> Case:
    """Return a case as one scorer sees it: with what that scorer expects of its own."""
    own: dict[str, JsonValue] = {}
    if spec.expected is not None:
        own["expected"] = spec.expected
    if spec.json_schema is not None:
        own["json_schema"] = spec.json_schema
    return case.model_copy(update=own) if own else case


def cases_by_rubric(suite: Suite, case: Case) -> dict[str, Case]:
    """Return the case as the judges of each rubric see it: with the reference that their scorer brings, if it does."""
    found: dict[str, Case] = {}
    for spec in suite.scorers_of(case):
        _collect(spec, case, found)
    return found


def _collect(spec: ScorerSpec, case: Case, found: dict[str, Case]) -> None:
    own = case_for(spec, case)
    if spec.name == "judge":
        found.setdefault(str(spec.options.get("rubric")), own)
    for part in spec.parts:
        _collect(part, own, found)


def _judged(
    case: Case, name: str, judgements: Mapping[str, tuple[Judgement, ...]], rubrics: Mapping[str, Rubric]
) -> Mark:
    rubric = rubrics.get(name)
    if rubric is None:
        return unscored(f"no judge of the plan reads the rubric {shown(name)}")
    if rubric.reference == "required" and reference_of(case) is None:
        return unscored(f"the rubric {shown(name)} needs a reference, and the case has no `expected`")
    contract = JudgeContract(rubric)
    return majority([(each.judge, contract.parse(each.completion)) for each in judgements.get(name, ())])

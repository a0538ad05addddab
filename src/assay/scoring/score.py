"""What is the score of one trial, by each scorer of its case?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema.score import Score
from assay.scoring.judge import JudgeContract, reference_of
from assay.scoring.mark import Mark, readable, shown, unscored
from assay.scoring.panel import majority
from assay.scoring.registry import SCORERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.schema.run import Judgement, Trial
    from assay.schema.suite import Case, Rubric, ScorerSpec, Suite

__all__ = ["score_trial"]


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
    scores = []
    for spec in suite.scorers_of(case):
        mark = _mark(spec, case, trial, judgements, rubrics)
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


def _mark(
    spec: ScorerSpec,
    case: Case,
    trial: Trial,
    judgements: Mapping[str, tuple[Judgement, ...]],
    rubrics: Mapping[str, Rubric],
) -> Mark:
    if trial.status == "failed" or trial.output is None:
        return unscored(f"no answer: {trial.error.kind if trial.error else 'it has no text'}")
    try:
        score = SCORERS[spec.name].score
        if score is not None:
            return score(case, trial.output, spec.options)
        return _judged(case, str(spec.options["rubric"]), judgements, rubrics)
    except Exception as error:  # noqa: BLE001  # a poisoned case costs that case only, whatever it sets off
        return unscored(f"scorer {spec.name} broke on this case: {type(error).__name__}")


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

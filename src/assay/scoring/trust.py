"""How far may a judge be trusted?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema.score import JudgeTrust
from assay.schema.suite import ScorerSpec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from assay.schema.suite import Candidate, JudgeSpec

__all__ = ["judge_trust", "untrusted_labels"]


def judge_trust(
    spec: JudgeSpec,
    rubric: str,
    candidates: Mapping[str, Candidate],
    judged: Collection[str],
    *,
    asked: int,
    parsed: int,
) -> JudgeTrust:
    """Return whether a judge's word may carry a condition, and why not.

    Args:
        spec: The judge as the plan has it.
        rubric: Id of the rubric that it reads; the plan has only the path of its file.
        candidates: The candidates of the plan by id.
        judged: Ids of the candidates whose answers it judges.
        asked: Judgements asked for.
        parsed: Judgements that could be read.
    """
    judge = candidates[spec.candidate]
    same = [name for name in judged if _is_same_model(judge, candidates[name])]
    reasons = ["no calibration on file", *(f"judges itself: {name} is the same model" for name in same)]
    if not parsed:
        reasons.append(f"none of {asked} judgements could be read" if asked else "no judgement was asked for")
    return JudgeTrust(
        judge=spec.id,
        candidate=spec.candidate,
        rubric=rubric,
        trusted=not reasons,
        reasons=tuple(reasons),
        asked=asked,
        parsed=parsed,
    )


def untrusted_labels(trusts: Iterable[JudgeTrust]) -> frozenset[str]:
    """Return the scorer labels on which at least one judge without trust has a say."""
    return frozenset(
        ScorerSpec(name="judge", options={"rubric": trust.rubric}).label for trust in trusts if not trust.trusted
    )


def _is_same_model(judge: Candidate, judged: Candidate) -> bool:
    if judge.id == judged.id:
        return True
    if judge.embedded is not None or judged.embedded is not None:
        return judge.embedded == judged.embedded
    if _address(judge) != _address(judged):
        return False
    # Without a name the server's only model is taken, and that is also the one the other one names.
    return judge.model is None or judged.model is None or judge.model == judged.model


def _address(candidate: Candidate) -> str:
    return (candidate.base_url or "").rstrip("/").lower()

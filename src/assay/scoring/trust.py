"""How far may a judge be trusted?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.schema._base import JsonValue, digest_of
from assay.schema.score import JudgeTrust
from assay.schema.suite import ScorerSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assay.schema.calibration import Calibration
    from assay.schema.run import Judgement
    from assay.schema.suite import Candidate, JudgeSpec, Rubric
    from assay.scoring.judge import Judged

__all__ = ["Heard", "judge_fingerprint", "judge_label", "judge_trust", "trusted_labels", "untrusted_labels"]


@dataclass
class Heard:
    """What a run holds of one judge."""

    asked: int = 0
    """Judgements asked for."""
    statuses: Counter[str] = field(default_factory=Counter)
    """What became of them."""
    models: set[str] = field(default_factory=set)
    """Model names in the answers."""
    judged: set[str] = field(default_factory=set)
    """Candidates whose answers it judged."""

    def take(self, judgement: Judgement, judged: Judged) -> None:
        """Take note of one judgement."""
        self.asked += 1
        self.statuses[judged.status] += 1
        self.judged.add(judgement.candidate)
        if judgement.completion.model is not None:
            self.models.add(judgement.completion.model)


def judge_fingerprint(candidate: Candidate) -> str:
    """Return the SHA-256 of what a judge is asked for: its model's name and the settings of its requests."""
    settings: dict[str, JsonValue] = candidate.request.model_dump(mode="json")
    return digest_of(
        {"model": candidate.model or candidate.embedded, "request": {**settings, "temperature": 0.0, "timeout_s": 0.0}}
    )


def judge_label(rubric: str) -> str:
    """Return the label under which the scores of a rubric's judges are kept."""
    return ScorerSpec(name="judge", options={"rubric": rubric}).label


def judge_trust(
    spec: JudgeSpec,
    rubric: Rubric,
    candidates: Mapping[str, Candidate],
    heard: Heard,
    calibration: tuple[Calibration, int] | None,
) -> JudgeTrust:
    """Return whether a judge's word may carry a condition, and why not.

    Args:
        spec: The judge as the plan has it.
        rubric: The rubric that it reads.
        candidates: The candidates of the plan by id.
        heard: What the run holds of it.
        calibration: Its calibration and how many answers of this run it has labels for, or None.
    """
    judge = candidates[spec.candidate]
    reasons = _calibration_faults(judge, rubric, heard, calibration[0]) if calibration else ["no calibration on file"]
    same = [name for name in sorted(heard.judged) if _is_same_model(judge, candidates[name])]
    reasons += [f"judges itself: {name} is the same model" for name in same]
    parsed = heard.statuses["read"]
    if not parsed:
        reasons.append(
            f"none of {heard.asked} judgements could be read" if heard.asked else "no judgement was asked for"
        )
    return JudgeTrust(
        judge=spec.id,
        candidate=spec.candidate,
        rubric=rubric.id,
        trusted=not reasons,
        reasons=tuple(reasons),
        asked=heard.asked,
        parsed=parsed,
        unread=dict(sorted((status, n) for status, n in heard.statuses.items() if status != "read")),
        model=next(iter(heard.models)) if len(heard.models) == 1 else None,
        labels=calibration[1] if calibration else None,
        agreement=calibration[0].agreement if calibration else None,
        bias=calibration[0].bias if calibration else None,
    )


def _calibration_faults(judge: Candidate, rubric: Rubric, heard: Heard, calibration: Calibration) -> list[str]:
    """Return why a calibration does not hold for this judge; a changed judge is another one."""
    faults = []
    if calibration.rubric_digest != rubric.digest():
        faults.append("its calibration is for another version of the rubric")
    if calibration.fingerprint != judge_fingerprint(judge):
        faults.append("its calibration is for another model or other request settings")
    if heard.models and heard.models != {calibration.model}:
        faults.append("the server names another model than when it was calibrated")
    return faults


def trusted_labels(trusts: Iterable[JudgeTrust]) -> frozenset[str]:
    """Return the scorer labels whose judges are all trusted: people's labels may correct their rates."""
    own = list(trusts)
    return frozenset(judge_label(trust.rubric) for trust in own) - untrusted_labels(own)


def untrusted_labels(trusts: Iterable[JudgeTrust]) -> frozenset[str]:
    """Return the scorer labels on which at least one judge without trust has a say."""
    return frozenset(judge_label(trust.rubric) for trust in trusts if not trust.trusted)


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

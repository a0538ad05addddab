"""How far may a judge be trusted?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.schema._base import JsonValue, digest_of
from assay.schema.score import JudgeTrust
from assay.schema.suite import ScorerSpec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from assay.schema.calibration import Calibration
    from assay.schema.run import Judgement
    from assay.schema.suite import Candidate, JudgeSpec
    from assay.scoring.judge import JudgeContract, Judged

__all__ = [
    "Heard",
    "is_same_model",
    "judge_fingerprint",
    "judge_label",
    "judge_trust",
    "trusted_labels",
    "untrusted_labels",
]


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
    contradicts: str | None = None
    """Another judge of the same rubric whose labels say the contrary of its own, or None."""
    twin: str | None = None
    """Another judge of the same rubric that is the same model, or None: two such are one voice, not a panel."""

    def take(self, judgement: Judgement, judged: Judged) -> None:
        """Take note of one judgement."""
        self.asked += 1
        self.statuses[judged.status] += 1
        self.judged.add(judgement.candidate)
        if judgement.completion.model is not None:
            self.models.add(judgement.completion.model)


def judge_fingerprint(candidate: Candidate, prompt: str) -> str:
    """Return the SHA-256 of what a judge is asked: model, runtime and pins, what decides its decoding, and the prompt.

    Where it is served, how long it may take and how often it is asked again after a fault do not change its word.

    Args:
        candidate: The judge's model.
        prompt: Digest of the prompt without the data, from `JudgeContract.prompt_digest`.
    """
    settings = candidate.request.model_dump(mode="json", exclude={"timeout_s", "max_retries"})
    asked: dict[str, JsonValue] = {
        "model": candidate.model or candidate.embedded,
        "runtime": candidate.runtime,
        "pins": candidate.pins.model_dump(mode="json"),
        "request": {**settings, "temperature": 0.0},
        "prompt": prompt,
    }
    return digest_of(asked)


def judge_label(rubric: str) -> str:
    """Return the label under which the scores of a rubric's judges are kept."""
    return ScorerSpec(name="judge", options={"rubric": rubric}).label


def judge_trust(
    spec: JudgeSpec,
    contract: JudgeContract,
    candidates: Mapping[str, Candidate],
    heard: Heard,
    calibration: tuple[Calibration, int] | None,
    *,
    named: Mapping[str, Collection[str]],
) -> JudgeTrust:
    """Return whether a judge's word may carry a condition, and why not.

    Args:
        spec: The judge as the plan has it.
        contract: What it must answer, under its rubric.
        candidates: The candidates of the plan by id.
        heard: What the run holds of it.
        calibration: Its calibration and how many cases of this run have a label, or None.
        named: Model names in the answers of the candidates, by candidate.
    """
    judge, rubric = candidates[spec.candidate], contract.rubric
    reasons = _calibration_faults(judge, contract, heard, calibration[0]) if calibration else ["no calibration on file"]
    same = [
        name
        for name in sorted(heard.judged)
        if is_same_model(judge, candidates[name]) or _named_alike(judge, candidates[name], heard, named.get(name, ()))
    ]
    reasons += [f"judges itself: {name} is the same model" for name in same]
    if heard.twin is not None:
        reasons.append(f"it is the same model as the judge {heard.twin} of its panel")
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


def _calibration_faults(judge: Candidate, contract: JudgeContract, heard: Heard, calibration: Calibration) -> list[str]:
    """Return why a calibration does not hold for this judge; a changed judge is another one."""
    faults = []
    if calibration.rubric_digest != contract.rubric.digest():
        faults.append("its calibration is for another version of the rubric")
    elif calibration.fingerprint != judge_fingerprint(judge, contract.prompt_digest()):
        faults.append("its calibration is for another model, other pins, other request settings or another prompt")
    if heard.models and heard.models != {calibration.model}:
        faults.append("the server names another model than when it was calibrated")
    if heard.contradicts is not None:
        faults.append(f"its labels contradict those of {heard.contradicts}")
    return faults


def trusted_labels(trusts: Iterable[JudgeTrust]) -> frozenset[str]:
    """Return the scorer labels whose judges are all trusted: people's labels may correct their rates."""
    own = list(trusts)
    return frozenset(judge_label(trust.rubric) for trust in own) - untrusted_labels(own).keys()


def untrusted_labels(trusts: Iterable[JudgeTrust]) -> dict[str, str]:
    """Return the scorer labels on which at least one judge without trust has a say, each with the first reason."""
    doubts: dict[str, str] = {}
    for trust in trusts:
        if not trust.trusted:
            doubts.setdefault(judge_label(trust.rubric), f"the judge {trust.judge} is not trusted: {trust.reasons[0]}")
    return doubts


def is_same_model(judge: Candidate, judged: Candidate) -> bool:
    """Say whether a judge is the model that it judges, as far as the plan tells.

    One name at two addresses is taken for one model, unless pins tell the two apart: a judge is only independent where
    that can be seen.
    """
    if judge.id == judged.id:
        return True
    if judge.embedded is not None or judged.embedded is not None:
        return judge.embedded == judged.embedded
    if judge.model is None or judged.model is None:
        # Without a name the server's only model is taken, and that is also the one the other one names.
        return _address(judge) == _address(judged)
    return judge.model == judged.model and not _pinned_apart(judge, judged)


def _named_alike(judge: Candidate, judged: Candidate, heard: Heard, named: Collection[str]) -> bool:
    """Say whether the servers name the two models alike in their answers."""
    return bool(heard.models.intersection(named)) and not _pinned_apart(judge, judged)


def _pinned_apart(a: Candidate, b: Candidate) -> bool:
    pairs = ((a.pins.model_id, b.pins.model_id), (a.pins.revision, b.pins.revision))
    return any(x is not None and y is not None and x != y for x, y in pairs)


def _address(candidate: Candidate) -> str:
    return (candidate.base_url or "").rstrip("/").lower()

"""May it go: each condition with its number and margin, the verdict of each candidate and of the run."""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun

__all__ = ["CandidateVerdict", "ConditionResult", "Verdict", "VerdictWord"]

VerdictWord = Literal["GO", "NO-GO", "HOLD"]


class ConditionResult(Noun):
    """One condition of the policy, applied to one candidate."""

    id: str
    """Name of the condition."""
    condition: str
    """Its text."""
    severity: Literal["block", "warn"]
    """`block` decides the verdict."""
    status: Literal["met", "not_met", "unknown"]
    """What it came to."""
    observed: float | None
    """The number that was compared, or None when there is none."""
    low: float | None
    """Lower confidence limit that was compared, where a confidence was asked for."""
    high: float | None
    """Upper confidence limit, where a confidence was asked for."""
    n: int | None
    """Trials, requests or findings that it rests on."""
    threshold: float | None
    """What it was compared with."""
    margin: float | None
    """How far the deciding figure is on the good side of the threshold; negative when on the bad side."""
    reason: str
    """Why, and beside an unknown what it needs."""


class CandidateVerdict(Noun):
    """What the evidence says of one candidate."""

    candidate: str
    """Candidate id."""
    verdict: VerdictWord
    """GO, NO-GO or HOLD."""
    conditions: tuple[ConditionResult, ...]
    """Every condition, in the policy's order."""
    reason: str
    """One sentence: what decided it."""


class Verdict(Noun):
    """What the evidence says, as a whole: the worst of the candidates that are decided on."""

    verdict: VerdictWord
    """GO, NO-GO or HOLD."""
    candidates: tuple[CandidateVerdict, ...]
    """Each candidate that is decided on."""
    reason: str
    """One sentence: what decided it."""

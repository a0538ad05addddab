"""May it go: each condition with its number and margin, the verdict of each candidate and of the run."""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun, Status
from assay.schema.findings import Section
from assay.schema.suite import Waiver

__all__ = ["CandidateVerdict", "ConditionResult", "SectionResult", "Stopped", "Verdict", "VerdictWord", "WaiverUse"]

VerdictWord = Literal["GO", "NO-GO", "HOLD"]


class WaiverUse(Noun):
    """A waiver and what became of it."""

    waiver: Waiver
    """As its file has it."""
    status: Literal["applies", "expired", "not_yet", "exceeded", "not_waivable", "not_needed", "unmatched"]
    """`applies` keeps a condition that is not met from deciding; `exceeded` says that the candidate is worse than when
    it was granted; `unmatched` that there is no such condition or candidate."""
    reason: str
    """Why, one sentence."""


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
    method: str | None = None
    """Statistical test or interval that decided, or None where a figure was compared as it is."""
    failing: tuple[str, ...] = ()
    """Names of what is not met, where the condition is over a list."""
    needed: int | None = None
    """Further trials, requests or cases that would prove an unknown if all go its way, or cases up to the next look;
    None where no number does."""
    flip: str | None = None
    """What would turn it: how many more failures, or how many passes instead; None where nothing countable would."""
    waiver: WaiverUse | None = None
    """The waiver on it, whether it applies or not."""


class SectionResult(Noun):
    """One section of the readiness checklist, by its weakest item of severity block."""

    section: Section
    """Part of the checklist."""
    status: Status
    """That of the weakest item: one that is not met outweighs any number of others."""
    met: int
    """Items that are met or not applicable."""
    not_met: int
    """Items that are not met."""
    unknown: int
    """Items on which nothing is known."""


class Stopped(Noun):
    """How far the cases of one suite were asked of one candidate, where not all were."""

    candidate: str
    """Candidate id."""
    suite: str
    """Suite id."""
    asked: int
    """Trials that were asked."""
    due: int
    """Trials that were due."""
    looks: int
    """Planned looks at which the conditions were weighed; 0 for plain curtailment."""
    why: str
    """Why no more were asked, one sentence."""


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
    sections: tuple[SectionResult, ...] = ()
    """The readiness checklist by section, weakest first."""
    flip: str | None = None
    """What would flip the verdict, one sentence."""


class Verdict(Noun):
    """What the evidence says, as a whole: the worst of the candidates that are decided on."""

    verdict: VerdictWord
    """GO, NO-GO or HOLD."""
    candidates: tuple[CandidateVerdict, ...]
    """Each candidate that is decided on."""
    reason: str
    """One sentence: what decided it."""
    waivers: tuple[WaiverUse, ...] = ()
    """Every waiver, those that hold a verdict back first."""

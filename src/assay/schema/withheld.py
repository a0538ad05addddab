"""What stands in the evidence for texts that are left out of it: digests, and what had been made of them?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assay.schema._base import Noun
from assay.schema.score import Outcome

__all__ = ["Redaction", "Redactions", "StoredScore", "WithheldJudgement", "WithheldTrial"]


class Redactions(Noun):
    """`redact.json` in a run's folder, never in the evidence: what the organization does not let travel."""

    sha256: str
    """Digest of the file's bytes."""
    patterns: dict[str, str]
    """Regular expressions by name."""


class Redaction(Noun):
    """`redaction.json`: what was left out when the evidence was put together."""

    schema_name: Literal["assay/redaction/v1"] = Field(default="assay/redaction/v1", alias="schema")
    """Name of this format."""
    transcripts: bool = True
    """Whether prompts and answers are there; without them only what was decided of them is."""
    redactions: dict[str, int] = Field(default_factory=dict)
    """Texts taken out, by the name of the pattern that they matched."""
    patterns_sha256: str | None = None
    """SHA-256 of the organization's file of patterns, or None where there was none; the patterns stay at home."""


class StoredScore(Noun):
    """What one scorer said of an answer that is left out; why is left out too, for reasons quote answers."""

    scorer: str
    """Label of the scorer."""
    value: float | None
    """Grade from 0 to 1, or None when unscored."""
    outcome: Outcome
    """What became of it."""


class WithheldTrial(Noun):
    """One line of `withheld-trials.jsonl`: what was decided of an answer while its text was there."""

    candidate: str
    """Candidate id."""
    suite: str
    """Suite id."""
    case: str
    """Case id."""
    trial: int
    """Number of the trial."""
    answer: str = Field(pattern="^[0-9a-f]{64}$")
    """HMAC-SHA256 of the answer under a key that stays in the run's folder; its plain SHA-256 where a label in the
    calibrations names that anyway."""
    unclosed_thinking: bool = False
    """Whether it ended before the model had closed its thinking."""
    scores: tuple[StoredScore, ...]
    """One for each scorer of the case, in its order."""

    @property
    def key(self) -> tuple[str, str, str, int]:
        """Return which trial it is of."""
        return (self.candidate, self.suite, self.case, self.trial)


class WithheldJudgement(Noun):
    """One line of `withheld-judgements.jsonl`: what a judge decided while its words were there."""

    judge: str
    """Judge id."""
    rubric: str
    """Rubric id."""
    candidate: str
    """Candidate that is judged."""
    suite: str
    """Suite id."""
    case: str
    """Case id."""
    trial: int
    """Number of the trial."""
    status: Literal["read", "parse_error", "transport_error", "truncated", "refused"]
    """Whether the judgement could be read, and why not."""
    value: float | None
    """Grade from 0 to 1, or None when unscored."""
    outcome: Outcome
    """What it came to."""

    @property
    def key(self) -> tuple[str, str, str, str, str, int]:
        """Return which judgement it is of."""
        return (self.judge, self.rubric, self.candidate, self.suite, self.case, self.trial)

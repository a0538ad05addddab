"""How good were the answers: a score for each trial and scorer, metrics over them."""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun

__all__ = ["JudgeTrust", "Metric", "Outcome", "Score"]

Outcome = Literal["passed", "failed", "unscored"]


class Score(Noun):
    """What one scorer says of one trial; one line of `scores.jsonl`."""

    candidate: str
    """Candidate id."""
    suite: str
    """Suite id."""
    case: str
    """Case id."""
    trial: int
    """Number of the trial."""
    scorer: str
    """Label of the scorer."""
    value: float | None
    """Grade from 0 to 1, or None when unscored."""
    outcome: Outcome
    """`unscored` when there was no answer or no judgement: neither a pass nor a zero."""
    reason: str
    """Why, in words that help to mend the case."""


class Metric(Noun):
    """A pass rate over trials, with what is not known about it."""

    candidate: str
    """Candidate id."""
    suite: str
    """Suite id."""
    tag: str | None
    """Only cases with this tag, or None for all."""
    scorer: str | None
    """Only this scorer, or None: a trial passes when all its scorers pass."""
    cases: int
    """Distinct cases; fewer than n when each was tried several times."""
    passed: int
    """Trials that passed."""
    failed: int
    """Trials that failed."""
    unscored: int
    """Trials without a score: the request failed or the judge gave none."""
    n: int
    """Trials that were due: passed, failed and unscored."""
    rate: float | None
    """Strict pass rate `passed / n`, an unscored trial counting as not passed; None when n is 0."""
    rate_scored: float | None
    """Pass rate of the scored trials only, `passed / (passed + failed)`; None when there are none."""
    low: float | None
    """Lower limit of the 95 % Wilson interval of `rate`."""
    high: float | None
    """Upper limit of the 95 % Wilson interval of `rate`."""
    trusted: bool
    """False when a judge without trust took part; its conditions are then unknown."""


class JudgeTrust(Noun):
    """Whether a judge's word may carry a condition."""

    judge: str
    """Judge id."""
    candidate: str
    """Candidate that is asked."""
    rubric: str
    """Rubric id."""
    trusted: bool
    """True only with a calibration on file and an independent judge."""
    reasons: tuple[str, ...]
    """Why not, one sentence each."""
    asked: int
    """Judgements asked for."""
    parsed: int
    """Judgements that could be read."""

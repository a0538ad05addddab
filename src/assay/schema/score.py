"""How good were the answers: a score for each trial and scorer, metrics over them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assay.schema._base import Noun
from assay.schema.calibration import AgreementFigures, BiasFigures

__all__ = ["CaseResult", "CaseTally", "Correction", "JudgeTrust", "Metric", "Outcome", "PanelAgreement", "Score"]

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


class Correction(Noun):
    """A judged pass rate as people see it: their labels, post-stratified on the judge's verdict."""

    judged_passed: int
    """Trials that the judge passed."""
    judged_n: int
    """Trials that the judge gave a verdict on."""
    pass_labels: int
    """Of those it passed, the ones that people labelled."""
    pass_labels_passed: int
    """Of these, the ones that people passed too."""
    fail_labels: int
    """Of those it failed, the ones that people labelled."""
    fail_labels_passed: int
    """Of these, the ones that people passed after all."""
    value: float | None
    """Pass rate by human judgement among the trials with a verdict; None where a stratum has no label."""
    low: float | None
    """Lower limit of its 95 % interval (Wilson limits, put together by MOVER); None with several trials a case."""
    high: float | None
    """Upper limit."""
    worth: float | None
    """How many labels without a judge would tell as much; None where the labels cannot say."""


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
    stopped: int = 0
    """Of the unscored, trials that were not asked because the run could stop early."""
    rate: float | None
    """Strict pass rate of the trials that were asked or should have been, `passed / (n - stopped)`, an unscored one
    counting as not passed; None when there are none."""
    rate_scored: float | None
    """Pass rate of the scored trials only, `passed / (passed + failed)`; None when there are none."""
    low: float | None
    """Lower limit of the 95 % Wilson interval of `rate`; None with several trials a case, which are alike."""
    high: float | None
    """Upper limit of the 95 % Wilson interval of `rate`."""
    cases_passed: int | None = None
    """Cases of which enough trials passed: all, or the case's own `min_pass_rate`; None with one trial a case."""
    flip_rate: float | None = None
    """Share of the cases whose scored trials do not all say the same; None with one trial a case."""
    correction: Correction | None = None
    """The rate as people see it, where a calibrated judge alone decides; None elsewhere."""
    trusted: bool
    """False when a judge took part whose word carries nothing here; its conditions are then unknown."""
    doubt: str | None = None
    """Why it is not trusted, or None."""
    mean: float | None = None
    """Mean grade from 0 to 1 over the scored trials; None without one, and over several scorers together, which have
    no common grade."""


class CaseTally(Noun):
    """What the trials of one case came to, under one scorer or under all together."""

    passed: int
    """Trials that passed."""
    failed: int
    """Trials that failed."""
    grades: float
    """Sum of the grades of the passed and failed trials, each from 0 to 1."""


class CaseResult(Noun):
    """What one candidate did at one case: what a comparison, a cluster or a look at part of a suite needs."""

    suite: str
    """Suite id."""
    case: str
    """Case id."""
    digest: str
    """SHA-256 of the case: two candidates are compared at equal digests, never by position."""
    tags: tuple[str, ...] = ()
    """Tags of the case."""
    source: str | None = None
    """What the case was made from, where others were made from it too."""
    due: int
    """Trials that were due."""
    asked: int
    """Trials that were asked; of these, what is neither passed nor failed has no score."""
    whole: CaseTally
    """By all scorers together: a trial passes when all its scorers pass. Its grades are 1 and 0."""
    by_scorer: dict[str, CaseTally] = Field(default_factory=dict)
    """By scorer label, where the suite has several; else the one scorer's own grades."""


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
    unread: dict[str, int] = Field(default_factory=dict)
    """Judgements that gave no verdict, by status: parse_error, transport_error, truncated, refused."""
    model: str | None = None
    """Model name that the judge's server put into its answers; None when it gave none or several."""
    labels: int | None = None
    """Answers of this run in the labelled sample, one for each candidate and case; None without a calibration."""
    agreement: AgreementFigures | None = None
    """How far the judge and people agree, by its calibration."""
    bias: BiasFigures | None = None
    """Whether its word hangs on what should not matter, by its calibration."""


class PanelAgreement(Noun):
    """How far several judges under one rubric agree."""

    rubric: str
    """Rubric id."""
    judges: tuple[str, ...]
    """Judge ids."""
    answers: int
    """Answers on which at least two of them gave a verdict."""
    unanimous: int
    """Of these, the ones on which all that gave a verdict agree."""
    alpha: float | None
    """Krippendorff's alpha, nominal; None without variation."""

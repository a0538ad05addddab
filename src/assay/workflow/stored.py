"""What was decided of answers and judgements whose texts the evidence does not hold, and may it be believed here?

A score that is stored stands in for one that could be derived, so it is only taken where nothing could be: of an answer
that is left out or redacted, or that was given to a case of which that is true. Where it is missing, nothing is known.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from assay import readiness
from assay.errors import foreign_evidence
from assay.record.run_folder import parse_lines
from assay.schema.score import Score
from assay.schema.withheld import WithheldJudgement, WithheldTrial
from assay.scoring import Judged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.schema.run import Judgement, Trial, TrialKey
    from assay.schema.score import Outcome
    from assay.schema.suite import Case, Suite
    from assay.scoring import JudgeContract

__all__ = ["JUDGEMENTS_FILE", "REDACTION_FILE", "TRIALS_FILE", "Stored", "read_stored"]

REDACTION_FILE: Final = "redaction.json"
"""Where it stands what was left out."""
TRIALS_FILE: Final = "withheld-trials.jsonl"
"""Where the scores lie of answers that are left out."""
JUDGEMENTS_FILE: Final = "withheld-judgements.jsonl"
"""Where it lies what judges decided whose words are left out."""
_WHY: Final = "its text is left out of the evidence"
_MARK: Final = "[redacted:"


@dataclass(frozen=True)
class Stored:
    """What was decided while the texts were there."""

    trials: Mapping[TrialKey, WithheldTrial]
    """By trial."""
    judgements: Mapping[tuple[str, str, str, str, str, int], WithheldJudgement]
    """By judgement."""

    @cached_property
    def _judged(self) -> frozenset[TrialKey]:
        """Trials on which a judge's words are left out."""
        return frozenset((key[2], key[3], key[4], key[5]) for key in self.judgements)

    def scores(self, suite: Suite, case: Case, trial: Trial) -> tuple[Score, ...] | None:
        """Return the scores of a trial whose text is left out, or None of one that is scored here.

        Without a text and without a stored score it is unscored.

        Raises:
            MismatchError: there are stored scores for an answer that could be scored, or by other scorers than the
                case's.
        """
        if trial.status != "completed":
            return None
        own = self.trials.get(trial.key)
        labels = tuple(spec.label for spec in suite.scorers_of(case))
        if own is None:
            if trial.output is not None and case.withheld is None:
                return None
            return tuple(
                _score(trial, label, None, "unscored", f"{_WHY}, and no score of it is stored") for label in labels
            )
        hidden = trial.output is None or _MARK in trial.output
        if not (hidden or case.withheld is not None or trial.key in self._judged):
            raise foreign_evidence("a score is stored of an answer that is there to be scored")
        if labels != tuple(score.scorer for score in own.scores):
            raise foreign_evidence("the stored scores of an answer are not by the scorers of its case")
        return tuple(_score(trial, each.scorer, each.value, each.outcome, _WHY) for each in own.scores)

    def judged(self, judgement: Judgement, contract: JudgeContract) -> Judged:
        """Return what a judge decided: as stored where its words are left out, else as they read.

        Raises:
            MismatchError: a decision is stored of words that are there to be read.
        """
        own = self.judgements.get(judgement.key)
        if own is None:
            return contract.parse(judgement.completion)
        output = judgement.completion.output
        if output is not None and _MARK not in output:
            raise foreign_evidence("a decision is stored of a judgement that is there to be read")
        return Judged(own.value, own.outcome, _WHY, status=own.status)

    def answer(self, trial: Trial) -> str | None:
        """Return what an answer is told apart by: its SHA-256, or what is stored in its place; None without one."""
        own = self.trials.get(trial.key)
        if own is not None:
            return own.answer
        return None if trial.output is None else hashlib.sha256(trial.output.encode()).hexdigest()

    def left_thinking(self, trial: Trial) -> bool:
        """Return whether an answer ended before the model had closed its thinking."""
        own = self.trials.get(trial.key)
        return readiness.left_thinking(trial) if own is None else own.unclosed_thinking


def read_stored(files: Mapping[str, bytes]) -> Stored:
    """Return what is stored of texts that are left out.

    Raises:
        InputError: a line cannot be read.
        MismatchError: something stands twice.
    """
    trials = tuple(parse_lines(files.get(TRIALS_FILE, b""), WithheldTrial, TRIALS_FILE))
    judgements = tuple(parse_lines(files.get(JUDGEMENTS_FILE, b""), WithheldJudgement, JUDGEMENTS_FILE))
    stored = Stored({own.key: own for own in trials}, {own.key: own for own in judgements})
    if len(stored.trials) < len(trials) or len(stored.judgements) < len(judgements):
        raise foreign_evidence("what is stored of a text that is left out stands twice")
    return stored


def _score(trial: Trial, label: str, value: float | None, outcome: Outcome, reason: str) -> Score:
    return Score(
        candidate=trial.candidate,
        suite=trial.suite,
        case=trial.case,
        trial=trial.trial,
        scorer=label,
        value=value,
        outcome=outcome,
        reason=reason,
    )

"""How good is an answer: scorers, judges, and the metrics over what they say."""

from assay.scoring.checks import check_scorers
from assay.scoring.judge import JudgeContract, fence, reference_of
from assay.scoring.metrics import blocker_failures, metrics_of
from assay.scoring.registry import SCORERS
from assay.scoring.score import score_trial
from assay.scoring.trust import judge_trust, untrusted_labels

__all__ = [
    "SCORERS",
    "JudgeContract",
    "blocker_failures",
    "check_scorers",
    "fence",
    "judge_trust",
    "metrics_of",
    "reference_of",
    "score_trial",
    "untrusted_labels",
]

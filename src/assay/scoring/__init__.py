"""How good is an answer: scorers, judges, and the metrics over what they say."""

from assay.scoring.checks import check_scorers
from assay.scoring.judge import JudgeContract, fence, reference_of
from assay.scoring.metrics import Counting, Methods
from assay.scoring.panel import panel_agreement
from assay.scoring.plugins import known_scorers, plugin_versions
from assay.scoring.score import score_trial
from assay.scoring.trust import (
    Heard,
    judge_fingerprint,
    judge_label,
    judge_trust,
    trusted_labels,
    untrusted_labels,
)

__all__ = [
    "Counting",
    "Heard",
    "JudgeContract",
    "Methods",
    "check_scorers",
    "fence",
    "judge_fingerprint",
    "judge_label",
    "judge_trust",
    "known_scorers",
    "panel_agreement",
    "plugin_versions",
    "reference_of",
    "score_trial",
    "trusted_labels",
    "untrusted_labels",
]

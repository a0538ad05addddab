"""How good is an answer: scorers, judges, and the metrics over what they say."""

from assay.scoring.blockers import together_of
from assay.scoring.calibration import bias_of, figures_of, follows_from_answers
from assay.scoring.cases import CaseResults
from assay.scoring.checks import check_scorers
from assay.scoring.drawing import People, Sampled, Words, draw_of, sampled, words_of
from assay.scoring.judge import JudgeContract, Judged, fence, reference_of
from assay.scoring.metrics import Counting, Methods
from assay.scoring.pairwise import PairContract, together
from assay.scoring.panel import panel_agreement
from assay.scoring.plugins import known_scorers, needs_nobody, plugin_versions
from assay.scoring.score import NO_ANSWER, cases_by_rubric, outcomes_of, score_trial
from assay.scoring.trust import (
    Heard,
    is_same_model,
    judge_fingerprint,
    judge_label,
    judge_trust,
    trusted_labels,
    untrusted_labels,
)

__all__ = [
    "NO_ANSWER",
    "CaseResults",
    "Counting",
    "Heard",
    "JudgeContract",
    "Judged",
    "Methods",
    "PairContract",
    "People",
    "Sampled",
    "Words",
    "bias_of",
    "cases_by_rubric",
    "check_scorers",
    "draw_of",
    "fence",
    "figures_of",
    "follows_from_answers",
    "is_same_model",
    "judge_fingerprint",
    "judge_label",
    "judge_trust",
    "known_scorers",
    "needs_nobody",
    "outcomes_of",
    "panel_agreement",
    "plugin_versions",
    "reference_of",
    "sampled",
    "score_trial",
    "together",
    "together_of",
    "trusted_labels",
    "untrusted_labels",
    "words_of",
]

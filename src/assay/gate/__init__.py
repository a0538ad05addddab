"""Does the evidence meet the policy: conditions, the statistics behind them, and the verdict?"""

from assay.gate.conditions import Condition, check_conditions, parse, specs_of, suites_by_case
from assay.gate.corrected import corrected
from assay.gate.decide import judge_candidate, overall
from assay.gate.evidence import Facts, Latency, Subjects, SuiteSubject
from assay.gate.kinds.blockers import BlockersQuestion
from assay.gate.kinds.readiness import ItemQuestion, ReadinessQuestion
from assay.gate.question import AnswerStatus, ConditionError, UnknownMetricError
from assay.gate.sequential import look_sizes
from assay.gate.statistics import (
    exact_lower,
    exact_upper,
    order_statistic_ranks,
    passes_needed,
    requests_needed,
    wilson,
)
from assay.gate.stopping import Bounds, Watch, bounds_of, reads, settled_by_counts

__all__ = [
    "AnswerStatus",
    "BlockersQuestion",
    "Bounds",
    "Condition",
    "ConditionError",
    "Facts",
    "ItemQuestion",
    "Latency",
    "ReadinessQuestion",
    "Subjects",
    "SuiteSubject",
    "UnknownMetricError",
    "Watch",
    "bounds_of",
    "check_conditions",
    "corrected",
    "exact_lower",
    "exact_upper",
    "judge_candidate",
    "look_sizes",
    "order_statistic_ranks",
    "overall",
    "parse",
    "passes_needed",
    "reads",
    "requests_needed",
    "settled_by_counts",
    "specs_of",
    "suites_by_case",
    "wilson",
]

"""Is a candidate ready: what does the evidence say to each item of the checklist?"""

from assay.readiness.checks import CHECKS
from assay.readiness.checks.disconnect_frees import hang_up_frees
from assay.readiness.extending import extended
from assay.readiness.findings import find
from assay.readiness.hanging import hangs_on_answers
from assay.readiness.levels import ReadinessLevel, SectionLevel, readiness_level
from assay.readiness.rehearsed import digests_served, last_day, latest_from, rollbacks_of
from assay.readiness.table import checklist_table
from assay.readiness.thinking import left_thinking
from assay.readiness.validation import validate, validate_attestations
from assay.readiness.view import Answer, Check, View

__all__ = [
    "CHECKS",
    "Answer",
    "Check",
    "ReadinessLevel",
    "SectionLevel",
    "View",
    "checklist_table",
    "digests_served",
    "extended",
    "find",
    "hang_up_frees",
    "hangs_on_answers",
    "last_day",
    "latest_from",
    "left_thinking",
    "readiness_level",
    "rollbacks_of",
    "validate",
    "validate_attestations",
]

"""Is a candidate ready: what does the evidence say to each item of the checklist?"""

from assay.readiness.checks import CHECKS
from assay.readiness.extending import extended
from assay.readiness.findings import find
from assay.readiness.hanging import hangs_on_answers
from assay.readiness.levels import ReadinessLevel, SectionLevel, readiness_level
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
    "extended",
    "find",
    "hangs_on_answers",
    "left_thinking",
    "readiness_level",
    "validate",
    "validate_attestations",
]

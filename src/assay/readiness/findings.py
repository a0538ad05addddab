"""What did each item of the checklist come to, for one candidate?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.answer import clipped, not_applicable
from assay.readiness.checks import CHECKS
from assay.readiness.validation import ONCE_ATTESTED
from assay.readiness.view import CHECKLIST, unknown
from assay.schema.findings import Finding

if TYPE_CHECKING:
    from assay.readiness.view import Answer, View
    from assay.schema.findings import Checklist, ChecklistItem

__all__ = ["find"]


def find(checklist: Checklist, view: View) -> tuple[Finding, ...]:
    """Return one finding for each item of the checklist, in its order.

    An item of kind check without a check is unknown: an old record may name one that is no longer there. One that the
    checklist leaves out is not applicable, with the reason that stands there: it is never gone without a word.
    """
    return tuple(_finding(item, _answer(item, view), view.candidate.id) for item in checklist.items)


def _answer(item: ChecklistItem, view: View) -> Answer:
    if item.leave_out:
        return not_applicable(f"left out of the checklist: {clipped(item.leave_out, 300).rstrip('.')}", CHECKLIST)
    check = CHECKS.get(item.id)
    if item.shown_by == "attestation":
        seen = check(view) if check is not None and item.id in ONCE_ATTESTED else None
        # Observed beats declared: nobody's word clears a log in which prompts were found.
        return seen if seen is not None and seen.status == "not_met" else view.attested(item.id)
    return check(view) if check is not None else unknown("there is no check of this name")


def _finding(item: ChecklistItem, answer: Answer, candidate: str) -> Finding:
    return Finding(
        item=item.id,
        candidate=candidate,
        section=item.section,
        question=item.question,
        severity=item.severity,
        status=answer.status,
        reason=answer.reason,
        evidence=answer.evidence,
        remedy=item.remedy,
    )

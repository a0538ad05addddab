"""What do several judges say together of one answer?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema._base import rounded
from assay.schema.score import PanelAgreement
from assay.scoring.agreement import krippendorff_alpha
from assay.scoring.mark import Mark, unscored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assay.schema.score import Outcome

__all__ = ["majority", "panel_agreement"]


def majority(marks: Sequence[tuple[str, Mark]]) -> Mark:
    """Return what more than half of the judges say; unscored where no verdict has that many.

    A judge that could not be read counts among them: one readable judge of three is no majority.

    Args:
        marks: Judge id and mark, one for each judge that was asked.
    """
    if not marks:
        return unscored("no judge was asked")
    if len(marks) == 1:
        return marks[0][1]
    said = "; ".join(f"{judge}: {mark.reason}" for judge, mark in marks)
    passes = sum(mark.outcome == "passed" for _, mark in marks)
    fails = sum(mark.outcome == "failed" for _, mark in marks)
    count = f"of {len(marks)} judges {passes} passed and {fails} failed it ({said})"
    if 2 * max(passes, fails) <= len(marks):
        return unscored(count)
    grades = [mark.value for _, mark in marks if mark.value is not None]
    return Mark(rounded(sum(grades) / len(grades)), "passed" if passes > fails else "failed", count)


def panel_agreement(rubric: str, judges: Sequence[str], words: Mapping[str, Mapping[str, Outcome]]) -> PanelAgreement:
    """Return how far the judges of one rubric agree.

    Args:
        rubric: Rubric id.
        judges: Their ids.
        words: What each said, by judge and answer; answers without a verdict are left out or `unscored`.
    """
    by_answer: dict[str, list[Outcome]] = {}
    for own in words.values():
        for answer, outcome in own.items():
            if outcome != "unscored":
                by_answer.setdefault(answer, []).append(outcome)
    several = [said for said in by_answer.values() if len(said) > 1]
    ratings = {j: {a: o for a, o in own.items() if o != "unscored"} for j, own in words.items()}
    return PanelAgreement(
        rubric=rubric,
        judges=tuple(judges),
        answers=len(several),
        unanimous=sum(len(set(said)) == 1 for said in several),
        alpha=krippendorff_alpha(ratings, "nominal") if several else None,
    )

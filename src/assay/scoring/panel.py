"""What do several judges say together of one answer?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema._base import rounded
from assay.scoring.mark import Mark, unscored

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["majority"]


def majority(marks: Sequence[tuple[str, Mark]]) -> Mark:
    """Return what most of the judges that could be read say; unscored on a tie, or when none could be read.

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
    if passes == fails:
        return unscored(count)
    grades = [mark.value for _, mark in marks if mark.value is not None]
    return Mark(rounded(sum(grades) / len(grades)), "passed" if passes > fails else "failed", count)

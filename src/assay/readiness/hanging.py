"""Can the answers to further cases still change what a part of the checklist comes to?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["READ_ANSWERS", "hangs_on_answers"]

READ_ANSWERS: Final = frozenset(
    {"golden-sets", "quality-baseline", "structured-output", "answers-whole", "thinking-closed"}
)
"""Items whose checks read a candidate's own answers to the cases, or their scores. `fallback` reads those of other
candidates."""


def hangs_on_answers(items: Collection[str], *, baseline: bool) -> bool:
    """Return whether the worst among some items may yet change by the answers to cases that are not asked yet.

    `golden-sets` never fails while there is a suite: it is met or unknown. Without a baseline `quality-baseline` is
    unknown whatever is answered, so that the other no longer matters beside it. All others may fail.

    Args:
        items: ids of the items that are weighed together.
        baseline: whether a candidate is compared with a baseline of the plan.
    """
    reading = READ_ANSWERS.intersection(items)
    if not reading:
        return False
    sealed = not baseline and "quality-baseline" in reading
    return not (sealed and reading <= {"golden-sets", "quality-baseline"})

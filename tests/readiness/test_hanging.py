"""Is it known which items of the checklist further answers can change?"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

from assay.readiness import CHECKS, hangs_on_answers
from assay.readiness.hanging import READ_ANSWERS

if TYPE_CHECKING:
    from collections.abc import Collection

ANSWERS = ("metric(", "completed", "truncated", "unclosed_thinking", "all_due", "view.trials")
"""What a check writes that reads answers or their scores."""


def test_every_check_that_reads_answers_is_named() -> None:
    """A new check that looks at trials or pass rates must be named, or a run might stop though it is open.

    `fallback` looks at the answers of other candidates alone, and these are asked every case.
    """
    reading = set()
    for item, check in CHECKS.items():
        module = inspect.getmodule(check)
        assert module is not None
        if any(word in inspect.getsource(module) for word in ANSWERS):
            reading.add(item)
    assert reading - {"fallback"} == READ_ANSWERS


@pytest.mark.parametrize(
    ("items", "baseline", "hangs"),
    [
        (["pins", "owner"], False, False),
        (["golden-sets"], False, True),
        (["golden-sets", "quality-baseline"], False, False),
        (["golden-sets", "quality-baseline"], True, True),
        (["quality-baseline"], False, False),
        (["quality-baseline", "structured-output"], False, True),
        (["quality-baseline", "answers-whole"], False, True),
        ([], True, False),
    ],
)
def test_when_answers_matter(items: Collection[str], baseline: bool, hangs: bool) -> None:
    """Without a baseline one item is unknown whatever is answered, which hides the other that is never worse."""
    assert hangs_on_answers(items, baseline=baseline) is hangs

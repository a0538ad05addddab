"""Was it measured with prompts as long as the context that production may use?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, REQUESTS, Answer, combined, met, named, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.bench import BenchCell

__all__ = ["check"]

_SHARE_OF_PIN = 0.5
"""Share of the pinned context from which a prompt counts as a long one."""


def check(view: View) -> Answer:
    """Return met when the long profile, its answers included, fills at least half of the pinned context."""
    pinned = view.candidate.pins.max_context_tokens
    if pinned is None:
        return unknown("the plan does not pin max_context_tokens", PLAN)
    load = view.load("long")
    return combined([*load.unknowns(), *(_filled(cell, pinned) for cell in load.cells)])


def _filled(cell: BenchCell, pinned: int) -> Answer:
    if cell.prompt_tokens_p50 is None:
        return unknown(f"{named(cell)}: the server does not count prompt tokens", REQUESTS)
    used = cell.prompt_tokens_p50 + (cell.output_tokens_p50 or 0)
    text = f"{named(cell)}: {used} of {pinned} pinned tokens used"
    return (met if used >= _SHARE_OF_PIN * pinned else unknown)(text, REQUESTS, PLAN)

"""Did an answer end while the model was still thinking?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.schema.run import Trial

__all__ = ["left_thinking"]

_OPENED = re.compile(r"\A\s*(?:<think(?:ing)?>|\[THINK\]|<\|channel\|>\s*analysis)", re.IGNORECASE)
_CLOSED = re.compile(r"</think(?:ing)?>|\[/THINK\]|<\|channel\|>\s*final", re.IGNORECASE)


def left_thinking(trial: Trial) -> bool:
    """Return whether a trial's answer is an open block of thought, or nothing but thought cut off by its limit."""
    if trial.output is None:
        return False
    if _OPENED.match(trial.output):
        return _CLOSED.search(trial.output) is None
    return not trial.output.strip() and bool(trial.reasoning_characters) and trial.finish_reason == "length"

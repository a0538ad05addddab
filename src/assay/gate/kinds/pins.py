"""Is the candidate what the plan says it is?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.gate.question import ConditionError, Countless, Form, all_met

if TYPE_CHECKING:
    from assay.gate.evidence import Facts
    from assay.gate.question import Answer

__all__ = ["FORM", "PinsQuestion"]

_WRITTEN = "pins all met"


@dataclass(frozen=True)
class PinsQuestion(Countless):
    """Whether every pin of the plan agrees with what was observed."""

    metric: str = "pins"
    """Name of what is asked about."""
    threshold: None = None
    """There is no number."""

    def answer(self, facts: Facts) -> Answer:
        """Answer from the pins; a plan without pins says nothing of what the candidate is."""
        return all_met("pins", [(pin.pin, pin.status) for pin in facts.pins])


def _read(text: str) -> PinsQuestion:
    if text != _WRITTEN:
        raise ConditionError("cannot be read", f"Write it as `{_WRITTEN}`.")
    return PinsQuestion()


FORM: Final = Form(_WRITTEN, _read, lambda _subjects: ("pins",))

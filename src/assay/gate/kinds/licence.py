"""Does the licence of the weights allow what production is?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.gate.question import Answer, ConditionError, Countless, Form, listed, unknown

if TYPE_CHECKING:
    from assay.gate.evidence import Facts
    from assay.schema.provenance import Licence

__all__ = ["FORM", "LicenceQuestion"]

_WRITTEN = "licence allows commercial use"


@dataclass(frozen=True)
class LicenceQuestion(Countless):
    """Whether the licence allows commercial use without conditions, and prohibits nothing that the plan describes."""

    metric: str = "licence"
    """Name of what is asked about."""
    threshold: None = None
    """There is no number."""

    def answer(self, facts: Facts) -> Answer:
        """Answer from the licence; where it allows the use on conditions, a person must say whether they hold."""
        licence = facts.licence
        name = f"The licence {licence.identifier or 'of the weights'} ({licence.family})"
        if licence.allowance.outcome == "prohibited":
            return Answer("not_met", f"{name} prohibits the use: {listed(licence.allowance.reasons, '; ')}.")
        if licence.commercial == "yes":
            return Answer("met", f"{name} allows commercial use.")
        if licence.commercial == "no":
            return Answer("not_met", f"{name} does not allow commercial use.")
        if licence.commercial == "conditional":
            return unknown(f"{name} allows commercial use on conditions that a person must weigh.{_also(licence)}")
        return unknown(f"It is not known whether commercial use is allowed: {licence.source}.{_also(licence)}")


def _also(licence: Licence) -> str:
    """Return the conditions, and the fields of the plan's organization without which they cannot be weighed."""
    conditions = listed([condition.rstrip(".") for condition in licence.conditions], "; ")
    missing = listed(licence.allowance.missing)
    said = f" Conditions: {conditions}." if conditions else ""
    return f"{said} The plan's organization does not say: {missing}." if missing else said


def _read(text: str) -> LicenceQuestion:
    if text != _WRITTEN:
        raise ConditionError("cannot be read", f"Write it as `{_WRITTEN}`.")
    return LicenceQuestion()


FORM: Final = Form(_WRITTEN, _read, lambda _subjects: ("licence",))

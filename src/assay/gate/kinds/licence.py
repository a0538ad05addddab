"""Does the licence of the weights allow what is meant to be done, and is it known which one it is?"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.gate.question import Answer, ConditionError, Countless, Form, listed, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.gate.evidence import Facts
    from assay.schema.provenance import Licence

__all__ = ["FORM", "LicenceQuestion"]

_WRITTEN = "licence allows commercial use"


@dataclass(frozen=True)
class LicenceQuestion(Countless):
    """What the licence says of one use, or whether it is known at all."""

    text: str
    """Key of QUESTIONS."""
    metric: str = "licence"
    """Name of what is asked about."""
    threshold: None = None
    """There is no number."""

    def answer(self, facts: Facts) -> Answer:
        """Answer from the licence; where it allows a use on conditions, a person must say whether they hold.

        What the licence does not allow no waiver can: it is somebody else's to allow.
        """
        return QUESTIONS[self.text](facts.licence)


def _commercial(licence: Licence) -> Answer:
    """Answer whether commercial use is allowed without conditions, and nothing that the plan describes prohibited."""
    if licence.allowance.outcome == "prohibited":
        return _prohibited(licence)
    return _of(licence, licence.commercial, "commercial use")


def _evaluation(licence: Licence) -> Answer:
    """Answer whether a company may evaluate the model for itself, which a licence may allow where it allows no more."""
    use = "internal evaluation"
    if licence.allowance.outcome == "prohibited" and licence.commercial != "no":
        # Then it is the place, the size or a use that is ruled out, and evaluation may be ruled out with it.
        reasons = listed(licence.allowance.reasons, "; ")
        return unknown(f"{_name(licence)} prohibits the use ({reasons}), and a person must say whether {use} too.")
    return _of(licence, licence.internal_evaluation, use)


def _training(licence: Licence) -> Answer:
    """Answer whether outputs may train other models; a licence that does not speak of it does not allow it."""
    if licence.allowance.outcome == "prohibited":
        return _prohibited(licence)
    return _of(licence, licence.outputs_train, "training on outputs")


def _organization(licence: Licence) -> Answer:
    """Answer whether the licence allows this organization what the plan describes, and asks nothing in return."""
    outcome, reasons = licence.allowance.outcome, listed(licence.allowance.reasons, "; ")
    if outcome == "prohibited":
        return _prohibited(licence)
    if outcome == "allowed":
        return Answer("met", f"{_name(licence)} allows this organization the use: {reasons}.")
    owed = listed([own.rstrip(".") for own in licence.allowance.obligations], "; ")
    said = f" Obligations: {owed}." if owed else ""
    if outcome == "conditional":
        return unknown(f"{_name(licence)} allows the use on conditions that a person must weigh.{said}")
    return unknown(f"{_name(licence)} leaves open whether this organization may: {reasons}.{said}{_missing(licence)}")


def _identified(licence: Licence) -> Answer:
    """Answer whether every place that states a licence states the same known one."""
    places = len(licence.statements)
    if licence.agreed is False:
        told = listed([f"{own.place} says {own.says}" for own in licence.statements], "; ")
        return Answer("not_met", f"The statements of the licence disagree: {told}.", n=places)
    if licence.identifier is None or licence.family == "unidentified" or licence.agreed is None:
        return unknown(f"The licence is not identified: {licence.source}.", n=places)
    return Answer("met", f"{_name(licence)} is what all statements ({places}) say.", n=places)


QUESTIONS: Final[dict[str, Callable[[Licence], Answer]]] = {
    _WRITTEN: _commercial,
    "licence allows internal evaluation": _evaluation,
    "licence allows training on outputs": _training,
    "licence allows this organization": _organization,
    "licence identified": _identified,
}
"""What can be asked of a licence, word for word."""


def _of(licence: Licence, said: str, use: str) -> Answer:
    """Answer from what the licence says of one use."""
    if said == "yes":
        return Answer("met", f"{_name(licence)} allows {use}.")
    if said == "no":
        return Answer("not_met", f"{_name(licence)} does not allow {use}.", waivable=False)
    also = f"{_conditions(licence)}{_missing(licence)}"
    if said == "conditional":
        return unknown(f"{_name(licence)} allows {use} on conditions that a person must weigh.{also}")
    if said == "silent":
        return unknown(f"{_name(licence)} does not speak of {use}.{also}")
    return unknown(f"It is not known whether {use} is allowed: {licence.source}.{also}")


def _prohibited(licence: Licence) -> Answer:
    reasons = listed(licence.allowance.reasons, "; ")
    return Answer("not_met", f"{_name(licence)} prohibits the use: {reasons}.", waivable=False)


def _name(licence: Licence) -> str:
    return f"The licence {licence.identifier or 'of the weights'} ({licence.family})"


def _conditions(licence: Licence) -> str:
    conditions = listed([condition.rstrip(".") for condition in licence.conditions], "; ")
    return f" Conditions: {conditions}." if conditions else ""


def _missing(licence: Licence) -> str:
    """Return the fields of the plan's organization without which the licence cannot be weighed."""
    missing = listed(licence.allowance.missing)
    return f" The plan's organization does not say: {missing}." if missing else ""


def _read(text: str) -> LicenceQuestion:
    if text not in QUESTIONS:
        near = difflib.get_close_matches(text, QUESTIONS, n=1)
        known = ", ".join(f"`{own}`" for own in near or QUESTIONS)
        raise ConditionError("cannot be read", f"Write it as {known}.")
    return LicenceQuestion(text)


FORM: Final = Form(_WRITTEN, _read, lambda _subjects: ("licence",))

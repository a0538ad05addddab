"""Do all places that state a licence say the same, and is each of them understood?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_SHOWN = 5


def check(view: View) -> Answer:
    """Return met when every statement was identified and all name one licence."""
    licence = view.facts.licence
    stated = "; ".join(f"{clipped(own.place, 60)}: {clipped(own.says, 60)}" for own in licence.statements[:_SHOWN])
    if not licence.statements:
        return unknown("no place states a licence", FACTS)
    if licence.agreed is False:
        return not_met(f"the places that state a licence disagree: {stated}", FACTS)
    if licence.agreed is None or any(own.identifier is None for own in licence.statements):
        return unknown(f"a statement could not be identified: {stated}", FACTS)
    count = len(licence.statements)
    return met(f"{count} place{'s' if count > 1 else ''} state{'' if count > 1 else 's'} {licence.identifier}", FACTS)

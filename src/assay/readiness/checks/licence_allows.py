"""Does the licence of the weights allow commercial use?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import ATTESTATIONS, FACTS, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Licence

__all__ = ["check"]

_ATTESTED_BY = "licence-read"
"""Item by which a person says that the conditions of the licence are kept."""


def check(view: View) -> Answer:
    """Return met when one licence is stated and allows it, outright or under conditions that a person attests."""
    licence = view.facts.licence
    name = clipped(licence.identifier or licence.family, 80)
    if licence.agreed is False:
        stated = "; ".join(f"{clipped(own.place, 60)}: {clipped(own.says, 60)}" for own in licence.statements[:5])
        return not_met(f"the places that state a licence disagree: {stated}", FACTS)
    if licence.commercial == "no":
        return not_met(f"{name} does not allow commercial use", FACTS)
    if licence.identifier is None or licence.agreed is None or licence.commercial in {"unknown", "silent"}:
        return unknown(f"no licence with known terms was found ({name})", FACTS)
    if licence.commercial == "yes":
        return met(f"{name} allows commercial use", FACTS)
    return _conditional(view, licence, name)


def _conditional(view: View, licence: Licence, name: str) -> Answer:
    """Return met only when a person attests that the conditions are kept."""
    allows = f"{name} allows commercial use under conditions ({len(licence.conditions)} listed)"
    said = view.attested(_ATTESTED_BY)
    if said.status == "met":
        return met(f"{allows}; {_ATTESTED_BY} is {said.reason}", FACTS, ATTESTATIONS)
    return unknown(f"{allows}, and {_ATTESTED_BY} is not attested as met: {said.reason}", FACTS, *said.evidence)

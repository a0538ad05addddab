"""Does the plan pin the model and its runtime, and is that what was seen?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, PLAN, Answer, clipped, combined, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import PinCheck

__all__ = ["check"]

_REQUIRED = ("model_id", "revision", "quantization", "runtime_version")
"""Pins without which a deployment cannot be repeated; the licence and the context window have items of their own."""


def check(view: View) -> Answer:
    """Return met when the four pins are declared and every declared pin was seen to agree.

    A model's name is a label, and few servers show more than labels. Where the pinned revision was seen to agree,
    that digest identifies the weights, and a name that could not be seen does no harm; one that differs does.
    """
    declared = [name for name, value in view.candidate.pins.model_dump().items() if value is not None]
    missing = [name for name in _REQUIRED if name not in declared]
    seen = {pin.pin: pin for pin in view.facts.pins}
    answers = [not_met(f"the plan does not pin {', '.join(missing)}", PLAN)] if missing else []
    identified = "revision" in seen and seen["revision"].status == "met"
    return combined([*answers, *(_compared(pin, seen.get(pin), identified=identified) for pin in declared)])


def _compared(pin: str, found: PinCheck | None, *, identified: bool) -> Answer:
    """Return what the comparison of one declared pin with the facts gave."""
    if found is None:
        return unknown(f"{pin} was not compared with anything", PLAN, FACTS)
    declared, observed = clipped(found.declared, 80), clipped(found.observed or "", 80)
    if found.status == "met":
        return met(f"{pin} {declared}", PLAN, FACTS)
    if found.status == "not_met":
        return not_met(f"{pin} is pinned to {declared} and was seen as {observed}", PLAN, FACTS)
    if pin == "model_id" and identified:
        return met(f"{pin} {declared} (a name, not seen)", PLAN, FACTS)
    return unknown(f"{pin} {declared} could not be seen: {clipped(found.source, 120)}", PLAN, FACTS)

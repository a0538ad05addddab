"""Is the model where it is fast, or did part of it spill into the processor's memory?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, HOST, Answer, met, not_applicable, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when all that the runtime holds is on an accelerator, not_met when only part of it is.

    A server without an accelerator has nothing to spill.
    """
    whole, fast = view.facts.fact("memory_bytes").value, view.facts.fact("accelerator_memory_bytes").value
    if view.served_here() and view.host.accelerators == ():
        return not_applicable("the host has no accelerator", HOST)
    if not isinstance(whole, int) or not isinstance(fast, int) or whole <= 0:
        return unknown("the runtime does not say how much of the model is on an accelerator", FACTS)
    told = f"{100 * min(fast / whole, 1):.3g}% of {whole / 2**30:.3g} GiB is on an accelerator"
    return (met if fast >= whole else not_met)(told, FACTS)

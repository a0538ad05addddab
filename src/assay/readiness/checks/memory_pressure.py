"""Did the server run short of memory under load, or do what it does before it runs short?

Servers seldom die of it. vLLM and SGLang put requests back, Ollama moves part of the model to the processor's memory or
unloads it, and a supervisor starts a killed one anew: all of it looks like a slow server from outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import COUNTERS, REQUESTS, Answer, combined, met, named, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.bench import BenchCell, CounterFigures

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when neither the runtime's own counters nor a fault show a sign of it in any measurement of the plan.

    A sign counts in every measurement of the candidate, also in one whose figures cannot be believed: that the server
    ran short of memory may be why.
    """
    load = view.load()
    own = [cell for cell in view.cells if cell.candidate == view.candidate.id]
    # All of a model is in the processor's memory where there is nothing else: that is no spill.
    spills = not (view.served_here() and view.host.accelerators == ())
    seen = [answer for cell in own if (answer := _seen(cell, spills=spills)) is not None]
    return combined([*seen, *load.unknowns(), *(_unseen(cell) for cell in load.cells)])


def _seen(cell: BenchCell, *, spills: bool) -> Answer | None:
    counters = cell.counters
    signs = [] if counters is None else [f"{own} ({counters.source})" for own in _signs(counters, spills=spills)]
    if refused := cell.faults.get("out_of_memory"):
        signs.append(f"{refused} requests failed for want of memory")
    return not_met(f"{named(cell)}: {', '.join(signs)}", COUNTERS, REQUESTS) if signs else None


def _signs(counters: CounterFigures, *, spills: bool) -> list[str]:
    signs = []
    if counters.preemptions:
        signs.append(f"{counters.preemptions} requests were put back for want of KV cache")
    if spills and counters.spilled_bytes:
        signs.append(f"{counters.spilled_bytes / 2**30:.3g} GiB of the model lay off the accelerator")
    if counters.unloaded:
        signs.append("the model was unloaded")
    if counters.restarted:
        signs.append("the server began anew")
    return signs


def _unseen(cell: BenchCell) -> Answer:
    counters = cell.counters
    if counters is None or counters.samples < 1:
        return unknown(f"{named(cell)}: the runtime tells no counters", REQUESTS)
    told = (
        ("no request was put back", counters.preemptions is not None),
        ("the model stayed loaded", counters.unloaded is not None),
    )
    kept = [text for text, known in told if known] or ["its counters never fell"]
    return met(f"{named(cell)}: {', '.join(kept)} in {counters.samples} looks at {counters.source}", COUNTERS)

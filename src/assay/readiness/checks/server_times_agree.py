"""Do the client's times agree with those that the server gives for the same requests?

Where they do not, something between the two took the time or held the answer back, such as a proxy that buffers, or the
client was late: the figures are then not the server's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import REQUESTS, Answer, combined, met, named, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.bench import BenchCell, ServerAccount

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when both agree in every measurement of the plan in which the server gives its times.

    llama.cpp leaves out of its times how long a request waited. So where several requests may be in flight and only
    the first token was compared, a later one leaves it unknown whether they agree.
    """
    load = view.load()
    compared = [_agrees(cell, cell.server) for cell in load.cells if cell.server is not None]
    if load.cells and not compared:
        return unknown("the server gives no times of its own", REQUESTS)
    return combined([*load.unknowns(), *compared])


def _agrees(cell: BenchCell, server: ServerAccount) -> Answer:
    ttft, decode = server.ttft_us, server.decode_us
    told = [
        f"{name} {_difference(value)}"
        for name, value in (("first token", ttft), ("first to last token", decode))
        if value is not None
    ]
    text = f"{named(cell)}: {', '.join(told)} than {server.source} of {server.n} requests"
    text += f", {server.allowed_us / 1000:.3g} ms allowed"
    late = ttft is not None and ttft > server.allowed_us
    if late and cell.concurrency != 1:
        text += "; how long a request waited is not always told"
    if server.agrees:
        return met(text, REQUESTS)
    return (unknown if late and decode is None and cell.concurrency != 1 else not_met)(text, REQUESTS)


def _difference(value_us: int) -> str:
    return f"{abs(value_us) / 1000:.3g} ms {'later' if value_us >= 0 else 'sooner'}"

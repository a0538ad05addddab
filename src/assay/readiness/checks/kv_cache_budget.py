"""Do weights and a full KV cache fit into memory, by arithmetic?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, HOST, Answer, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_SHARE_USED = 0.9
"""Share of the host's memory that weights and cache may take; activations and the runtime itself need the rest."""


def check(view: View) -> Answer:
    """Return met when weights plus every slot's full context take at most nine tenths of the memory they live in.

    Where only the least need fits, it is unknown: which of the two holds, the server's options decide.
    """
    capacity = view.facts.capacity
    if capacity.weights_bytes is None or capacity.kv_bytes_in_force is None:
        return unknown("the size of weights or KV cache is not known", FACTS)
    if not view.served_here():
        return unknown("the server was not seen on this host, whose memory is the only one known", FACTS)
    if view.host.accelerators is None or view.host.accelerators:
        return unknown("the host has or may have accelerators, whose memory is not known", FACTS, HOST)
    need, have = capacity.weights_bytes + capacity.kv_bytes_in_force, view.host.memory_bytes
    text = (
        f"weights {capacity.weights_bytes / 2**30:.3g} GiB and KV cache {capacity.kv_bytes_in_force / 2**30:.3g} GiB "
        f"of {have / 2**30:.3g} GiB"
    )
    if need <= _SHARE_USED * have:
        return met(text, FACTS, HOST)
    if capacity.need_low_bytes is not None and capacity.need_low_bytes <= _SHARE_USED * have:
        # Slots may share one cache, and a runtime may keep less than all of it.
        return unknown(f"{text}, if every slot keeps a cache of its own", FACTS, HOST)
    return not_met(text, FACTS, HOST)

"""How much memory does a candidate need, by arithmetic, and how far can the arithmetic be believed?"""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun

__all__ = ["Capacity"]


class Capacity(Noun):
    """Memory that weights and KV cache need, by arithmetic."""

    weights_bytes: int | None
    """Bytes of the weights files."""
    kv_bytes_per_token: int | None
    """Bytes of KV cache that one more token needs while every layer still grows; None where that is not known."""
    kv_bytes_per_request: int | None
    """Bytes of KV cache of one request that fills the context in force."""
    kv_bytes_in_force: int | None
    """Bytes of KV cache when every slot's context is full."""
    need_low_bytes: int | None
    """Least memory that weights, full KV cache and the runtime's own buffers take."""
    need_high_bytes: int | None
    """Most memory that they take."""
    confidence: Literal["exact", "modelled", "unknown"]
    """`exact`: weights and cache follow from the file; `modelled`: an assumption is in it; `unknown`: no figure."""
    requests_that_fit: int | None
    """Requests with a full context that fit at once into the memory that is known; None where it is not known."""
    formula: str
    """How the figures were had, or why there are none."""

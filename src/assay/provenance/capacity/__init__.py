"""How much memory do the weights and the KV cache need, by arithmetic that is exact, bounded, or not given at all?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.provenance.capacity.arithmetic import (
    buffer_bytes,
    cache_bytes,
    tensor_bytes,
    vllm_cache_budget,
    window_cells,
)
from assay.provenance.capacity.from_config import shape_of_config
from assay.provenance.capacity.from_gguf import shape_of_gguf
from assay.schema.provenance import Capacity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.provenance.capacity.shape import ModelShape

__all__ = ["Known", "capacity_of", "shape_of_config", "shape_of_gguf", "tensor_bytes", "vllm_cache_budget"]

_LARGEST_WHOLE: Final = 2**53 - 1
_UNKNOWN: Final = "unknown: "


@dataclass(frozen=True)
class Known:
    """What the arithmetic starts from; None is not known."""

    metadata: Mapping[str, JsonValue] | None = None
    """Keys of a GGUF header."""
    config: Mapping[str, JsonValue] | None = None
    """config.json of a Hugging Face folder."""
    weights_bytes: int | None = None
    """Size of the weights."""
    context: int | None = None
    """Tokens that one request may use."""
    slots: int | None = None
    """Requests that are worked on at once."""
    runtime: str = "llama.cpp"
    """What serves it: what a window costs depends on it."""
    memory_bytes: int | None = None
    """Memory that all of it may take."""
    cache_tokens: int | None = None
    """Tokens that the server's KV cache holds, where it says so."""
    cache_types: tuple[str, str] = ("f16", "f16")
    """Types of keys and values in the cache."""


def capacity_of(known: Known) -> Capacity:
    """Work out the memory that a candidate needs.

    Figures that do not follow are None, and the formula says why. Weights and cache are exact where the file gives the
    layers; the runtime's own buffers are bounded from below and above, which is why the need is an interval.
    """
    shape = _shape(known)
    if isinstance(shape, str):
        return _capacity(known, None, None, formula=_UNKNOWN + shape)
    per_token = cache_bytes(shape.groups, 1, known.cache_types)
    words = f"{shape.words} x {_type_words(known.cache_types)} = {per_token} bytes per token"
    if known.context is None:
        return _capacity(known, shape, per_token, formula=f"{words}; in force unknown: the context in force is unknown")
    low, high = _of_one_request(known, shape, known.context)
    spread = f"{low}" if low == high else f"{low} to {high}"
    words += f"; {spread} bytes for a request of {known.context} tokens"
    return _capacity(known, shape, per_token, (low, high), formula=words)


def _shape(known: Known) -> ModelShape | str:
    if known.metadata is not None:
        return shape_of_gguf(known.metadata)
    if known.config is not None:
        return shape_of_config(known.config)
    return "no weights file to read the layers from"


def _type_words(cache_types: tuple[str, str]) -> str:
    return "2 bytes" if cache_types == ("f16", "f16") else f"{cache_types[0]} keys and {cache_types[1]} values"


def _of_one_request(known: Known, shape: ModelShape, context: int) -> tuple[int, int]:
    """Return least and most bytes that one request with a full context keeps."""
    if known.runtime in {"llama.cpp", "ollama", "lm-studio"}:
        windows = [group.window for group in shape.groups if group.window is not None]
        spare = max((window_cells(window) - window for window in windows), default=0)
        low = cache_bytes(shape.groups, context, known.cache_types, spare=spare)
        high = cache_bytes(shape.largest or shape.groups, context, known.cache_types, spare=spare)
    else:
        low = cache_bytes(shape.groups, context, known.cache_types)
        # With its hybrid allocator off, vLLM gives layers with a window the whole context.
        high = cache_bytes(shape.groups, context, known.cache_types, spare=context)
    return low + shape.state_bytes, high + shape.state_bytes


def _capacity(
    known: Known,
    shape: ModelShape | None,
    per_token: int | None,
    one: tuple[int, int] | None = None,
    *,
    formula: str,
) -> Capacity:
    need = _need(known, shape, one)
    in_force = one[1] * known.slots if one is not None and known.slots is not None else None
    if one is not None and known.slots is None:
        formula += "; in force unknown: the number of slots is unknown"
    elif in_force is not None:
        formula += f", {in_force} bytes for {known.slots} of them"
    return Capacity(
        weights_bytes=_sane(known.weights_bytes),
        kv_bytes_per_token=_sane(per_token),
        kv_bytes_per_request=_sane(one[1] if one is not None else None),
        kv_bytes_in_force=_sane(in_force),
        need_low_bytes=_sane(need[0] if need is not None else None),
        need_high_bytes=_sane(need[1] if need is not None else None),
        confidence=_confidence(shape, one, need),
        requests_that_fit=_sane(_fitting(known, shape, one)),
        formula=formula,
    )


def _confidence(
    shape: ModelShape | None, one: tuple[int, int] | None, need: tuple[int, int] | None
) -> Literal["exact", "modelled", "unknown"]:
    if shape is None or need is None or one is None:
        return "unknown"
    return "exact" if shape.exact and one[0] == one[1] else "modelled"


def _need(known: Known, shape: ModelShape | None, one: tuple[int, int] | None) -> tuple[int, int] | None:
    if shape is None or one is None or known.weights_bytes is None or known.slots is None:
        return None
    low, high = buffer_bytes(shape, accelerator=False)
    return known.weights_bytes + one[0] * known.slots + low, known.weights_bytes + one[1] * known.slots + high


def _fitting(known: Known, shape: ModelShape | None, one: tuple[int, int] | None) -> int | None:
    """Return how many requests fit: what the server's own cache holds, else the larger figure of everything."""
    if known.cache_tokens is not None and known.context:
        return known.cache_tokens // known.context
    if known.memory_bytes is None or shape is None or one is None or known.weights_bytes is None or one[1] <= 0:
        return None
    _, buffers = buffer_bytes(shape, accelerator=False)
    return max(0, (known.memory_bytes - known.weights_bytes - buffers) // one[1])


def _sane(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= _LARGEST_WHOLE else None

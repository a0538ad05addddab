"""How much memory do the weights and the KV cache need, by arithmetic that is exact, bounded, or not given at all?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from assay.provenance.capacity.arithmetic import (
    CACHE_BYTES,
    LLAMA_CPP_BATCHES,
    VLLM_SHARE,
    cache_bytes,
    llama_cpp_buffers,
    tensor_bytes,
    vllm_buffers,
    vllm_cache_budget,
    window_cells,
)
from assay.provenance.capacity.from_config import shape_of_config
from assay.provenance.capacity.from_gguf import shape_of_gguf
from assay.schema.provenance import Capacity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.provenance.capacity.shape import Group, ModelShape

__all__ = ["Known", "capacity_of", "shape_of_config", "shape_of_gguf", "tensor_bytes", "vllm_cache_budget"]

_LARGEST_WHOLE: Final = 2**53 - 1
_UNKNOWN: Final = "unknown: "
_LLAMA_CPP: Final = frozenset({"llama.cpp", "ollama", "lm-studio"})
"""Runtimes that are llama.cpp inside."""


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
    """Types of keys and values in the cache, names of CACHE_BYTES."""
    accelerator: bool | None = None
    """Whether an accelerator holds it."""


@dataclass(frozen=True)
class _Kept:
    """Bytes that the cache takes."""

    one: int
    """One request with a full context, as the runtime keeps it unless it is told to save."""
    all_slots: int | None
    """All slots full; None where their number is not known."""
    bounds: tuple[int, int] | None
    """Least and most that all slots can take; None where their number is not known."""
    exact: bool
    """Whether one request takes this and nothing else."""


def capacity_of(known: Known) -> Capacity:
    """Work out the memory that a candidate needs.

    Figures that do not follow are None, and the formula says why. Weights and cache are exact where the file gives the
    layers; the runtime's own buffers are bounded from below and above, which is why the need is an interval. Numbers
    that cannot be (negative, no whole number, larger than 2^53 - 1) count as not known.
    """
    known = replace(
        known,
        weights_bytes=_whole(known.weights_bytes, least=0),
        context=_whole(known.context, least=1),
        slots=_whole(known.slots, least=1),
        memory_bytes=_whole(known.memory_bytes, least=0),
        cache_tokens=_whole(known.cache_tokens, least=0),
    )
    strange = [name for name in known.cache_types if name not in CACHE_BYTES]
    shape = f"the cache type {strange[0][:40]!r} is not known" if strange else _shape(known)
    if isinstance(shape, str):
        return _capacity(known, None, None, None, formula=_UNKNOWN + shape)
    per_token = cache_bytes(shape.groups, 1, known.cache_types)
    words = f"{shape.words} x {_type_words(known.cache_types)} = {per_token} bytes per token"
    if known.context is None:
        formula = f"{words}; in force unknown: the context in force is unknown"
        return _capacity(known, shape, per_token, None, formula=formula)
    kept = _kept(known, shape, known.context)
    words += f"; {kept.one} bytes for a request of {known.context} tokens"
    if kept.all_slots is None:
        words += "; in force unknown: the number of slots is unknown"
    else:
        words += f", {kept.all_slots} bytes for {known.slots} of them"
    return _capacity(known, shape, per_token, kept, formula=words)


def _whole(value: object, *, least: int) -> int | None:
    number = isinstance(value, int) and not isinstance(value, bool)
    return value if number and least <= value <= _LARGEST_WHOLE else None  # type: ignore[operator,return-value]


def _shape(known: Known) -> ModelShape | str:
    if known.metadata is not None:
        return shape_of_gguf(known.metadata)
    if known.config is not None:
        return shape_of_config(known.config)
    return "no weights file to read the layers from"


def _type_words(cache_types: tuple[str, str]) -> str:
    return "2 bytes" if cache_types == ("f16", "f16") else f"{cache_types[0]} keys and {cache_types[1]} values"


def _kept(known: Known, shape: ModelShape, context: int) -> _Kept:
    if known.runtime in _LLAMA_CPP:
        return _kept_by_llama_cpp(known, shape, context)
    low = cache_bytes(shape.groups, context, known.cache_types) + shape.least_state_bytes
    # With its hybrid allocator off, vLLM gives layers with a window the whole context.
    high = cache_bytes(shape.groups, context, known.cache_types, spare=context) + shape.state_bytes
    slots = known.slots
    bounds = None if slots is None else (low * slots, high * slots)
    return _Kept(high, None if slots is None else high * slots, bounds, low == high)


def _kept_by_llama_cpp(known: Known, shape: ModelShape, context: int) -> _Kept:
    """Return what llama.cpp keeps: its windows are padded, and its slots may share one cache or have one each.

    With the number of slots left to it, the server opens four over one unified cache: what every slot may fill is the
    same context, kept once (tools/server/server.cpp). That cannot be seen from outside, so sharing is the least.
    """
    usual, largest_batch = LLAMA_CPP_BATCHES
    full = shape.largest or shape.groups
    one = _padded(full, context, known.cache_types) + shape.state_bytes
    most = _padded(full, context, known.cache_types, batch=largest_batch) + shape.state_bytes
    alone = _padded(shape.groups, context, known.cache_types, batch=usual) + shape.state_bytes
    if known.slots is None:
        return _Kept(one, None, None, alone == most)
    shared = _padded(shape.groups, context, known.cache_types, requests=known.slots)
    least = min(shared + known.slots * shape.state_bytes, alone * known.slots)
    return _Kept(one, one * known.slots, (least, most * known.slots), alone == most)


def _padded(
    groups: tuple[Group, ...],
    context: int,
    cache_types: tuple[str, str],
    *,
    requests: int = 1,
    batch: int = LLAMA_CPP_BATCHES[0],
) -> int:
    """Return the bytes of one cache of llama.cpp that so many requests share; each window has its own padding."""
    return sum(
        cache_bytes(
            (group,),
            context,
            cache_types,
            spare=0 if group.window is None else window_cells(group.window, requests, batch) - group.window,
        )
        for group in groups
    )


def _capacity(
    known: Known, shape: ModelShape | None, per_token: int | None, kept: _Kept | None, *, formula: str
) -> Capacity:
    need = _need(known, shape, kept)
    if kept is not None and kept.bounds is not None and known.weights_bytes is not None and need is None:
        formula += f"; need unknown: what {known.runtime[:40]} takes beside weights and cache is not known"
    figures = {
        "kv_bytes_per_token": _sane(per_token),
        "kv_bytes_per_request": _sane(kept.one if kept is not None else None),
        "kv_bytes_in_force": _sane(kept.all_slots if kept is not None else None),
    }
    low, high = (_sane(need[0]), _sane(need[1])) if need is not None else (None, None)
    whole = low is not None and high is not None
    return Capacity(
        weights_bytes=known.weights_bytes,
        **figures,
        need_low_bytes=low if whole else None,
        need_high_bytes=high if whole else None,
        confidence=_confidence(shape, kept) if whole else "unknown",
        requests_that_fit=_sane(_fitting(known, shape, kept)),
        formula=formula,
    )


def _confidence(shape: ModelShape | None, kept: _Kept | None) -> Literal["exact", "modelled", "unknown"]:
    if shape is None or kept is None:
        return "unknown"
    return "exact" if shape.exact and kept.exact else "modelled"


def _buffers(known: Known, shape: ModelShape) -> tuple[int, int] | None:
    if known.runtime in _LLAMA_CPP:
        return llama_cpp_buffers(shape, accelerator=known.accelerator)
    return vllm_buffers() if known.runtime == "vllm" else None


def _need(known: Known, shape: ModelShape | None, kept: _Kept | None) -> tuple[int, int] | None:
    if shape is None or kept is None or kept.bounds is None or known.weights_bytes is None:
        return None
    buffers = _buffers(known, shape)
    if buffers is None:
        return None
    return known.weights_bytes + kept.bounds[0] + buffers[0], known.weights_bytes + kept.bounds[1] + buffers[1]


def _fitting(known: Known, shape: ModelShape | None, kept: _Kept | None) -> int | None:
    """Return how many requests fit: what the server's own cache holds, else the larger figure of everything.

    vLLM takes its share of the memory only.
    """
    if known.cache_tokens is not None and known.context is not None:
        return known.cache_tokens // known.context
    if known.memory_bytes is None or shape is None or kept is None or known.weights_bytes is None or kept.one <= 0:
        return None
    buffers = _buffers(known, shape)
    if buffers is None:
        return None
    share = VLLM_SHARE if known.runtime == "vllm" else 1
    return max(0, int(share * known.memory_bytes - known.weights_bytes - buffers[1]) // kept.one)


def _sane(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= _LARGEST_WHOLE else None

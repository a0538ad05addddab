"""How many bytes do weights, cache and buffers take?

Each formula names its source; `docs` of the runtimes are quoted by figure, not by text.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from assay.provenance.gguf import TENSOR_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.provenance.capacity.shape import Group, ModelShape

__all__ = ["CACHE_BYTES", "cache_bytes", "tensor_bytes", "vllm_cache_budget", "window_cells"]

CACHE_BYTES: Final[dict[str, Fraction]] = {
    "f32": Fraction(4),
    "f16": Fraction(2),
    "bf16": Fraction(2),
    "q8_0": Fraction(34, 32),
    "q5_1": Fraction(24, 32),
    "q5_0": Fraction(22, 32),
    "q4_1": Fraction(20, 32),
    "q4_0": Fraction(18, 32),
    "iq4_nl": Fraction(18, 32),
    "fp8": Fraction(1),
}
"""Bytes a value by type of the cache: blocks of 32 values with their scales (ggml-common.h)."""

_BLOCKS: Final = {name: (values, size) for name, values, size in TENSOR_TYPES.values()}

_LLAMA_CPP_BATCH: Final = 512
_LLAMA_CPP_PADDING: Final = 256


def cache_bytes(
    groups: Iterable[Group], tokens: int, cache_types: tuple[str, str] = ("f16", "f16"), *, spare: int = 0
) -> int:
    """Return the bytes of KV cache that so many tokens of one request take.

    Sum over layers of tokens kept x (key values x bytes + value values x bytes); a layer with a window keeps at most
    window + spare tokens.

    Args:
        groups: the layers.
        tokens: length of prompt and answer.
        cache_types: types of keys and of values, names of CACHE_BYTES.
        spare: tokens that a runtime keeps beyond a window.
    """
    key, value = (CACHE_BYTES[name] for name in cache_types)
    total = Fraction(0)
    for group in groups:
        kept = tokens if group.window is None else min(tokens, group.window + spare)
        total += kept * (group.keys * key + group.values * value)
    return int(total)


def window_cells(window: int) -> int:
    """Return the cells that llama.cpp gives a layer with a window for one request.

    The window plus a micro-batch of 512, rounded up to 256 (src/llama-kv-cache-iswa.cpp).
    """
    return -(-(window + _LLAMA_CPP_BATCH) // _LLAMA_CPP_PADDING) * _LLAMA_CPP_PADDING


def tensor_bytes(kind: str, values: int) -> int | None:
    """Return the bytes of a tensor by the type of its blocks; None for a type without an entry."""
    block = _BLOCKS.get(kind)
    return None if block is None else -(-values // block[0]) * block[1]


def vllm_cache_budget(
    total: float, weights: float, activation: float, *, beside: float = 0.0, graphs: float = 0.0, share: float = 0.92
) -> float:
    """Return what vLLM has for its KV cache, in the unit of the arguments.

    Share x total - weights - peak activation - memory beside torch - CUDA graphs; the share
    (`--gpu-memory-utilization`) is 0.92 by default since 0.20, 0.90 before (vllm/config/cache.py).
    """
    return share * total - weights - activation - beside - graphs


def buffer_bytes(shape: ModelShape, *, accelerator: bool) -> tuple[int, int]:
    """Return least and most bytes of llama.cpp's own buffers.

    Its compute buffer holds one micro-batch of 512 tokens: logits over the vocabulary, and some sixteen activations of
    the model's width, in 32 bits. On an accelerator the runtime's context takes 250 to 450 MiB more.
    """
    batch = _LLAMA_CPP_BATCH * 4
    most = batch * (shape.vocabulary or 262_144) + batch * 16 * (shape.embedding or 16_384)
    context = (250 << 20, 450 << 20) if accelerator else (0, 256 << 20)
    return context[0], most + context[1]

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

__all__ = [
    "CACHE_BYTES",
    "VLLM_SHARE",
    "cache_bytes",
    "llama_cpp_buffers",
    "tensor_bytes",
    "vllm_buffers",
    "vllm_cache_budget",
    "window_cells",
]

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

LLAMA_CPP_BATCHES: Final = (512, 2048)
"""Tokens of a micro-batch: what `--ubatch-size` is by default, and what `--batch-size` lets it be by default."""
_LLAMA_CPP_PADDING: Final = 256
_MEBIBYTE: Final = 1 << 20

VLLM_SHARE: Final = Fraction(92, 100)
"""Share of the accelerator that vLLM takes by default since 0.20 (vllm/config/cache.py); 0.90 before."""


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


def window_cells(window: int, requests: int = 1, batch: int = LLAMA_CPP_BATCHES[0]) -> int:
    """Return the cells that llama.cpp gives a layer with a window.

    The windows of the requests that share a cache plus one micro-batch, rounded up to 256; never more than the whole
    context, which the caller sees to (src/llama-kv-cache-iswa.cpp).
    """
    return -(-(window * requests + batch) // _LLAMA_CPP_PADDING) * _LLAMA_CPP_PADDING


def tensor_bytes(kind: str, values: int) -> int | None:
    """Return the bytes of a tensor by the type of its blocks; None for a type without an entry."""
    block = _BLOCKS.get(kind)
    return None if block is None else -(-values // block[0]) * block[1]


def vllm_cache_budget(
    total: float,
    weights: float,
    activation: float,
    *,
    beside: float = 0.0,
    graphs: float = 0.0,
    share: float = float(VLLM_SHARE),
) -> float:
    """Return what vLLM has for its KV cache, in the unit of the arguments.

    Share x total - weights - peak activation - memory beside torch - CUDA graphs; the share
    (`--gpu-memory-utilization`) is 0.92 by default since 0.20, 0.90 before (vllm/config/cache.py). The published runs
    on an H100 do not subtract the graphs. Less than zero: the server does not start.
    """
    return share * total - weights - activation - beside - graphs


def llama_cpp_buffers(shape: ModelShape, *, accelerator: bool | None) -> tuple[int, int]:
    """Return least and most bytes of llama.cpp's own buffers, with its flash attention on (the default).

    Its compute buffer holds one micro-batch of 512 tokens: logits over the vocabulary, and some sixteen activations of
    the model's width, in 32 bits. On an accelerator the runtime's context takes 250 to 450 MiB more, without one it
    takes at most 256 MiB; None is not known, and bounds both.
    """
    batch = LLAMA_CPP_BATCHES[0] * 4
    most = batch * (shape.vocabulary or 262_144) + batch * 16 * (shape.embedding or 16_384)
    low = 250 if accelerator else 0
    high = 256 if accelerator is False else 450
    return low * _MEBIBYTE, most + high * _MEBIBYTE


def vllm_buffers() -> tuple[int, int]:
    """Return least and most bytes of what vLLM takes beside weights and cache, a bound that was measured, not derived.

    Peak activations to 7.38 GiB, 0.55 GiB beside torch and 1.03 GiB of CUDA graphs are the most of ten runs on an H100
    (llm-d-benchmark, config_explorer/empirical-vllm-memory-results.md); a small batch takes almost nothing.
    """
    return 0, int((7.38 + 0.55 + 1.03) * 1024) * _MEBIBYTE

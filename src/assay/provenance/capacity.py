"""How much memory do the weights and the KV cache need, by arithmetic that is exact or not given at all?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeGuard

from assay.schema.provenance import Capacity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

__all__ = ["FULL_ATTENTION", "capacity_of"]

FULL_ATTENTION: Final[frozenset[str]] = frozenset(
    {
        "baichuan",
        "bloom",
        "command-r",
        "deci",
        "falcon",
        "gemma",
        "gpt2",
        "gptneox",
        "granite",
        "granitemoe",
        "internlm2",
        "llama",
        "mpt",
        "olmo",
        "olmo2",
        "olmoe",
        "openelm",
        "phi2",
        "qwen2",
        "qwen2moe",
        "qwen3",
        "qwen3moe",
        "smollm3",
        "stablelm",
        "starcoder2",
    }
)
"""Values of `general.architecture` whose every layer keeps plain keys and values of the whole context."""

_OTHER_CACHES: Final[dict[str, str]] = {
    "attention.sliding_window": "some layers keep a sliding window only",
    "attention.kv_lora_rank": "keys and values are kept as one latent vector (MLA)",
    "attention.shared_kv_layers": "some layers share keys and values",
    "full_attention_interval": "only some layers keep keys and values",
    "ssm.state_size": "some layers keep a state instead of keys and values",
}
"""Keys of an architecture under which the plain formula is wrong, and why."""

_BYTES_16_BIT: Final = 2
# No model comes near; a larger number is a forged file, and its products would not fit the record.
_LARGEST: Final = 1_048_576
_LARGEST_WHOLE: Final = 2**53 - 1


def capacity_of(
    metadata: Mapping[str, JsonValue] | None,
    weights_bytes: int | None,
    context_in_force: int | None,
    slots: int | None,
) -> Capacity:
    """Work out the bytes of the KV cache from a GGUF header.

    Bytes per token = sum over layers of KV heads x (key length + value length) x 2 bytes (f16 cache). An explicit
    key length counts: embedding length / heads is half of the truth for Qwen3-0.6B.

    Args:
        metadata: keys as `read_gguf` gives them, or None without a weights file.
        weights_bytes: size of the weights, or None.
        context_in_force: tokens that one slot may hold, or None.
        slots: requests that the server works on at once, or None.

    Returns:
        The figures; a figure is None where the formula does not hold, and `formula` says why.
    """
    per_token, formula = _kv_per_token(metadata)
    in_force = None
    if per_token is not None:
        if context_in_force is None or slots is None:
            missing = "context in force" if context_in_force is None else "number of slots"
            formula += f"; in force unknown: the {missing} is unknown"
        else:
            in_force = per_token * context_in_force * slots
            formula += f"; in force x {context_in_force} tokens x {slots} slots = {in_force} bytes"
            in_force = in_force if in_force <= _LARGEST_WHOLE else None
    return Capacity(
        weights_bytes=weights_bytes, kv_bytes_per_token=per_token, kv_bytes_in_force=in_force, formula=formula
    )


def _kv_per_token(metadata: Mapping[str, JsonValue] | None) -> tuple[int | None, str]:
    if metadata is None:
        return None, "unknown: no weights file to read the layers from"
    architecture = metadata.get("general.architecture")
    if not isinstance(architecture, str) or architecture not in FULL_ATTENTION:
        return None, f"unknown: the KV cache of architecture {str(architecture)[:80]!r} is not covered"
    for key, reason in _OTHER_CACHES.items():
        # A zero switches the feature off.
        if metadata.get(f"{architecture}.{key}", 0) != 0:
            return None, f"unknown: {reason} ({architecture}.{key}), which is not covered"
    try:
        return _plain(metadata, architecture)
    except _NotThereError as missing:
        return None, f"unknown: the GGUF file gives no usable {missing}"


class _NotThereError(Exception):
    """A number that the formula needs is missing or absurd; its text is the key."""


def _plain(metadata: Mapping[str, JsonValue], architecture: str) -> tuple[int, str]:
    layers = _number(metadata, f"{architecture}.block_count")
    heads = _kv_heads(metadata, architecture, layers)
    key = _length(metadata, architecture, "key_length")
    value = _length(metadata, architecture, "value_length")
    total = sum(heads) * (key + value) * _BYTES_16_BIT
    same = len(set(heads)) == 1
    counted = f"{layers} layers x {heads[0]} KV heads" if same else f"{sum(heads)} KV heads in {layers} layers"
    return total, f"{counted} x ({key} key + {value} value) x {_BYTES_16_BIT} bytes = {total} bytes per token"


def _kv_heads(metadata: Mapping[str, JsonValue], architecture: str, layers: int) -> list[int]:
    """Return the KV heads of each layer; a file without them has as many as it has heads (llama.cpp)."""
    key = f"{architecture}.attention.head_count_kv"
    if key not in metadata:
        key = f"{architecture}.attention.head_count"
    value = metadata.get(key)
    if not isinstance(value, dict):
        return [_number(metadata, key)] * layers
    first = value.get("first")
    heads = [item for item in first if _usable(item, least=0)] if isinstance(first, list) else []
    if len(heads) != layers or value.get("length") != layers:
        raise _NotThereError(key)
    return heads


def _length(metadata: Mapping[str, JsonValue], architecture: str, name: str) -> int:
    key = f"{architecture}.attention.{name}"
    if key in metadata:
        return _number(metadata, key)
    embedding = _number(metadata, f"{architecture}.embedding_length")
    heads = _number(metadata, f"{architecture}.attention.head_count")
    if embedding % heads:
        raise _NotThereError(key)
    return embedding // heads


def _number(metadata: Mapping[str, JsonValue], key: str) -> int:
    value = metadata.get(key)
    if not _usable(value, least=1):
        raise _NotThereError(key)
    return value


def _usable(value: JsonValue, *, least: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= _LARGEST

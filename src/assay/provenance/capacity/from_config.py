"""What does the config.json of a Hugging Face folder say of the layers?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.provenance.capacity.shape import Group, ModelShape, NotThereError, number, usable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

__all__ = ["shape_of_config"]

_FULL: Final[frozenset[str]] = frozenset(
    {
        *("bloom", "cohere", "falcon", "gemma", "glm4", "gpt2", "gpt_neox", "granite", "granitemoe", "internlm2"),
        *("llama", "mistral", "mixtral", "mpt", "olmo", "olmo2", "olmoe", "phi", "phi3", "qwen2", "qwen2_moe", "qwen3"),
        *("qwen3_moe", "seed_oss", "smollm3", "stablelm", "starcoder2"),
    }
)
_WINDOWS: Final[dict[str, int]] = {"gemma2": 2, "gemma3": 6, "gemma3_text": 6, "cohere2": 4, "gpt_oss": 2}
"""Model types that interleave windows with whole contexts: the last of so many layers keeps all."""
_LATENT: Final[frozenset[str]] = frozenset({"deepseek_v2", "deepseek_v3", "kimi_k2", "glm4_moe_lite"})
_OTHERS: Final[frozenset[str]] = frozenset({"jamba", "llama4_text", "qwen3_next", "qwen3_5", "qwen3_5_moe"})
"""Model types that name the kind of each layer, or mix attention with recurrent layers."""
_WHOLE_NAMES: Final = frozenset({"full_attention", "attention"})
_WINDOW_NAMES: Final = frozenset({"sliding_attention", "chunked_attention"})
_STATE_NAMES: Final = frozenset({"linear_attention", "mamba", "conv"})


def shape_of_config(config: Mapping[str, JsonValue]) -> ModelShape | str:
    """Return the shape of a model by its config.json, or the reason why it is not known."""
    inner = config.get("text_config")
    own = inner if isinstance(inner, dict) else config
    kind = own.get("model_type") or config.get("model_type")
    if not isinstance(kind, str):
        return "config.json names no model_type"
    try:
        return _shape(own, kind)
    except NotThereError as missing:
        return f"config.json gives no usable {missing}"


def _shape(config: Mapping[str, JsonValue], kind: str) -> ModelShape | str:
    layers = number(config, "num_hidden_layers")
    if kind in _LATENT:
        return _latent(config, layers)
    if kind not in _FULL and kind not in _WINDOWS and kind not in _OTHERS:
        return f"the KV cache of model type {kind[:80]!r} is not covered"
    named = config.get("layer_types")
    if isinstance(named, list) and len(named) == layers:
        return _by_names(config, [str(name) for name in named])
    return _by_names(config, _names(config, kind, layers))


def _names(config: Mapping[str, JsonValue], kind: str, layers: int) -> list[str]:
    """Return the kind of each layer of a model whose file leaves it to the code of its type."""
    if kind in _WINDOWS:
        nth = number(config, "sliding_window_pattern", _WINDOWS[kind])
        return ["full_attention" if n % nth == 0 else "sliding_attention" for n in _count(layers)]
    if kind == "jamba":
        period, offset = number(config, "attn_layer_period"), config.get("attn_layer_offset")
        if not usable(offset, least=0):
            raise NotThereError("attn_layer_offset")
        return ["attention" if n % period == offset else "mamba" for n in range(layers)]
    if kind in _OTHERS:
        nth = number(config, "full_attention_interval")
        return ["full_attention" if n % nth == 0 else "linear_attention" for n in _count(layers)]
    used = config.get("use_sliding_window", not kind.startswith("qwen")) is not False
    windowed = used and config.get("sliding_window") is not None
    return ["sliding_attention" if windowed else "full_attention"] * layers


def _count(layers: int) -> range:
    return range(1, layers + 1)


def _by_names(config: Mapping[str, JsonValue], names: list[str]) -> ModelShape | str:
    strange = set(names) - _WHOLE_NAMES - _WINDOW_NAMES - _STATE_NAMES
    if strange:
        return f"config.json has layers of an unknown kind: {min(strange)[:40]!r}"
    attention = number(config, "num_attention_heads")
    heads = number(config, "num_key_value_heads", attention)
    length = number(config, "head_dim", _head(config, attention))
    whole = sum(name in _WHOLE_NAMES for name in names)
    short = sum(name in _WINDOW_NAMES for name in names)
    groups = [Group(whole, whole * heads * length, whole * heads * length)] if whole else []
    words = f"{whole} layers" if not short else f"{whole} whole layers"
    if short:
        key = "sliding_window" if "sliding_attention" in names else "attention_chunk_size"
        window = number(config, key)
        groups.append(Group(short, short * heads * length, short * heads * length, window))
        words += f" and {short} of a {window}-token window"
    kept = whole + short
    words += f" of {len(names)}" if kept < len(names) else ""
    return ModelShape(
        tuple(groups),
        f"{words} x {heads} KV heads x ({length} key + {length} value)",
        # What recurrent layers keep beside differs by version, and is small.
        exact=kept == len(names),
        vocabulary=_or_zero(config.get("vocab_size")),
        embedding=_or_zero(config.get("hidden_size")),
    )


def _head(config: Mapping[str, JsonValue], heads: int) -> int | None:
    hidden = config.get("hidden_size")
    return hidden // heads if usable(hidden, least=heads) and hidden % heads == 0 else None


def _latent(config: Mapping[str, JsonValue], layers: int) -> ModelShape:
    """Return the shape of multi-head latent attention; it is kept whole on each device, never divided."""
    latent = number(config, "kv_lora_rank") + number(config, "qk_rope_head_dim")
    return ModelShape(
        (Group(layers, layers * latent, 0),),
        f"{layers} layers x {latent} latent values",
        vocabulary=_or_zero(config.get("vocab_size")),
        embedding=_or_zero(config.get("hidden_size")),
    )


def _or_zero(value: JsonValue) -> int:
    return value if usable(value, least=1) else 0

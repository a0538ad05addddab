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
_OTHERS: Final[frozenset[str]] = frozenset({"jamba", "llama4_text", "qwen3_next", "qwen3_5_text", "qwen3_5_moe_text"})
"""Model types that name the kind of each layer, or mix attention with recurrent layers."""
_ONE_WINDOW: Final[frozenset[str]] = frozenset({"mistral", "mixtral", "phi3", "starcoder2"})
"""Model types whose every layer has the window that `sliding_window` gives, where it gives one."""
_CLASS_DEFAULTS: Final[dict[str, dict[str, JsonValue]]] = {
    "gemma": {"head_dim": 256},
    "gemma2": {"head_dim": 256},
    "gemma3_text": {"head_dim": 256, "num_attention_heads": 8, "num_key_value_heads": 4},
}
"""What a file may leave out because the type's class fills it in (transformers `Gemma3TextConfig` and its kin); width
/ heads would be wrong there: 240 for Gemma 3 12B, whose heads are 256 long."""
_LENGTH_STATED: Final[frozenset[str]] = frozenset({"qwen3", "qwen3_moe", "qwen3_next", "gpt_oss"})
"""Model types whose head length is never width / heads: without `head_dim` there is no figure."""
_LLAMA_4_INTERVAL: Final = 4
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
        stated = {key: value for key, value in own.items() if value is not None}
        return _shape({**_CLASS_DEFAULTS.get(kind, {}), **stated}, kind)
    except NotThereError as missing:
        return f"config.json gives no usable {missing}"


def _shape(config: Mapping[str, JsonValue], kind: str) -> ModelShape | str:
    layers = number(config, "num_hidden_layers")
    if kind in _LATENT:
        return _latent(config, layers)
    if kind not in _FULL and kind not in _WINDOWS and kind not in _OTHERS:
        return f"the KV cache of model type {kind[:80]!r} is not covered"
    named = config.get("layer_types")
    if named is None:
        names = _names(config, kind, layers)
    elif isinstance(named, list) and len(named) == layers:
        names = [name if isinstance(name, str) else "" for name in named]
    else:
        raise NotThereError("layer_types")
    return names if isinstance(names, str) else _by_names(config, kind, names)


def _names(config: Mapping[str, JsonValue], kind: str, layers: int) -> list[str] | str:
    """Return the kind of each layer of a model whose file leaves it to the code of its type, or why it is not known."""
    if kind in _WINDOWS:
        nth = number(config, "sliding_window_pattern", _WINDOWS[kind])
        return ["full_attention" if n % nth == 0 else "sliding_attention" for n in _count(layers)]
    if kind == "jamba":
        period, offset = number(config, "attn_layer_period"), config.get("attn_layer_offset")
        if not usable(offset, least=0):
            raise NotThereError("attn_layer_offset")
        return ["attention" if n % period == offset else "mamba" for n in range(layers)]
    if kind == "llama4_text":
        return _chunks(config, layers)
    if kind in _OTHERS:
        nth = number(config, "full_attention_interval")
        return ["full_attention" if n % nth == 0 else "linear_attention" for n in _count(layers)]
    return _one_window(config, kind, layers)


def _one_window(config: Mapping[str, JsonValue], kind: str, layers: int) -> list[str] | str:
    if config.get("sliding_window") is None or config.get("use_sliding_window") is False:
        return ["full_attention"] * layers
    if kind.startswith("qwen"):
        # Off unless switched on, and then for the layers from `max_window_layers` on only.
        if config.get("use_sliding_window") is not True:
            return ["full_attention"] * layers
        whole = config.get("max_window_layers")
        if not usable(whole, least=0):
            raise NotThereError("max_window_layers")
        return ["full_attention" if n < whole else "sliding_attention" for n in range(layers)]
    if kind not in _ONE_WINDOW:
        return f"which layers of model type {kind[:80]!r} have its sliding_window is not known"
    return ["sliding_attention"] * layers


def _chunks(config: Mapping[str, JsonValue], layers: int) -> list[str]:
    """Return the layers of Llama 4: those with rotary positions attend to a chunk, the others to everything."""
    rotary = config.get("no_rope_layers")
    if not rotary:
        nth = number(config, "no_rope_layer_interval", _LLAMA_4_INTERVAL)
        rotary = [int(n % nth != 0) for n in _count(layers)]
    if not isinstance(rotary, list) or len(rotary) != layers or any(item not in (0, 1) for item in rotary):
        raise NotThereError("no_rope_layers")
    return ["chunked_attention" if item else "full_attention" for item in rotary]


def _count(layers: int) -> range:
    return range(1, layers + 1)


def _by_names(config: Mapping[str, JsonValue], kind: str, names: list[str]) -> ModelShape | str:
    strange = set(names) - _WHOLE_NAMES - _WINDOW_NAMES - _STATE_NAMES
    if strange:
        return f"config.json has layers of an unknown kind: {min(strange)[:40]!r}"
    whole = sum(name in _WHOLE_NAMES for name in names)
    short = sum(name in _WINDOW_NAMES for name in names)
    if not whole and not short:
        return "config.json has no layer that keeps keys and values"
    attention = number(config, "num_attention_heads")
    heads, length = _kv_heads(config, kind, attention), _head(config, kind, attention)
    groups = [Group(whole, whole * heads * length, whole * heads * length)] if whole else []
    words = f"{whole} layers" if not short else f"{whole} whole layers"
    if short:
        key = "sliding_window" if "sliding_attention" in names else "attention_chunk_size"
        window = number(config, key)
        groups.append(Group(short, short * heads * length, short * heads * length, window))
        words += f" and {short} of a {window}-token window"
    state = sum(names.count(name) * _state_values(config, name) for name in set(names) & _STATE_NAMES)
    words += f" of {len(names)}" if state else ""
    return ModelShape(
        tuple(groups),
        f"{words} x {heads} KV heads x ({length} key + {length} value)",
        state_bytes=4 * state,
        least_state_bytes=2 * state,
        exact=not state,
        vocabulary=_or_zero(config.get("vocab_size")),
        embedding=_or_zero(config.get("hidden_size")),
    )


def _kv_heads(config: Mapping[str, JsonValue], kind: str, attention: int) -> int:
    if kind != "falcon":
        return number(config, "num_key_value_heads", attention)
    # Falcon says it in its own words (transformers `FalconConfig`): one head for all unless switched off.
    if config.get("new_decoder_architecture") is True:
        return number(config, "num_kv_heads")
    return attention if config.get("multi_query") is False else 1


def _head(config: Mapping[str, JsonValue], kind: str, heads: int) -> int:
    """Return the length of a head: an explicit one counts before width / heads."""
    if config.get("head_dim") is not None or kind in _LENGTH_STATED:
        return number(config, "head_dim")
    hidden = number(config, "hidden_size")
    if hidden % heads:
        raise NotThereError("head_dim")
    return hidden // heads


def _state_values(config: Mapping[str, JsonValue], name: str) -> int:
    """Return how many values one recurrent layer keeps for one request: its state and its convolution's last inputs.

    Raises:
        NotThereError: a size is missing; `conv` layers give theirs under names that are not covered.
    """
    if name == "mamba":
        inner = number(config, "mamba_expand") * number(config, "hidden_size")
        return inner * number(config, "mamba_d_state") + (number(config, "mamba_d_conv") - 1) * inner
    if name == "linear_attention":
        key, value = number(config, "linear_key_head_dim"), number(config, "linear_value_head_dim")
        keys, values = number(config, "linear_num_key_heads"), number(config, "linear_num_value_heads")
        kernel = number(config, "linear_conv_kernel_dim")
        return values * key * value + (kernel - 1) * (2 * keys * key + values * value)
    raise NotThereError(f"size of the state of a {name} layer")


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

"""What does a GGUF header say of the layers?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.provenance.capacity.shape import Group, ModelShape, NotThereError, number, usable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

__all__ = ["FULL_ATTENTION", "shape_of_gguf"]

FULL_ATTENTION: Final[frozenset[str]] = frozenset(
    {
        *("baichuan", "bloom", "command-r", "deci", "falcon", "gemma", "glm4", "gpt2", "gptneox", "granite"),
        *("granitemoe", "internlm2", "llama", "minicpm", "mpt", "olmo", "olmo2", "olmoe", "openelm", "phi2"),
        *("qwen2", "qwen2moe", "qwen3", "qwen3moe", "seed_oss", "smollm3", "stablelm", "starcoder2"),
    }
)
"""Values of `general.architecture` whose every layer keeps plain keys and values of the whole context."""

_EVERY_NTH_IS_FULL: Final[dict[str, int]] = {"gemma2": 2, "gemma3": 6, "gpt-oss": 2, "cohere2": 4}
"""Architectures that interleave windows with whole contexts: the last of so many layers keeps all (llama.cpp
`set_swa_pattern`: gemma2 2, gemma3 6, gpt-oss 2, cohere2 4)."""

_LATENT: Final[frozenset[str]] = frozenset({"deepseek2"})
_HYBRID: Final[frozenset[str]] = frozenset({"jamba", "granitehybrid", "nemotron_h", "lfm2"})
"""Hybrids whose `head_count_kv` is a list with 0 for each layer that keeps no keys and values."""
_EVERY_NTH_KEEPS: Final[frozenset[str]] = frozenset({"qwen3next", "qwen35", "qwen35moe"})
"""Hybrids whose `full_attention_interval` says that the last of so many layers keeps keys and values."""

_NOT_PLAIN: Final = (
    "attention.sliding_window",
    "attention.kv_lora_rank",
    "attention.shared_kv_layers",
    "ssm.state_size",
)
"""Keys under which the plain formula is wrong, unless zero switches them off."""

_FLOAT_BYTES: Final = 4


def shape_of_gguf(metadata: Mapping[str, JsonValue]) -> ModelShape | str:
    """Return the shape of the model in a GGUF file, or the reason why it is not known.

    Args:
        metadata: keys as `read_gguf` gives them; a list is `{"length": n, "first": [...]}`.
    """
    architecture = metadata.get("general.architecture")
    if not isinstance(architecture, str):
        return "the GGUF file names no architecture"
    header = _Header(metadata, architecture)
    try:
        return _shape(header)
    except NotThereError as missing:
        return f"the GGUF file gives no usable {missing}"


def _shape(header: _Header) -> ModelShape | str:
    name = header.architecture
    if name in _LATENT and header.has("attention.kv_lora_rank"):
        return _latent(header)
    if name in _EVERY_NTH_IS_FULL:
        return _windows(header, _EVERY_NTH_IS_FULL[name])
    if name in _EVERY_NTH_KEEPS:
        return _every_nth(header)
    if name in _HYBRID:
        return _hybrid(header)
    strange = next((key for key in _NOT_PLAIN if header.metadata.get(f"{name}.{key}", 0) != 0), None)
    if name not in FULL_ATTENTION or strange is not None:
        what = f"architecture {name[:80]!r}" + (f" with {strange}" if strange is not None else "")
        return f"the KV cache of {what} is not covered"
    return _plain(header)


class _Header:
    def __init__(self, metadata: Mapping[str, JsonValue], architecture: str) -> None:
        self.metadata = metadata
        self.architecture = architecture

    def has(self, key: str) -> bool:
        return f"{self.architecture}.{key}" in self.metadata

    def number(self, key: str, default: int | None = None) -> int:
        return number(self.metadata, f"{self.architecture}.{key}", default)

    def heads(self, layers: int) -> list[int]:
        """Return the KV heads of each layer; a file without them has as many as it has heads (llama.cpp)."""
        key = "attention.head_count_kv" if self.has("attention.head_count_kv") else "attention.head_count"
        value = self.metadata.get(f"{self.architecture}.{key}")
        if not isinstance(value, dict):
            return [self.number(key)] * layers
        first = value.get("first")
        heads = [item for item in first if usable(item, least=0)] if isinstance(first, list) else []
        # No covered model does without keys and values: a file that says so is forged, and nothing is not a figure.
        if len(heads) != layers or value.get("length") != layers or not any(heads):
            raise NotThereError(f"{self.architecture}.{key}")
        return heads

    def length(self, key: str) -> int:
        """Return the length of a key or value vector; an explicit one counts before embedding / heads."""
        if self.has(f"attention.{key}"):
            return self.number(f"attention.{key}")
        embedding, heads = self.number("embedding_length"), self.number("attention.head_count")
        if embedding % heads:
            raise NotThereError(f"{self.architecture}.attention.{key}")
        return embedding // heads

    def shape(self, groups: tuple[Group, ...], words: str, **more: object) -> ModelShape:
        tokens = self.metadata.get("tokenizer.ggml.tokens")
        count = tokens.get("length") if isinstance(tokens, dict) else None
        embedding = self.metadata.get(f"{self.architecture}.embedding_length")
        return ModelShape(
            groups,
            words,
            vocabulary=count if usable(count, least=1) else 0,
            embedding=embedding if usable(embedding, least=1) else 0,
            **more,  # type: ignore[arg-type]
        )


def _plain(header: _Header) -> ModelShape:
    layers = header.number("block_count")
    heads, key, value = header.heads(layers), header.length("key_length"), header.length("value_length")
    same = len(set(heads)) == 1
    counted = f"{layers} layers x {heads[0]} KV heads" if same else f"{sum(heads)} KV heads in {layers} layers"
    group = Group(layers, sum(heads) * key, sum(heads) * value)
    return header.shape((group,), f"{counted} x ({key} key + {value} value)")


def _windows(header: _Header, nth: int) -> ModelShape:
    layers, window = header.number("block_count"), header.number("attention.sliding_window")
    heads, key, value = header.heads(layers), header.length("key_length"), header.length("value_length")
    whole = [count for layer, count in enumerate(heads, 1) if layer % nth == 0]
    short = [count for layer, count in enumerate(heads, 1) if layer % nth]
    groups = (
        Group(len(whole), sum(whole) * key, sum(whole) * value),
        Group(len(short), sum(short) * key, sum(short) * value, window),
    )
    words = f"{len(whole)} whole and {len(short)} layers of a {window}-token window x {heads[0]} KV heads"
    return header.shape(groups, f"{words} x ({key} key + {value} value)")


def _latent(header: _Header) -> ModelShape:
    """Return the shape of multi-head latent attention: one vector a layer for keys and values together.

    Builds of llama.cpp from before it knew this keep whole keys and values, 35 times as much.
    """
    layers, heads = header.number("block_count"), header.number("attention.head_count")
    latent = header.number("attention.kv_lora_rank") + header.number("rope.dimension_count")
    key = header.number(
        "attention.key_length_mla" if header.has("attention.key_length_mla") else "attention.key_length"
    )
    value = header.number(
        "attention.value_length_mla" if header.has("attention.value_length_mla") else "attention.value_length"
    )
    return header.shape(
        (Group(layers, layers * latent, 0),),
        f"{layers} layers x {latent} latent values",
        largest=(Group(layers, layers * heads * key, layers * heads * value),),
    )


def _hybrid(header: _Header) -> ModelShape:
    layers = header.number("block_count")
    heads, key, value = header.heads(layers), header.length("key_length"), header.length("value_length")
    keeping = sum(count > 0 for count in heads)
    state = _recurrent_layers(header, heads) * _state_bytes(header)
    return header.shape(
        (Group(keeping, sum(heads) * key, sum(heads) * value),),
        f"{keeping} of {layers} layers keep keys and values x ({key} key + {value} value)",
        state_bytes=state,
        least_state_bytes=state,
        exact=False,
    )


def _every_nth(header: _Header) -> ModelShape:
    # Layers that only predict further tokens stand last and keep nothing in the main context.
    layers = header.number("block_count") - header.number("nextn_predict_layers", 0)
    nth = header.number("full_attention_interval")
    if layers < nth:
        raise NotThereError(f"{header.architecture}.full_attention_interval")
    key, value, heads = header.length("key_length"), header.length("value_length"), _most_heads(header)
    keeping = layers // nth
    state = (layers - keeping) * _state_bytes(header)
    return header.shape(
        (Group(keeping, keeping * heads * key, keeping * heads * value),),
        f"{keeping} of {layers} layers x {heads} KV heads x ({key} key + {value} value)",
        state_bytes=state,
        least_state_bytes=state,
        exact=False,
    )


def _most_heads(header: _Header) -> int:
    """Return the KV heads of a layer that keeps them: one number, or a list with 0 for the others."""
    return max(header.heads(header.number("block_count")))


def _recurrent_layers(header: _Header, heads: list[int]) -> int:
    """Count the layers with a state: those without KV heads, and where the file lists them, without a feed-forward.

    Nemotron-H alternates attention, recurrent and feed-forward layers: a layer with neither of the others is recurrent.
    """
    widths = header.metadata.get(f"{header.architecture}.feed_forward_length")
    first = widths.get("first") if isinstance(widths, dict) else None
    if not isinstance(first, list) or len(first) != len(heads):
        return sum(count == 0 for count in heads)
    return sum(count == 0 and width == 0 for count, width in zip(heads, first, strict=True))


def _state_bytes(header: _Header) -> int:
    """Return the bytes that llama.cpp keeps for one recurrent layer and one request, in 32 bits.

    A state of inner x state size, and the last inputs of the convolution, (kernel - 1) x (inner + 2 x groups x state
    size); a layer with a short convolution only keeps (length - 1) x width (llama.cpp `n_embd_s` and `n_embd_r`).
    """
    if header.has("shortconv.l_cache"):
        return (header.number("shortconv.l_cache") - 1) * header.number("embedding_length") * _FLOAT_BYTES
    inner, size = header.number("ssm.inner_size"), header.number("ssm.state_size")
    kernel, groups = header.number("ssm.conv_kernel"), header.number("ssm.group_count", 0)
    return (inner * size + (kernel - 1) * (inner + 2 * groups * size)) * _FLOAT_BYTES

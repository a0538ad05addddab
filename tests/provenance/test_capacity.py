"""Is the KV cache sized as runtimes size it, and not at all where the formula does not hold?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.provenance import capacity_of, read_gguf
from assay.provenance.capacity import FULL_ATTENTION
from assay.schema._base import canonical_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

MEBIBYTE = 1024 * 1024


def _keys(architecture: str, **numbers: JsonValue) -> dict[str, JsonValue]:
    names = {"block_count": "", "embedding_length": "", "kv_lora_rank": "attention."}
    keys = {f"{architecture}.{names.get(name, 'attention.')}{name}": number for name, number in numbers.items()}
    return {"general.architecture": architecture, **keys}


SMOLLM2 = _keys("llama", block_count=30, embedding_length=576, head_count=9, head_count_kv=3)
LLAMA_3_8B = _keys("llama", block_count=32, embedding_length=4096, head_count=32, head_count_kv=8)
LLAMA_1_30B = _keys("llama", block_count=60, embedding_length=6656, head_count=52)
QWEN3_06B = _keys(
    "qwen3",
    block_count=28,
    embedding_length=1024,
    head_count=16,
    head_count_kv=8,
    key_length=128,
    value_length=128,
)


@pytest.mark.parametrize(
    ("metadata", "tokens", "published"),
    [
        # 2 x 30 x 3 x 64 x 2 bytes: llama.cpp's log for SmolLM2-135M says 22.50 MiB for 1024 tokens.
        (SMOLLM2, 1024, 22.5),
        # ggml-org/llama.cpp pull request 10136: "With a context size of 4096, the KV takes around 512MB".
        (LLAMA_3_8B, 4096, 512),
        # abetlen/llama-cpp-python issue 66: "kv self size = 1560.00 MB" for 512 tokens of LLaMA 30B at 32-bit cache
        # types, so half of it at 16-bit ones; each head has its own keys.
        (LLAMA_1_30B, 512, 780),
        # The explicit key length counts: embedding / heads gives half of it (unsloth issue 4757: error of -50 %).
        (QWEN3_06B, 1024, 112),
    ],
)
def test_published_sizes(metadata: dict[str, JsonValue], tokens: int, published: float) -> None:
    """The bytes for a full slot are those that the runtimes print."""
    capacity = capacity_of(metadata, 1, tokens, 1)
    assert capacity.kv_bytes_in_force == published * MEBIBYTE


def test_an_explicit_key_length_doubles_the_naive_figure() -> None:
    """Qwen3-0.6B needs twice what embedding length / heads would give."""
    naive = {key: value for key, value in QWEN3_06B.items() if not key.endswith(("key_length", "value_length"))}
    explicit, halved = capacity_of(QWEN3_06B, 1, None, None), capacity_of(naive, 1, None, None)
    assert halved.kv_bytes_per_token is not None
    assert explicit.kv_bytes_per_token == 2 * halved.kv_bytes_per_token


def test_the_formula_can_be_followed() -> None:
    """The text gives each factor of the figure."""
    capacity = capacity_of(SMOLLM2, 98_362_432, 512, 4)
    assert capacity.kv_bytes_per_token == 23_040
    assert capacity.kv_bytes_in_force == 23_040 * 512 * 4
    assert capacity.weights_bytes == 98_362_432
    assert capacity.formula == (
        "30 layers x 3 KV heads x (64 key + 64 value) x 2 bytes = 23040 bytes per token; "
        "in force x 512 tokens x 4 slots = 47185920 bytes"
    )


def test_heads_may_differ_by_layer() -> None:
    """An array of KV heads is summed over the layers; one that does not hold each layer gives no figure."""
    keys = _keys(
        "openelm", block_count=3, key_length=64, value_length=64, head_count_kv={"length": 3, "first": [3, 0, 5]}
    )
    assert capacity_of(keys, 1, None, None).kv_bytes_per_token == 8 * (64 + 64) * 2
    keys["openelm.block_count"] = 4
    assert capacity_of(keys, 1, None, None).kv_bytes_per_token is None


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        # The plain formula is wrong by -81 % for DeepSeek-V3 (70,272 bytes a token as published) and by +682 % for
        # Gemma 3 27B (unsloth issue 4757).
        (_keys("deepseek2", block_count=61, embedding_length=7168, head_count=128, kv_lora_rank=512), "not covered"),
        (_keys("gemma3", block_count=62, embedding_length=5376, head_count=32, head_count_kv=16), "not covered"),
        ({**LLAMA_3_8B, "llama.attention.sliding_window": 4096}, "sliding window"),
        ({**LLAMA_3_8B, "llama.attention.kv_lora_rank": 512}, "MLA"),
        ({**LLAMA_3_8B, "llama.attention.head_count_kv": 0}, "head_count_kv"),
        ({**LLAMA_3_8B, "llama.attention.head_count": 33}, "key_length"),
        ({**LLAMA_3_8B, "llama.block_count": 2**60}, "block_count"),
        ({}, "not covered"),
        (None, "no weights file"),
    ],
)
def test_no_figure_where_the_formula_does_not_hold(metadata: dict[str, JsonValue] | None, reason: str) -> None:
    """Another kind of cache, or a number that is missing or absurd, gives None and the reason."""
    capacity = capacity_of(metadata, 7, 4096, 1)
    assert (capacity.kv_bytes_per_token, capacity.kv_bytes_in_force) == (None, None)
    assert reason in capacity.formula
    assert capacity.weights_bytes == 7


def test_a_window_of_zero_is_no_window() -> None:
    """A feature that is switched off does not hide the figure."""
    assert capacity_of({**SMOLLM2, "llama.attention.sliding_window": 0}, 1, None, None).kv_bytes_per_token == 23_040


@pytest.mark.parametrize(("context", "slots", "missing"), [(None, 4, "context in force"), (512, None, "slots")])
def test_no_figure_in_force_without_context_and_slots(context: int | None, slots: int | None, missing: str) -> None:
    """What fills the cache must be known for the cache to have a size."""
    capacity = capacity_of(SMOLLM2, 1, context, slots)
    assert capacity.kv_bytes_in_force is None
    assert missing in capacity.formula


_NUMBERS = st.integers(-1, 2**64) | st.none() | st.text(max_size=3) | st.booleans() | st.floats()
_ARRAYS = st.fixed_dictionaries({"length": _NUMBERS, "first": st.lists(_NUMBERS, max_size=4)})


@given(
    st.sampled_from(sorted(FULL_ATTENTION)),
    st.dictionaries(
        st.sampled_from(["block_count", "embedding_length", "head_count", "head_count_kv", "key_length"]),
        _NUMBERS | _ARRAYS,
    ),
    st.integers(0, 2**40),
)
def test_any_header_gives_a_storable_answer(architecture: str, numbers: dict[str, JsonValue], tokens: int) -> None:
    """Hostile numbers give a figure that the record can hold, or none."""
    capacity = capacity_of(_keys(architecture, **numbers), None, tokens, 4)
    assert canonical_bytes(capacity.model_dump(mode="json"))


@pytest.mark.embedded
def test_a_real_model(smollm2: Path) -> None:
    """SmolLM2's own header gives 23,040 bytes a token."""
    assert capacity_of(read_gguf(smollm2).metadata, None, None, None).kv_bytes_per_token == 23_040

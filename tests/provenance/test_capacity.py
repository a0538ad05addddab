"""Is the memory arithmetic that of published figures, and silent where it would have to guess?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.provenance.capacity import (
    Known,
    capacity_of,
    shape_of_config,
    tensor_bytes,
    vllm_cache_budget,
)
from assay.provenance.capacity.arithmetic import cache_bytes, window_cells
from assay.provenance.capacity.shape import ModelShape

if TYPE_CHECKING:
    from assay.schema.provenance import Capacity

MIB, GIB = 2**20, 2**30

LLAMA_8B = {"model_type": "llama", "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8}
LLAMA_8B |= {"hidden_size": 4096, "vocab_size": 128256}
LLAMA_7B = {**LLAMA_8B, "num_key_value_heads": 32}
LLAMA_405B = {**LLAMA_8B, "num_hidden_layers": 126, "num_attention_heads": 128, "hidden_size": 16384}
QWEN_72B = {**LLAMA_8B, "model_type": "qwen2", "num_hidden_layers": 80, "num_attention_heads": 64, "hidden_size": 8192}
QWEN3_06B = {"model_type": "qwen3", "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8}
QWEN3_06B |= {"head_dim": 128, "hidden_size": 1024}
DEEPSEEK_V3 = {"model_type": "deepseek_v3", "num_hidden_layers": 61, "kv_lora_rank": 512, "qk_rope_head_dim": 64}
MIXTRAL = {**LLAMA_8B, "model_type": "mixtral", "sliding_window": None}
GPT_OSS = {"model_type": "gpt_oss", "num_hidden_layers": 24, "num_attention_heads": 64, "num_key_value_heads": 8}
GPT_OSS |= {"head_dim": 64, "hidden_size": 2880, "sliding_window": 128}


def gemma3(layers: int, heads: int, length: int) -> dict:
    return {
        "model_type": "gemma3_text",
        "num_hidden_layers": layers,
        "num_attention_heads": 2 * heads,
        "num_key_value_heads": heads,
        "head_dim": length,
        "hidden_size": 3840,
        "sliding_window": 1024,
    }


GEMMA3_27B, GEMMA3_12B, GEMMA3_4B = gemma3(62, 16, 128), gemma3(48, 8, 256), gemma3(34, 4, 256)

ISWA = "reddit LocalLLaMA 1krr7hn, on ggml-org/llama.cpp#13194: measured with batch 512 and 2048"
PAPER = "Insights into DeepSeek-V3, arXiv 2505.09343, table 1: KV cache per token"

CACHES = [
    # config, tokens, cache type, spare cells of a window, published bytes, source
    (DEEPSEEK_V3, 1, "bf16", 0, 70_272, PAPER),
    (QWEN_72B, 1, "bf16", 0, 327_680, PAPER),
    (LLAMA_405B, 1, "bf16", 0, 516_096, PAPER),
    (DEEPSEEK_V3, 32_768, "q8_0", 0, 1166.62 * MIB, "ikawrakow/ik_llama.cpp#259, log: KV self size, c^KV (q8_0)"),
    (GPT_OSS, 131_072, "f16", 131_072, 6144 * MIB, "ikawrakow/ik_llama.cpp#822, log: KV self size, windows not used"),
    (GEMMA3_27B, 65_536, "f16", 65_536, 31_744 * MIB, f"{ISWA}; before windows were used"),
    (GEMMA3_12B, 32_768, "f16", 32_768, 12_288 * MIB, f"{ISWA}; before windows were used"),
    (GEMMA3_4B, 131_072, "f16", 131_072, 17_408 * MIB, f"{ISWA}; before windows were used"),
    (GEMMA3_27B, 65_536, "f16", 512, (5120 + 624) * MIB, ISWA),
    (GEMMA3_27B, 65_536, "f16", 2048, (5120 + 1248) * MIB, ISWA),
    (GEMMA3_12B, 32_768, "f16", 512, (2048 + 480) * MIB, ISWA),
    (GEMMA3_4B, 131_072, "f16", 512, (2560 + 174) * MIB, ISWA),
    (LLAMA_7B, 512, "f16", 0, 256 * MIB, "llama.cpp's log of Llama 2 7B at 512 tokens: KV self size = 256.00 MiB"),
    (LLAMA_8B, 8192, "f16", 0, 1024 * MIB, "llama.cpp's log of Llama 3 8B at 8192 tokens: KV self size = 1024.00 MiB"),
    (MIXTRAL, 32_768, "f16", 0, 4096 * MIB, "llama.cpp's log of Mixtral 8x7B at 32768 tokens: KV self size = 4096 MiB"),
]


@pytest.mark.parametrize(("config", "tokens", "kind", "spare", "published", "source"), CACHES)
def test_cache_is_the_published_one(
    config: dict, tokens: int, kind: str, spare: int, published: float, source: str
) -> None:
    """KV bytes of plain, windowed and latent attention are within half a percent of what was published."""
    shape = shape_of_config(config)
    assert isinstance(shape, ModelShape), source
    assert cache_bytes(shape.groups, tokens, (kind, kind), spare=spare) == pytest.approx(published, rel=0.005), source


PARAMETERS_8B = 8_030_261_248


@pytest.mark.parametrize(
    ("kind", "published_gib", "source"),
    [
        ("F16", 14.96, "ggml-org/llama.cpp tools/quantize/README.md: Llama-3.1-8B, 16.00 bits a weight"),
        ("Q8_0", 7.95, "ggml-org/llama.cpp tools/quantize/README.md: Llama-3.1-8B, 8.50 bits a weight"),
    ],
)
def test_weights_are_the_published_ones(kind: str, published_gib: float, source: str) -> None:
    """Bytes by block of the tensor's type are within half a percent of a published file's size."""
    assert (tensor_bytes(kind, PARAMETERS_8B) or 0) / GIB == pytest.approx(published_gib, rel=0.005), source


@pytest.mark.parametrize(
    ("weights", "activation", "beside", "published", "model"),
    [(14.99, 4.76, 0.13, 51.38, "Llama-3.1-8B on one H100")],
)
def test_vllm_budget_is_the_published_one(
    weights: float, activation: float, beside: float, published: float, model: str
) -> None:
    """Share of the card less weights, activations and the rest is what vLLM logged (llm-d)."""
    budget = vllm_cache_budget(71.26 / 0.9, weights, activation, beside=beside, share=0.9)
    assert budget == pytest.approx(published, rel=0.005), model


SMOLLM2 = {
    "general.architecture": "llama",
    "llama.block_count": 30,
    "llama.attention.head_count": 9,
    "llama.attention.head_count_kv": 3,
    "llama.embedding_length": 576,
    "tokenizer.ggml.tokens": {"length": 49152, "first": []},
}


def known(metadata: dict | None = None, **more: object) -> Capacity:
    return capacity_of(Known(metadata=metadata, **more))


def test_plain_model_is_exact() -> None:
    """Weights, cache and need of a plain model follow from its header, its window and its slots."""
    own = known(SMOLLM2, weights_bytes=98_362_432, context=4096, slots=4, memory_bytes=GIB)
    assert (own.kv_bytes_per_token, own.kv_bytes_per_request) == (23_040, 94_371_840)
    assert (own.kv_bytes_in_force, own.confidence) == (377_487_360, "exact")
    assert own.need_low_bytes == 98_362_432 + 377_487_360
    assert own.need_high_bytes is not None
    assert own.need_low_bytes < own.need_high_bytes < own.need_low_bytes + 512 * MIB
    assert own.requests_that_fit == 6
    assert own.formula == (
        "30 layers x 3 KV heads x (64 key + 64 value) x 2 bytes = 23040 bytes per token; "
        "94371840 bytes for a request of 4096 tokens, 377487360 bytes for 4 of them"
    )


def test_windows_of_llama_cpp_are_padded() -> None:
    """A window of 1024 gets 1536 cells: a micro-batch more, rounded up to 256."""
    assert window_cells(1024) == 1536
    header = {
        "general.architecture": "gemma3",
        "gemma3.block_count": 62,
        "gemma3.attention.head_count": 32,
        "gemma3.attention.head_count_kv": 16,
        "gemma3.attention.key_length": 128,
        "gemma3.attention.value_length": 128,
        "gemma3.attention.sliding_window": 1024,
    }
    own = known(header, weights_bytes=GIB, context=65_536, slots=1)
    assert own.kv_bytes_per_request == (5120 + 624) * MIB
    assert own.confidence == "exact"


def test_latent_attention_of_an_old_build_keeps_much_more() -> None:
    """The need of a latent model is an interval: builds that do not know it keep whole keys and values."""
    header = {
        "general.architecture": "deepseek2",
        "deepseek2.block_count": 61,
        "deepseek2.attention.head_count": 128,
        "deepseek2.attention.kv_lora_rank": 512,
        "deepseek2.rope.dimension_count": 64,
        "deepseek2.attention.key_length": 192,
        "deepseek2.attention.value_length": 128,
    }
    own = known(header, weights_bytes=GIB, context=1000, slots=1)
    assert own.kv_bytes_per_token == 70_272
    assert own.kv_bytes_per_request == 61 * 128 * (192 + 128) * 2 * 1000
    assert own.confidence == "modelled"


def test_hybrid_layers_keep_a_state_instead() -> None:
    """Only layers with KV heads grow with the context; recurrent ones keep a state of one size."""
    header = {
        "general.architecture": "jamba",
        "jamba.block_count": 4,
        "jamba.attention.head_count": 8,
        "jamba.attention.head_count_kv": {"length": 4, "first": [0, 8, 0, 0]},
        "jamba.embedding_length": 512,
        "jamba.ssm.inner_size": 1024,
        "jamba.ssm.state_size": 16,
        "jamba.ssm.conv_kernel": 4,
    }
    own = known(header, weights_bytes=GIB, context=100, slots=1)
    state = 3 * (1024 * 16 + 3 * 1024) * 4
    assert (own.kv_bytes_per_token, own.kv_bytes_per_request) == (8 * 128 * 2, 8 * 128 * 2 * 100 + state)
    assert own.confidence == "modelled"


def test_hybrid_config_counts_its_attention_layers() -> None:
    """An interval, a period or a list of layers says which of them keep keys and values."""
    base = {"num_hidden_layers": 8, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8}
    rows = [
        ({"model_type": "qwen3_next", "full_attention_interval": 4}, 2),
        ({"model_type": "jamba", "attn_layer_period": 8, "attn_layer_offset": 4}, 1),
        ({"model_type": "qwen3_5", "layer_types": ["linear_attention"] * 5 + ["full_attention"] * 3}, 3),
    ]
    for more, layers in rows:
        shape = shape_of_config(base | more)
        assert isinstance(shape, ModelShape)
        assert (sum(group.layers for group in shape.groups), shape.exact) == (layers, False)


def test_windows_under_vllm_may_cost_the_whole_context() -> None:
    """Without its hybrid allocator vLLM keeps whole contexts for windows: the need is an interval."""
    own = known(config=GEMMA3_4B, weights_bytes=GIB, context=131_072, slots=1, runtime="vllm")
    assert own.kv_bytes_per_request == 17_408 * MIB
    assert own.confidence == "modelled"


def test_cache_that_the_server_tells_of_decides_what_fits() -> None:
    """Where a runtime says how many tokens its cache holds, as vLLM does, that many full contexts fit."""
    own = known(config=LLAMA_8B, weights_bytes=GIB, context=8192, runtime="vllm", cache_tokens=100_000)
    assert own.requests_that_fit == 12


@pytest.mark.parametrize(
    ("metadata", "config", "reason"),
    [
        (None, None, "no weights file to read the layers from"),
        ({}, None, "the GGUF file names no architecture"),
        ({"general.architecture": "gemma3n"}, None, "the KV cache of architecture 'gemma3n' is not covered"),
        (
            {**SMOLLM2, "llama.attention.sliding_window": 9},
            None,
            "'llama' with attention.sliding_window",
        ),
        ({**SMOLLM2, "llama.block_count": 0}, None, "the GGUF file gives no usable llama.block_count"),
        (None, {"model_type": "rwkv", "num_hidden_layers": 4}, "the KV cache of model type 'rwkv' is not covered"),
        (None, {"model_type": "llama"}, "config.json gives no usable num_hidden_layers"),
        (None, {**LLAMA_8B, "layer_types": ["strange"] * 32}, "layers of an unknown kind: 'strange'"),
    ],
)
def test_what_is_not_covered_has_no_figure(metadata: dict | None, config: dict | None, reason: str) -> None:
    """Where a layer's cache is not known for certain there is no figure, and the reason stands in its place."""
    own = capacity_of(Known(metadata=metadata, config=config, weights_bytes=1, context=1, slots=1))
    assert own.formula.startswith("unknown: ")
    assert reason in own.formula
    assert (own.kv_bytes_per_token, own.need_high_bytes, own.confidence) == (None, None, "unknown")


@given(st.integers(1, 1 << 17), st.integers(1, 64), st.integers(1, 512))
def test_more_tokens_or_slots_never_need_less(context: int, slots: int, more: int) -> None:
    """The need grows with the context and with the slots, and the interval is one."""
    small = known(SMOLLM2, weights_bytes=1, context=context, slots=slots)
    large = known(SMOLLM2, weights_bytes=1, context=context + more, slots=slots + 1)
    assert small.need_low_bytes is not None
    assert large.need_low_bytes is not None
    assert small.need_high_bytes is not None
    assert 0 < small.need_low_bytes <= small.need_high_bytes
    assert small.need_low_bytes < large.need_low_bytes


NUMBERS = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=3))
LISTS = st.one_of(NUMBERS, st.lists(NUMBERS, max_size=3), st.fixed_dictionaries({"length": NUMBERS, "first": NUMBERS}))


@given(st.sampled_from(["llama", "gemma3", "deepseek2", "jamba", "qwen3next"]), st.data())
def test_hostile_headers_never_raise(architecture: str, data: st.DataObject) -> None:
    """Absurd numbers in a header end in no figure, or in one that fits the record."""
    keys = [key.replace("llama", architecture) for key in SMOLLM2 if key.startswith("llama.")]
    keys += [
        f"{architecture}.{key}" for key in ("attention.sliding_window", "full_attention_interval", "ssm.inner_size")
    ]
    metadata = {"general.architecture": architecture, **{key: data.draw(LISTS) for key in keys}}
    own = known(metadata, weights_bytes=1, context=1 << 20, slots=1 << 20)
    for figure in (own.kv_bytes_per_token, own.kv_bytes_in_force, own.need_high_bytes):
        assert figure is None or 0 <= figure < 2**53


@given(st.sampled_from([LLAMA_8B, GEMMA3_4B, DEEPSEEK_V3, GPT_OSS]), st.data())
def test_hostile_configs_never_raise(config: dict, data: st.DataObject) -> None:
    """A config with a value of the wrong kind has a shape or a reason."""
    key = data.draw(st.sampled_from(sorted(config)))
    assert isinstance(shape_of_config({**config, key: data.draw(LISTS)}), ModelShape | str)

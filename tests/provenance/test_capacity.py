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
    shape_of_gguf,
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
LLAMA_70B = {**LLAMA_8B, "num_hidden_layers": 80, "num_attention_heads": 64, "hidden_size": 8192}
LLAMA_405B = {**LLAMA_8B, "num_hidden_layers": 126, "num_attention_heads": 128, "hidden_size": 16384}
QWEN_72B = {**LLAMA_8B, "model_type": "qwen2", "num_hidden_layers": 80, "num_attention_heads": 64, "hidden_size": 8192}
QWEN3_06B = {"model_type": "qwen3", "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8}
QWEN3_06B |= {"head_dim": 128, "hidden_size": 1024}
DEEPSEEK_V3 = {"model_type": "deepseek_v3", "num_hidden_layers": 61, "kv_lora_rank": 512, "qk_rope_head_dim": 64}
QWEN_15B = {"model_type": "qwen2", "num_hidden_layers": 28, "num_attention_heads": 12, "num_key_value_heads": 2}
QWEN_15B |= {"hidden_size": 1536, "use_sliding_window": False, "sliding_window": 32768, "max_window_layers": 21}
OLMOE = {"model_type": "olmoe", "num_hidden_layers": 16, "num_attention_heads": 16, "num_key_value_heads": 16}
OLMOE |= {"hidden_size": 2048}
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
BLOG = "huggingface/blog#2345 on blog/llama31: KV cache of Llama 3.1 in 16 bits"
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
    (LLAMA_8B, 16_000, "f16", 0, 1.95 * GIB, BLOG),
    (LLAMA_8B, 128_000, "f16", 0, 15.62 * GIB, BLOG),
    (LLAMA_70B, 16_000, "f16", 0, 4.88 * GIB, BLOG),
    (LLAMA_70B, 128_000, "f16", 0, 39.06 * GIB, BLOG),
    (QWEN_15B, 4096, "f16", 0, 112 * MIB, "GeniePod/genie-claw#410: KV cache of Qwen2.5-1.5B at 4 k"),
    (QWEN_15B, 32_768, "f16", 0, 896 * MIB, "GeniePod/genie-claw#410: KV cache of Qwen2.5-1.5B at 32 k"),
    (OLMOE, 8192, "q8_0", 0, 544 * MIB, "ggml-org/llama.cpp docs/backend/snapdragon/README.md, 8b1bbbaa: log of OLMoE"),
]


@pytest.mark.parametrize(("config", "tokens", "kind", "spare", "published", "source"), CACHES)
def test_cache_is_the_published_one(
    config: dict, tokens: int, kind: str, spare: int, published: float, source: str
) -> None:
    """KV bytes of plain, windowed and latent attention are within half a percent of what was published."""
    shape = shape_of_config(config)
    assert isinstance(shape, ModelShape), source
    assert cache_bytes(shape.groups, tokens, (kind, kind), spare=spare) == pytest.approx(published, rel=0.005), source


QUANTIZE = "ggml-org/llama.cpp tools/quantize/README.md, 311c2c9f: sizes of Llama-3.1-8B"


def llama_8b_bytes(kind: str, output: str, better: str, layers: set[int]) -> int:
    """Return the bytes of Llama-3.1-8B's tensors: `better` is the type of some layers' values and down projections."""
    width, inner, kv, vocabulary = 4096, 14_336, 1024, 128_256
    sizes = [(kind, vocabulary * width), (output, vocabulary * width), ("F32", width * 65)]
    for layer in range(32):
        own = better if layer in layers else kind
        sizes += [(kind, width * width)] * 2 + [(kind, width * kv), (own, width * kv)]
        sizes += [(kind, width * inner)] * 2 + [(own, width * inner)]
    return sum(tensor_bytes(name, values) or 0 for name, values in sizes)


THIRDS = {*range(4), *range(28, 32), *range(6, 28, 3)}
"""Layers to which llama.cpp's medium mixtures give more bits: the first and last eighth, and every third between."""


@pytest.mark.parametrize(
    ("kind", "output", "better", "layers", "published_gib"),
    [
        ("F16", "F16", "F16", set(), 14.96),
        ("Q8_0", "Q8_0", "Q8_0", set(), 7.95),
        ("Q6_K", "Q6_K", "Q6_K", set(), 6.14),
        ("Q5_K", "Q6_K", "Q6_K", THIRDS, 5.33),
        ("Q5_K", "Q6_K", "Q5_K", set(), 5.21),
        ("Q4_K", "Q6_K", "Q6_K", THIRDS, 4.58),
        ("Q4_K", "Q6_K", "Q5_K", {0, 1, 2, 3}, 4.36),
    ],
)
def test_weights_are_the_published_ones(
    kind: str, output: str, better: str, layers: set[int], published_gib: float
) -> None:
    """Bytes by block of each tensor's type add up to a published file's size within half a percent."""
    size = llama_8b_bytes(kind, output, better, layers) / GIB
    assert size == pytest.approx(published_gib, rel=0.005), QUANTIZE


def test_tensor_of_an_unknown_type_has_no_size() -> None:
    """A type without an entry gives no figure."""
    assert tensor_bytes("Q9_9", 256) is None


H100 = (
    "llm-d/llm-d-benchmark config_explorer/empirical-vllm-memory-results.md, 25933486: vLLM's log on a 79.18 GiB H100"
)


@pytest.mark.parametrize(
    ("weights", "activation", "beside", "published"),
    [
        pytest.param(14.99, 4.76, 0.13, 51.38, id="Llama-3.1-8B"),
        pytest.param(13.47, 7.38, 0.13, 50.28, id="gpt-oss-20b"),
        pytest.param(61.03, 5.64, 0.14, 4.45, id="Qwen3-32B"),
        pytest.param(1.12, 5.56, 0.13, 64.45, id="Qwen3-0.6B"),
        pytest.param(33.88, 4.84, 0.55, 32.0, id="Llama-3.3-70B-FP8 on each of two"),
        pytest.param(67.72, 4.84, 0.14, -1.44, id="Llama-3.3-70B-FP8, which does not start"),
    ],
)
def test_vllm_budget_is_the_published_one(weights: float, activation: float, beside: float, published: float) -> None:
    """Share of the card less weights, activations and the rest is what vLLM logged."""
    budget = vllm_cache_budget(79.18, weights, activation, beside=beside, share=0.9)
    assert budget == pytest.approx(published, rel=0.005), H100


QWEN35_27B = {
    "general.architecture": "qwen35",
    "qwen35.block_count": 65,
    "qwen35.nextn_predict_layers": 1,
    "qwen35.embedding_length": 5120,
    "qwen35.attention.head_count": 24,
    "qwen35.attention.head_count_kv": 4,
    "qwen35.attention.key_length": 256,
    "qwen35.attention.value_length": 256,
    "qwen35.full_attention_interval": 4,
    "qwen35.ssm.conv_kernel": 4,
    "qwen35.ssm.state_size": 128,
    "qwen35.ssm.group_count": 16,
    "qwen35.ssm.inner_size": 6144,
}
QWEN35_27B_CONFIG = {
    "text_config": {
        "model_type": "qwen3_5_text",
        "num_hidden_layers": 64,
        "num_attention_heads": 24,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "full_attention_interval": 4,
        "linear_conv_kernel_dim": 4,
        "linear_key_head_dim": 128,
        "linear_num_key_heads": 16,
        "linear_num_value_heads": 48,
        "linear_value_head_dim": 128,
    }
}


def test_recurrent_state_is_the_published_one() -> None:
    """The state of a hybrid is what llama.cpp logged: 448.88 MiB for three requests (ggml-org/llama.cpp#23792)."""
    shape = shape_of_gguf(QWEN35_27B)
    assert isinstance(shape, ModelShape)
    assert 3 * shape.state_bytes == pytest.approx(448.88 * MIB, rel=0.005)
    other = shape_of_config(QWEN35_27B_CONFIG)
    assert isinstance(other, ModelShape)
    assert (other.state_bytes, 2 * other.least_state_bytes) == (shape.state_bytes, shape.state_bytes)
    # 16 layers keep 1,536 MiB for 24,576 tokens, by the log of the same architecture.
    assert cache_bytes(other.groups, 24_576) == cache_bytes(shape.groups, 24_576) == 1536 * MIB


def test_state_counts_recurrent_layers_only() -> None:
    """A layer that is neither attention nor recurrent, as Nemotron-H has, keeps nothing; groups widen the inputs."""
    header = {
        "general.architecture": "nemotron_h",
        "nemotron_h.block_count": 4,
        "nemotron_h.embedding_length": 512,
        "nemotron_h.attention.head_count": 8,
        "nemotron_h.attention.head_count_kv": {"length": 4, "first": [0, 0, 2, 0]},
        "nemotron_h.feed_forward_length": {"length": 4, "first": [0, 2048, 0, 2048]},
        "nemotron_h.ssm.inner_size": 1024,
        "nemotron_h.ssm.state_size": 128,
        "nemotron_h.ssm.group_count": 8,
        "nemotron_h.ssm.conv_kernel": 4,
    }
    shape = shape_of_gguf(header)
    assert isinstance(shape, ModelShape)
    assert shape.state_bytes == (1024 * 128 + 3 * (1024 + 2 * 8 * 128)) * 4


def test_short_convolution_keeps_its_last_inputs() -> None:
    """A layer of LFM2 keeps one input less than its convolution is long."""
    header = {
        "general.architecture": "lfm2",
        "lfm2.block_count": 3,
        "lfm2.embedding_length": 1024,
        "lfm2.attention.head_count": 16,
        "lfm2.attention.head_count_kv": {"length": 3, "first": [0, 0, 8]},
        "lfm2.shortconv.l_cache": 3,
    }
    shape = shape_of_gguf(header)
    assert isinstance(shape, ModelShape)
    assert shape.state_bytes == 2 * 2 * 1024 * 4


FALCON_7B = {"model_type": "falcon", "num_hidden_layers": 32, "num_attention_heads": 71, "hidden_size": 4544}
FALCON_40B = {"model_type": "falcon", "num_hidden_layers": 60, "num_attention_heads": 128, "hidden_size": 8192}
FALCON_40B |= {"num_kv_heads": 8, "new_decoder_architecture": True}
GEMMA3_12B_AS_PUBLISHED = {key: value for key, value in GEMMA3_12B.items() if key != "head_dim"}
SOME = {"num_hidden_layers": 8, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8}


@pytest.mark.parametrize(
    ("config", "per_token"),
    [
        pytest.param({**FALCON_7B, "multi_query": True}, 32 * 64 * 2 * 2, id="one KV head for all"),
        pytest.param(FALCON_7B, 32 * 64 * 2 * 2, id="which is Falcon's default"),
        pytest.param({**FALCON_7B, "multi_query": False}, 71 * 32 * 64 * 2 * 2, id="unless switched off"),
        pytest.param(FALCON_40B, 8 * 60 * 64 * 2 * 2, id="KV heads under Falcon's own name"),
        pytest.param(GEMMA3_12B_AS_PUBLISHED, 48 * 8 * 256 * 2 * 2, id="head length that the class fills in"),
        pytest.param(QWEN3_06B, 28 * 8 * 128 * 2 * 2, id="head length that is not width / heads"),
    ],
)
def test_config_means_what_its_class_makes_of_it(config: dict, per_token: int) -> None:
    """Names and defaults of a model type count, where width / heads and the usual names would mislead."""
    shape = shape_of_config(config)
    assert isinstance(shape, ModelShape)
    assert cache_bytes(shape.groups, 1) == per_token


@pytest.mark.parametrize(
    ("more", "whole", "windowed"),
    [
        ({"model_type": "qwen2", "sliding_window": 64, "use_sliding_window": True, "max_window_layers": 8}, 8, 0),
        ({"model_type": "qwen2", "sliding_window": 64, "use_sliding_window": True, "max_window_layers": 5}, 5, 3),
        ({"model_type": "qwen2", "sliding_window": 64, "max_window_layers": 5}, 8, 0),
        ({"model_type": "mistral", "sliding_window": 64}, 0, 8),
        ({"model_type": "llama4_text", "attention_chunk_size": 64, "no_rope_layers": []}, 2, 6),
        ({"model_type": "llama4_text", "attention_chunk_size": 64, "no_rope_layers": [1, 0] * 4}, 4, 4),
        ({"model_type": "cohere2", "sliding_window": 64}, 2, 6),
    ],
)
def test_config_says_which_layers_have_a_window(more: dict, whole: int, windowed: int) -> None:
    """A window counts for the layers that have it, and for no other."""
    shape = shape_of_config(SOME | more)
    assert isinstance(shape, ModelShape)
    assert sum(group.layers for group in shape.groups if group.window is None) == whole
    assert sum(group.layers for group in shape.groups if group.window == 64) == windowed


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
    own = known(SMOLLM2, weights_bytes=98_362_432, context=4096, slots=4, memory_bytes=GIB, accelerator=False)
    assert (own.kv_bytes_per_token, own.kv_bytes_per_request) == (23_040, 94_371_840)
    assert (own.kv_bytes_in_force, own.confidence) == (377_487_360, "exact")
    # Four slots may share one cache: then what each may fill is there once.
    assert own.need_low_bytes == 98_362_432 + 94_371_840
    assert own.need_high_bytes is not None
    assert 0 < own.need_high_bytes - (98_362_432 + 377_487_360) < 512 * MIB
    assert own.requests_that_fit == 6
    assert own.formula == (
        "30 layers x 3 KV heads x (64 key + 64 value) x 2 bytes = 23040 bytes per token; "
        "94371840 bytes for a request of 4096 tokens, 377487360 bytes for 4 of them"
    )


def test_windows_of_llama_cpp_are_padded() -> None:
    """A window of 1024 gets 1536 cells: a micro-batch more, rounded up to 256; requests that share, one more each."""
    assert (window_cells(1024), window_cells(1024, 4), window_cells(128, 1, 2048)) == (1536, 4608, 2304)
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
    # The size of a micro-batch is an option that the server does not show: 2048 was measured at 1,248 MiB.
    assert own.need_low_bytes == GIB + (5120 + 624) * MIB
    assert own.need_high_bytes is not None
    assert own.need_high_bytes > GIB + (5120 + 1248) * MIB
    assert own.confidence == "modelled"


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
    """An interval, a period or a list of layers says which of them keep keys and values; the others keep a state."""
    linear = {"linear_conv_kernel_dim": 4, "linear_key_head_dim": 8, "linear_value_head_dim": 8}
    linear |= {"linear_num_key_heads": 2, "linear_num_value_heads": 4}
    mamba = {"mamba_expand": 2, "hidden_size": 32, "mamba_d_state": 16, "mamba_d_conv": 4}
    rows = [
        ({"model_type": "qwen3_next", "full_attention_interval": 4, **linear}, 2, 6 * (4 * 64 + 3 * 64)),
        ({"model_type": "jamba", "attn_layer_period": 8, "attn_layer_offset": 4, **mamba}, 1, 7 * (64 * 16 + 3 * 64)),
        (
            {"model_type": "qwen3_5_text", "layer_types": ["linear_attention"] * 5 + ["full_attention"] * 3, **linear},
            3,
            5 * (4 * 64 + 3 * 64),
        ),
    ]
    for more, layers, values in rows:
        shape = shape_of_config(SOME | more)
        assert isinstance(shape, ModelShape)
        assert (sum(group.layers for group in shape.groups), shape.exact) == (layers, False)
        assert (shape.least_state_bytes, shape.state_bytes) == (2 * values, 4 * values)


def test_state_makes_the_need_an_interval() -> None:
    """A runtime may keep states in 16 or 32 bits: under vLLM the need of a hybrid spans both."""
    own = known(config=QWEN35_27B_CONFIG, weights_bytes=GIB, context=1024, slots=1, runtime="vllm")
    shape = shape_of_config(QWEN35_27B_CONFIG)
    assert isinstance(shape, ModelShape)
    assert own.need_low_bytes == GIB + 1024 * 65_536 + shape.least_state_bytes
    assert own.kv_bytes_per_request == 1024 * 65_536 + shape.state_bytes
    assert own.confidence == "modelled"


def test_vllm_fits_requests_into_its_share() -> None:
    """vLLM takes 0.92 of the memory, and what it needs beside weights and cache is not llama.cpp's."""
    own = known(config=LLAMA_8B, weights_bytes=15 * GIB, context=8192, slots=4, runtime="vllm", memory_bytes=80 * GIB)
    assert own.need_high_bytes is not None
    assert own.need_high_bytes - (15 + 4) * GIB == 9175 * MIB
    assert own.requests_that_fit == int(0.92 * 80 - 15 - 9175 / 1024)
    assert known(config=LLAMA_8B, weights_bytes=GIB, context=1, slots=1, memory_bytes=0).requests_that_fit == 0


def test_runtime_with_unknown_buffers_has_a_cache_and_no_need() -> None:
    """Where the runtime's own buffers are not known the cache still is, and the formula says what is missing."""
    own = known(config=LLAMA_8B, weights_bytes=GIB, context=8192, slots=1, runtime="tgi", memory_bytes=80 * GIB)
    assert own.kv_bytes_in_force == GIB
    assert (own.need_low_bytes, own.need_high_bytes, own.requests_that_fit) == (None, None, None)
    assert own.confidence == "unknown"
    assert own.formula.endswith("need unknown: what tgi takes beside weights and cache is not known")


def test_accelerator_adds_its_context() -> None:
    """An accelerator's context takes at least 250 MiB; not knowing bounds both cases."""
    needs = {
        accelerator: known(SMOLLM2, weights_bytes=GIB, context=1, slots=1, accelerator=accelerator)
        for accelerator in (True, False, None)
    }
    assert needs[True].need_low_bytes == (needs[False].need_low_bytes or 0) + 250 * MIB
    assert needs[None].need_low_bytes == needs[False].need_low_bytes
    assert needs[None].need_high_bytes == needs[True].need_high_bytes


@pytest.mark.parametrize("absurd", [-1, 0, True, 2**53, 2**4000])
def test_absurd_numbers_count_as_unknown(absurd: int) -> None:
    """A context or a number of slots that cannot be counts as not known, and the formula says so."""
    for field in ("context", "slots"):
        own = known(SMOLLM2, **{"weights_bytes": GIB, "context": 16, "slots": 2, field: absurd})
        assert (own.kv_bytes_in_force, own.need_low_bytes, own.need_high_bytes) == (None, None, None)
        assert own.confidence == "unknown"
        assert own.formula.endswith("is unknown")


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
        (None, {**LLAMA_8B, "layer_types": ["full_attention"]}, "config.json gives no usable layer_types"),
        (None, {**LLAMA_8B, "layer_types": ["mamba"] * 32}, "no layer that keeps keys and values"),
        (None, {**LLAMA_8B, "sliding_window": 4096}, "which layers of model type 'llama' have its sliding_window"),
        (None, {**SOME, "model_type": "qwen3", "head_dim": None, "hidden_size": 64}, "no usable head_dim"),
        (None, {**SOME, "model_type": "qwen3_next", "full_attention_interval": 4}, "no usable linear_key_head_dim"),
        (None, {**SOME, "model_type": "llama4_text", "no_rope_layers": [2] * 8}, "no usable no_rope_layers"),
        ({**SMOLLM2, "llama.attention.head_count_kv": {"length": 30, "first": [0] * 30}}, None, "head_count_kv"),
        ({**QWEN35_27B, "qwen35.nextn_predict_layers": 65}, None, "no usable qwen35.full_attention_interval"),
    ],
)
def test_what_is_not_covered_has_no_figure(metadata: dict | None, config: dict | None, reason: str) -> None:
    """Where a layer's cache is not known for certain there is no figure, and the reason stands in its place."""
    own = capacity_of(Known(metadata=metadata, config=config, weights_bytes=1, context=1, slots=1))
    assert own.formula.startswith("unknown: ")
    assert reason in own.formula
    assert (own.kv_bytes_per_token, own.need_high_bytes, own.confidence) == (None, None, "unknown")


def test_unknown_cache_type_has_no_figure() -> None:
    """A cache type that is not known is named, and nothing is worked out."""
    own = known(SMOLLM2, weights_bytes=1, context=1, slots=1, cache_types=("f16", "q9_9"))
    assert (own.kv_bytes_per_token, own.formula) == (None, "unknown: the cache type 'q9_9' is not known")


@given(st.integers(1, 1 << 17), st.integers(1, 64), st.integers(1, 512))
def test_more_tokens_or_slots_never_need_less(context: int, slots: int, more: int) -> None:
    """The need grows with the context and with the slots, and the interval is one."""
    small = known(SMOLLM2, weights_bytes=1, context=context, slots=slots)
    large = known(SMOLLM2, weights_bytes=1, context=context + more, slots=slots + 1)
    assert small.need_low_bytes is not None
    assert large.need_low_bytes is not None
    assert small.need_high_bytes is not None
    assert 0 < small.need_low_bytes <= small.need_high_bytes
    assert large.need_high_bytes is not None
    assert small.need_low_bytes < large.need_low_bytes
    assert small.need_high_bytes < large.need_high_bytes


@given(st.sampled_from(["llama.cpp", "ollama", "vllm", "sglang"]), st.integers(1, 1 << 18), st.integers(1, 63))
def test_more_layers_never_need_less(runtime: str, context: int, layers: int) -> None:
    """A layer more never makes the cache smaller, whatever its kind and whoever serves it."""
    few, many = (
        known(
            config={**GEMMA3_27B, "num_hidden_layers": count},
            weights_bytes=1,
            context=context,
            slots=2,
            runtime=runtime,
        )
        for count in (layers, layers + 1)
    )
    assert few.kv_bytes_in_force is not None
    assert many.kv_bytes_in_force is not None
    assert 0 < few.kv_bytes_in_force <= many.kv_bytes_in_force


NUMBERS = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=3))
LISTS = st.one_of(NUMBERS, st.lists(NUMBERS, max_size=3), st.fixed_dictionaries({"length": NUMBERS, "first": NUMBERS}))


@given(st.sampled_from(["llama", "gemma3", "deepseek2", "jamba", "qwen3next", "nemotron_h"]), st.data())
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


@given(
    st.sampled_from([LLAMA_8B, GEMMA3_4B, DEEPSEEK_V3, GPT_OSS, FALCON_40B, QWEN35_27B_CONFIG["text_config"]]),
    st.data(),
)
def test_hostile_configs_never_raise(config: dict, data: st.DataObject) -> None:
    """A config with a value of the wrong kind has a shape or a reason."""
    key = data.draw(st.sampled_from(sorted(config)))
    assert isinstance(shape_of_config({**config, key: data.draw(LISTS)}), ModelShape | str)

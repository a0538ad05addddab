"""Which outputs are not believed, and what is said of each known quirk of a tool?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assay.bench.importing import guess_benchmark
from tests.bench.importing.bench_files import (
    changed,
    codes,
    content,
    figure,
    inference_perf,
    llama_bench,
    read,
    refused,
    sglang,
)

if TYPE_CHECKING:
    from pathlib import Path

_RATE = ("request_error_rate", "avg")
_METRICS = ("benchmarks", 0, "metrics")


def test_a_role_chunk_that_comes_early(tmp_path: Path) -> None:
    """A first token in 3 ms where each takes 23 ms is a chunk without a token: nothing of it is believed."""
    early = {"median_ttft_ms": 3.1, "p50_ttft_ms": 3.1, "median_tpot_ms": 23.3, "p50_tpot_ms": 23.3}
    benchmark = read(tmp_path, {**content("vllm.json"), **early})
    assert codes(benchmark)["early_chunk"]
    assert not benchmark.can_be_believed


@pytest.mark.parametrize(
    ("key", "value", "code", "discredits"),
    [
        ("request_throughput", 99.0, "does_not_add_up", True),
        ("total_output_tokens", 1, "does_not_add_up", True),
        ("num_prompts", 140, "requests_lost", True),
        ("num_prompts", 120, "requests_lost", True),
        ("completed", 0, "nothing_answered", True),
        ("max_concurrent_requests", 64, "max_concurrent_requests", False),
    ],
)
def test_vllm_holds_its_numbers_against_each_other(
    tmp_path: Path, key: str, value: float, code: str, discredits: bool
) -> None:
    """Numbers that do not fit each other were written over, or requests were lost."""
    found = codes(read(tmp_path, {**content("vllm.json"), key: value}))
    assert found[code] is discredits


def test_vllm_failures_that_were_not_counted(tmp_path: Path) -> None:
    """Errors in the list that `failed` does not count, and answers with a first token after 0 s, are said."""
    value = {**content("vllm.json"), "num_prompts": 4, "completed": 4, "failed": 0, "duration": 4 / 23.1259}
    value |= {"total_output_tokens": 256, "errors": ["", "", "", "gone"], "ttfts": [0.1, 0.0, 0.1, 0.0]}
    found = codes(read(tmp_path, value))
    assert found["failed_not_counted"]
    assert found["zeros_injected"]


def test_vllm_metadata_over_a_result_is_refused(tmp_path: Path) -> None:
    """`--metadata completed=all` makes a text of a number, and each such key is named."""
    value = {**content("vllm.json"), "completed": "all", "mean_ttft_ms": "fast"}
    said = refused(tmp_path, value)
    assert said[0] == (
        "error[bad-import]: file.json: completed: a number is expected, not a text. "
        "Take it out of --metadata, which put it over the result, and measure again."
    )
    assert any("mean_ttft_ms" in line for line in said)


def test_an_unmeasured_latency_is_no_zero(tmp_path: Path) -> None:
    """Without streaming vLLM writes ITL 0, which is left out; a distribution with some zeros is not believed."""
    zeros = dict.fromkeys(("mean_itl_ms", "median_itl_ms", "p50_itl_ms", "p95_itl_ms", "p99_itl_ms"), 0.0)
    benchmark = read(tmp_path, {**content("vllm.json"), **zeros})
    assert codes(benchmark)["not_measured"] is False
    assert figure(benchmark.loads[0], "gap", "mean", ours=False) is None
    path = (*_METRICS, "inter_token_latency_ms", "successful", "min")
    assert codes(read(tmp_path, changed(content("guidellm.json"), path, 0.0)))["zeros_injected"]
    path = (*_METRICS, "time_to_first_token_ms", "successful", "mean")
    assert codes(read(tmp_path, changed(content("guidellm.json"), path, -1.7e12)))["negative_time"]


def test_a_latency_in_the_wrong_unit(tmp_path: Path) -> None:
    """A first token after the last one shows seconds that were taken for milliseconds."""
    path = (*_METRICS, "request_latency", "successful", "percentiles", "p50")
    assert codes(read(tmp_path, changed(content("guidellm.json"), path, 0.000722)))["units"]


def test_a_share_or_a_rate_that_cannot_be(tmp_path: Path) -> None:
    """A ratio of 5 named as such, and a rate below zero, are left out and not believed."""
    value = changed(changed(content("aiperf.json"), ("request_error_rate", "unit"), "ratio"), _RATE, 5.0)
    benchmark = read(tmp_path, value)
    assert codes(benchmark)["units"]
    assert figure(benchmark.loads[0], "error_rate", "mean", ours=False) is None
    assert codes(read(tmp_path, changed(content("aiperf.json"), ("request_throughput", "avg"), -1.0)))["units"]


@pytest.mark.parametrize("version", [1, 3, None])
def test_another_version_of_the_format_is_said(tmp_path: Path, version: int | None) -> None:
    """Only what was verified is taken without a word; another version is no error."""
    found = codes(read(tmp_path, changed(content("guidellm.json"), ("metadata", "version"), version)))
    assert found["unknown_version"] is False
    value = {**content("aiperf.json"), "schema_version": None if version is None else f"{version}.0"}
    assert codes(read(tmp_path, value))["unknown_version"] is False


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"was_cancelled": True}, "cancelled"),
        ({"is_complete": False, "incomplete_reason": "time was over"}, "not_complete"),
    ],
)
def test_aiperf_that_did_not_end(tmp_path: Path, change: dict, code: str) -> None:
    """A benchmark that was cancelled or broken off is not believed."""
    assert codes(read(tmp_path, {**content("aiperf.json"), **change}))[code]


def test_aiperf_counts_its_errors(tmp_path: Path) -> None:
    """Failed requests are counted from the summary of errors, and no mean is ours any more."""
    errors = [{"error_details": {"type": "Timeout"}, "count": 5}]
    benchmark = read(tmp_path, {**content("aiperf.json"), "error_summary": errors})
    assert benchmark.loads[0].failed == 5
    assert not [own for own in benchmark.loads[0].figures if own.same_as_ours]
    assert "aiperf:error" in codes(benchmark)


def test_inference_perf_in_seconds(tmp_path: Path) -> None:
    """All latencies are seconds, the median is p50, and none of the figures is ours."""
    benchmark = read(tmp_path, inference_perf())
    assert codes(benchmark) == {"not_told": False}
    (load,) = benchmark.loads
    assert (load.label, load.completed, load.failed) == ("requested_rate=2", 10, 0)
    assert figure(load, "e2e", "p50", ours=False).value == 1.0
    assert {own.definition for own in load.figures if own.measure == "tpot"} == {
        "inference-perf.time_per_output_token:retokenized",
        "inference-perf.normalized_time_per_output_token:e2e-over-tokens",
    }
    assert not [own for own in load.figures if own.same_as_ours]


@pytest.mark.parametrize(
    ("path", "new", "code", "discredits"),
    [
        (("successes", "latency", "time_per_output_token", "mean"), 0.02, "tpot_does_not_follow", True),
        (("successes", "latency", "inter_token_latency", "median"), 0.000048, "gaps_within_chunks", True),
        (("load_summary", "achieved_rate"), 1.8, "load_not_reached", True),
        (("load_summary", "schedule_delay", "p99"), 52.0, "requests_late", True),
        (("load_summary", "schedule_delay", "median"), 0.05, "requests_late", False),
        (("load_summary", "requested_rate"), None, "stages_pooled", False),
    ],
)
def test_inference_perf_against_itself(
    tmp_path: Path, path: tuple[str, ...], new: object, code: str, discredits: bool
) -> None:
    """A time per token that does not follow from latency and length, and a load that was another one, are said."""
    assert codes(read(tmp_path, changed(inference_perf(), path, new)))[code] is discredits


def test_metrics_of_prometheus_are_refused(tmp_path: Path) -> None:
    """What the server says of itself is no measurement of a client."""
    value = inference_perf()
    del value["successes"]["latency"]
    (line,) = refused(tmp_path, value)
    assert line == (
        "error[bad-import]: file.json: there are no latencies of a client in it: it holds what Prometheus says of the "
        "server. Name the file of lifecycle metrics."
    )


def test_llama_bench_is_a_ceiling(tmp_path: Path) -> None:
    """Its rates are the engine's, by test, and never a latency or throughput of a service."""
    tests = [
        llama_bench(),
        llama_bench(n_prompt=0, n_gen=128, avg_ns=1_280_000_000, avg_ts=100.0),
        llama_bench(n_gen=128, n_depth=4096, avg_ns=2_000_000_000, avg_ts=320.0),
    ]
    benchmark = read(tmp_path, tests)
    assert benchmark.engine_ceiling
    assert (benchmark.tool_version, benchmark.model) == ("b9000 (abcdef1)", "tiny-q8_0.gguf (tiny 1B Q8_0)")
    assert [(load.label, own.measure, own.value) for load in benchmark.loads for own in load.figures] == [
        ("pp512", "engine_prompt_tokens_per_s", 1024.0),
        ("tg128", "engine_decode_tokens_per_s", 100.0),
        ("pp512+tg128 @ d4096", "engine_tokens_per_s", 320.0),
    ]
    assert benchmark.can_be_believed
    lines = "\n".join(json.dumps(test) for test in tests)
    assert read(tmp_path, lines).loads == benchmark.loads


def test_llama_bench_tests_of_one_name(tmp_path: Path) -> None:
    """What differs between tests stands in their names; the same test twice is numbered."""
    benchmark = read(
        tmp_path, [llama_bench(), llama_bench(n_threads=4), llama_bench(n_threads=4), llama_bench(n_threads=4)]
    )
    assert [load.label for load in benchmark.loads] == [
        "pp512, n_threads=8",
        "pp512, n_threads=4",
        "pp512, n_threads=4 (2)",
        "pp512, n_threads=4 (3)",
    ]


def test_llama_bench_against_itself(tmp_path: Path) -> None:
    """A rate that does not follow from the time is a wrong unit; runs that differ much are said."""
    assert codes(read(tmp_path, [llama_bench(avg_ns=500_000)]))["units"]
    assert codes(read(tmp_path, [llama_bench(stddev_ts=300.0)]))["unsteady"] is False


def test_sglang_is_of_the_family(tmp_path: Path) -> None:
    """Each line of its JSONL is a load; how many requests failed it does not say, and that is said."""
    text = json.dumps(sglang()) + "\n" + json.dumps(sglang(request_rate="inf", max_concurrency=8)) + "\n"
    benchmark = read(tmp_path, text)
    assert guess_benchmark(tmp_path / "file.json") == "vllm"
    assert benchmark.tool == "sglang"
    assert [load.label for load in benchmark.loads] == ["request_rate=4.0", "max_concurrency=8, request_rate=inf"]
    e2e = figure(benchmark.loads[0], "e2e", "p99", ours=False)
    assert (e2e.value, e2e.definition) == (0.9, "sglang.e2e_latency:to-last-chunk")
    assert "how many is not said" in e2e.differs
    assert benchmark.loads[0].failed is None

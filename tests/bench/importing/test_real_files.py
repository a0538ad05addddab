"""What do the readers say of files that the tools wrote themselves, whose truth is known?

The server sent the first token after 100 ms and each further one after 20 ms; it answered four requests at once with 32
tokens each, 176 tokens a second (vLLM: 32 requests at once with 64 tokens each).
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from assay.bench.importing import guess_benchmark, read_benchmark
from tests.bench.importing.bench_files import FILES, changed, codes, content, figure, read

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "form"),
    [("guidellm.json", "guidellm"), ("aiperf.json", "aiperf"), ("aiperf.jsonl", "aiperf"), ("vllm.json", "vllm")],
)
def test_a_file_is_known_by_its_content(name: str, form: str) -> None:
    """Each file is known without its name, and named with its digest."""
    assert guess_benchmark(FILES / name) == form
    benchmark = read_benchmark(FILES / name, None)
    assert (benchmark.tool, benchmark.file) == (form, name)
    assert benchmark.sha256 == hashlib.sha256((FILES / name).read_bytes()).hexdigest()
    assert benchmark.can_be_believed
    assert not benchmark.engine_ceiling


def test_guidellm_says_what_it_means() -> None:
    """Its TPOT holds TTFT and is labelled; what is ours is derived from its requests, by nearest rank."""
    benchmark = read_benchmark(FILES / "guidellm.json", None)
    assert (benchmark.tool_version, benchmark.model, benchmark.started) == (
        "0.8.1",
        "mock",
        "2026-11-22T08:40:12+00:00",
    )
    (load,) = benchmark.loads
    assert (load.label, load.completed, load.failed) == ("concurrent@4", 60, 0)
    theirs = figure(load, "tpot", "p50", ours=False)
    assert (theirs.definition, theirs.value, theirs.unit) == ("guidellm.tpot:includes-ttft", 0.0225396, "s")
    assert "TTFT is in it" in theirs.differs
    ours = figure(load, "tpot", "p50", ours=True)
    assert (ours.definition, ours.value, ours.n, ours.differs) == ("tpot.v1 from raw", 0.019999, 60, None)
    # The stream ends later than the last token.
    assert figure(load, "e2e", "p50", ours=False).value == 0.721904
    assert figure(load, "e2e", "p50", ours=True).value == 0.721221
    # Adding up sixty times 1/60 gives less than a half after thirty: its median is one rank too high.
    assert figure(load, "ttft", "p50", ours=False).value == 0.101252
    assert figure(load, "ttft", "p50", ours=True).value == 0.101233
    assert figure(load, "ttft", "mean", ours=True).definition == "guidellm.ttft:first-token-any-channel"
    assert figure(load, "output_tokens_per_s", "mean", ours=True).value == 175.5


def test_guidellm_counts_failures_as_infinite(tmp_path: Path) -> None:
    """With three of sixty-three requests failed p99 is infinite, and its own figures differ by leaving them out."""
    value = content("guidellm.json")
    made = ("benchmarks", 0, "scheduler_metrics", "requests_made", "errored")
    value = changed(changed(value, made, 3), ("benchmarks", 0, "requests", "errored"), [{}, {}, {}])
    (load,) = read(tmp_path, value).loads
    assert figure(load, "ttft", "p99", ours=True).value is None
    assert figure(load, "ttft", "p95", ours=True).value is not None
    assert "3 failed requests" in figure(load, "ttft", "mean", ours=False).differs
    assert figure(load, "ttft", "mean", ours=True) is None
    assert figure(load, "error_rate", "mean", ours=False).value == pytest.approx(3 / 63, rel=1e-5)
    # Nobody knows when the failed ones were sent, so not over which time the tokens came.
    assert figure(load, "output_tokens_per_s", "mean", ours=True) is None


@pytest.mark.parametrize(
    ("path", "new", "code"),
    [
        (("scheduler_metrics", "requests_made", "successful"), 61, "requests_missing"),
        (("scheduler_metrics", "requests_made", "incomplete"), 1, "requests_missing"),
        (("warmup_duration",), 2.0, "requests_missing"),
        (("requests", "successful", 7, "info", "timings", "request_start"), None, "requests_missing"),
        (("requests", "successful", 7, "info", "timings", "request_start"), 1e10, "negative_time"),
    ],
)
def test_guidellm_derives_from_all_requests_or_none(
    tmp_path: Path, path: tuple[str | int, ...], new: object, code: str
) -> None:
    """Where a request is missing, cut off, warm-up, or has no times, nothing is derived."""
    benchmark = read(tmp_path, changed(content("guidellm.json"), ("benchmarks", 0, *path), new))
    assert code in codes(benchmark)
    assert not [own for own in benchmark.loads[0].figures if own.definition.endswith("from raw")]


def test_guidellm_tpot_needs_one_token_in_each_chunk(tmp_path: Path) -> None:
    """With two tokens in a chunk nobody knows how many were in the first: latencies stay, TPOT does not."""
    path = ("benchmarks", 0, "requests", "successful", 0, "info", "timings", "token_iterations")
    (load,) = read(tmp_path, changed(content("guidellm.json"), path, 16)).loads
    assert figure(load, "tpot", "p50", ours=True) is None
    assert figure(load, "e2e", "p50", ours=True) is not None


def test_aiperf_reads_units(tmp_path: Path) -> None:
    """Milliseconds, seconds and nanoseconds come to the same figure, and per cent to a share."""
    value = content("aiperf.json")
    (load,) = read_benchmark(FILES / "aiperf.json", None).loads
    assert (load.label, load.completed, load.failed) == ("concurrency=4", 60, 0)
    assert figure(load, "e2e", "p50", ours=False).value == 0.726248
    in_ns = changed(changed(value, ("request_latency", "unit"), "ns"), ("request_latency", "p50"), 726_248_077)
    assert figure(read(tmp_path, in_ns).loads[0], "e2e", "p50", ours=False).value == 0.726248
    rate = changed(value, ("request_error_rate", "avg"), 5.0)
    assert figure(read(tmp_path, rate).loads[0], "error_rate", "mean", ours=False).value == 0.05


def test_aiperf_time_per_token_ends_with_the_text(tmp_path: Path) -> None:
    """The mean per request ends at the last text, so that it is never our TPOT; the tokenizer stands in its name."""
    (load,) = read_benchmark(FILES / "aiperf.json", None).loads
    assert figure(load, "tpot", "mean", ours=True) is None
    mean = figure(load, "tpot", "mean", ours=False)
    assert (mean.value, mean.definition) == (0.020055, "aiperf.inter_token_latency:request-mean")
    assert "ours at the finish reason" in mean.differs
    path = ("input_config", "endpoint", "use_server_token_count")
    (load,) = read(tmp_path, changed(content("aiperf.json"), path, False)).loads
    assert figure(load, "tpot", "mean", ours=False).definition == "aiperf.inter_token_latency:own-tokenizer"


def test_aiperf_records_give_what_does_not_depend_on_the_start() -> None:
    """TPOT and gaps are derived; latency begins before the connection and stays AIPerf's."""
    (load,) = read_benchmark(FILES / "aiperf.jsonl", None).loads
    assert [(own.measure, own.statistic, own.value) for own in load.figures if own.same_as_ours] == [
        ("tpot", "p50", 0.020006),
        ("tpot", "p95", 0.020023),
        ("tpot", "p99", 0.020023),
        ("gap", "p50", 0.020026),
        ("gap", "p95", 0.024162),
        ("gap", "p99", 0.024992),
    ]
    assert figure(load, "e2e", "p50", ours=False).value == 0.733266


@pytest.mark.parametrize(
    ("change", "completed", "failed", "derived"),
    [
        ({"error": {"code": 500, "type": "Broken"}}, 2, 1, {"tpot"}),
        ({"metadata": {"request_start_ns": 1, "was_cancelled": True}}, 2, 0, set()),
        ({"metadata": {"request_start_ns": 1, "benchmark_phase": "warmup"}}, 2, 0, {"tpot", "gap"}),
    ],
)
def test_aiperf_records_that_failed_or_were_cut_off(
    tmp_path: Path, change: dict, completed: int, failed: int, derived: set[str]
) -> None:
    """A failed request is infinite, a cancelled one leaves nothing to derive, one of the warm-up does not count."""
    first, *rest = [json.loads(line) for line in (FILES / "aiperf.jsonl").read_text("utf-8").splitlines()]
    text = "\n".join(json.dumps(own) for own in [{**first, **change}, *rest])
    (load,) = read(tmp_path, text).loads
    assert (load.completed, load.failed) == (completed, failed)
    assert {own.measure for own in load.figures if own.same_as_ours} == derived
    if failed:
        assert figure(load, "e2e", "p99", ours=False).value is None


def test_vllm_is_never_ours() -> None:
    """It counts chunks without a token and starts before the connection: no figure of it is ours."""
    (load,) = read_benchmark(FILES / "vllm.json", None).loads
    assert load.label == "max_concurrency=32, request_rate=inf"
    assert not [own for own in load.figures if own.same_as_ours]
    gap = figure(load, "gap", "mean", ours=False)
    assert (gap.definition, gap.value) == ("vllm.itl:chunk-gap", 0.0194345)
    assert {own.statistic for own in load.figures if own.measure == "ttft"} == {"mean", "p50", "p95", "p99"}

"""How does a test write the output of a benchmark tool and read it?"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.bench.importing import read_benchmark
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.schema.bench import ImportedBenchmark, ImportedFigure, ImportedLoad

FILES = Path(__file__).with_name("files")
"""Real outputs of runs against a server with known times (TTFT 100 ms, then 20 ms a token), cut down."""


def content(name: str) -> dict:
    """Return a real file's value."""
    return json.loads((FILES / name).read_text("utf-8"))


def changed(value: object, path: tuple[str | int, ...], new: object) -> object:
    """Return a value with another one at a path."""
    result = copy.deepcopy(value)
    place = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return result


def read(folder: Path, value: object, form: str | None = None) -> ImportedBenchmark:
    """Write a value (text, bytes, or anything as JSON) and read it as a benchmark."""
    path = folder / "file.json"
    if isinstance(value, bytes):
        path.write_bytes(value)
    else:
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return read_benchmark(path, form)


def refused(folder: Path, value: object, form: str | None = None) -> list[str]:
    """Return what is said of a value that is refused, without the folder."""
    with pytest.raises(InputError) as caught:
        read(folder, value, form)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def figure(load: ImportedLoad, measure: str, statistic: str, *, ours: bool) -> ImportedFigure | None:
    """Return the one figure of a measure and statistic that is, or is not, under our definition."""
    key = (measure, statistic, ours)
    found = [own for own in load.figures if (own.measure, own.statistic, own.same_as_ours) == key]
    return found[0] if found else None


def codes(benchmark: ImportedBenchmark) -> dict[str, bool]:
    """Return the warnings by code, and whether each discredits."""
    return {own.code: own.discredits for own in benchmark.all_warnings}


def inference_perf() -> dict:
    """Return what inference-perf writes of a stage that is sound: 10 requests of 1 s, 21 tokens, 40 ms a token."""

    def spread(middle: float) -> dict:
        return {
            "mean": middle,
            "min": middle * 0.9,
            "median": middle,
            "p90": middle,
            "p95": middle,
            "p99": middle * 1.1,
        }

    return {
        "load_summary": {
            "count": 10,
            "schedule_delay": {"mean": 0.0001, "median": 0.0001, "p99": 0.001},
            "send_duration": 5.0,
            "requested_rate": 2.0,
            "achieved_rate": 2.0,
        },
        "successes": {
            "count": 10,
            "latency": {
                "request_latency": spread(1.0),
                "normalized_time_per_output_token": spread(0.0476),
                "time_per_output_token": spread(0.04),
                "time_to_first_token": spread(0.2),
                "inter_token_latency": spread(0.04),
            },
            "throughput": {"output_tokens_per_sec": 42.0, "requests_per_sec": 2.0},
            "prompt_len": spread(100.0),
            "output_len": spread(21.0),
        },
        "failures": {"count": 0, "request_latency": None, "prompt_len": None},
    }


def llama_bench(**changes: object) -> dict:
    """Return one test of llama-bench: 512 tokens of a prompt in half a second."""
    test = {
        "build_commit": "abcdef1",
        "build_number": 9000,
        "model_filename": "/somewhere/tiny-q8_0.gguf",
        "model_type": "tiny 1B Q8_0",
        "n_threads": 8,
        "n_prompt": 512,
        "n_gen": 0,
        "test_time": "2026-01-02T03:04:05Z",
        "avg_ns": 500_000_000,
        "stddev_ns": 1_000_000,
        "avg_ts": 1024.0,
        "stddev_ts": 2.0,
        "samples_ns": [499_000_000, 501_000_000],
        "samples_ts": [1026.05, 1021.96],
    }
    return {**test, **changes}


def sglang(**changes: object) -> dict:
    """Return one line of sglang's bench_serving."""
    line = {
        "backend": "sglang",
        "request_rate": 4.0,
        "max_concurrency": None,
        "duration": 10.0,
        "completed": 40,
        "total_output_tokens": 1280,
        "total_output_tokens_retokenized": 1279,
        "request_throughput": 4.0,
        "output_throughput": 128.0,
        "mean_e2e_latency_ms": 700.0,
        "median_e2e_latency_ms": 690.0,
        "p99_e2e_latency_ms": 900.0,
        "mean_ttft_ms": 80.0,
        "median_ttft_ms": 78.0,
        "p99_ttft_ms": 120.0,
        "mean_tpot_ms": 20.0,
        "mean_itl_ms": 20.0,
    }
    return {**line, **changes}

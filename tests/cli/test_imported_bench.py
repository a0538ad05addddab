"""How does the command show another tool's benchmark, where does it write it, and with which exit code?"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from assay.schema.bench import ImportedBenchmark
from tests.bench.importing.bench_files import FILES, content, inference_perf, llama_bench

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

CEILING = """\
imported/llama-bench-f0704ebb.json: llama-bench b9000 (abcdef1), 2 loads
model tiny-q8_0.gguf (tiny 1B Q8_0)
started 2026-01-02T03:04:05Z
an engine's ceiling: no latency or throughput of a server may be held against it

pp512
                         mean  as ours
  prompt tokens/s     1,024.0  no [1]

tg128
                         mean  as ours
  decode tokens/s       100.0  no [2]

[1] llama-bench.pp:engine: the engine alone is measured, without tokenising,
    sampling, HTTP or other requests: a ceiling
[2] llama-bench.tg:engine: the engine alone is measured, without tokenising,
    sampling, HTTP or other requests: a ceiling
2 figures, 0 of them under our definitions
"""
AIPERF = """\
imported/aiperf-1ec864c6.json: aiperf, 1 load
model not told
start not told

load not told: 3 answered, 0 failed
                          p50        p95        p99       mean  as ours
  TPOT                20.0 ms    20.0 ms    20.0 ms             yes
  gap                 20.0 ms    24.2 ms    25.0 ms             yes
  e2e                733.3 ms   737.3 ms   737.3 ms             no [1]
  TTFT               113.1 ms   120.5 ms   120.5 ms             no [2]
  error rate                                             0.00%  no [3]

[1] aiperf.request_latency:records: it starts before a connection is made, ours
    when the head of the request is written
[2] aiperf.time_to_first_token:records: it starts before a connection is made,
    ours when the head of the request is written
[3] aiperf.error:records: what counts as failed is AIPerf's own rule
note: records name no version, model or load; those stand in
  profile_export_aiperf.json
13 figures, 6 of them under our definitions
"""


def test_what_is_ours_stands_first(assay: Assay, place: Workplace) -> None:
    """The table says of each row whether it is under our definition, and below in what the others differ."""
    shutil.copyfile(FILES / "aiperf.jsonl", place.folder / "profile_export.jsonl")
    said = assay("import", "profile_export.jsonl")
    assert said.code == 0
    assert said.out == AIPERF


def test_a_ceiling_says_so(assay: Assay, place: Workplace) -> None:
    """An engine's rates are shown by test, with the word that no server may be held against them."""
    tests = [llama_bench(), llama_bench(n_prompt=0, n_gen=128, avg_ns=1_280_000_000, avg_ts=100.0)]
    (place.folder / "b.json").write_text(json.dumps(tests), encoding="utf-8")
    said = assay("import", "b.json")
    assert said.code == 0
    assert said.out == CEILING


@pytest.mark.parametrize("name", ["guidellm.json", "aiperf.json", "aiperf.jsonl", "vllm.json"])
def test_lines_fit_and_the_noun_is_written(assay: Assay, place: Workplace, name: str) -> None:
    """No line is wider than 80 columns; --json prints what lies in the file, and importing again changes nothing."""
    said = assay("import", FILES / name)
    assert max(map(len, said.out.splitlines())) <= 80
    path = place.folder / said.out.partition(":")[0]
    again = assay("import", FILES / name, "--json")
    assert again.out == path.read_text("utf-8")
    benchmark = ImportedBenchmark.model_validate_json(again.out)
    assert path.name == f"{benchmark.tool}-{benchmark.sha256[:8]}.json"
    assert path.parent.name == "imported"


def test_figures_that_cannot_be_believed_end_3(assay: Assay, place: Workplace) -> None:
    """A time per token that does not follow from the latency is shown, and the exit code is 3."""
    value = inference_perf()
    value["successes"]["latency"]["time_per_output_token"]["mean"] = 0.02
    (place.folder / "stage.json").write_text(json.dumps(value), encoding="utf-8")
    said = assay("import", "stage.json")
    assert said.code == 3
    assert "not to be believed: the mean time per token is 0.02 s" in said.out
    assert said.out.endswith("some cannot be believed\n")


def test_where_it_is_written(assay: Assay, place: Workplace) -> None:
    """--out is a file when it ends in .json, else a folder; another file there is not written over."""
    file = FILES / "vllm.json"
    assert assay("import", file, "--out", "mine.json").code == 0
    assert (place.folder / "mine.json").is_file()
    assert assay("import", file, "--out", "folder").code == 0
    assert [path.name for path in (place.folder / "folder").iterdir()] == ["vllm-" + digest(file) + ".json"]
    said = assay("import", FILES / "aiperf.json", "--out", "mine.json")
    assert (said.code, said.errors) == (
        2,
        ["error[file-exists]: mine.json: another file is there already. Choose another name with --out."],
    )


def digest(path: object) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def test_options_of_suites_are_refused(assay: Assay, place: Workplace) -> None:
    """A scorer beside a benchmark would be passed over in silence; an unknown format names all there are."""
    said = assay("import", FILES / "vllm.json", "--scorer", "exact")
    assert (said.code, said.errors[0][:17]) == (2, "error[bad-usage]:")
    said = assay("import", FILES / "vllm.json", "--format", "k6")
    assert said.code == 2
    assert "promptfoo" in said.err
    assert "llama-bench" in said.err
    assert not (place.folder / "imported").exists()


def test_hostile_texts_are_inert(assay: Assay, place: Workplace) -> None:
    """A model's name cannot move the cursor."""
    value = {**content("vllm.json"), "model_id": "m\x1b[2J\u202e", "request_rate": "\x1b]0;x\x07"}
    (place.folder / "b.json").write_text(json.dumps(value), encoding="utf-8")
    said = assay("import", "b.json")
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out

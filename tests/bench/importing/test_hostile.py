"""What comes of files that are broken, hostile, or not what they say?"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.bench.importing import FORMATS, aiperf, aiperf_records, guess_benchmark, guidellm, vllm
from assay.bench.importing import inference_perf as inference
from assay.bench.importing import llama_bench as llama
from assay.bench.importing.exact import exact_percentiles
from assay.bench.importing.sources import Source, read_bytes
from assay.errors import InputError
from assay.schema.bench import ImportedBenchmark
from tests.bench.importing.bench_files import FILES, changed, content, inference_perf, llama_bench, read, refused

WHOLE = {
    "guidellm": content("guidellm.json"),
    "vllm": content("vllm.json"),
    "aiperf": content("aiperf.json"),
    "inference-perf": inference_perf(),
    "llama-bench": [llama_bench()],
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    return [path] * bool(path) + [found for key, own in inner for found in _paths(own, (*path, key))]


@pytest.mark.parametrize("form", FORMATS)
@given(data=st.data())
def test_any_value_anywhere_is_read_or_refused(form: str, data: st.DataObject) -> None:
    """Whatever stands under a key, the file is read to a sound noun or refused in one line for each problem."""
    path = data.draw(st.sampled_from(_paths(WHOLE[form])))
    value = changed(WHOLE[form], path, data.draw(VALUES))
    try:
        benchmark = FORMATS[form].read(Source("x.json", "x.json", "0" * 64, (value,)))
    except InputError as error:
        assert all("\n" not in str(problem) for problem in error.problems)  # noqa: PT017 - either outcome is right
        return
    assert ImportedBenchmark.model_validate_json(benchmark.model_dump_json(by_alias=True)) == benchmark
    assert len(benchmark.digest()) == 64
    assert all(own.value is None or math.isfinite(own.value) for load in benchmark.loads for own in load.figures)


@given(st.binary(max_size=60))
def test_any_bytes_are_no_benchmark(raw: bytes) -> None:
    """Random bytes are guessed to be nothing, and no fault but InputError comes of them."""
    for own in FORMATS.values():
        assert not own.fits(raw.decode("latin-1"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("{", "not valid JSON"),
        ('{"a": NaN}', "the number NaN is not finite"),
        ('{"a": -Infinity}', "the number -Infinity is not finite"),
        ('{"a": 1e999}', "the number 1e999 is not finite"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ('{"a": ' + "9" * 5000 + "}", "a value cannot be read"),
        ("[" * 200 + "]" * 200, "nested too deep"),
        ("[" * 200_000, "nested too deep"),
        ('{"a": 1}\n{"a": 2} x', "something follows the value"),
        (b'{"a": "\xff"}', "the file is not UTF-8"),
        ("{}", "looks like no benchmark"),
        ("[]", "looks like no benchmark"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    """Each is one line that names the file."""
    (line,) = refused(tmp_path, text)
    assert said in line
    assert line.startswith("error[")
    assert " file.json:" in line
    assert guess_benchmark(tmp_path / "file.json") is None


def test_a_file_that_is_too_large_or_none(tmp_path: Path) -> None:
    """The bound holds for what is read, whatever the size says; a folder is no file."""
    path = tmp_path / "x.json"
    path.write_bytes(b" " * 11)
    with pytest.raises(InputError, match="larger than 0 MiB"):
        read_bytes(path, most=10)
    with pytest.raises(InputError, match="no regular file"):
        read_bytes(tmp_path)
    with pytest.raises(InputError, match="cannot read"):
        read_bytes(tmp_path / "none.json")
    assert guess_benchmark(tmp_path) is None
    assert guess_benchmark(tmp_path / "none.json") is None


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """Wrong kinds and unknown units are named by key path, all of them."""
    value = content("aiperf.json")
    value["request_latency"]["unit"] = "fortnights"
    value["time_to_first_token"]["p50"] = [1]
    value["was_cancelled"] = "no"
    value["goodput"] = 3
    said = refused(tmp_path, value)
    assert said[0] == (
        "error[bad-import]: file.json: was_cancelled: true or false is expected, not a text. Export the file anew."
    )
    assert any("request_latency.unit: the unit 'fortnights' is not known" in line for line in said)
    assert any("time_to_first_token.p50: a number is expected, not a list" in line for line in said)
    assert any("goodput: a mapping is expected, not a number" in line for line in said)


def test_a_wrong_format_is_refused(tmp_path: Path) -> None:
    """A name that is not known names those that are; a file under another tool's name says what is missing."""
    (line,) = refused(tmp_path, content("vllm.json"), "k6")
    assert "There are: guidellm, vllm, aiperf, inference-perf, llama-bench." in line
    for form in FORMATS:
        if form != "guidellm":
            assert refused(tmp_path, content("guidellm.json"), form)


def test_texts_are_cut(tmp_path: Path) -> None:
    """A model's name of a megabyte does not come through."""
    value = {**content("vllm.json"), "model_id": "m\ud800" * 1_000_000, "request_rate": "c" * 1_000_000}
    assert len(read(tmp_path, value).model_dump_json()) < 20_000


@given(st.lists(st.none() | st.integers(1, 10**9), min_size=1, max_size=200))
def test_percentiles_are_nearest_rank(times: list[int | None]) -> None:
    """At least that share of the sample is not above a percentile, and less lies below it; failures are infinite."""
    ordered = sorted(math.inf if time is None else time for time in times)
    for statistic, percent in (("p50", 50), ("p95", 95), ("p99", 99)):
        found = exact_percentiles(times)[statistic]
        value = math.inf if found is None else round(found * 1_000_000)
        assert 100 * sum(time <= value for time in ordered) >= percent * len(ordered)
        assert 100 * sum(time < value for time in ordered) < percent * len(ordered)


def test_every_definition_is_documented() -> None:
    """docs/import.md names each definition of each tool."""
    text = (Path(__file__).resolve().parents[3] / "docs" / "import.md").read_text("utf-8")
    named = [
        *(own.id for _, own in guidellm.DEFINITIONS.values()),
        *(own.id for room in (aiperf, aiperf_records, inference, llama) for own in room.DEFINITIONS.values()),
        *(own.id for own in (*vllm.VLLM.values(), *vllm.SGLANG.values())),
    ]
    assert [name for name in named if f"`{name}`" not in text] == []


def test_real_files_are_small() -> None:
    """Files in the tests stay below 20 KB."""
    assert all(path.stat().st_size < 20_000 for path in FILES.iterdir())
    assert json.loads((FILES / "guidellm.json").read_text("utf-8"))["metadata"]["version"] == 2

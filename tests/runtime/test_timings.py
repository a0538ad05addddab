"""A server's own times are read from each runtime's place, in one unit, and a number that cannot be is not taken."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.runtime.timings import timings_of
from assay.schema.bench import ServerTimings
from tests.runtime.replaying import sample

DAY_MS = 86_400_000


def last_event(name: str) -> dict:
    """Return the last event of a recorded stream that is JSON."""
    lines = sample(name)["response"]["sse_lines"]
    return json.loads([line for line in lines if line.startswith("data: {")][-1].removeprefix("data: "))


def test_llama_cpp() -> None:
    """llama.cpp's times stand in the last event, in milliseconds; it does not tell how long a request waited."""
    assert timings_of(last_event("llama.cpp/chat_stream_include_usage"), {}) == ServerTimings(
        source="llama.cpp timings",
        prompt_us=10_309,
        decode_us=41_686,
        prompt_tokens=1,
        cached_tokens=35,
        output_tokens=4,
    )


def test_vllm() -> None:
    """vLLM's time to first token holds the wait, which is told apart from the rest."""
    assert timings_of(last_event("vllm/chat_stream_per_request_metrics"), {}) == ServerTimings(
        source="vLLM metrics", queue_us=55, prompt_us=7_656, decode_us=11_751
    )


def test_ollama() -> None:
    """Ollama's durations are nanoseconds, in the last object of its own API."""
    assert timings_of(sample("ollama/api_chat_final")["response"]["json"], {}) == ServerTimings(
        source="Ollama durations",
        prompt_us=13_075,
        decode_us=52_480,
        total_us=174_560,
        load_us=101_397,
        prompt_tokens=11,
        output_tokens=18,
    )


def test_tgi() -> None:
    """TGI's times are headers in milliseconds, whatever the case of their names."""
    answer = sample("tgi/chat_headers")["response"]
    expected = ServerTimings(source="TGI headers", queue_us=0, total_us=123_000, output_tokens=2)
    assert timings_of(answer["json"], answer["headers"]) == expected
    assert timings_of({}, {name.upper(): value for name, value in answer["headers"].items()}) == expected


def test_the_event_goes_before_the_headers() -> None:
    """A proxy may add headers; what the runtime itself says in its answer is taken."""
    found = timings_of({"timings": {"prompt_ms": 1.5}}, sample("tgi/chat_headers")["response"]["headers"])
    assert found == ServerTimings(source="llama.cpp timings", prompt_us=1500)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"timings": None},
        {"timings": [1, 2]},
        {"timings": {}},
        {"timings": {"prompt_n": 5}},
        {"timings": {"prompt_ms": "12"}},
        {"timings": {"prompt_ms": True}},
        {"timings": {"prompt_ms": -1, "predicted_ms": DAY_MS + 1}},
        {"timings": {"prompt_ms": math.nan, "predicted_ms": math.inf}},
        {"timings": {"prompt_ms": 10**400}},
        {"metrics": {"tokens_per_second": 3.5}},
        {"total_duration": -5},
    ],
    ids=str,
)
def test_no_times(event: dict) -> None:
    """What is no finite time within a day is not told, and an event without times has none."""
    assert timings_of(event, {"x-queue-time": "5", "content-type": "text/event-stream"}) is None


@pytest.mark.parametrize("written", ["", "nan", "inf", "-1", "1e99", "1_0x"])
def test_headers_that_are_no_numbers(written: str) -> None:
    """A header that holds no time is not told."""
    headers = {"x-inference-time": "5", "x-queue-time": written, "x-total-time": "7", "x-generated-tokens": written}
    assert timings_of({}, headers) == ServerTimings(source="TGI headers", total_us=7000)


def test_one_bad_number_leaves_the_others() -> None:
    """A number that cannot be is left out, and the rest of the account stays."""
    found = timings_of({"timings": {"prompt_ms": -1, "predicted_ms": 2, "predicted_n": 2**40, "cache_n": -3}}, {})
    assert found == ServerTimings(source="llama.cpp timings", decode_us=2000)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["prompt_ms", "predicted_ms", "prompt_n", "time_to_first_token_ms", "queue_time_ms"])
PLACES = st.sampled_from(["timings", "metrics", "eval_duration", "total_duration", "eval_count"])


@given(
    st.dictionaries(PLACES, JSON | st.dictionaries(NAMES, JSON, max_size=4), max_size=4),
    st.dictionaries(st.sampled_from(["x-queue-time", "x-inference-time", "x-total-time"]), st.text(max_size=12)),
)
def test_whatever_a_server_sends_is_bounded(event: dict, headers: dict[str, str]) -> None:
    """No event and no header raises, and every time is within a day."""
    found = timings_of(event, headers)
    times = [] if found is None else [found.queue_us, found.prompt_us, found.decode_us, found.total_us, found.load_us]
    assert all(time is None or 0 <= time <= DAY_MS * 1000 for time in times)
    assert found is None or any(time is not None for time in times)

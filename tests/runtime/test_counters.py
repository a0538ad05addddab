"""A runtime's counters are read whatever its version calls them, and a page that cannot be is not believed."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.runtime import counters as counters_module
from assay.runtime.adapters.metrics import samples
from assay.runtime.counter_pages import PAGES, counters_on, loaded_model, slots_in_use
from assay.runtime.counters import CounterReader
from assay.runtime.dialect import OPENAI, Dialect
from tests.runtime.replaying import body_of, sample

if TYPE_CHECKING:
    from collections.abc import Iterator

VLLM_OLD = """\
# HELP vllm:gpu_cache_usage_perc GPU KV-cache usage. 1 means 100 percent usage.
# TYPE vllm:gpu_cache_usage_perc gauge
vllm:num_requests_running{model_name="m"} 3.0
vllm:num_requests_waiting{model_name="m"} 1.0
vllm:gpu_cache_usage_perc{model_name="m"} 0.25
vllm:num_preemptions_total{model_name="m"} 2.0
vllm:gpu_prefix_cache_queries_total{model_name="m"} 100.0
vllm:gpu_prefix_cache_hits_total{model_name="m"} 40.0
vllm:prompt_tokens_total{model_name="m"} 60.0
vllm:generation_tokens_total{model_name="m"} 30.0
vllm:time_to_first_token_seconds_sum{model_name="m"} 0.5
vllm:e2e_request_latency_seconds_sum{model_name="m"} 1.5
vllm:e2e_request_latency_seconds_count{model_name="m"} 5.0
vllm:request_queue_time_seconds_sum{model_name="m"} 0.0000015
"""
SGLANG = """\
sglang:num_running_reqs{engine_type="unified",model_name="m",pp_rank="0",tp_rank="0",dp_rank="0"} 2.0
sglang:num_running_reqs{engine_type="unified",model_name="m",pp_rank="0",tp_rank="1",dp_rank="0"} 2.0
sglang:num_running_reqs{engine_type="unified",model_name="m",pp_rank="0",tp_rank="0",dp_rank="1"} 3.0
sglang:num_queue_reqs{model_name="m",tp_rank="0"} 7.0
sglang:token_usage{model_name="m",tp_rank="0"} 0.28
sglang:num_retracted_reqs{model_name="m",tp_rank="0"} 9.0
sglang:num_retracted_requests_total{model_name="m"} 4.0
sglang:cached_tokens_total{cache_source="device",model_name="m"} 30.0
sglang:cached_tokens_total{cache_source="host",model_name="m"} 12.0
sglang:prompt_tokens_total{model_name="m"} 128.0
sglang:generation_tokens_total{model_name="m"} 7.557572e+06
sglang:time_to_first_token_seconds_sum{model_name="m"} 2.5
sglang:e2e_request_latency_seconds_sum{model_name="m"} 3.5
sglang:e2e_request_latency_seconds_count{model_name="m"} 11.0
sglang:queue_time_seconds_sum{model_name="m"} 0.5
"""
TGI = """\
# TYPE tgi_queue_size gauge
tgi_queue_size 5
tgi_batch_current_size 8
tgi_request_queue_duration_sum 0.25
tgi_request_queue_duration_count 40
tgi_request_duration_sum 12.5
tgi_request_duration_count 40
tgi_request_input_length_sum 900
tgi_request_generated_tokens_sum 2000
"""


class Scripted(ThreadingHTTPServer):
    """Answers GET with a status and a body by path, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, answers: dict[str, tuple[int, bytes]]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str | None, str | None]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Authorization"], self.headers["api-key"]))
        status, body = self.server.answers.get(self.path, (404, b"{}"))
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the reader had enough

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        pass


@contextmanager
def serving(answers: dict[str, tuple[int, bytes]]) -> Iterator[tuple[str, Scripted]]:
    """Serve on a free port of the loopback; yield the address up to `/v1` and the server."""
    with Scripted(answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1", server
        finally:
            server.shutdown()
            thread.join()


def recorded(*names: str) -> dict[str, tuple[int, bytes]]:
    """Return recorded answers by path."""
    exchanges = [sample(name) for name in names]
    return {one["request"]["path"]: (one["response"]["status"], body_of(one["response"])) for one in exchanges}


def read(
    runtime: str, answers: dict[str, tuple[int, bytes]], model: str | None = "tiny"
) -> dict[str, str | int | float | bool] | None:
    with serving(answers) as (base_url, _):
        return CounterReader(base_url, None, runtime, model, OPENAI).read()


def test_vllm() -> None:
    """A page of vLLM 0.32 under load, of 4 requests at once and 4 more that wait."""
    assert read("vllm", recorded("vllm/metrics_under_load")) == {
        "source": "GET /metrics",
        "running": 4,
        "waiting": 4,
        "kv_cache_share": 0.0004883110541414881,
        "preemptions": 0,
        "cached_tokens": 0,
        "looked_up_tokens": 80,
        "prompt_tokens": 80,
        "output_tokens": 1121,
        "requests": 15,
        "queue_us": 5_836,
        "ttft_us": 27_811_434,
        "e2e_us": 48_056_169,
    }


def test_llama_cpp() -> None:
    """A page of llama.cpp with 2 slots and 5 requests; tokens from the cache are counted beside those worked on."""
    assert read("llama.cpp", recorded("llama.cpp/metrics_under_load")) == {
        "source": "GET /metrics",
        "running": 2,
        "waiting": 3,
        "cached_tokens": 355,
        "looked_up_tokens": 465,
        "prompt_tokens": 110,
        "output_tokens": 548,
    }


def test_llama_cpp_without_metrics() -> None:
    """Without --metrics its slots are read instead, and the page is not asked for again."""
    with serving(recorded("llama.cpp/metrics_disabled", "llama.cpp/slots_busy")) as (base_url, server):
        reader = CounterReader(base_url, None, "llama.cpp", "tiny", OPENAI)
        first, second = reader.read(), reader.read()
    assert first == second == {"source": "GET /slots", "running": 2, "kv_cache_share": (36 + 35 + 1) / 512}
    assert [path for path, _, _ in server.asked] == ["/metrics", "/slots", "/slots"]


def test_ollama() -> None:
    """Ollama tells what is loaded and where; a name without a tag means `latest`."""
    answers = recorded("ollama/api_ps_cpu")
    whole = {"source": "GET /api/ps", "loaded": True, "model_bytes": 250_000_000, "model_vram_bytes": 0}
    assert read("ollama", answers) == whole
    assert read("ollama", answers, "tiny:latest") == whole
    assert read("ollama", answers, None) == whole
    assert read("ollama", answers, "other") == {"source": "GET /api/ps", "loaded": False}


def test_older_vllm() -> None:
    """Names of vLLM's first V1 tell the same."""
    assert counters_on(VLLM_OLD, PAGES["vllm"], "m") == {
        "running": 3,
        "waiting": 1,
        "kv_cache_share": 0.25,
        "preemptions": 2,
        "cached_tokens": 40,
        "looked_up_tokens": 100,
        "prompt_tokens": 60,
        "output_tokens": 30,
        "requests": 5,
        "queue_us": 2,
        "ttft_us": 500_000,
        "e2e_us": 1_500_000,
    }
    bare = VLLM_OLD.replace("_total{", "{").replace("gpu_prefix", "prefix").replace("gpu_cache", "kv_cache")
    assert counters_on(bare, PAGES["vllm"], "m") == counters_on(VLLM_OLD, PAGES["vllm"], "m")


def test_sglang() -> None:
    """SGLang's ranks repeat one engine's figures; its engines and cache sources are added up."""
    assert counters_on(SGLANG, PAGES["sglang"], "m") == {
        "running": 5,
        "waiting": 7,
        "kv_cache_share": 0.28,
        "preemptions": 4,
        "cached_tokens": 42,
        "looked_up_tokens": 128,
        "prompt_tokens": 128,
        "output_tokens": 7_557_572,
        "requests": 11,
        "queue_us": 500_000,
        "ttft_us": 2_500_000,
        "e2e_us": 3_500_000,
    }


def test_tgi() -> None:
    """TGI tells its queue and its batch."""
    assert read("tgi", {"/metrics": (200, TGI.encode())}) == {
        "source": "GET /metrics",
        "running": 8,
        "waiting": 5,
        "prompt_tokens": 900,
        "output_tokens": 2000,
        "requests": 40,
        "queue_us": 250_000,
        "e2e_us": 12_500_000,
    }


@pytest.mark.parametrize(
    ("model", "running"), [("m", 5), ("n", 8), ("alias", None), (None, 13)], ids=["one", "other", "neither", "all"]
)
def test_models_of_one_server(model: str | None, running: int | None) -> None:
    """Engines of our model are added up, those of others left out; of two others neither is taken for ours."""
    page = "".join(
        f'vllm:num_requests_running{{engine="{engine}",model_name="{name}"}} {value}\n'
        for engine, name, value in ((0, "m", 2), (1, "m", 3), (0, "n", 8))
    )
    assert counters_on(page, PAGES["vllm"], model).get("running") == running


def test_an_alias_of_the_only_model() -> None:
    """A server with one model counts under one of its names, which need not be ours."""
    assert counters_on(VLLM_OLD, PAGES["vllm"], "alias")["running"] == 3


def test_the_fullest_engine() -> None:
    """Of several engines the share of the fullest counts."""
    page = 'vllm:kv_cache_usage_perc{engine="0"} 0.5\nvllm:kv_cache_usage_perc{engine="1"} 0.75\n'
    assert counters_on(page, PAGES["vllm"], None) == {"kv_cache_share": 0.75}


@pytest.mark.parametrize("value", ["NaN", "-1", "+Inf", "1e300", "many", "", "0x10", "1e16"])
def test_numbers_that_cannot_be(value: str) -> None:
    """A series with such a number is not told, its other engine included; the others are."""
    page = (
        f'vllm:num_requests_running{{engine="0"}} {value}\nvllm:num_requests_running{{engine="1"}} 1\n'
        f"vllm:kv_cache_usage_perc {value}\nvllm:e2e_request_latency_seconds_sum {value}\n"
        "vllm:num_requests_waiting 2\n"
    )
    told = counters_on(page, PAGES["vllm"], None)
    if value:
        assert told == {"waiting": 2}
    else:
        assert told == {"running": 1, "waiting": 2}  # a line without a number is no sample


def test_labels_with_everything_in_them() -> None:
    """Braces, quotes, spaces and line ends in a label do not end it."""
    page = 'a{x="}{",y="q\\"uo te\\n",z="é"} 7 1700000000\na 8\nab 9\na{x="open 10\na{x="y"}\n' + "a" * 5000 + " 1\n"
    assert [(one.value, dict(one.labels)) for one in samples(page, {"a"})] == [
        (7.0, {"x": "}{", "y": 'q\\"uo te\\n', "z": "é"}),
        (8.0, {}),
    ]


@given(st.text(alphabet='vlm:num_requests_running{}="\\ 1.e\n,', max_size=200))
def test_no_page_raises(text: str) -> None:
    """Whatever stands on a page, each figure of it is a number from 0 on."""
    told = counters_on(text + '\nvllm:num_requests_running{a="b"} 1\n' + text, PAGES["vllm"], "m")
    assert all(isinstance(value, int | float) and value >= 0 for value in told.values())


@pytest.mark.parametrize("body", [None, {}, [], [1], [{"is_processing": 1}], [{}], "x"], ids=str)
def test_slots_that_are_none(body: object) -> None:
    """What is no list of slots tells nothing."""
    assert slots_in_use(body) == {}  # type: ignore[arg-type]  # any JSON


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (None, {}),
        ({"models": "x"}, {}),
        ({"models": [1]}, {"loaded": False}),
        ({"models": [{"name": "m:latest", "size": -1, "size_vram": 2.5}]}, {"loaded": True}),
    ],
    ids=str,
)
def test_loaded_models_that_are_none(body: object, told: dict) -> None:
    """What is no list of models tells nothing, and a size that cannot be is not told."""
    assert loaded_model(body, "m") == told  # type: ignore[arg-type]  # any JSON


@pytest.mark.parametrize("runtime", ["openai", "gateway", "lm-studio", "azure"])
def test_runtimes_without_counters_are_not_asked(runtime: str) -> None:
    """Where there is no such page nothing is sent."""
    with serving({"/metrics": (200, VLLM_OLD.encode())}) as (base_url, server):
        assert CounterReader(base_url, None, runtime, "m", OPENAI).read() is None
    assert server.asked == []


@pytest.mark.parametrize("status", [307, 401, 404, 501])
def test_a_place_without_counters_is_asked_once(status: int) -> None:
    """A redirect is not followed, a refusal not repeated."""
    with serving({"/metrics": (status, VLLM_OLD.encode())}) as (base_url, server):
        reader = CounterReader(base_url, None, "vllm", "m", OPENAI)
        assert [reader.read(), reader.read()] == [None, None]
    assert [path for path, _, _ in server.asked] == ["/metrics"]


def test_a_busy_server_is_asked_again() -> None:
    """A server that is busy or loading may have counters a second later."""
    with serving({"/metrics": (503, b"")}) as (base_url, server):
        reader = CounterReader(base_url, None, "vllm", "m", OPENAI)
        assert reader.read() is None
        server.answers["/metrics"] = (200, VLLM_OLD.encode())
        assert reader.read() is not None
        server.answers["/metrics"] = (200, b"")
        assert reader.read() is None
        server.answers["/metrics"] = (200, VLLM_OLD.encode())
        assert reader.read() is not None


def test_a_server_that_is_gone() -> None:
    """A server that does not answer is no error."""
    with serving({}) as (base_url, _):
        pass
    assert CounterReader(base_url, None, "vllm", "m", OPENAI).read() is None
    assert CounterReader("http://[::1", None, "vllm", "m", OPENAI).read() is None


@pytest.mark.parametrize(
    ("dialect", "sent"),
    [(OPENAI, ("Bearer sk-secret-1", None)), (Dialect(key_header="api-key"), (None, "sk-secret-1"))],
    ids=["bearer", "bare"],
)
def test_the_key_is_sent_as_the_runtime_wants_it(dialect: Dialect, sent: tuple[str | None, str | None]) -> None:
    """The key goes into the header of the dialect."""
    with serving({"/metrics": (200, VLLM_OLD.encode())}) as (base_url, server):
        CounterReader(base_url, "sk-secret-1", "vllm", "m", dialect).read()
    assert server.asked == [("/metrics", *sent)]


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go to the plan's address and nowhere else."""
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:9")
    monkeypatch.setenv("no_proxy", "")
    assert read("tgi", {"/metrics": (200, TGI.encode())}) is not None


def test_an_address_below_a_path() -> None:
    """Counters stand beside `/v1`, wherever that is."""
    with serving({"/models/metrics": (200, TGI.encode())}) as (base_url, _):
        below = base_url.removesuffix("/v1") + "/models/v1/?a=b"
        assert CounterReader(below, None, "tgi", None, OPENAI).read() is not None


def test_a_page_without_end() -> None:
    """A page beyond the bound is not read to its end and not believed."""
    long = VLLM_OLD.encode() + b"#" * (5 << 20)
    assert read("vllm", {"/metrics": (200, long)}, "m") is None


def test_a_page_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends a byte now and then does not hold the reader up."""
    monkeypatch.setattr(counters_module, "_TIMEOUT_S", 0.2)
    stopped = threading.Event()

    def drip(handler: _Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stopped.wait(0.02):
            try:
                handler.wfile.write(b"#")
            except OSError:
                return

    monkeypatch.setattr(_Handler, "do_GET", drip)
    with serving({}) as (base_url, _):
        assert CounterReader(base_url, None, "vllm", "m", OPENAI).read() is None
        stopped.set()

"""Does each runtime's recorded word become the facts that docs/runtimes.md promises, and nothing else?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from assay.runtime.adapters import ADAPTERS
from assay.runtime.observe import OBSERVABLE
from tests.runtime.replaying import SAMPLES, candidate, missing, observed, replay, sample

if TYPE_CHECKING:
    from assay.schema.provenance import Fact

KEY = "key-of-the-test"
EXPECTED = json.loads(Path(__file__).with_name("expected_facts.json").read_text("utf-8"))

NOT_IN_SAMPLES = {
    "llama.cpp": {"runtime_version"},  # the recorded build does not know its own version
    "vllm": {"revision", "quantization"},  # recorded without developer mode
    "tgi": {"requests_running", "requests_waiting", "authentication"},
    "lm-studio": {"model_name_served", "authentication", "cors"},
    "sglang": {"revision", "quantization", "sampling_defaults", "kv_cache_use", "requests_running", "requests_waiting"},
    "litellm": {"context_in_force"},  # null for a model that its price list does not have
}
"""What a runtime shows under circumstances that were not recorded; each has a test of its own below."""


def questions(folder: str) -> list[str]:
    """Return the recorded exchanges of a runtime that ask it about itself."""
    names = []
    for path in sorted((SAMPLES / folder).glob("*.json")):
        request = json.loads(path.read_text("utf-8")).get("request", {})
        if request.get("method") == "GET" or request.get("path") == "/api/show":
            names.append(f"{folder}/{path.stem}")
    return names


def known(facts: dict[str, Fact]) -> dict[str, list]:
    return {name: [fact.grade, fact.value] for name, fact in facts.items() if fact.value is not None}


@pytest.mark.parametrize("row", EXPECTED, ids=[row["samples"] for row in EXPECTED])
def test_recorded_answers_give_exactly_these_facts(row: dict) -> None:
    """All recorded answers of a runtime, replayed over HTTP, give these facts and leave these unknown."""
    facts = observed(replay(*questions(row["samples"])), candidate(row["plan"], row["model"]), KEY)
    assert known(facts) == row["known"]
    assert [name for name, fact in facts.items() if fact.value is None] == row["unknown"]
    assert all(fact.source for fact in facts.values())


@pytest.mark.parametrize("row", EXPECTED, ids=[row["samples"] for row in EXPECTED])
def test_what_is_promised_is_what_is_shown(row: dict) -> None:
    """A fact that the page of runtimes promises is seen in the samples, and no other is."""
    adapter = ADAPTERS[row["plan"]]
    assert set(row["known"]) <= set(adapter.shows)
    assert set(adapter.shows) - set(row["known"]) == NOT_IN_SAMPLES.get(row["plan"], set()) - set(row["known"])


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_fact_is_promised_or_excused(name: str) -> None:
    """Each runtime says of each fact where it stands, or why it cannot be seen and where else it is."""
    adapter = ADAPTERS[name]
    assert set(adapter.shows) | set(adapter.cannot) == set(OBSERVABLE)
    assert not set(adapter.shows) & set(adapter.cannot)


@pytest.mark.parametrize("row", EXPECTED, ids=[row["samples"] for row in EXPECTED])
def test_a_wrong_name_in_the_plan_is_seen_through(row: dict) -> None:
    """What answers is told by its own marks, whatever the plan calls it."""
    wrong = "vllm" if row["plan"] != "vllm" else "llama.cpp"
    fact = observed(replay(*questions(row["samples"])), candidate(wrong, row["model"]), KEY)["runtime"]
    assert (fact.value, fact.grade) == (row["plan"], "observed")


VLLM_GUARDED = ("vllm/v1_models", "vllm/v1_models_noauth")


# --- recordings of one path in several states: each by itself ---------------------------------------------------


def test_llama_cpp_while_it_loads_shows_only_itself() -> None:
    """While it loads every path answers 503: the runtime is known by its header, and nothing else is."""
    facts = observed(replay("llama.cpp/v1_models_loading_503", "llama.cpp/health_loading_503"))
    assert facts["model_id"].value is None
    assert facts["health_endpoint"].value == "open"
    assert "answered 503" in facts["model_name_served"].source


@pytest.mark.parametrize(
    ("samples", "plan", "expected"),
    [
        (("llama.cpp/v1_models", "llama.cpp/metrics_under_load"), "llama.cpp", {"requests_waiting": 3}),
        (("llama.cpp/v1_models", "llama.cpp/metrics_under_load"), "llama.cpp", {"requests_running": 2}),
        (("llama.cpp/v1_models", "llama.cpp/metrics_disabled"), "llama.cpp", {"metrics_endpoint": "closed"}),
        (("llama.cpp/v1_models", "llama.cpp/slots_idle"), "llama.cpp", {"kv_cache_use": "0%"}),
        (("llama.cpp/v1_models", "llama.cpp/slots_used"), "llama.cpp", {"kv_cache_use": "56.8%"}),
        (("llama.cpp/v1_models", "llama.cpp/slots_busy"), "llama.cpp", {"kv_cache_use": "14.1%"}),
        (("llama.cpp/v1_models", "llama.cpp/health_under_load"), "llama.cpp", {"health_endpoint": "open"}),
        (("llama.cpp/auth_ok", "llama.cpp/auth_props"), "llama.cpp", {"authentication": "required"}),
        (("vllm/v1_models", "vllm/metrics_under_load"), "vllm", {"requests_running": 4}),
        (("vllm/v1_models", "vllm/health"), "vllm", {"health_endpoint": "open"}),
        (
            ("vllm/v1_models", "vllm/v1_models_noauth", "vllm/invocations_noauth"),
            "vllm",
            {"authentication": "not required"},
        ),
        (("tgi/info", "tgi/health_503"), "tgi", {"health_endpoint": "open"}),
        (("lmstudio/api_v0_models",), "lm-studio", {"context_in_force": 4096, "context_trained": 131072}),
        (
            ("litellm/v1_models", "litellm/health_liveness", "litellm/health_liveliness"),
            "litellm",
            {"runtime": "litellm"},
        ),
        (("sglang/ollama_emulation_api_tags", "sglang/model_info"), "ollama", {"runtime": "sglang", "revision": None}),
        (("ollama/api_version", "ollama/api_tags", "ollama/api_show_not_found"), "ollama", {"architecture": None}),
    ],
)
def test_each_state_that_was_recorded(samples: tuple[str, ...], plan: str, expected: dict) -> None:
    """A recording of one state gives the facts of that state."""
    facts = observed(replay(*samples), candidate(plan), KEY)
    assert {name: facts[name].value for name in expected} == expected


NOT_ASKED = {
    "gguf/smollm2-135m-q4_1.metadata",  # a file, read by the tests of weights
    "ollama/manifest_file",
    "llama.cpp/apply_template",  # Assay counts tokens by what a request's usage says
    "llama.cpp/input_tokens",
    "llama.cpp/tokenize",
    "vllm/tokenize_noauth",
    "llama.cpp/cors_probe",  # asked as GET with an Origin: a browser's question ahead needs no answer
    "litellm/cors_probe",
    "vllm/cors_probe",
    "llama.cpp/determinism_probe",  # made of several requests, as the trap `repeatable` is
    "nginx/sse_buffering",
    "lmstudio/api_v0_chat",  # another protocol than the one that Assay speaks
    "ollama/api_chat_final",
    "nginx/auth_basic_401",  # nginx's own pages on other paths
    "nginx/rate_limited_2",
}
"""Recordings of what Assay does not ask, each with why."""


def test_no_recording_is_forgotten() -> None:
    """Every recording is a chat, answers a question about the server, or is left out for a reason."""
    rest = set()
    for path in SAMPLES.glob("*/*.json"):
        request = json.loads(path.read_text("utf-8")).get("request", {})
        asked = request.get("method") == "GET" or request.get("path") in {"/api/show", "/invocations"}
        chat = request.get("method") == "POST" and "chat" in request.get("path", "")
        if not asked and not chat:
            rest.add(f"{path.parent.name}/{path.stem}")
    assert rest <= NOT_ASKED
    assert all((SAMPLES / f"{name}.json").is_file() for name in NOT_ASKED)


def test_unknown_says_why_and_where_else() -> None:
    """An unknown carries the runtime's own reason."""
    facts = observed(replay(*questions("lmstudio")), candidate("lm-studio", "org/tiny"))
    assert facts["requests_waiting"].source == "lm-studio cannot say: `lms ps --json` says it"


def test_vllm_in_developer_mode_tells_revision_and_quantization() -> None:
    """Developer mode shows what the model was loaded as."""
    config = {"vllm_config": {"model_config": {"revision": "a" * 40, "quantization": "awq"}}}
    facts = observed(
        replay("vllm/v1_models", also={"GET /server_info": web.json_response(config)}), candidate("vllm", "tiny")
    )
    assert (facts["revision"].value, facts["quantization"].value) == ("a" * 40, "awq")


def test_llama_cpp_build_that_knows_itself_has_a_version() -> None:
    """A build number and commit are the version."""
    props = web.json_response({**sample("llama.cpp/props")["response"]["json"], "build_info": "b6123-abcdef0"})
    facts = observed(replay("llama.cpp/v1_models", also={"GET /props": props}))
    assert facts["runtime_version"].value == "b6123-abcdef0"


def test_tgi_queue_and_guard() -> None:
    """TGI's metrics show its queue, and its answer to an empty request whether a key is wanted."""
    page = web.Response(text="# TYPE tgi_queue_size gauge\ntgi_queue_size 3\ntgi_batch_current_size 2\n")
    also = {"GET /metrics": page, "POST /v1/chat/completions": web.Response(status=401)}
    facts = observed(replay("tgi/info", "tgi/v1_models", also=also), candidate("tgi"))
    assert [facts[n].value for n in ("requests_running", "requests_waiting", "authentication")] == [2, 3, "required"]


def test_sglang_started_with_more_tells_more_and_never_its_keys() -> None:
    """Revision, quantization, defaults and queue are read; keys in the same answer reach no fact."""
    config = {"version": "0.5.23", "revision": "b" * 40, "quantization": "fp8", "api_key": KEY, "admin_api_key": KEY}
    info = {"model_path": "org/model", "preferred_sampling_params": {"temperature": 0.6}}
    page = 'sglang:token_usage{model_name="m"} 0.125\nsglang:num_running_reqs 1\nsglang:num_queue_reqs 4\n'
    also = {
        "GET /server_info": web.json_response(config),
        "GET /model_info": web.json_response(info),
        "GET /metrics": web.Response(text=page),
    }
    facts = observed(replay("sglang/v1_models", also=also), candidate("sglang"))
    names = ("revision", "quantization", "sampling_defaults", "kv_cache_use", "requests_running", "requests_waiting")
    assert [facts[name].value for name in names] == ["b" * 40, "fp8", "temperature=0.6", "12.5%", 1, 4]
    assert KEY not in str(facts)


def test_litellm_names_the_window_of_a_model_on_its_price_list() -> None:
    """max_input_tokens becomes the window; two deployments of one name leave all of it unknown."""
    one = {"model_name": "good", "litellm_params": {"model": "a/b"}, "model_info": {"max_input_tokens": 8192}}
    for data, window in (([one], 8192), ([one, one], None)):
        info = web.json_response({"data": data})
        facts = observed(
            replay("litellm/v1_models", "litellm/health_liveliness", also={"GET /model/info": info}),
            candidate("litellm", "good"),
        )
        assert (facts["context_in_force"].value, facts["executed_at"].value) == (window, None)


def test_ollama_model_with_a_remote_host_runs_elsewhere() -> None:
    """A model in the local list that is executed by another host is told by that host."""
    fact = observed(replay(*questions("ollama")), candidate("ollama", "big:cloud"))["executed_at"]
    assert (fact.value, fact.grade) == ("elsewhere: ollama.com:443", "observed")


@pytest.mark.parametrize(
    ("header", "runtime"),
    [
        ("openai-processing-ms", "openai"),
        ("apim-request-id", "azure"),
        ("x-kong-request-id", "gateway"),
        ("x-portkey-trace-id", "gateway"),
    ],
)
def test_services_are_known_by_their_headers(header: str, runtime: str) -> None:
    """Clouds and gateways show themselves in the headers of their list of models."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path != "/v1/models":
            return missing()
        return web.json_response({"data": [{"id": "m", "owned_by": "openai"}]}, headers={header: "1"})

    facts = observed(handle, candidate("gateway", "m"))
    assert (facts["runtime"].value, facts["model_id"].value, facts["model_id"].grade) == (runtime, "m", "declared")


@pytest.mark.parametrize("name", ["nginx/rate_limited_1", "nginx/chat_ok"])
def test_nginx_shows_itself_and_what_stands_behind_it_outranks_it(name: str) -> None:
    """A proxy is a gateway by its Server header, unless the answer bears the mark of a runtime."""
    server = sample(name)["response"]["headers"]["server"]
    for owner, runtime in (("fake", "gateway"), ("llamacpp", "llama.cpp")):

        async def handle(request: web.Request, owner: str = owner) -> web.StreamResponse:
            if request.path != "/v1/models":
                return missing()
            return web.json_response({"data": [{"id": "m", "owned_by": owner}]}, headers={"Server": server})

        assert observed(handle, candidate("gateway", "m"))["runtime"].value == runtime


def test_plain_gateway_is_known_by_its_health() -> None:
    """A server without a list of models that names runtime and model in /health speaks the plain contract."""

    asked: set[str] = set()

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path == "/health":
            return web.json_response({"status": "ok", "runtime": "vllm", "model": "local-chat"})
        asked.add(request.path)
        if request.path == "/chat" and request.method == "POST":
            return web.json_response({"detail": "messages"}, status=422)
        return missing()

    facts = observed(handle, candidate("chat-gateway"))
    assert known(facts) == {
        "runtime": ["observed", "chat-gateway"],
        "model_id": ["declared", "local-chat"],
        "metrics_endpoint": ["observed", "closed"],
        "health_endpoint": ["observed", "open"],
        "authentication": ["observed", "not required"],
    }
    assert facts["model_id"].source == "GET /health model, on vllm"
    assert "/ready" not in asked  # it may put a question to the model


def test_health_is_not_asked_where_it_may_cost_a_generation() -> None:
    """Behind a list of models /health may be LiteLLM's, which asks every model: it is left alone."""
    asked: set[str] = set()

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.add(request.path)
        return web.json_response({"data": [{"id": "m"}]}) if request.path == "/v1/models" else missing()

    observed(handle, candidate("gateway", "m"))
    assert "/v1/models" in asked
    assert "/health" not in asked


@pytest.mark.parametrize(
    "entry",
    [
        {"name": ["m"], "remote_host": "http://["},
        {"name": {"m": 1}},
        {"name": "m", "remote_host": "http://[", "digest": {}, "size": "x", "details": []},
        {"name": "m:latest", "remote_host": ["http://x"], "remote_model": {}},
        ["m"],
        7,
    ],
    ids=str,
)
def test_hostile_lists_of_models_are_only_unknown(entry: object) -> None:
    """A list of models that holds anything but models makes facts unknown and raises nothing."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path == "/":
            return web.Response(text="Ollama is running")
        if request.path in {"/api/tags", "/api/ps"}:
            return web.json_response({"models": [entry]})
        if request.path == "/v1/models":
            return web.json_response({"data": [entry]})
        return web.json_response({"version": ["0.1"]})

    facts = observed(handle, candidate("ollama", "m"))
    assert facts["runtime"].value == "ollama"


def test_azure_deployment_keeps_its_query_and_its_header() -> None:
    """An address with a query is asked with it, and the key goes into the header `api-key`, never as a bearer."""
    seen: list[tuple[str, str | None, str | None]] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        seen.append((request.path_qs, request.headers.get("api-key"), request.headers.get("Authorization")))
        return missing()

    observed(handle, candidate("azure", "m"), KEY, path="/openai/deployments/x?api-version=2024-10-21")
    assert ("/openai/deployments/x/models?api-version=2024-10-21", KEY, None) in seen
    assert all(bearer is None for _, _, bearer in seen)

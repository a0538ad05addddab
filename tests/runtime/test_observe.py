"""Does a server's own word become facts, and its silence become unknowns?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, get_args

import pytest
from aiohttp import web

from assay.errors import InputError, ServerError
from assay.runtime.adapters import ADAPTERS
from assay.runtime.observe import OBSERVABLE, models_listed, observe
from assay.schema.suite import RuntimeName
from tests.runtime.replaying import candidate, missing, observed, replay, serving

if TYPE_CHECKING:
    from assay.schema.provenance import Fact
    from tests.runtime.replaying import Handler

KEY = "made-up-key"

LLAMA_CPP = ("llama.cpp/v1_models", "llama.cpp/props", "llama.cpp/health", "llama.cpp/metrics_disabled")
LLAMA_CPP_WITH_KEY = (*LLAMA_CPP, "llama.cpp/auth_props", "llama.cpp/auth_missing_models")
VLLM = ("vllm/v1_models", "vllm/v1_models_noauth", "vllm/version_noauth", "vllm/health")
OLLAMA = tuple(f"ollama/{n}" for n in ("v1_models", "api_version", "api_tags", "api_show", "api_ps_cpu", "root"))
SGLANG = ("sglang/v1_models", "sglang/model_info", "sglang/ollama_emulation_api_tags")


def listed(handler: Handler, key: str | None = None) -> tuple[str, ...]:
    async def ask() -> tuple[str, ...]:
        async with serving(handler) as base_url:
            return await models_listed(base_url, key, timeout_s=5.0)

    return asyncio.run(ask())


def values(facts: dict[str, Fact]) -> dict[str, object]:
    return {name: fact.value for name, fact in facts.items() if fact.value is not None}


def test_llama_cpp_is_known_by_its_header_and_tells_nearly_everything() -> None:
    """A llama.cpp server's properties and list become facts; its model's path shrinks to the file's name."""
    facts = observed(replay(*LLAMA_CPP))
    path = "/models/SmolLM2-135M-Instruct.Q4_1.gguf"
    assert values(facts) == {
        "runtime": "llama.cpp",
        "executed_at": "this server",
        "model_id": "SmolLM2-135M-Instruct.Q4_1.gguf",
        "model_name_served": path,
        "quantization": "Q4_1",
        "parameters": 134515008,
        "context_in_force": 256,
        "context_trained": 8192,
        "slots": 2,
        "chat_template_sha256": facts["chat_template_sha256"].value,
        "sampling_defaults": "temperature=0.8 top_k=40 top_p=0.95 min_p=0.05 typical_p=1 repeat_penalty=1"
        " presence_penalty=0 frequency_penalty=0 mirostat=0",
        "metrics_endpoint": "closed",
        "health_endpoint": "open",
        "authentication": "not required",
        "cors": "none",
    }
    assert facts["runtime"].source == "GET /v1/models header Server"
    assert facts["quantization"].grade == facts["model_id"].grade == "declared"
    assert facts["context_in_force"].grade == "observed"
    assert "b0-unknown" in facts["runtime_version"].source


def test_facts_come_in_one_order_whatever_the_server_shows() -> None:
    """Each name that can be observed is there once, in the same order, known or not."""
    assert tuple(observed(replay(*LLAMA_CPP))) == OBSERVABLE == tuple(observed(replay()))


def test_llama_cpp_behind_a_key() -> None:
    """Guarded properties show that a key is required, and the key opens them."""
    facts = observed(replay(*LLAMA_CPP_WITH_KEY), key=KEY)
    assert facts["authentication"].value == "required"
    assert facts["authentication"].source == "GET /props without a key answered 401"
    assert facts["slots"].value == 2


def test_wrong_key_leaves_unknowns_with_the_status() -> None:
    """What a refused key hides is unknown, and the reason names the status."""
    facts = observed(replay("llama.cpp/auth_props", "llama.cpp/auth_missing_models"), key=KEY)
    assert facts["runtime"].value == "llama.cpp"
    assert (facts["slots"].grade, facts["slots"].source) == ("unknown", "GET /props answered 401")


def test_llama_cpp_properties_are_what_a_key_guards() -> None:
    """An open list of models does not pass for an open server where the properties are guarded."""
    facts = observed(replay("llama.cpp/v1_models", "llama.cpp/auth_props"))
    assert facts["authentication"].value == "required"


def test_vllm_tells_version_window_and_model() -> None:
    """vLLM's list and version become facts; of a path to the model only the last part is kept."""
    metrics = web.Response(text="# TYPE up gauge", content_type="text/plain")
    facts = observed(replay(*VLLM, also={"GET /metrics": metrics}), candidate("vllm", "tiny"), KEY)
    assert values(facts) == {
        "runtime": "vllm",
        "runtime_version": "0.32.0",
        "executed_at": "this server",
        "model_id": "tiny-llama",
        "model_name_served": "tiny",
        "context_in_force": 256,
        "metrics_endpoint": "open",
        "health_endpoint": "open",
        "authentication": "required",
        "cors": "none",
    }
    assert facts["model_id"].grade == "declared"


def test_vllm_way_around_the_key_counts_as_no_key() -> None:
    """Where /invocations answers without a key, no key is required."""
    way_around = {"POST /invocations": web.json_response({"error": "messages"}, status=400)}
    facts = observed(replay(*VLLM, also=way_around), candidate("vllm"), KEY)
    assert facts["authentication"].value == "not required"
    assert "POST /invocations" in facts["authentication"].source


def test_ollama_tells_digest_licence_and_window() -> None:
    """Ollama's store, statements and loaded process become facts, also for a name without its tag."""
    facts = observed(replay(*OLLAMA), candidate("ollama", "tiny"))
    assert values(facts) == {
        "runtime": "ollama",
        "runtime_version": "0.32.9",
        "executed_at": "this server",
        "memory_bytes": 250000000,
        "accelerator_memory_bytes": 0,
        "model_id": "tiny:latest",
        "model_name_served": "tiny:latest",
        "revision": "ab" * 32,
        "quantization": "Q4_1",
        "architecture": "llama",
        "parameters": 134515008,
        "license": "apache-2.0",
        "context_in_force": 4096,
        "context_trained": 8192,
        "chat_template_sha256": facts["chat_template_sha256"].value,
        "sampling_defaults": "temperature=0.6",
        "metrics_endpoint": "closed",
        "health_endpoint": "open",
        "authentication": "not required",
        "cors": "none",
    }
    assert facts["license"].grade == "declared"


def test_ollama_model_that_is_not_loaded_has_no_window_yet() -> None:
    """An empty list of loaded models leaves the context window unknown, and says why."""
    names = [name for name in OLLAMA if name != "ollama/api_ps_cpu"]
    facts = observed(
        replay(*names, also={"GET /api/ps": web.json_response({"models": []})}), candidate("ollama", "tiny")
    )
    assert facts["context_in_force"].grade == "unknown"
    assert "only while it is loaded" in facts["context_in_force"].source


def test_ollama_model_that_runs_elsewhere_has_no_revision() -> None:
    """The digest of a stub for a remote model is no evidence of weights."""
    facts = observed(replay(*OLLAMA), candidate("ollama", "big:cloud"))
    assert facts["revision"].grade == "unknown"
    assert "https://ollama.com:443" in facts["revision"].source


def test_sglang_is_not_taken_for_ollama() -> None:
    """SGLang's imitation of Ollama is seen through, and its invented digest is kept nowhere."""
    facts = observed(replay(*SGLANG), candidate("ollama", "org/model"))
    assert facts["runtime"].value == "sglang"
    assert facts["context_in_force"].value == 32768
    assert facts["revision"].value is None
    assert not any("sglang0" in str(fact) for fact in facts.values())


@pytest.mark.parametrize(
    ("names", "runtime"),
    [
        (("tgi/v1_models", "tgi/info"), "tgi"),
        (("lmstudio/api_v1_models",), "lm-studio"),
        (("lmstudio/api_v0_models",), "lm-studio"),
        (("litellm/v1_models", "litellm/health_liveliness"), "litellm"),
    ],
)
def test_other_runtimes_are_recognised(names: tuple[str, ...], runtime: str) -> None:
    """Each runtime bears a mark of its own, whatever the plan says."""
    facts = observed(replay(*names), candidate("openai"))
    assert (facts["runtime"].value, facts["runtime"].grade) == (runtime, "observed")


def test_tgi_open_list_says_nothing_about_keys() -> None:
    """TGI guards generation only: an open list of models leaves authentication unknown."""
    assert observed(replay("tgi/v1_models", "tgi/info"))["authentication"].grade == "unknown"


def test_server_without_a_mark_keeps_the_plan_s_word_as_a_claim() -> None:
    """A server that shows no mark is what the plan says, and only declared to be."""
    facts = observed(replay("litellm/v1_models"), candidate("openai", "slow"))
    assert (facts["runtime"].value, facts["runtime"].grade) == ("openai", "declared")
    assert facts["model_name_served"].value == "slow"


def test_several_models_and_none_named_leave_the_name_unknown() -> None:
    """Among several models nothing tells which one answers."""
    facts = observed(replay("litellm/v1_models"), candidate("openai"))
    assert facts["model_name_served"].source == "GET /v1/models lists 10 models and the plan names none"


def test_server_that_does_not_answer_leaves_everything_unknown() -> None:
    """Without a server every fact is unknown and no error is raised."""
    facts = asyncio.run(observe(candidate(), "http://127.0.0.1:1/v1", KEY))
    assert [fact.name for fact in facts] == list(OBSERVABLE)
    assert {fact.grade for fact in facts} == {"unknown"}
    assert not any(KEY in fact.source for fact in facts)


@pytest.mark.parametrize(
    ("allowed", "value"),
    [
        (None, "none"),
        ("", "none"),
        ("*", "any origin"),
        ("reflect", "any origin"),
        ("https://a.example", "https://a.example"),
    ],
)
def test_cors(allowed: str | None, value: str) -> None:
    """An echoed or starred origin opens the server to every web page."""

    async def handle(request: web.Request) -> web.StreamResponse:
        answer = web.json_response({"data": []})
        if allowed is not None:
            answer.headers["Access-Control-Allow-Origin"] = (
                request.headers.get("Origin", "") if allowed == "reflect" else allowed
            )
        return answer

    assert observed(handle)["cors"].value == value


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"data": [{"id": "' + b"x" * (2 << 20) + b'"}]}',
        b'{"data": [{"id": "\\ud800\\u001b[31m", "aliases": [1], "max_model_len": true}]}',
        b'{"data": {"id": 7}}',
        b"\xff\xfe not JSON",
        b'{"models": 3, "version": 1e999, "data": [null, [], "x"]}',
    ],
)
def test_hostile_answers_become_unknowns(body: bytes) -> None:
    """Deep, huge, malformed or unprintable answers end as unknowns."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    facts = observed(handle, candidate(model="m"))
    assert facts["runtime"].grade == "declared"
    assert facts["model_name_served"].value is None
    assert facts["context_in_force"].value is None


def test_redirects_are_not_followed() -> None:
    """A redirect cannot take the key to another place."""
    asked: list[str] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    facts = observed(handle, key=KEY)
    assert "/elsewhere" not in asked
    assert facts["metrics_endpoint"].source == "GET /metrics answered 307"


def test_only_harmless_paths_are_asked() -> None:
    """Paths that generate text, show keys or change the server's state are never asked."""
    asked: set[str] = set()

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.add(request.path)
        return missing()

    observed(handle)
    assert asked
    assert not asked & {"/health_generate", "/server_info", "/flush_cache", "/start_profile"}


def test_every_runtime_of_a_plan_has_an_adapter() -> None:
    """A plan cannot name a runtime that nobody can ask."""
    assert set(ADAPTERS) == set(get_args(RuntimeName))


def test_models_listed_names_ids_and_aliases_once() -> None:
    """Ids and aliases come in the server's order, each once."""
    listing = {"data": [{"id": "a", "aliases": ["b", "a"]}, {"id": "c"}]}

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.json_response(listing if request.path == "/v1/models" else None)

    assert listed(handle) == ("a", "b", "c")
    assert listed(replay("llama.cpp/v1_models")) == ("/models/SmolLM2-135M-Instruct.Q4_1.gguf",)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_server_without_a_list_lists_nothing(status: int) -> None:
    """A server that has no list of models names none."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    assert listed(handle) == ()


def test_empty_list_names_nothing() -> None:
    """Ollama writes null where it has no models."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"object": "list", "data": None})

    assert listed(handle) == ()


def test_models_listed_sends_the_key_and_reports_a_refusal() -> None:
    """The key opens the list; without it the user is told about the key."""
    assert listed(replay(*VLLM), KEY) == ("tiny",)
    with pytest.raises(InputError, match="unauthorized"):
        listed(replay(*VLLM))


@pytest.mark.parametrize("status", [307, 500, 503])
def test_models_listed_reports_a_server_that_cannot(status: int) -> None:
    """A status that is no answer to the question is the server's fault and is named."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    with pytest.raises(ServerError, match=rf"server-unreachable.*{status}"):
        listed(handle)


def test_models_listed_reports_a_server_that_is_not_there() -> None:
    """A refused connection is reported without the key, even where the key cannot be sent."""
    with pytest.raises(ServerError, match="server-unreachable"):
        asyncio.run(models_listed("http://127.0.0.1:1/v1", None, timeout_s=5.0))
    with pytest.raises(ServerError, match="server-unreachable") as caught:
        asyncio.run(models_listed("http://127.0.0.1:1/v1", f"{KEY}\n", timeout_s=5.0))
    assert KEY not in str(caught.value)


def test_models_listed_gives_up_in_time() -> None:
    """A server that never answers is given up at the deadline."""

    async def ask() -> None:
        given_up = asyncio.Event()

        async def handle(_request: web.Request) -> web.StreamResponse:
            await given_up.wait()
            return missing()

        async with serving(handle) as base_url:
            try:
                await models_listed(base_url, None, timeout_s=0.1)
            finally:
                given_up.set()

    with pytest.raises(ServerError, match="no answer in time"):
        asyncio.run(ask())

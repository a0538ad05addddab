"""Does a real LiteLLM proxy in front of the real embedded model show the facts, faults and traps that were recorded?"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from assay.runtime.adapters import dialect_of
from assay.runtime.client import Client, request_body
from assay.runtime.observe import models_listed, observe
from assay.runtime.pace import Pace
from assay.runtime.stream import Streamer, StreamRequest
from assay.runtime.traps import Asking, look_for_traps
from assay.schema.provenance import TRAPS
from assay.schema.suite import Candidate, Message, RequestSettings
from tests.gateway.conftest import KEY

if TYPE_CHECKING:
    from assay.runtime.stream import StreamResult
    from assay.schema.provenance import Fact
    from assay.schema.run import Completion
    from tests.gateway.conftest import Gateway

pytestmark = pytest.mark.gateway

QUESTION = (Message(role="user", content="Say yes."),)
SETTINGS = RequestSettings(max_tokens=8, timeout_s=60, max_retries=0)


def observed(gateway: Gateway, key: str | None = KEY, runtime: str = "litellm") -> dict[str, Fact]:
    plan = {"id": "c", "runtime": runtime, "base_url": gateway.base_url, "model": "good"}
    facts = asyncio.run(observe(Candidate.model_validate(plan), gateway.base_url, key))
    return {fact.name: fact for fact in facts}


def asked(gateway: Gateway, model: str = "good", key: str | None = KEY, text: str = "Say yes.") -> Completion:
    async def ask() -> Completion:
        async with Client(gateway.base_url, key, SETTINGS, pace=Pace(1, time.monotonic)) as client:
            return await client.complete(request_body(model, (Message(role="user", content=text),), SETTINGS))

    return asyncio.run(ask())


def test_facts_are_those_of_the_proxy_and_say_what_it_hides(gateway: Gateway) -> None:
    """The proxy is recognised, whatever the plan calls it, tells where it hands the model on, and hides the rest."""
    facts = observed(gateway)
    told = {name: fact.value for name, fact in facts.items() if fact.value is not None}
    memory, version = told.pop("memory_bytes", None), told.pop("runtime_version")
    assert told == {
        "runtime": "litellm",
        "executed_at": "elsewhere: 127.0.0.1",
        "model_id": "openai/smollm2-135m-instruct",
        "model_name_served": "good",
        "requests_running": told["requests_running"],
        "requests_waiting": 0,
        "metrics_endpoint": told["metrics_endpoint"],
        "health_endpoint": "open",
        "authentication": "required",
        "cors": "any origin",
    }
    assert memory is None or isinstance(memory, int)
    assert str(version).startswith("1.")
    assert "probe that server itself" in facts["quantization"].source
    assert observed(gateway, runtime="vllm")["runtime"].value == "litellm"
    assert not any(KEY in str(fact) for fact in facts.values())


def test_models_are_listed_by_the_names_of_the_proxy(gateway: Gateway) -> None:
    """The list has the proxy's own names, not those of the servers behind it."""
    listed = asyncio.run(models_listed(gateway.base_url, KEY, timeout_s=30))
    assert set(listed) == {"good", "down", "slow", "limited", "busy", "hasty"}


def test_answers_are_read_through_the_proxy(gateway: Gateway) -> None:
    """An answer has its text, its reason to end, and counts."""
    completion = asked(gateway)
    assert completion.fault is None
    assert completion.output
    assert completion.usage is not None
    assert completion.usage.prompt_tokens


@pytest.mark.parametrize(
    ("model", "key", "text", "kind"),
    [
        ("good", None, "Say yes.", "unauthorized"),
        ("good", "sk-another-key-1234567890", "Say yes.", "unauthorized"),
        ("none", KEY, "Say yes.", "unknown_model"),
        ("good", KEY, "word " * 6000, "context_overflow"),
        ("slow", KEY, "Say yes.", "timeout"),
        ("down", KEY, "Say yes.", "server_error"),
    ],
)
def test_faults_have_one_word_each(model: str, key: str | None, text: str, kind: str, gateway: Gateway) -> None:
    """What the proxy makes of a wrong key, a wrong name, a long prompt, a dead or a slow server is typed as it was."""
    fault = asked(gateway, model, key, text).fault
    assert fault is not None
    assert fault.kind == kind, fault


def test_limit_of_the_proxy_is_a_rate_limit(gateway: Gateway) -> None:
    """Requests beyond the proxy's own limit are told as such."""
    kinds = [asked(gateway, "limited").fault for _ in range(4)]
    assert "rate_limited" in {fault.kind for fault in kinds if fault is not None}, kinds


def test_stream_of_the_proxy_is_whole(gateway: Gateway) -> None:
    """Its usage chunk has an empty choice in place of none, and is read all the same."""

    async def ask() -> StreamResult:
        async with Streamer(time.perf_counter_ns) as streamer:
            body = request_body("good", QUESTION, SETTINGS)
            return await streamer.send(StreamRequest(gateway.base_url, KEY, body, 60))

    result = asyncio.run(ask())
    assert result.fault is None
    assert result.first_ns is not None
    assert result.usage is not None
    assert result.usage.completion_tokens


def test_traps_are_those_of_the_model_behind_it(gateway: Gateway) -> None:
    """The proxy checks names, which llama.cpp does not; limits, counts and the schema come through it."""

    async def look() -> tuple[Fact, ...]:
        settings = SETTINGS.model_copy(update={"timeout_s": 120.0})
        async with (
            Client(gateway.base_url, KEY, settings, pace=Pace(8, time.monotonic)) as client,
            Streamer(time.perf_counter_ns) as streamer,
        ):
            asking = Asking(
                complete=client.complete,
                stream=lambda body: streamer.send(StreamRequest(gateway.base_url, KEY, body, 120)),
                model="good",
                nonce="a1b2c3d4e5f6",
                window=1024,
                longest_prompt_tokens=2048,
                settings=settings,
                dialect=dialect_of("litellm"),
            )
            return await look_for_traps(asking, TRAPS, advance=lambda: None)

    facts = {fact.name: fact for fact in asyncio.run(look())}
    for name in ("model_name_checked", "token_limit_honoured", "usage_in_streams", "schema_enforced"):
        assert facts[name].value == "yes", facts[name]
    assert facts["requests_isolated"].value == "yes", facts["requests_isolated"]
    assert facts["prompt_kept_whole"].value == "yes", facts["prompt_kept_whole"]
    assert facts["repeatable"].value in {"yes", "no"}

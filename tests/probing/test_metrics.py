"""Does the probe tell whether metrics show latency and queue, and whether they move?"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp import web

from assay.readiness.checks import CHECKS
from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.metric_families import metrics_page, moved
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from assay.schema.provenance import Fact, ProbeResult
from tests.probing.gateway import Manners
from tests.probing.probed import answer_to, found, probed, subject_at
from tests.readiness.builders import view
from tests.runtime.replaying import replay, sample, serving


@pytest.mark.parametrize(
    ("shown", "status", "reason"),
    [
        (
            ("requests", "latency", "queue"),
            "met",
            (
                "GET /metrics shows latency (request_latency_seconds) and queue (requests_waiting), and 3 of its "
                "counters moved with a request; it shows no running, no errors, no tokens"
            ),
        ),
        (
            ("requests", "queue"),
            "not_met",
            "GET /metrics shows queue (requests_waiting), but no histogram of latency",
        ),
        (
            ("requests", "latency"),
            "not_met",
            "GET /metrics shows latency (request_latency_seconds), but nothing on requests that wait",
        ),
        (("requests",), "not_met", "GET /metrics shows no histogram of latency and nothing on requests that wait"),
        ((), "not_met", "GET /metrics answers 404: there is no page of metrics"),
    ],
)
def test_what_a_page_lacks_is_named(shown: tuple[str, ...], status: str, reason: str) -> None:
    """Latency and queue must both be there, and a counter must move."""
    answer = answer_to("metrics-tell-load", "metrics", Manners(metrics=shown))
    assert (answer.status, answer.reason) == (status, reason)


def test_a_page_that_stands_still_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """vLLM's recorded page has everything, but it is a recording: nothing moves."""
    monkeypatch.setattr("assay.runtime.probing.metrics._PAUSES_S", (0.0, 0.0))

    async def look() -> ProbeResult:
        async with serving(replay("vllm/metrics", "vllm/chat_basic")) as base_url:
            subject = subject_at(base_url)
            async with wire_to(subject.base_url, subject.key, subject.dialect) as wire:
                return await run_probe("metrics", DEEP_PROBES["metrics"], subject, wire, 30.0)

    answer = found("metrics-tell-load", asyncio.run(look()))
    assert answer.status == "not_met"
    assert answer.reason == (
        "GET /metrics shows latency (vllm:time_to_first_token_seconds, vllm:inter_token_latency_seconds) and queue "
        "(vllm:num_requests_waiting, vllm:num_requests_waiting_by_reason), but no counter moved with a request: it is "
        "stale or of another"
    )


def test_a_redirect_is_followed_to_the_second_path() -> None:
    """LiteLLM sends a reader of `/metrics` to `/metrics/`."""

    async def look() -> ProbeResult:
        also = {"GET /metrics": web.Response(status=307, headers={"Location": "/metrics/"})}
        async with serving(replay("litellm/metrics", "litellm/metrics_noauth", also=also)) as base_url:
            subject = subject_at(base_url)
            async with wire_to(subject.base_url, subject.key, subject.dialect) as wire:
                return await run_probe("metrics", DEEP_PROBES["metrics"], subject, wire, 30.0)

    result = asyncio.run(look())
    assert [(own.sent, own.status) for own in result.steps("before")] == [
        ("GET /metrics", 307),
        ("GET /metrics/", 200),
        ("GET /metrics/", 200),
    ]
    answer = found("metrics-tell-load", result)
    assert answer.status == "unknown"
    assert answer.reason.endswith("; whether it moves was not seen: a chat came to 404")


def test_recorded_pages_are_read() -> None:
    """Each runtime's families are told by their kind, without what is none of a user's requests."""
    pages = {name: metrics_page(sample(f"{name}/metrics")["response"]["text"]) for name in ("litellm", "llama.cpp")}
    assert pages["llama.cpp"].kinds == {
        "latency": (),
        "queue": ("llamacpp:requests_deferred",),
        "running": ("llamacpp:requests_processing",),
        "errors": (),
        "tokens": (
            "llamacpp:prompt_tokens_total",
            "llamacpp:prompt_tokens_cached_total",
            "llamacpp:tokens_predicted_total",
            "llamacpp:tokens_predicted_seconds_total",
            "llamacpp:n_tokens_max",
            "llamacpp:spec_decode_num_draft_tokens_total",
            "llamacpp:spec_decode_num_accepted_tokens_total",
            "llamacpp:prompt_tokens_seconds",
            "llamacpp:predicted_tokens_seconds",
        ),
        "requests": (),
    }
    assert pages["litellm"].kinds["latency"] == (
        "litellm_request_total_latency_metric",
        "litellm_llm_api_latency_metric",
        "litellm_deployment_latency_per_output_token",
    )
    assert pages["litellm"].kinds["queue"] == ("litellm_request_queue_time_seconds",)


def test_what_moves_by_being_read_does_not_count() -> None:
    """A counter of all HTTP requests grows with each reading; only what a request adds to that has moved."""

    def page(count: int, tokens: int) -> str:
        types = "# TYPE http_requests_total counter\n# TYPE tokens counter\n"
        return f"{types}http_requests_total {count}\ntokens {tokens}\nuptime_total {count}\n"

    idle = metrics_page(page(1, 5)), metrics_page(page(2, 5))
    assert moved(idle, metrics_page(page(3, 5))) == ()
    assert moved(idle, metrics_page(page(4, 5))) == ("http_requests_total",)
    assert moved(idle, metrics_page(page(3, 9))) == ("tokens",)


def test_a_page_found_by_the_probe_is_a_metrics_endpoint() -> None:
    """Where no fact says so, the probe's own reading does; without an answer it is unknown."""
    none = Fact(name="metrics_endpoint", value=None, source="s", grade="unknown")
    facts = view().facts.model_copy(update={"facts": (none,)})
    answer = CHECKS["metrics-endpoint"](replace(view(), facts=facts, probes=(probed("metrics"),)))
    assert (answer.status, answer.reason) == ("met", "the metrics endpoint is there: GET /metrics answers 200")
    gone = answer_to("metrics-tell-load", "metrics", base_url="http://127.0.0.1:9/v1")
    assert gone.status == "unknown"
    assert gone.reason.startswith("no page of metrics was seen: GET /metrics came to cannot connect")

"""Does the probe tell on which path a server says that it is not ready?"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from assay.readiness.checks import CHECKS
from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.health_paths import NEVER_ASKED, health_paths
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from assay.schema.provenance import Exchange, Fact, ProbeResult
from tests.probing.gateway import Manners
from tests.probing.probed import answer_to, found, probed, subject_at
from tests.readiness import builders
from tests.readiness.builders import view
from tests.runtime.replaying import replay, serving

if TYPE_CHECKING:
    from assay.schema.provenance import ProbeName
    from assay.schema.suite import RuntimeName
    from tests.runtime.replaying import Handler

NEVER_SEEN = (
    "GET /ready is there beside GET /health, but was not seen to say no: a restart command in the plan "
    "(probes.restart) shows it"
)
TOLD = "GET /ready beside the burst said 503, and GET /health still 200"


def result_of(name: ProbeName, *exchanges: Exchange) -> ProbeResult:
    return ProbeResult(
        candidate="small", probe=name, sends="s", exchanges=exchanges, ended="whole", requests=1, seconds=1
    )


def exchange(step: str, path: str, status: int | None, **more: object) -> Exchange:
    data = {"step": step, "sent": f"GET {path} beside", "status": status, "took_ms": 1, **more}
    return Exchange.model_validate(data)


def replayed(handler: Handler, runtime: RuntimeName) -> ProbeResult:
    """Return what the probe came to at a server that answers as recorded."""

    async def look() -> ProbeResult:
        async with serving(handler) as base_url:
            subject = subject_at(base_url, runtime=runtime)
            async with wire_to(subject.base_url, subject.key, subject.dialect) as wire:
                return await run_probe("health", DEEP_PROBES["health"], subject, wire, 30.0)

    return asyncio.run(look())


@pytest.mark.parametrize(
    ("ready_status", "told"),
    [
        (503, ("met", TOLD)),
        (200, ("unknown", NEVER_SEEN)),
        (None, ("not_met", "GET /ready beside had no answer: a busy server would be taken for a dead one")),
    ],
)
def test_readiness_must_be_seen_to_say_no(ready_status: int | None, told: tuple[str, str]) -> None:
    """A path that always says yes shows nothing, and one that is silent under load does harm."""
    beside = result_of(
        "overload", exchange("beside-live", "/health", 200), exchange("beside-ready", "/ready", ready_status)
    )
    answer = found("readiness-told", probed("health"), beside)
    assert (answer.status, answer.reason) == (told[0], told[1].replace("beside the burst", "beside"))


def test_no_health_path_is_found() -> None:
    """A gateway without any is not met, and the old item finds none either."""
    result = probed("health", Manners(has_health=False))
    answer = found("readiness-told", result)
    assert (answer.status, answer.reason) == ("not_met", "none of 11 usual paths tells how it is")
    closed = Fact(name="health_endpoint", value=None, source="s", grade="unknown")
    facts = view().facts.model_copy(update={"facts": (closed,)})
    assert CHECKS["health-endpoint"](replace(view(), facts=facts, probes=(result,))).status == "unknown"


def test_a_path_found_by_the_probe_is_a_health_endpoint() -> None:
    """Where no fact says so, the probe's own reading does."""
    none = Fact(name="health_endpoint", value=None, source="s", grade="unknown")
    facts = view().facts.model_copy(update={"facts": (none,)})
    answer = CHECKS["health-endpoint"](replace(view(), facts=facts, probes=(probed("health"),)))
    assert (answer.status, answer.reason) == (
        "met",
        "the health endpoint is there: GET /health without a key answers 200",
    )


def test_a_server_that_answers_any_path_says_nothing() -> None:
    """Where a path that cannot be there is answered 200, so are health paths."""

    async def yes(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    answer = found("readiness-told", replayed(yes, "gateway"))
    assert answer.status == "unknown"
    assert answer.reason == ("GET /abc123def456-health without a key answers 200 too, so its health paths say nothing")


@pytest.mark.parametrize(
    ("runtime", "samples", "reason"),
    [
        (
            "llama.cpp",
            ["llama.cpp/health", "llama.cpp/v1_health"],
            "GET /health answers 200; by its source llama.cpp answers 503 while it loads the model",
        ),
        (
            "vllm",
            ["vllm/health", "vllm/ping_noauth"],
            (
                "GET /health answers 200; by its source vLLM does not listen before the model is loaded, and answers "
                "503 when its engine is dead"
            ),
        ),
        (
            "litellm",
            ["litellm/health_liveliness", "litellm/health_readiness"],
            (
                "GET /health/readiness answers 200; by its source LiteLLM answers 200 there even when no server "
                "behind it answers"
            ),
        ),
    ],
)
def test_recorded_servers_are_known(runtime: RuntimeName, samples: list[str], reason: str) -> None:
    """What a runtime's source says of its health path is told with the path."""
    answer = found("readiness-told", replayed(replay(*samples), runtime))
    assert (answer.status, answer.reason) == ("not_met" if runtime == "litellm" else "met", reason)


@pytest.mark.parametrize(("status", "told"), [(502, "unknown"), (504, "unknown"), (404, "not_met")])
def test_a_dead_server_behind_a_proxy_shows_no_lack_of_paths(status: int, told: str) -> None:
    """Where a proxy reaches nobody, it answers any path so, and nothing is known of the server's own."""
    asked = ("nowhere", "live", "ready")
    own = (builders.exchange(step, status, f"GET /{step} without a key") for step in asked)
    result = builders.probe_of("health", *own)
    assert found("readiness-told", result).status == told


@pytest.mark.parametrize("runtime", list(NEVER_ASKED))
def test_costly_paths_are_never_asked(runtime: RuntimeName) -> None:
    """Paths that make the model work stand in no list of what is asked."""
    paths = health_paths(runtime)
    assert not NEVER_ASKED[runtime] & {*paths.live, *paths.ready}


def test_without_an_answer_it_is_unknown() -> None:
    """Nothing is said of a server that does not answer, nor of one that was not probed."""
    answer = answer_to("readiness-told", "health", base_url="http://127.0.0.1:9/v1")
    assert answer.status == "unknown"
    assert answer.reason.startswith("nothing is known of its paths: cannot connect")
    assert found("readiness-told").reason == (
        "the server was not probed deeply: allow it with probes: {intrusive: true}"
    )
    left = probed("health", runtime="openai")
    assert (left.ended, left.requests) == ("left_out", 0)
    assert found("readiness-told", left).reason == "a cloud service does not tell how its servers are"

"""Does the probe tell which inner paths are open to anyone, without changing anything?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.doors import MANAGING
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from tests.probing.gateway import GOOD, Manners
from tests.probing.probed import answer_to, found, probed, subject_at
from tests.runtime.replaying import replay, serving

if TYPE_CHECKING:
    from assay.schema.provenance import ProbeResult
    from tests.runtime.replaying import Handler


def at(handler: Handler, **changes: object) -> ProbeResult:
    """Return what the probe of a server came to that answers by a handler."""

    async def look() -> ProbeResult:
        async with serving(handler) as base_url:
            subject = subject_at(base_url, **changes)
            async with wire_to(base_url, subject.key, subject.dialect) as wire:
                return await run_probe("management", DEEP_PROBES["management"], subject, wire, 60.0)

    return asyncio.run(look())


@pytest.mark.parametrize(
    ("manners", "told"),
    [
        (GOOD, "none answers"),
        (Manners(management=True), "none answers"),
        (Manners(refuses_with=500), "none answers"),
        (
            Manners(open_paths=frozenset({"/metrics"})),
            "only counts, versions and names are told: GET /metrics (200)",
        ),
    ],
)
def test_closed_paths_are_met(manners: Manners, told: str) -> None:
    """A gateway that has no such path, or guards it, is met; metrics that anyone can read are remarked on."""
    answer = answer_to("management-closed", "management", manners)
    assert (answer.status, answer.reason) == (
        "met",
        f"asked without a key for 15 paths that manage a server or show its state; {told}",
    )


def test_open_paths_are_found_by_what_they_do() -> None:
    """What changes models and what shows prompts is not met, each path by its name."""
    answer = answer_to(
        "management-closed",
        "management",
        Manners(management=True, open_paths=frozenset({"/slots", "/api/pull", "/metrics"})),
    )
    assert (answer.status, answer.reason) == (
        "not_met",
        (
            "models or settings can be changed without a key: POST /api/pull (200); "
            "prompts or settings are shown without a key: GET /slots (200)"
        ),
    )


def test_nothing_is_sent_that_could_act() -> None:
    """What is no GET goes out without a body, and the paths that act by themselves are never asked."""
    bodies: list[bytes] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        bodies.append(await request.read())
        return web.json_response({"error": "missing request body"}, status=400)

    for runtime in ("ollama", "sglang", "lm-studio"):
        at(handle, runtime=runtime)
    assert set(bodies) == {b""}
    asked = {own.path for doors in MANAGING.values() for own in doors}
    assert not asked & {"/flush_cache", "/start_profile", "/abort_request", "/health", "/key/generate", "/sleep"}


def test_a_refusal_for_the_missing_body_alone_is_open() -> None:
    """Ollama answers 400 to a pull of nothing: whoever sends a body pulls."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/api/") and request.method != "GET":
            return web.json_response({"error": "missing request body"}, status=400)
        return web.json_response({"error": "not found"}, status=404)

    answer = found("management-closed", at(handle, runtime="ollama"))
    assert (answer.status, answer.reason) == (
        "not_met",
        (
            "models or settings can be changed without a key: POST /api/pull (400), POST /api/create (400), "
            "POST /api/copy (400), DELETE /api/delete (400); prompts or settings are shown without a key: "
            "POST /api/show (400)"
        ),
    )


def test_slots_of_llama_cpp_are_found() -> None:
    """As recorded from a server without a key: slots, properties and adapters are read, metrics are beside them."""
    recorded = replay("llama.cpp/slots_idle", "llama.cpp/props", "llama.cpp/metrics", "llama.cpp/v1_models")
    answer = found("management-closed", at(recorded, runtime="llama.cpp", key=None))
    assert (answer.status, answer.reason) == (
        "not_met",
        "prompts or settings are shown without a key: GET /slots (200), GET /props (200)",
    )


def test_the_recorded_llama_cpp_with_a_key_is_closed() -> None:
    """As recorded from a server with a key: what it guards counts as closed."""
    recorded = replay("llama.cpp/auth_props", "llama.cpp/auth_metrics", "llama.cpp/auth_missing_models")
    assert found("management-closed", at(recorded, runtime="llama.cpp")).status == "met"


def test_the_recorded_vllm_tells_counts_alone() -> None:
    """As recorded: metrics and version are open, which is remarked on, and developer mode is not."""
    recorded = replay("vllm/version_noauth", "vllm/load_noauth", "vllm/metrics", "vllm/v1_models_noauth")
    answer = found("management-closed", at(recorded, runtime="vllm"))
    assert (answer.status, answer.reason) == (
        "met",
        (
            "asked without a key for 10 paths that manage a server or show its state; only counts, versions and names "
            "are told: GET /load (200), GET /metrics (200), GET /version (200)"
        ),
    )


def test_one_answer_to_everything_tells_nothing() -> None:
    """A page for every path is no open path; the same data for every path is unknown."""

    async def page(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>welcome</html>", content_type="text/html")

    async def data(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": True})

    assert found("management-closed", at(page)).status == "met"
    assert found("management-closed", at(data)).status == "unknown"


def test_an_answer_that_breaks_off_closes_nothing() -> None:
    """Where every path begins to answer and then breaks off, what it would have told is not known."""

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "text/plain"})
        await response.prepare(request)
        await response.write(b"some")
        if request.transport is not None:
            request.transport.close()
        return response

    answer = found("management-closed", at(handle))
    assert answer.status == "unknown"
    assert "POST /api/pull (200, broken off)" in answer.reason


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_server_that_is_not_itself_is_unknown(status: int) -> None:
    """What a proxy says of a server that is down or busy shows no closed path."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="<html>sorry</html>", content_type="text/html")

    assert found("management-closed", at(handle)).status == "unknown"


def test_without_an_answer_it_is_unknown() -> None:
    """Nothing is said of a server that does not answer, nor of one that was not probed."""
    answer = found("management-closed", probed("management", base_url="http://127.0.0.1:9/v1"))
    assert answer.status == "unknown"
    assert answer.reason.endswith(" and 13 more")
    answer = found("management-closed")
    assert (answer.status, answer.reason) == (
        "unknown",
        "the server was not probed deeply: allow it with probes: {intrusive: true}",
    )


def test_a_provider_manages_its_own() -> None:
    """The question does not arise for a cloud's servers."""
    assert answer_to("management-closed", "management", GOOD, runtime="openai").status == "not_applicable"

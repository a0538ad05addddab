"""Does the probe tell which requests are answered that should be refused?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from assay.readiness.checks import CHECKS
from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.authentication import wrong_key
from assay.runtime.probing.doors import GENERATING, MANAGING
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from tests.probing.gateway import GOOD, KEY, Manners
from tests.probing.probed import answer_to, found, probed, subject_at
from tests.readiness.builders import fact, facts, view
from tests.runtime.replaying import body_of, replay, sample, serving

if TYPE_CHECKING:
    from assay.schema.provenance import ProbeResult
    from tests.runtime.replaying import Handler

CHAT = "POST /v1/chat/completions"


def at(handler: Handler, **changes: object) -> ProbeResult:
    """Return what the probe of a server came to that answers by a handler."""

    async def look() -> ProbeResult:
        async with serving(handler) as base_url:
            subject = subject_at(base_url, **changes)
            async with wire_to(base_url, subject.key, subject.dialect) as wire:
                return await run_probe("authentication", DEEP_PROBES["authentication"], subject, wire, 60.0)

    return asyncio.run(look())


def test_every_request_without_a_right_key_is_refused() -> None:
    """A gateway that refuses all of them with 401 is met, and it is said how many there were."""
    result = probed("authentication")
    answer = found("authentication", result)
    assert (answer.status, answer.reason) == (
        "met",
        "26 requests to 11 paths without a right key were refused with 401 or 403",
    )
    kept = result.model_dump_json()
    assert not [key for key in (KEY, KEY.lower(), KEY.upper(), KEY.swapcase()) if key in kept]


@pytest.mark.parametrize(
    ("manners", "told"),
    [
        (
            Manners(open_paths=frozenset({"/invocations"})),
            (
                "answered where it should be refused: POST /invocations without a key (200), "
                "POST /invocations with a wrong key (200)"
            ),
        ),
        (
            Manners(takes_empty_keys=True),
            f"answered where it should be refused: {CHAT} with an empty key (200)",
        ),
        (
            Manners(ignores_case_of_keys=True),
            (
                f"answered where it should be refused: {CHAT} with the key in upper case (200), "
                f"{CHAT} with the key in lower case (200), {CHAT} with the key in swapped case (200)"
            ),
        ),
    ],
)
def test_what_is_answered_is_named(manners: Manners, told: str) -> None:
    """A path without a guard, an empty key that will do, and a key in any case are not met."""
    answer = answer_to("authentication", "authentication", manners)
    assert (answer.status, answer.reason) == ("not_met", told)


def test_a_wrong_key_that_is_taken_is_found() -> None:
    """Where any key will do the request with a wrong one is named."""
    answer = answer_to("authentication", "authentication", Manners(takes_wrong_keys=True))
    assert answer.status == "not_met"
    assert f"{CHAT} with a wrong key (200)" in answer.reason


@pytest.mark.parametrize("status", [400, 404, 500])
def test_another_refusal_than_401_or_403_is_a_finding_of_its_own(status: int) -> None:
    """A request that is refused with another status is not met, and not said to be answered."""
    answer = answer_to("authentication", "authentication", Manners(refuses_with=status))
    assert answer.status == "not_met"
    assert answer.reason.startswith(f"refused, but with neither 401 nor 403: {CHAT} without a key ({status})")


def test_a_forbidden_request_is_refused() -> None:
    """403 is as good as 401."""
    assert answer_to("authentication", "authentication", Manners(refuses_with=403)).status == "met"


def test_a_candidate_without_a_key_is_open() -> None:
    """Where the plan has no key and none is asked for, the request without one is named."""
    answer = answer_to("authentication", "authentication", Manners(keys=()), key=None)
    assert (answer.status, answer.reason) == (
        "not_met",
        f"answered where it should be refused: {CHAT} without a key (200)",
    )


@pytest.mark.parametrize("changes", [{"key": "sk-Gone-00000000"}, {"key": None}, {"base_url": "http://127.0.0.1:9/v1"}])
def test_a_refusal_tells_nothing_where_nobody_is_answered(changes: dict[str, object]) -> None:
    """Where the candidate's own request is not answered either, it is unknown."""
    answer = answer_to("authentication", "authentication", GOOD, **changes)
    assert answer.status == "unknown"
    assert answer.reason.startswith("the candidate's own request was not answered, so a refusal tells nothing: ")


def test_the_open_path_of_vllm_is_found() -> None:
    """As recorded: `/invocations` completes a chat without a key, beside the guarded `/v1`; `/tokenize` only counts."""
    own = web.Response(body=body_of(sample("vllm/chat_basic")["response"]), content_type="application/json")
    recorded = replay("vllm/auth_missing_chat", "vllm/invocations_noauth", "vllm/tokenize_noauth")

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") == f"Bearer {KEY}" and request.path == "/v1/chat/completions":
            return web.Response(body=own.body, content_type="application/json")
        return await recorded(request)

    answer = found("authentication", at(handle, runtime="vllm"))
    assert (answer.status, answer.reason) == (
        "not_met",
        (
            "answered where it should be refused: POST /invocations without a key (200), "
            "POST /invocations with a wrong key (200)"
        ),
    )


def test_litellm_without_a_database_is_told_apart_from_an_open_one() -> None:
    """As recorded: no key is refused with 401, a wrong one with 400, which is refused too, if oddly."""

    async def handle(request: web.Request) -> web.StreamResponse:
        said = request.headers.get("Authorization", "").removeprefix("Bearer ")
        own = "chat_ok" if request.path.endswith("/chat/completions") else "chat_unknown_model"
        name = own if said == KEY else "auth_wrong_chat" if said not in {"", "Bearer"} else "auth_missing_chat"
        answer = sample(f"litellm/{name}")["response"]
        return web.Response(status=answer["status"], body=body_of(answer), content_type="application/json")

    answer = found("authentication", at(handle, runtime="litellm"))
    assert answer.status == "not_met"
    assert answer.reason.startswith(f"refused, but with neither 401 nor 403: {CHAT} with a wrong key (400), ")
    assert "answered where" not in answer.reason
    assert "past the guard" not in answer.reason
    assert "without a key" not in answer.reason


def test_what_only_counts_tokens_is_remarked_on() -> None:
    """A path that is open and puts nothing to the model does not fail the item; it is named."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path == "/tokenize":
            return web.json_response({"count": 1, "tokens": [1]})
        if request.headers.get("Authorization") == f"Bearer {KEY}":
            return web.json_response({"choices": [{"message": {"content": "hi"}}]})
        return web.Response(status=401)

    answer = found("authentication", at(handle, runtime="tgi"))
    assert answer.status == "met"
    assert answer.reason.endswith(
        "; answered to anyone, though no text is generated from theirs: POST /tokenize without a key (200)"
    )


def test_a_request_that_only_its_content_stopped_came_past_the_guard() -> None:
    """A body that is refused without a key as it is with the right one was read behind the guard."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path == "/infill":
            return web.json_response({"error": {"message": "input_extra is missing"}}, status=400)
        if request.headers.get("Authorization") == f"Bearer {KEY}":
            return web.json_response({"choices": [{"message": {"content": "hi"}}]})
        return web.json_response({"error": "Unauthorized"}, status=401)

    answer = found("authentication", at(handle, runtime="llama.cpp"))
    assert (answer.status, answer.reason) == (
        "not_met",
        (
            "let past the guard, and refused only for its content: POST /infill without a key (400), "
            "POST /infill with a wrong key (400)"
        ),
    )


def test_a_page_for_every_path_is_no_open_door() -> None:
    """A server that shows one page wherever nothing is does not answer there."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path != "/v1/chat/completions":
            return web.Response(text="<html>welcome</html>", content_type="text/html")
        if request.headers.get("Authorization") == f"Bearer {KEY}":
            return web.json_response({"choices": [{"message": {"content": "hi"}}]})
        return web.Response(status=401)

    assert found("authentication", at(handle)).status == "met"


def test_what_a_fact_shows_is_not_outvoted() -> None:
    """A list of models that anyone can read stays a finding beside a probe that found nothing."""
    open_list = facts(facts=(fact("authentication", "not required"),))
    answer = CHECKS["authentication"](view(facts=open_list, probes=(probed("authentication"),)))
    assert answer.status == "not_met"
    assert answer.reason.startswith("a key is not required everywhere: ")
    assert "; but refused: POST /v1/chat/completions without a key (401), " in answer.reason
    assert answer.reason.endswith(" and 8 more")


def test_a_server_that_refuses_nobody_needs_no_key() -> None:
    """Where a fact shows that no key is required and the probe saw none refused, nothing is said to be."""
    anybody = facts(facts=(fact("authentication", "not required"),))
    answer = CHECKS["authentication"](view(facts=anybody, probes=(probed("authentication", Manners(keys=())),)))
    assert answer.reason.startswith("no key is required: ")
    assert "refused: POST" not in answer.reason.partition("; ")[0]


def test_one_path_is_one_path() -> None:
    """A server with one path alone is told of in the singular."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path != "/v1/chat/completions":
            return web.Response(status=404)
        if request.headers.get("Authorization") == f"Bearer {KEY}":
            return web.json_response({"choices": [{"message": {"content": "hi"}}]})
        return web.Response(status=401)

    assert found("authentication", at(handle)).reason.startswith(
        "6 requests to 1 path without a right key were refused"
    )


def test_a_wrong_key_has_the_shape_of_the_right_one() -> None:
    """It is as long, keeps what stands before its dash, and differs in every other sign, whatever the case."""
    wrong = wrong_key(KEY, "nonce")
    assert (len(wrong), wrong[:3], wrong[7]) == (len(KEY), "sk-", "-")
    pairs = [(one, other) for one, other in zip(KEY[3:], wrong[3:], strict=True) if one.isalnum()]
    assert all(one.lower() != other.lower() for one, other in pairs)
    assert all(one.isdigit() == other.isdigit() and one.isupper() == other.isupper() for one, other in pairs)
    assert wrong_key("12345678", "nonce").isdigit()
    assert wrong_key("........", "nonce") != "........"


def test_every_runtime_has_its_paths() -> None:
    """Each runtime has a chat first, no path twice, and no more than the probes may ask."""
    for runtime, doors in GENERATING.items():
        paths = [door.path for door in doors]
        assert doors[0].path == ("/chat" if runtime == "chat-gateway" else "/v1/chat/completions")
        assert len(paths) == len(set(paths))
        asked = [(own.method, own.path) for own in MANAGING[runtime]]
        assert len(asked) == len(set(asked))
        # Without a key and with a wrong one; then the candidate's, an empty one, three cases, nowhere, and some again.
        assert 2 * len(paths) + 6 + 4 <= DEEP_PROBES["authentication"].most_requests
        assert len(asked) + 3 + 8 <= DEEP_PROBES["management"].most_requests


def test_a_server_that_answers_all_alike_shows_no_guard() -> None:
    """Where the candidate's key gets what anybody gets, text that breaks off, nothing was seen to be refused."""

    async def handle(request: web.Request) -> web.StreamResponse:
        await request.content.read()
        return web.Response(text='{"choices": [')

    answer = found("authentication", at(handle))
    assert (answer.status, answer.reason) == (
        "unknown",
        (
            f"whether every request without a right key is refused was not told: {CHAT} without a key (200), "
            f"{CHAT} with a wrong key (200) and 4 more"
        ),
    )

"""Does the probe tell who says which version it is, and what stands behind it?"""

from __future__ import annotations

import pytest
from aiohttp import web

from tests.probing.gateway import Manners
from tests.probing.probed import answer_to, found, probed
from tests.probing.recorded import answer_of, recorded, seen

ITEM = "versions-hidden"


def test_a_product_alone_is_no_fault() -> None:
    """A gateway that names only its product is met, and the name is told."""
    answer = answer_to(ITEM, "versions")
    assert (answer.status, answer.reason) == (
        "met",
        "8 answers tell no version and nothing that stands behind; the product is named: gateway",
    )


@pytest.mark.parametrize(
    ("manners", "told"),
    [
        (Manners(server="nginx/1.22.1"), "versions are told without a key: header Server"),
        (Manners(names_upstream=True), "what stands behind is told without a key: header X-Upstream-Addr"),
    ],
)
def test_versions_and_addresses_are_found(manners: Manners, told: str) -> None:
    """A version, and the address of what stands behind, are told by the header that shows them."""
    answer = answer_to(ITEM, "versions", manners)
    assert (answer.status, answer.reason) == ("not_met", told)


@pytest.mark.parametrize(
    ("others", "chat", "status", "told"),
    [
        ("nginx/timeout_504", "nginx/chat_ok", "not_met", "versions are told without a key: header Server, error page"),
        (
            "litellm/auth_missing_chat",
            "litellm/chat_ok",
            "not_met",
            (
                "versions are told without a key: header Llm_provider-Server, header X-Litellm-Version; "
                "what stands behind is told without a key: header Llm_provider-Server, header X-Litellm-Model-Api-Base"
            ),
        ),
        (
            "llama.cpp/not_found",
            "llama.cpp/chat_basic",
            "met",
            "8 answers tell no version and nothing that stands behind; the product is named: llama.cpp",
        ),
        ("vllm/not_found", "vllm/chat_basic", "not_met", "versions are told without a key: field system_fingerprint"),
        (
            "vllm/not_found",
            "vllm/auth_missing_chat",
            "unknown",
            (
                "no chat was answered with the candidate's key, so its own answers are not known: "
                "POST /v1/chat/completions with the key: 401"
            ),
        ),
        (
            "tgi/error_unauthorized_401",
            "tgi/chat_headers",
            "not_met",
            "versions are told without a key: field system_fingerprint",
        ),
    ],
)
def test_recorded_answers_are_read(others: str, chat: str, status: str, told: str) -> None:
    """What real servers show comes to what is known of them; the recordings of chats do not look at the key."""
    answer = answer_of(ITEM, "versions", recorded(others, completions=chat))
    assert (answer.status, answer.reason) == (status, told)


@pytest.mark.parametrize(
    ("page", "name", "path"),
    [
        ("version", "vllm/version_noauth", "/version"),
        ("version", "ollama/api_version", "/version, /api/version"),
        ("info", "tgi/info", "/info"),
    ],
)
def test_version_pages_are_found(page: str, name: str, path: str) -> None:
    """A page that tells the version to anybody is named."""
    answer = answer_of(ITEM, "versions", recorded("vllm/auth_missing_chat", **{page: name}))
    assert answer.status == "not_met"
    assert answer.reason.startswith("versions are told without a key: /")
    assert path.partition(",")[0] in answer.reason


@pytest.mark.parametrize(
    ("headers", "status", "told"),
    [
        ({"Via": "1.1 kong/3.4.0"}, "not_met", "versions are told without a key: header Via"),
        ({"Via": "1.1 proxy, HTTP/2 edge"}, "met", "8 answers tell no version and nothing that stands behind"),
        ({"X-Powered-By": "PHP/8.1"}, "not_met", "versions are told without a key: header X-Powered-By"),
        ({"openai-version": "2020-10-01"}, "met", "8 answers tell no version and nothing that stands behind"),
        ({"Location": "http://vllm:8000/v1/"}, "not_met", "what stands behind is told without a key: header Location"),
        (
            {"x-envoy-upstream-service-time": "4", "server": "envoy"},
            "met",
            "8 answers tell no version and nothing that stands behind; the product is named: envoy",
        ),
        (
            {"X-Kong-Proxy-Latency": "4"},
            "met",
            "8 answers tell no version and nothing that stands behind; the product is named: Kong",
        ),
    ],
)
def test_headers_are_read(headers: dict[str, str], status: str, told: str) -> None:
    """The version of HTTP and that of an interface are no versions of software."""

    async def content(_: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"choices": [{}]}, headers={"server": "", **headers})

    answer = answer_of(ITEM, "versions", content)
    assert (answer.status, answer.reason) == (status, told)


def test_no_inner_address_is_kept() -> None:
    """Of the address of what stands behind only the header's name is evidence."""
    kept = seen("versions", recorded("litellm/chat_ok")).model_dump_json()
    assert "x-litellm-model-api-base" in kept
    assert "18090" not in kept


def test_without_an_answer_it_is_unknown() -> None:
    """A server that does not answer hides nothing that is known."""
    assert found(ITEM, probed("versions", base_url="http://127.0.0.1:9/v1")).status == "unknown"
    assert found(ITEM).status == "unknown"

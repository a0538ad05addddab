"""Do the deep probes find in a real nginx what was recorded of it, and nothing where its settings are right?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway.asking import Gatekeeper
from tests.gateway.conftest import MODEL
from tests.gateway.nginx import NGINX_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.schema._base import Status
    from assay.schema.provenance import ProbeName

    Named = Callable[[str], Gatekeeper]

pytestmark = pytest.mark.gateway("nginx")

KEYS = {"mapped": NGINX_KEY, "hardened": NGINX_KEY, "basic": "sk-not-asked-for-0123456789"}
ENDS_AFTER_S = 4.0


@pytest.fixture(scope="module")
def front(nginx: Mapping[str, str], upstream: str) -> Named:
    """Return a way to name one of nginx's servers, each probed once by each probe."""
    known: dict[str, Gatekeeper] = {}

    def named(name: str) -> Gatekeeper:
        if name not in known:
            known[name] = Gatekeeper.at(
                nginx[name],
                upstream,
                key=KEYS.get(name),
                model=MODEL,
                runtime="llama.cpp",
                slots=4,
                window=2048,
                server_timeout_s=ENDS_AFTER_S,
            )
        return known[name]

    return named


@pytest.mark.parametrize(
    ("name", "probe", "item", "status", "told"),
    [
        # As it comes, it asks nobody for a key, and tells its version.
        (
            "plain",
            "authentication",
            "authentication",
            "not_met",
            "answered where it should be refused: POST /v1/chat/completions without a key (200)",
        ),
        ("plain", "management", "management-closed", "not_met", "GET /slots (200)"),
        ("plain", "versions", "versions-hidden", "not_met", "versions are told without a key: header Server"),
        ("plain", "tracing", "requests-traceable", "not_met", "an answer carries no id in a header"),
        ("plain", "body-limit", "body-limited", "met", "refused by 413, with a page in place of a JSON error"),
        ("plain", "token-ceiling", "answers-capped", "not_met", "10,000,000 tokens are taken"),
        ("plain", "time-limit", "requests-end", "not_met", "an answer in one piece still went on"),
        ("plain", "disconnect", "disconnect-frees", "met", "after clients hung up on streams"),
        ("plain", "health", "readiness-told", "met", "GET /health answers 200"),
        # A password of its own is no key of the candidate's, and a map compares keys without regard to case.
        (
            "basic",
            "authentication",
            "authentication",
            "unknown",
            "POST /v1/chat/completions with the candidate's key (401)",
        ),
        ("mapped", "authentication", "authentication", "not_met", "with the key in swapped case (200)"),
        ("broken", "authentication", "authentication", "unknown", "POST /v1/chat/completions as the plan asks (502)"),
        ("broken", "error-bodies", "errors-tell-nothing", "unknown", "502"),
        ("broken", "health", "readiness-told", "unknown", "502"),
        # Its timeout counts the silence between two reads, and a stream is never silent for long.
        ("hasty", "time-limit", "requests-end", "not_met", "a stream still went on"),
        ("buffered", "streaming", "streams-unbuffered", "not_met", "chunks came"),
        ("unbuffered", "streaming", "streams-unbuffered", "met", "chunks came in"),
        ("limited", "overload", "overload-refused", "not_met", "without a Retry-After"),
        ("refusing", "overload", "overload-refused", "met", "refused with 429"),
        # With the settings that the findings ask for.
        ("hardened", "authentication", "authentication", "met", "refused with 401 or 403"),
        ("hardened", "management", "management-closed", "met", "none answers"),
        ("hardened", "cors", "foreign-pages", "met", "got no leave to be read"),
        ("hardened", "versions", "versions-hidden", "met", "the product is named: nginx"),
        ("hardened", "error-bodies", "errors-tell-nothing", "met", "tell no traces"),
        ("hardened", "tracing", "requests-traceable", "met", "the client's id comes back in x-request-id"),
        ("hardened", "health", "readiness-told", "met", "GET /health answers 200"),
        ("hardened", "body-limit", "body-limited", "met", "refused by 413; one of 64 KiB is taken"),
    ],
)
def test_what_the_checklist_says(
    name: str, probe: ProbeName, item: str, status: Status, told: str, front: Named
) -> None:
    """Each of its servers is told apart by the setting in which it differs."""
    answer = front(name).answer(item, probe)
    assert (answer.status, told in answer.reason) == (status, True), answer.reason


@pytest.mark.parametrize(
    ("name", "probe", "step", "status"),
    [
        ("hasty", "time-limit", "whole", 504),
        ("limited", "overload", "burst", 503),
        ("plain", "body-limit", "grown", 413),
        ("broken", "authentication", "own-key", 502),
        ("basic", "authentication", "no-key", 401),
    ],
)
def test_its_own_errors_are_pages(name: str, probe: ProbeName, step: str, status: int, front: Named) -> None:
    """Late, too many, too large, behind it dead, or without a password: a page of HTML that says no time to wait."""
    own = [exchange for exchange in front(name).probed(probe).steps(step) if exchange.status == status]
    assert {exchange.shape for exchange in own} == {"html"}
    assert all("retry-after" not in exchange.headers for exchange in own)
    assert {exchange.headers["server"].partition("/")[0] for exchange in own} == {"nginx"}

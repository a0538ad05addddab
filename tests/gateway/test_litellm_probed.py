"""Do the deep probes find in a real LiteLLM proxy what was recorded of it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway.asking import Gatekeeper
from tests.gateway.conftest import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.schema._base import Status
    from assay.schema.provenance import ProbeName
    from tests.gateway.conftest import Gateway

    Named = Callable[[str], Gatekeeper]

pytestmark = pytest.mark.gateway

ENDS_AFTER_S = 2.0


@pytest.fixture(scope="module")
def group(gateway: Gateway) -> Named:
    """Return a way to name one of the proxy's model groups, each probed once by each probe."""
    known: dict[str, Gatekeeper] = {}

    def named(model: str) -> Gatekeeper:
        if model not in known:
            known[model] = Gatekeeper.at(
                gateway.base_url,
                gateway.upstream,
                key=KEY,
                model=model,
                runtime="litellm",
                slots=None,
                window=None,
                server_timeout_s=ENDS_AFTER_S,
            )
        return known[model]

    return named


@pytest.mark.parametrize(
    ("model", "probe", "item", "status", "told"),
    [
        # Its timeout ends an answer in one piece, but a stream only where its first token is late.
        ("hasty", "time-limit", "requests-end", "not_met", "a stream still went on"),
        # No key is 401, but without a database a wrong one is 400.
        (
            "good",
            "authentication",
            "authentication",
            "not_met",
            "neither 401 nor 403: POST /v1/chat/completions with a wrong key (400)",
        ),
        ("good", "management", "management-closed", "met", "GET /openapi.json (200)"),
        ("good", "cors", "foreign-pages", "not_met", "the origin of a web page may be any"),
        ("good", "versions", "versions-hidden", "not_met", "X-Litellm-Version"),
        ("good", "error-bodies", "errors-tell-nothing", "met", "tell no traces"),
        ("good", "tracing", "requests-traceable", "met", "the client's id comes back in x-litellm-call-id"),
        ("good", "health", "readiness-told", "not_met", "even when no server behind it answers"),
        ("good", "metrics", "metrics-tell-load", "met", "litellm_request_total_latency_metric"),
        ("good", "streaming", "streams-unbuffered", "met", "chunks came in"),
        ("good", "body-limit", "body-limited", "not_met", "every body is taken, up to 24 MiB"),
        ("good", "token-ceiling", "answers-capped", "not_met", "10,000,000 tokens are taken"),
        ("busy", "overload", "overload-refused", "not_met", "429"),
        ("down", "authentication", "authentication", "unknown", "with the candidate's key (500)"),
    ],
)
def test_what_the_checklist_says(
    model: str, probe: ProbeName, item: str, status: Status, told: str, group: Named
) -> None:
    """What was recorded of the proxy is what the checklist says of it."""
    answer = group(model).answer(item, probe)
    assert (answer.status, told in answer.reason) == (status, True), answer.reason


@pytest.mark.parametrize(
    ("model", "probe", "step", "status"),
    [
        ("busy", "overload", "burst", 429),
        ("hasty", "time-limit", "whole", 408),
        ("down", "authentication", "own-key", 500),
    ],
)
def test_its_errors_say_no_time_to_come_back(
    model: str, probe: ProbeName, step: str, status: int, group: Named
) -> None:
    """Its errors are JSON, and never carry Retry-After: at most one in the name of the server behind it."""
    own = [exchange for exchange in group(model).probed(probe).steps(step) if exchange.status == status]
    assert {exchange.shape for exchange in own} == {"error"}
    assert all("retry-after" not in exchange.headers for exchange in own)
    assert all("llm_provider-retry-after" in exchange.headers for exchange in own) == (status == 429)

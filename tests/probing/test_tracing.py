"""Does the probe tell whether a request can be found again?"""

from __future__ import annotations

import pytest
from aiohttp import web

from tests.probing.gateway import Manners
from tests.probing.probed import answer_to, found, probed
from tests.probing.recorded import answer_of, recorded

ITEM = "requests-traceable"
UNSEEN = "whether a trace goes on to what stands behind cannot be seen from outside"
CHAT = "POST /v1/chat/completions with ids"


@pytest.mark.parametrize(
    ("manners", "told"),
    [
        (
            Manners(),
            (
                "the client's id comes back in x-request-id, the trace context comes back in traceresponse; "
                f"2 errors carry one too; {UNSEEN}"
            ),
        ),
        (
            Manners(answers_trace=False),
            f"the client's id comes back in x-request-id; 2 errors carry one too; {UNSEEN}",
        ),
        (
            Manners(echoes_request_id=False),
            f"the trace context comes back in traceresponse; 2 errors carry one too; {UNSEEN}",
        ),
        (
            Manners(echoes_request_id=False, answers_trace=False, gives_ids=True),
            f"the server gives an id in x-gateway-request-id; 2 errors carry one too; {UNSEEN}",
        ),
    ],
)
def test_any_id_in_a_header_will_do(manners: Manners, told: str) -> None:
    """The client's id, its trace or one of the server's own is met, and it is told which."""
    answer = answer_to(ITEM, "tracing", manners)
    assert (answer.status, answer.reason) == ("met", told)


@pytest.mark.parametrize(
    ("manners", "told"),
    [
        (
            Manners(echoes_request_id=False, answers_trace=False),
            f"an answer carries no id in a header, only in the body: {CHAT}",
        ),
        (Manners(ids_on_errors=False), f"an error carries no id: {CHAT} and a word for max_tokens (400)"),
    ],
)
def test_answers_without_an_id_are_found(manners: Manners, told: str) -> None:
    """Without an id in a header, or without one on errors, it is not met."""
    answer = answer_to(ITEM, "tracing", manners)
    assert (answer.status, answer.reason) == ("not_met", told)


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("vllm/chat_request_id", "unknown", "answers carry an id, but no error was seen that could carry one"),
        ("litellm/chat_ok", "unknown", "answers carry an id, but no error was seen that could carry one"),
        ("llama.cpp/chat_basic", "not_met", f"an answer carries no id in a header, only in the body: {CHAT}"),
        ("nginx/timeout_504", "unknown", "the probe told nothing: no answer"),
    ],
)
def test_recorded_answers_are_read(name: str, status: str, told: str) -> None:
    """What real servers send back comes to what is known of them."""
    answer = answer_of(ITEM, "tracing", recorded(name))
    assert (answer.status, answer.reason) == (status, told)


def test_a_server_that_sends_elsewhere_answers_nothing() -> None:
    """A redirect is no answer that should carry an id."""

    async def elsewhere(_: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    assert answer_of(ITEM, "tracing", elsewhere).status == "unknown"


def test_without_an_answer_it_is_unknown() -> None:
    """Nothing is said of a server that does not answer."""
    assert found(ITEM, probed("tracing", base_url="http://127.0.0.1:9/v1")).status == "unknown"
    assert found(ITEM).status == "unknown"

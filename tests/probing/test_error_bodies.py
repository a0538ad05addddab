"""Does the probe tell errors that keep to themselves from those that tell?"""

from __future__ import annotations

import pytest
from aiohttp import web

from assay.readiness.checks import CHECKS
from tests.probing.gateway import Manners
from tests.probing.probed import answer_to, found, probed
from tests.probing.recorded import answer_of, recorded
from tests.readiness.builders import exchange, probe_of, view

ITEM = "errors-tell-nothing"
CHAT = "POST /v1/chat/completions"


def test_errors_that_tell_nothing_are_met() -> None:
    """A gateway whose errors are its own words is met, with how many there were."""
    answer = answer_to(ITEM, "error-bodies")
    assert (answer.status, answer.reason) == (
        "met",
        "9 errors to 13 wrong requests tell no traces, paths, addresses or prompts",
    )


@pytest.mark.parametrize(
    ("leaks", "told"),
    [
        (
            "trace",
            (
                f"a stack trace in the error 400 to {CHAT} with JSON that breaks off; "
                f"a file path in the error 400 to {CHAT} with JSON that breaks off"
            ),
        ),
        ("path", f"a file path in the error 400 to {CHAT} with JSON that breaks off"),
        ("address", f"an internal address in the error 400 to {CHAT} with JSON that breaks off"),
        ("prompt", f"text of the request in the error 400 to {CHAT} with JSON that breaks off"),
    ],
)
def test_errors_that_tell_are_found(leaks: str, told: str) -> None:
    """Each kind of leak is told with the request that shows it."""
    answer = answer_to(ITEM, "error-bodies", Manners(leaks=leaks))
    assert (answer.status, answer.reason) == ("not_met", told)


def test_no_text_of_an_error_is_kept() -> None:
    """Of what an error tells only its kind is evidence."""
    kept = probed("error-bodies", Manners(leaks="trace")).model_dump_json()
    assert "a stack trace" in kept
    assert "Traceback" not in kept
    assert "/srv/gateway" not in kept


@pytest.mark.parametrize("name", ["litellm/chat_bad_json", "vllm/chat_bad_type", "nginx/body_too_large_413"])
def test_recorded_errors_are_met(name: str) -> None:
    """Errors of real servers that say what is wrong and no more are met."""
    assert answer_of(ITEM, "error-bodies", recorded(name)).status == "met"


def test_a_server_without_errors_leaves_it_open() -> None:
    """Where nothing is an error nothing is known of errors."""

    async def content(_: web.Request) -> web.StreamResponse:
        return web.json_response({"choices": [{}]})

    # The header of 16 KiB is refused by the library below it.
    answer = answer_of(ITEM, "error-bodies", content)
    assert (answer.status, answer.reason) == ("unknown", "only 1 of 13 wrong requests were answered by an error")


def test_a_key_that_is_not_taken_leaves_it_open() -> None:
    """Where every request is refused for its key, no other error was provoked."""
    result = probed("error-bodies", key="sk-Gone-00000000")
    answer = found(ITEM, result)
    assert (answer.status, "errors refuse the key, whatever else was wrong" in answer.reason) == ("unknown", True)


def test_without_an_answer_or_a_probe_it_is_unknown() -> None:
    """Nothing is said of a server that was not asked or does not answer."""
    result = probed("error-bodies", base_url="http://127.0.0.1:9/v1")
    assert found(ITEM, result).status == "unknown"
    assert CHECKS[ITEM](view()).reason == ("the server was not probed deeply: allow it with probes: {intrusive: true}")


def test_pages_of_a_proxy_say_nothing_of_the_server_behind() -> None:
    """Where a proxy reaches nobody its own errors are clean, and the server's own were not read."""
    gone = [exchange(f"wrong-{n}", 502, f"POST /{n}", error=True, tells="") for n in range(9)]
    answer = found(ITEM, probe_of("error-bodies", *gone))
    assert (answer.status, answer.reason) == ("unknown", "what stands behind was not reached: POST /0 came to 502")
    leak = exchange("wrong", 502, "POST /", error=True, tells="paths")
    assert found(ITEM, probe_of("error-bodies", *gone, leak)).status == "not_met"


@pytest.mark.parametrize("statuses", [(404,), (500,), (500, 503)])
def test_chats_that_all_fail_alike_leave_it_open(statuses: tuple[int, ...]) -> None:
    """Where nothing is at the path, or every chat breaks, what was wrong in them was never looked at."""
    failed = [exchange(f"wrong-{n}", statuses[n % len(statuses)], f"POST /{n}", error=True, tells="") for n in range(9)]
    way = [exchange("no-key", 401, "POST /", error=True, tells=""), exchange("method", 405, error=True, tells="")]
    answer = found(ITEM, probe_of("error-bodies", *failed, *way))
    assert (answer.status, answer.reason) == (
        "unknown",
        f"whatever was wrong in a chat it failed alike, so it was not looked at: POST /0 came to {statuses[0]}",
    )
    looked = exchange("wrong", 400, error=True, tells="")
    assert found(ITEM, probe_of("error-bodies", *failed, *way, looked)).status == "met"

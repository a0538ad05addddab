"""Is one request sent whole, retried within bounds, and its fault named?"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from assay.runtime.client import Client, request_body
from assay.runtime.pace import NotSentError, Pace
from assay.schema.suite import Message, RequestSettings
from tests.fakes import Asked, FakeServer, Reply, completion, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assay.schema.run import Completion

KEY = "sk-local-0123456789"
QUESTION = [Message(role="user", content="What is 2 + 3?")]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect the waits before requests and skip them."""
    seen: list[float] = []

    async def pause(_: Pace, seconds: float) -> None:
        seen.append(seconds)

    monkeypatch.setattr(Pace, "pause", pause)
    return seen


@pytest.fixture
def scripted() -> Iterator[Callable[[Callable[[Asked], Reply | None] | None], FakeServer]]:
    """Yield a way to give the one server of the test its script."""
    with serving() as server:

        def give(script: Callable[[Asked], Reply | None] | None) -> FakeServer:
            server.script = script or (lambda asked: None)
            return server

        yield give


def ask(base_url: str, key: str | None = None, **settings: object) -> Completion:
    """Ask one question."""
    own = RequestSettings.model_validate({"timeout_s": 5, "max_retries": 2, **settings})

    async def once() -> Completion:
        async with Client(base_url, key, own, pace=Pace(1, time.monotonic)) as client:
            return await client.complete(request_body("fake-model", QUESTION, own))

    return asyncio.run(once())


def test_an_answer_is_told_whole(scripted: Callable) -> None:
    """Text, finish reason, model, usage and the single attempt come back."""
    done = ask(scripted(None).base_url)
    assert (done.output, done.finish_reason, done.model, done.attempts) == ("5", "stop", "fake-model", 1)
    assert (done.usage.prompt_tokens, done.usage.completion_tokens) == (9, 1)
    assert done.fault is None
    assert done.elapsed_ms > 0


def test_every_sampling_setting_is_sent(scripted: Callable) -> None:
    """Nothing of the request is left to the server's defaults, and nothing else is sent."""
    server = scripted(None)
    ask(server.base_url, temperature=0.5, top_p=0.9, seed=11, max_tokens=12)
    assert server.asked[0].body == {
        "model": "fake-model",
        "messages": [{"role": "user", "content": "What is 2 + 3?"}],
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 12,
        "seed": 11,
    }


def test_a_suites_own_limit_and_the_schema_are_sent() -> None:
    """The suite's token limit wins, and a response format stands in the body when it is asked for."""
    body = request_body("m", QUESTION, RequestSettings(), max_tokens=3, schema={"type": "object"})
    held = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": {"type": "object"}}}
    assert (body["max_tokens"], body["response_format"]) == (3, held)


@pytest.mark.parametrize("end", ["", "/"])
def test_a_slash_at_the_end_of_the_address_changes_nothing(scripted: Callable, end: str) -> None:
    """The address works with and without a final slash."""
    assert ask(scripted(None).base_url + end).output == "5"


def test_settings_for_another_server_stay_at_home(scripted: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither headers nor organization nor proxy nor key of the environment reach the server."""
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer elsewhere\nX-Team: elsewhere")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    server = scripted(None)
    assert ask(server.base_url, key=KEY).output == "5"
    headers = server.asked[0].headers
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert [name for name, value in headers.items() if "elsewhere" in value] == []


def test_a_redirect_is_not_followed(scripted: Callable) -> None:
    """A server cannot send the request on to another address."""
    with serving() as other:
        to = {"Location": f"{other.base_url}/chat/completions"}
        done = ask(scripted(lambda asked: Reply(307, "", to)).base_url, key=KEY)
        assert other.asked == []
    assert (done.fault.kind, done.fault.http_status) == ("bad_request", 307)


def test_retries_are_counted_and_wait_ever_longer(scripted: Callable, waits: list[float]) -> None:
    """A broken server is asked once and as often again as the plan allows."""
    server = scripted(lambda asked: Reply(500, {"error": "broken"}))
    done = ask(server.base_url, max_retries=3)
    assert (done.attempts, len(server.asked), done.output) == (4, 4, None)
    assert (done.fault.kind, done.fault.message, done.fault.http_status) == ("server_error", "broken", 500)
    assert waits == [0.25, 0.5, 1.0]


def test_a_retry_that_helps_is_an_answer(scripted: Callable, waits: list[float]) -> None:
    """A busy server's wish is honoured, and the answer says that it took two attempts."""
    busy = Reply(429, {"error": "slow down"}, {"Retry-After": "7"})
    done = ask(scripted(lambda asked: busy if asked.number == 1 else None).base_url)
    assert (done.output, done.attempts, done.fault) == ("5", 2, None)
    assert waits == [7.0]


def test_a_wait_that_is_too_long_is_told_and_not_kept(scripted: Callable, waits: list[float]) -> None:
    """Who is told to come back in an hour is not asked again, and the fault says why."""
    later = Reply(429, {"error": "x" * 600}, {"Retry-After": "3600"})
    done = ask(scripted(lambda asked: later).base_url)
    assert (done.attempts, waits) == (1, [])
    assert done.fault.message.endswith("x; asked to wait 3600 s, more than 120 s: not asked again")
    assert len(done.fault.message) == 500


def test_what_waits_for_a_retry_is_not_sent_once_the_pace_is_closed(
    scripted: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two attempts a stop ends the request at once, and no answer is made up for it."""
    monkeypatch.undo()
    server = scripted(lambda asked: Reply(503, {"error": "busy"}, {"Retry-After": "60"}))
    own = RequestSettings.model_validate({"timeout_s": 5, "max_retries": 2})

    async def stopped() -> None:
        pace = Pace(1, time.monotonic)
        async with Client(server.base_url, None, own, pace=pace) as client:
            asking = asyncio.create_task(client.complete(request_body("fake-model", QUESTION, own)))
            while not server.asked:  # noqa: ASYNC110 - the server lives in another thread
                await asyncio.sleep(0.01)
            pace.close()
            with pytest.raises(NotSentError):
                await asyncio.wait_for(asking, 10)

    asyncio.run(stopped())
    assert len(server.asked) == 1


def test_what_a_retry_cannot_help_is_asked_once(scripted: Callable, waits: list[float]) -> None:
    """A request that is wrong in itself is not sent again."""
    done = ask(scripted(lambda asked: Reply(400, {"error": "bad schema"})).base_url)
    assert (done.attempts, done.fault.kind, waits) == (1, "bad_request", [])


def test_a_server_that_says_nothing_is_a_timeout(scripted: Callable) -> None:
    """The deadline holds, and the fault names it."""
    done = ask(scripted(lambda asked: Reply(hang=True)).base_url, timeout_s=0.2, max_retries=0)
    assert (done.fault.kind, done.fault.message) == ("timeout", "no answer within 0.2 s")


def test_a_refused_connection_is_named() -> None:
    """Nobody listening is a connection fault, not a timeout, and is tried again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = ask(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", max_retries=1)
    assert (done.fault.kind, done.attempts) == ("connection", 2)


def test_an_answer_that_breaks_off_is_a_connection_fault(scripted: Callable) -> None:
    """Half an answer is none."""
    done = ask(scripted(lambda asked: Reply(body='{"choices": [', cut=True)).base_url, max_retries=0)
    assert (done.output, done.fault.kind) == (None, "connection")


@contextmanager
def saying(payload: bytes) -> Iterator[str]:
    """Answer one connection with bytes that no HTTP library would send, and yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(payload)

        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        thread.join(10)
        assert not thread.is_alive()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def test_a_packed_answer_is_not_unpacked() -> None:
    """A body that was packed without being asked for is no answer, and is never blown up in memory."""
    with saying(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello") as base_url:
        done = ask(base_url, max_retries=0)
    assert (done.fault.kind, done.output) == ("bad_answer", None)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", "the server closed the connection without an answer"),
        (b"\x00\x01\x02 hello\r\n\r\n", "the answer is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "the server closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", "the answer is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nbad header " + KEY.encode() + b"\r\n\r\n", "the answer is no HTTP"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "the answer is no HTTP"),
        (HEAD + b"Content-Length: -5\r\n\r\nhello", "the answer is no HTTP"),
        (HEAD + b"Content-Length: 50\r\n\r\nhello", "the answer broke off"),
    ],
    ids=["nothing", "no HTTP", "half a head", "long header", "bad header", "bad chunk", "bad length", "half a body"],
)
def test_what_is_no_http_is_a_connection_fault(payload: bytes, message: str) -> None:
    """Bytes that are not HTTP end as a fault in our own words, which quote none of them."""
    with saying(payload) as base_url:
        done = ask(base_url, max_retries=0)
    assert (done.fault.kind, done.fault.message) == ("connection", message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<html>\x1b[31mhello\n</html>", "the answer is not JSON: <html> [31mhello </html>"),
        ("[1, 2]", "the answer is JSON, but no object: [1, 2]"),
        ("[" * 5000, "the answer is not JSON: " + "[" * 80),
        (b"\xff\xfe\xfa", "the answer is not JSON: \ufffd\ufffd\ufffd"),
        (" \n", "the answer is empty"),
        (b"x" * (9 << 20), "the answer is longer than 8 MiB"),
        ({}, "the answer has no choices[0].message"),
        ({"choices": []}, "the answer has no choices[0].message"),
        ({"choices": "no"}, "the answer has no choices[0].message"),
        ({"choices": [{"message": "no"}]}, "the answer has no choices[0].message"),
        (completion([{"type": "text", "text": "5"}]), "the answer has no text in choices[0].message.content"),
        (completion(5), "the answer has no text in choices[0].message.content"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_answer_of_another_shape_is_no_answer(scripted: Callable, body: object, message: str) -> None:
    """What is not a chat completion with text is a bad answer, never an empty one."""
    done = ask(scripted(lambda asked: Reply(body=body)).base_url)
    assert (done.output, done.fault.kind, done.fault.message, done.fault.http_status, done.attempts) == (
        None,
        "bad_answer",
        message,
        200,
        1,
    )


def test_an_error_that_came_as_a_good_answer_keeps_its_words(scripted: Callable) -> None:
    """An error object under HTTP 200 is a fault with the server's own message."""
    done = ask(scripted(lambda asked: Reply(body={"error": {"message": "no memory", "code": 500}})).base_url)
    assert (done.fault.kind, done.fault.message) == ("server_error", "no memory")
    assert done.attempts == 3


@pytest.mark.parametrize("content", [None, ""])
def test_a_model_that_says_nothing_answered_nothing(scripted: Callable, content: object) -> None:
    """A null or empty content is an empty answer: the model had its turn."""
    assert ask(scripted(lambda asked: Reply(body=completion(content))).base_url).output == ""


@pytest.mark.parametrize("usage", [None, "many", {}, {"prompt_tokens": -1, "completion_tokens": True}])
def test_counts_that_make_no_sense_are_unknown(scripted: Callable, usage: object) -> None:
    """A token count that is missing or no count is None, never zero."""
    found = ask(scripted(lambda asked: Reply(body=completion("5", usage=usage))).base_url).usage
    assert found is None or (found.prompt_tokens, found.completion_tokens, found.cached_tokens) == (None, None, None)


def test_an_echoed_key_reaches_nobody(scripted: Callable) -> None:
    """A key that a server repeats is gone from output, model, finish reason and error."""
    answer = completion(f"key {KEY}", model=f"m-{KEY}")
    answer["choices"][0]["finish_reason"] = KEY
    server = scripted(lambda asked: Reply(body=answer))
    done = ask(server.base_url, key=KEY)
    assert (done.output, done.model, done.finish_reason) == ("key [key]", "m-[key]", "[key]")
    server.script = lambda asked: Reply(400, {"error": "x" * 494 + KEY})
    refused = ask(server.base_url, key=KEY)
    assert refused.fault.message == "x" * 494 + "[key]"


def test_a_key_that_is_quoted_reaches_nobody(scripted: Callable) -> None:
    """A key with quotes and a backslash is known again in an error that had to be written as JSON, and in no JSON."""
    key = 'sk-"local\\0123456789'
    server = scripted(lambda asked: Reply(400, {"nothing": {"known": key}}))
    assert ask(server.base_url, key=key).fault.message == '{"nothing": {"known": "[key]"}}'
    server.script = lambda asked: Reply(200, f"<html>{key}")
    assert ask(server.base_url, key=key).fault.message == "the answer is not JSON: <html>[key]"


def test_half_a_surrogate_is_replaced(scripted: Callable) -> None:
    """An answer that no file in UTF-8 can hold becomes one that it can."""
    assert ask(scripted(lambda asked: Reply(body=completion("a\ud800b"))).base_url).output == "a?b"

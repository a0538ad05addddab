"""Is every runtime's way to fail told in one vocabulary, and is no error body a danger?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.runtime.faults import fault_from_body, fault_from_status, retry_after_s, without_key, worth_retrying
from assay.schema.run import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

BODIES = json.loads(Path(__file__).with_name("error_bodies.json").read_text("utf-8"))
KEY = "sk-local-0123456789"


def _bytes(body: object) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body)).encode()


@pytest.mark.parametrize("row", BODIES, ids=[f"{row['from']} {row['kind']}" for row in BODIES])
def test_each_runtimes_error_has_its_kind(row: dict) -> None:
    """An error body of a known runtime is named by what it means, whatever its shape and status."""
    fault = fault_from_status(row["status"], _bytes(row["body"]))
    assert (fault.kind, fault.http_status) == (row["kind"], row["status"])
    assert fault.message


@pytest.mark.parametrize("row", [row for row in BODIES if isinstance(row["body"], dict) and "error" in row["body"]])
def test_the_servers_own_words_are_kept(row: dict) -> None:
    """The message holds what the server said, without the JSON around it."""
    error = row["body"]["error"]
    said = error if isinstance(error, str) else error["message"]
    assert fault_from_status(row["status"], _bytes(row["body"])).message.endswith(said)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe\x00",
        b"[" * 5000,
        b'{"error":' * 5000,
        b'{"error": {"message": {"message": 5}}}',
        b'{"error": "\\ud800"}',
        b"x" * 1_000_000,
    ],
    ids=["nothing", "null", "list", "binary", "deep list", "deep object", "number", "half a surrogate", "long"],
)
def test_any_body_becomes_a_short_message_that_fits_a_file(body: bytes) -> None:
    """No body makes the fault fail, empty, longer than 500 characters or unfit for UTF-8."""
    fault = fault_from_status(500, body)
    assert fault.kind == "server_error"
    assert 0 < len(fault.message) <= 500
    fault.message.encode("utf-8")


def test_an_error_inside_a_good_answer_is_named_by_its_code() -> None:
    """An error object that came with HTTP 200 is read by its own code and words."""
    assert fault_from_body({"message": "Unauthorized", "code": 401}).kind == "unauthorized"
    assert fault_from_body("CUDA out of memory").kind == "out_of_memory"
    assert fault_from_body({"message": "oops", "code": None}).kind == "server_error"


@pytest.mark.parametrize("code", [True, -7, 0, 99, 600, 10**30])
def test_a_code_that_is_no_status_is_not_taken_for_one(code: int) -> None:
    """Servers number their errors as they like."""
    assert fault_from_body({"message": "oops", "code": code}).http_status is None


def test_only_what_can_change_is_retried() -> None:
    """A busy or broken server is asked again, a refused request is not."""
    retried = {row["kind"] for row in BODIES if worth_retrying(Fault(kind=row["kind"], message=""))}
    assert retried == {"rate_limited", "loading", "timeout", "server_error"}


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("2", 2.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("86400", 86400.0),
        ("nan", None),
        ("1_0", None),
        ("1e9", None),
        ("\u0661", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_is_read_within_bounds(header: str, wait_s: float | None) -> None:
    """A number of seconds is taken; what cannot be read asks for no wait."""
    assert retry_after_s({"retry-after": header}) == wait_s


def test_a_date_is_held_against_the_servers_own_clock() -> None:
    """A moment to come back is a wait from the server's `Date`; one that is past is none."""
    headers = {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:27:15 GMT"}
    assert retry_after_s(headers) == 45.0
    assert retry_after_s({**headers, "date": "Wed, 21 Oct 2026 08:00:00 GMT"}) == 0.0


def test_a_date_of_a_server_without_a_clock_is_held_against_ours() -> None:
    """Where the server sends no `Date`, our own time must do."""
    headers = {"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}
    assert retry_after_s(headers, 60.0) == 40.0


def test_no_retry_after_asks_for_no_wait() -> None:
    """Without the header there is no wait to honour."""
    assert retry_after_s({}) is None


def test_a_key_is_taken_out_of_a_text() -> None:
    """An echoed key is gone wherever it stands; a cut text loses its beginning at the end too."""
    assert without_key(f"bad key {KEY}!", KEY) == "bad key [key]!"
    assert without_key(f"bad key {KEY[:6]}", KEY, cut=True) == "bad key [key]"
    assert without_key("a sk-lo", KEY) == "a sk-lo"
    assert without_key(f"bad {KEY.title()} {KEY.upper()}", KEY, any_case=True) == "bad [key] [key]"


@pytest.mark.parametrize("key", ["sk-\\local-0123", "sk-'local'-0123", 'sk-"local"-0123', "sk-\\'\"-0123456"])
@pytest.mark.parametrize(
    "quote", [str, repr, json.dumps, lambda key: repr(key.encode()), lambda k: json.dumps(f'"{k}"')]
)
def test_a_key_is_known_again_where_it_is_quoted(key: str, quote: Callable[[str], str]) -> None:
    """Python and JSON write quotes and backslashes in ways of their own."""
    told = without_key(f"bad key {quote(key)}!", key)
    assert "[key]" in told
    assert "0123" not in told
    assert quote(key)[:9] not in without_key(f"bad key {quote(key)[:9]}", key, cut=True)


@pytest.mark.parametrize("key", [None, "none", "EMPTY"])
def test_a_placeholder_is_no_secret(key: str | None) -> None:
    """A short placeholder for a key changes no text: honest answers may hold the word."""
    assert without_key("none is EMPTY", key, cut=True) == "none is EMPTY"

"""What went wrong with a request, in one vocabulary for all runtimes?

Error bodies come in many shapes: `{"error": {...}}`, `{"error": "text"}`, flat objects, HTML, nothing at all.
Their wording per runtime is gathered in docs/messages.md.
"""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from assay.runtime.keys import SHORTEST_SECRET
from assay.schema.run import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

__all__ = ["fault_from_body", "fault_from_status", "retry_after_s", "without_key", "worth_retrying"]

_MOST_MESSAGE = 500
_SHORTEST_PART = 4
_HIDDEN = "[key]"
_STATUSES = range(100, 600)
_SECONDS = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

_BY_STATUS: dict[int, FaultKind] = {
    401: "unauthorized",
    403: "unauthorized",
    404: "unknown_model",
    408: "timeout",
    424: "server_error",
    429: "rate_limited",
    503: "loading",
    504: "timeout",
}

# What the message says is surer than the status: vLLM and llama.cpp answer 400 for a prompt that is too long,
# TGI 422, and a proxy may turn any of them into 500.
_BY_WORDS: tuple[tuple[FaultKind, tuple[str, ...]], ...] = (
    (
        "context_overflow",
        (
            "context_length_exceeded",
            "contextwindowexceeded",  # LiteLLM
            "exceed_context_size",  # llama.cpp
            "exceeds the available context",
            "inputs must have less than",  # TGI
            "inputs tokens + max_new_tokens",
            "longer than the context length",  # Ollama
            "longer than the maximum model length",  # vLLM
            "longer than the model's context length",  # SGLang
            "maximum context length",
            "cannot be greater than max_model_len",  # vLLM
            "trying to keep the first",  # LM Studio
        ),
    ),
    (
        "out_of_memory",
        ("out of memory", "outofmemory", "cuda oom", "failed to allocate", "requires more system memory"),
    ),
    # LiteLLM calls a wrong key `no_db_connection`, with status 400, where it has no database.
    ("unauthorized", ("no_db_connection", "invalid api key", "incorrect api key")),
    ("unknown_model", ("model not found", "model_not_found", "no such model", "invalid model name")),
    # Ollama, vLLM, SGLang and llama.cpp say with 503 that there is no room just now: the model itself is there.
    ("rate_limited", ("server busy", "overloaded", "currently busy", "queue is full", "no slot available")),
    ("loading", ("model is loading", "is currently loading")),
)

_RETRIED: frozenset[FaultKind] = frozenset(
    {"rate_limited", "loading", "timeout", "connection", "server_error", "stream_cut"}
)


def fault_from_status(status: int, body: bytes) -> Fault:
    """Return the fault that an HTTP error answer stands for.

    Args:
        status: HTTP status, 400 or more.
        body: the answer's body, in any shape.
    """
    return _fault(status, _message(body))


def fault_from_body(value: JsonValue) -> Fault:
    """Return the fault in an error object that came inside HTTP 200, as streams may carry it."""
    try:
        message = _text_of(value)
    except RecursionError:
        message = "an error nested too deep to read"
    code = (value.get("code") or value.get("http_status_code")) if isinstance(value, dict) else None  # TGI: the latter
    # A code may be any number of the server's own; as a status only what HTTP has is believed.
    return _fault(code if isinstance(code, int) and code in _STATUSES else None, message)


def worth_retrying(fault: Fault) -> bool:
    """Say whether a further attempt can help: the server's state may change, the request's own mistake does not."""
    return fault.kind in _RETRIED


def retry_after_s(headers: Mapping[str, str], now_s: float | None = None) -> float | None:
    """Return the wait in seconds that a `Retry-After` header asks for; None when it says nothing that can be read.

    It may be a number or a date (RFC 9110, section 10.2.3); a date is held against the server's own `Date`, and where
    it sends none against our clock. LiteLLM keeps the header of the server behind it under a name of its own.

    Args:
        headers: the answer's headers.
        now_s: seconds since 1970 by our clock, or None.
    """
    told = headers.get("retry-after") or headers.get("llm_provider-retry-after") or ""
    if _SECONDS.fullmatch(told):
        return max(float(told), 0.0)
    return _seconds_until(told, headers.get("date"), now_s)


def _seconds_until(moment: str, date: str | None, now_s: float | None) -> float | None:
    try:
        now = parsedate_to_datetime(date).timestamp() if date is not None else now_s
        return max(parsedate_to_datetime(moment).timestamp() - now, 0.0) if now is not None else None
    except (ValueError, TypeError, OverflowError):
        return None


def without_key(text: str, key: str | None, *, cut: bool = False, any_case: bool = False) -> str:
    """Return a server's text without our key, should it echo it, as it is or as a program would quote it.

    A key of fewer than 8 characters stays: only placeholders such as `none` are that short (`runtime.keys` refuses
    others), and taking one out would change honest answers that hold the word.

    Args:
        text: what the server said.
        key: the key, or None.
        cut: whether the text was cut, so that the beginning of the key may stand at its end.
        any_case: whether it is taken out in upper, lower and mixed case too.
    """
    if key is None or len(key) < SHORTEST_SECRET:
        return text
    forms = _spellings(key)
    for form in forms:
        text = re.sub(re.escape(form), _HIDDEN, text, flags=re.IGNORECASE) if any_case else text.replace(form, _HIDDEN)
    for form in forms if cut else ():
        for length in range(len(form) - 1, _SHORTEST_PART - 1, -1):
            if text.endswith(form[:length]):
                return text[:-length] + _HIDDEN
    return text


@lru_cache(maxsize=64)
def _spellings(key: str) -> tuple[str, ...]:
    """Return a key as it is and as Python or JSON quote it, once or twice over; the longest first."""
    forms = {key}
    for _ in range(2):
        doubled = {form.replace("\\", "\\\\") for form in forms}
        forms |= doubled | {form.replace("'", "\\'") for form in doubled} | {json.dumps(f)[1:-1] for f in forms}
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def _fault(status: int | None, message: str) -> Fault:
    # Half of a surrogate pair, which JSON can spell, fits no file in UTF-8.
    told = message[:_MOST_MESSAGE].encode("utf-8", "replace").decode()
    return Fault(kind=_kind(status, message.lower().replace("`", "")), message=told, http_status=status)


def _kind(status: int | None, words: str) -> FaultKind:
    for kind, phrases in _BY_WORDS:
        if any(phrase in words for phrase in phrases):
            return kind
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status is not None and status < 500:  # noqa: PLR2004 - the protocol's own border between client and server
        return "bad_request"
    return "server_error"


def _message(body: bytes) -> str:
    text = body[:20_000].decode("utf-8", "replace")
    try:
        return _text_of(json.loads(text))
    except (ValueError, RecursionError):
        return " ".join(text.split())[:_MOST_MESSAGE] or "no message"


def _text_of(value: JsonValue) -> str:
    """Return the message in an error object of any known shape."""
    if isinstance(value, dict):
        for key in ("error", "message", "detail"):
            if value.get(key):
                return _with_type(value, _text_of(value[key]))
    return value if isinstance(value, str) and value else json.dumps(value)[:_MOST_MESSAGE]


def _with_type(value: dict[str, JsonValue], message: str) -> str:
    """Put the error's own type or code before its message, for it may say more than the words."""
    for key in ("code", "type", "error_type"):
        kind = value.get(key)
        if isinstance(kind, str) and not kind.isdigit() and kind not in message:
            return f"{kind}: {message}"
    return message

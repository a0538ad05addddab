"""Why was there no answer that can be read, in our words?

A library's message may quote bytes of the server, and with them terminal codes or a key; none of them gets here.
"""

from __future__ import annotations

import json

import aiohttp

__all__ = ["no_answer", "no_completion"]

_MOST_QUOTED = 80
_TOLD: dict[type[Exception], str] = {
    aiohttp.ClientResponseError: "the answer is no HTTP",
    aiohttp.ServerDisconnectedError: "the server closed the connection without an answer",
    aiohttp.ClientPayloadError: "the answer broke off",
    ValueError: "the request cannot be written: the address or the key holds characters that HTTP forbids",
}


def no_answer(error: Exception) -> str:
    """Return why a request had no answer.

    Args:
        error: what aiohttp or the system raised.
    """
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = getattr(error.certificate_error, "verify_message", "")
        return f"the server's certificate is not accepted: {reason or 'it does not verify'}"
    told = next((text for kind, text in _TOLD.items() if isinstance(error, kind)), None)
    if told is not None:
        return told
    what = "cannot connect" if isinstance(error, aiohttp.ClientConnectorError) else "the connection failed"
    reason = error.strerror if isinstance(error, OSError) and isinstance(error.strerror, str) else ""
    return f"{what}: {reason or type(error).__name__}"


def no_completion(content: bytes | None, most_bytes: int) -> str:
    """Return what came in place of a chat completion.

    Args:
        content: the body, or None when it was too long.
        most_bytes: how long it may be.
    """
    if content is None:
        return f"the answer is longer than {most_bytes >> 20} MiB"
    if not content.strip():
        return "the answer is empty"
    text = content[: 4 * _MOST_QUOTED].decode("utf-8", "replace")
    quoted = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_MOST_QUOTED]
    return f"{'the answer is JSON, but no object' if _is_json(content) else 'the answer is not JSON'}: {quoted}"


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True

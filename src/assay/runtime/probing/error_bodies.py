"""What do the server's errors tell to whoever provokes them?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from assay.runtime.probing.marks import known_to_client, marks, readable
from assay.runtime.probing.probing import Probe
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE", "REPEATED"]

REPEATED: Final = "text of the request"
_ERROR: Final = 400
_TIMEOUT_S: Final = 8.0
_LONG_NAME: Final = 2000
_LONG_HEADER: Final = 16 << 10


async def _look(probing: Probing) -> None:
    """Send requests that are wrong in one way each; kinds of what the errors tell are kept, never their text."""
    word = f"quietword{probing.subject.nonce}"
    known = known_to_client(probing.subject)

    def shows(reply: Reply) -> dict[str, str | bool]:
        failed = reply.status is not None and reply.status >= _ERROR
        text = readable(reply.body) if failed else ""
        # Only text of the prompt counts: a model's or a parameter's name in an error helps whoever sent it.
        tells = (*marks(text, known), *([REPEATED] if word in text else []))
        return {"error": failed, "tells": ", ".join(tells)}

    for ask in _asks(probing, word):
        await probing.ask(ask, shows)


def _asks(probing: Probing, word: str) -> Iterator[Ask]:
    chat, path = probing.chat(word, max_tokens=1), probing.chat_path
    written = json.dumps(chat)
    cut = written[: written.index(word) + len(word)].encode()
    limit = "max_completion_tokens" if "max_completion_tokens" in chat else "max_tokens"

    def wrong(step: str, said: str, body: JsonValue | bytes, headers: Mapping[str, str] = {}) -> Ask:
        return Ask(step, "POST", path, said, "own", headers, body, _TIMEOUT_S)

    yield wrong("malformed", "with JSON that breaks off", cut)
    yield wrong(
        "bad-utf8", "with a byte that is no UTF-8", written.encode().replace(word.encode(), word.encode() + b"\xff")
    )
    yield wrong("messages", "with a text for messages", {**chat, "messages": word})
    yield wrong("model", "with an unknown model", {**chat, "model": f"no-model-{probing.subject.nonce}"})
    yield wrong("limit", f"with a negative {limit}", {**chat, limit: -7})
    yield wrong("limit-type", f"with a word for {limit}", {**chat, limit: "ten"})
    yield wrong("format", "with a response_format that is none", {**chat, "response_format": {"type": "no-format"}})
    yield wrong("long-name", "with a very long name of a parameter", {**chat, "x" * _LONG_NAME: 1})
    yield wrong("media-type", "as text/plain", written.encode(), {"Content-Type": "text/plain"})
    yield wrong("long-header", "with a header of 16 KiB", chat, {"X-Filler": "x" * _LONG_HEADER})
    yield Ask("no-key", "POST", path, "without a key", "none", {}, chat, _TIMEOUT_S)
    yield Ask("method", "DELETE", path, timeout_s=_TIMEOUT_S)
    yield Ask("path", "GET", f"/v1/no-path-{probing.subject.nonce}", timeout_s=_TIMEOUT_S)


PROBE = Probe("Thirteen requests that are wrong in one way each, to read what the errors tell.", 13, 45.0, _look)

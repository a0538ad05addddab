"""Can a client find its request again in the server's logs: by an id, by a trace context, on errors too?

Trace context: W3C Trace Context, https://www.w3.org/TR/trace-context/ (`traceparent` of a request is
version, trace id, parent id and flags; a server may say its trace in `traceresponse`).
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from assay.runtime.probing.probing import Probe
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE"]

_ID_HEADER: Final = re.compile(
    r"^(?!llm_provider-)(?:.*-)?(?:(?:request|correlation|trace|call|transaction|operation|invocation)-?id"
    r"|cf-ray|b3-traceid|amzn-trace-id|requestid|traceresponse)$"
)
"""Headers that name a request; what LiteLLM passes on from behind it names another one."""


async def _look(probing: Probing) -> None:
    """Send ids and a trace context with a chat and with two requests that are in error."""
    nonce = probing.subject.nonce
    digest = sha256(nonce.encode()).hexdigest()
    trace = digest[:32]
    own = {
        "X-Request-Id": f"request-{nonce}",
        "X-Correlation-Id": f"correlation-{nonce}",
        "x-litellm-call-id": f"call-{nonce}",
    }
    headers = {**own, "traceparent": f"00-{trace}-{digest[32:48]}-01"}

    def shows(reply: Reply) -> dict[str, str]:
        named = sorted({name.lower(): value for name, value in reply.headers.items()}.items())
        echoed = [name for name, value in named if any(sent in value for sent in own.values())]
        traced = [name for name, value in named if trace in value.lower()]
        gave = [
            name for name, value in named if _ID_HEADER.match(name) and value.strip() and name not in {*echoed, *traced}
        ]
        return {
            "echoed": ", ".join(echoed),
            "traced": ", ".join(traced),
            "gave": ", ".join(gave),
            "in_body": _id_in(reply.document, own),
        }

    path, chat = probing.chat_path, probing.chat(f"Say yes. {nonce}", max_tokens=1)
    limit = "max_completion_tokens" if "max_completion_tokens" in chat else "max_tokens"
    wrong = {f"a word for {limit}": {limit: "ten"}, "an unknown model": {"model": f"no-model-{nonce}"}}
    asks = [Ask("chat", "POST", path, "with ids", "own", headers, chat, 30.0)]
    asks += [
        Ask("error", "POST", path, f"with ids and {said}", "own", headers, {**chat, **fault})
        for said, fault in wrong.items()
    ]
    for ask in asks:
        await probing.ask(ask, shows)


def _id_in(document: JsonValue, own: Mapping[str, str]) -> str:
    """Return whether a body has an id: `ours`, `its` or nothing."""
    if not isinstance(document, dict):
        return ""
    error = document.get("error")
    places = [document, error] if isinstance(error, dict) else [document]
    ids = [
        value for place in places for key in ("id", "request_id") if isinstance(value := place.get(key), str) and value
    ]
    if any(sent in value for value in ids for sent in own.values()):
        return "ours"
    return "its" if ids else ""


PROBE = Probe("A short chat and two requests in error, each with ids and a trace context.", 3, 40.0, _look)

"""Which requests take a server through every way of its code that writes logs of its own?"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assay.runtime.canary.bodies import EXTRAS, Extra, Wish
from assay.runtime.canary.sending import Errand, Sender, answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import JsonValue

    from assay.runtime.probing.wire import Reply

__all__ = ["MOST_REQUESTS", "PAGES", "take_all_ways"]

PAGES: Final = ("/metrics", "/slots", "/props")
"""Pages of servers that show what goes on in them: Prometheus counters, llama.cpp's slots and properties."""
_BURST: Final = 12
_FEW_TOKENS: Final = 16
_WRONG_KEY: Final = b"assay-wrong-key"
_NO_MODEL: Final = "assay-no-such-model"
# More than the 1 MiB that nginx takes by default, and far more tokens than a context holds.
_FILLER: Final = "word " * 215_000
_LONG: Final = "Count from one to one thousand in words, and begin with this word:"

MOST_REQUESTS: Final = 2 + 1 + 1 + len(EXTRAS) + 3 + 2 + 1 + 1 + 1 + 1 + _BURST + 1 + 2 * len(PAGES)
"""Two controls, the whole request, its parts one by one, then way after way, and every page before and after."""


async def take_all_ways(sender: Sender) -> None:
    """Send one request or more for each way, those that disturb least first.

    Raises:
        SpentError: as many were sent as may be.
    """
    await sender.call("control", "/v1/models/", "as anyone asks for a model")
    await sender.call("control", "/", "with a wrong key", _WRONG_KEY)
    took_ms = await _success(sender)
    if sender.subject.dialect.contract != "plain-chat":
        await _streams(sender)
    # Half the time of a short answer is too little for a longer one.
    deadline_s = min(max(took_ms / 2000, 0.05), 2.0)
    await sender.send(
        Errand(
            "timeout",
            f"which the client gives up after {deadline_s:.2g} s",
            lambda reply: reply.status is None and reply.trouble.startswith("no whole answer within"),
            Wish(max_tokens=256, extras=sender.extras - {"schema"}, ask_for=_LONG),
            _going_on(sender),
            timeout_s=deadline_s,
        )
    )
    await _refusals(sender)
    await _overload(sender)


async def _success(sender: Sender) -> int:
    """Find out which parts the server takes, and return how many milliseconds an answer takes."""
    limit_s = _patience_s(sender)

    def errand(said: str, extras: frozenset[Extra]) -> Errand:
        return Errand("success", said, answered(200), Wish(extras=extras), timeout_s=limit_s)

    reply = await sender.send(errand("with every part", sender.extras))
    if reply.status == 200 and not reply.trouble:  # noqa: PLR2004 - HTTP OK
        return reply.took_ms
    plain = await sender.send(errand("with the parts that every server takes", frozenset()))
    taken = set[Extra]()
    for extra in EXTRAS if sender.subject.dialect.contract != "plain-chat" else ():
        reply = await sender.send(errand(f"with {extra}", frozenset({extra})))
        if reply.status == 200 and not reply.trouble:  # noqa: PLR2004 - HTTP OK
            taken.add(extra)
    sender.extras = frozenset(taken)
    return plain.took_ms


def _patience_s(sender: Sender) -> float:
    return min(max(sender.subject.settings.timeout_s, 1.0), 20.0)


async def _streams(sender: Sender) -> None:
    wish = Wish(extras=sender.extras)

    def streamed(body: dict[str, JsonValue]) -> JsonValue:
        return {**body, "stream": True}

    def ended(reply: Reply) -> bool:
        return reply.status == 200 and not reply.trouble and b"data:" in reply.body  # noqa: PLR2004 - HTTP OK

    def cut_off(reply: Reply) -> bool:
        return ended(reply) and b"[DONE]" not in reply.body

    await sender.send(Errand("stream", "as a stream", ended, wish, streamed, timeout_s=_patience_s(sender)))
    longer = replace(wish, max_tokens=256, ask_for=_LONG, extras=sender.extras - {"schema"})
    said = "as a stream, hanging up in its midst"
    goes_on = _going_on(sender)
    await sender.send(Errand("abort", said, cut_off, longer, lambda body: streamed(goes_on(body)), hang_up_after=1))


def _going_on(sender: Sender) -> Callable[[dict[str, JsonValue]], dict[str, JsonValue]]:
    """Return what makes an answer go on to its token limit, where the runtime knows how."""
    further: dict[str, JsonValue] = {"ignore_eos": True} if sender.subject.dialect.ignores_end else {}
    return lambda body: {**body, **further}


async def _refusals(sender: Sender) -> None:
    """Send what a server should refuse, each for another reason; whoever does not has little to do."""
    wish = Wish(_FEW_TOKENS, sender.extras)
    errands = (
        Errand("bad-request", "with wrong types", answered(400, 422), wish, _wrong_types),
        Errand("bad-request", "with JSON that breaks off", answered(400, 422), wish, _broken_off),
        Errand("wrong-key", "with a wrong key", answered(401, 403), wish, key=_WRONG_KEY),
        Errand(
            "unknown-model",
            "for a model that is not there",
            answered(404, 400),
            replace(wish, model=_NO_MODEL),
        ),
        Errand(
            "over-context",
            "with one megabyte of text",
            answered(413, 400, 422),
            replace(wish, before=_FILLER),
        ),
        Errand("invalid-schema", "with messages that are no list", answered(422, 400), wish, _no_list),
        Errand(
            "upstream",
            "that no model can do",
            answered(500, 502, 503, 504, 424),
            Wish(_FEW_TOKENS, sender.extras & {"image"}),
            _impossible,
        ),
    )
    for errand in errands:
        await sender.send(errand)


async def _overload(sender: Sender) -> None:
    """Send a few requests at once: a server that has limits refuses some of them."""
    errand = Errand("overload", f"as one of {_BURST} at once", answered(429, 503), Wish(_FEW_TOKENS, frozenset()))
    await asyncio.gather(*(sender.send(errand) for _ in range(_BURST)))


def _wrong_types(body: dict[str, JsonValue]) -> JsonValue:
    messages = body["messages"]
    said = messages if isinstance(messages, list) else []
    wrong: JsonValue = {"role": "user", "content": 5}
    return {**body, "temperature": "hot", "max_tokens": "many", "messages": [*said, wrong]}


def _broken_off(body: dict[str, JsonValue]) -> bytes:
    return json.dumps(body).encode()[:-2]


def _no_list(body: dict[str, JsonValue]) -> JsonValue:
    return {**body, "messages": {"first": body["messages"]}}


def _impossible(body: dict[str, JsonValue]) -> JsonValue:
    nowhere: JsonValue = {"name": "answer", "schema": {"$ref": "#/$defs/nowhere"}}
    absent: JsonValue = {"type": "function", "function": {"name": "absent"}}
    return {
        **body,
        "response_format": {"type": "json_schema", "json_schema": nowhere},
        "tools": [{"type": "function", "function": {"name": "present", "parameters": {"type": "nonsense"}}}],
        "tool_choice": absent,
        "logit_bias": {"-1": 1000},
    }

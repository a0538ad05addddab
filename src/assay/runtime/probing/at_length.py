"""How is a long answer asked for, and which is the highest token limit that the server takes?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from assay.runtime.probing.spoken import spoken
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = [
    "BOUNDED",
    "HUGE",
    "MOST_FITS",
    "REFUSALS",
    "Limits",
    "at_length",
    "came",
    "highest_taken",
    "limit_field",
    "named_below",
    "wished_for",
]

HUGE: Final = 10_000_000
"""A token limit that no answer needs."""
BOUNDED: Final = 2_048
"""The highest limit that is sent where hanging up was not seen to end the work: such an answer ends by itself."""
REFUSALS: Final = frozenset({400, 422})
"""Statuses that say: not with such a value."""
MOST_FITS: Final = 5
"""Requests that `highest_taken` sends at most."""

Limits: TypeAlias = dict[str, int]
"""Token limits of one request by field."""

_OK: Final = 200
_LEAST: Final = 16
_STEP: Final = 8
_MOST_READ: Final = 8_000
_FIT_TIMEOUT_S: Final = 5.0
# A second of tokens at the rate of the fastest servers has some 100 kB.
_MOST_BYTES: Final = 16 << 20
_NUMBER: Final = re.compile(rb"\d{1,3}(?:,\d{3})+|\d{2,9}")


def limit_field(probing: Probing) -> Literal["max_tokens", "max_completion_tokens"]:
    """Return the field by which the candidate's requests limit their answers."""
    return probing.subject.settings.token_limit_field or probing.subject.dialect.token_limit


def wished_for(probing: Probing) -> int:
    """Return the limit for an answer that is to be as long as may be: absurd only where hanging up frees its slot."""
    if probing.subject.hang_up_frees:
        return HUGE
    return min(BOUNDED, probing.subject.window or BOUNDED)


def at_length(
    probing: Probing, step: str, limits: Limits, timeout_s: float, *, stream: bool = True, on: bool = False
) -> Ask:
    """Return a request for an answer that goes on and on.

    Args:
        probing: the probe under way.
        step: what the request is for.
        limits: token limits that it carries; empty for none.
        timeout_s: seconds after which the client hangs up.
        stream: whether a stream is asked for, where the protocol has streams.
        on: whether to ask a server that is not known to understand it to go on past the model's own end.
    """
    own = probing.subject.dialect
    streams = stream and own.contract != "plain-chat"
    text = (
        f"{probing.subject.nonce} {step}: write the numbers from one to ten thousand as words, one after the other, "
        "leave none out, and do not stop before ten thousand."
    )
    body: dict[str, JsonValue] = {**probing.chat(text, max_tokens=1, stream=streams)}
    del body[limit_field(probing)]
    body.update(limits)
    if on or own.ignores_end:
        body["ignore_eos"] = True
    if streams and own.stream_usage:
        options: dict[str, JsonValue] = {"include_usage": True}
        body["stream_options"] = {**options, "continuous_usage_stats": True} if own.continuous_usage else options
    written = ", ".join(f"{field}={limit}" for field, limit in limits.items()) or "without a token limit"
    said = f"{'as a stream ' if streams else ''}{'' if not limits else 'with '}{written}"
    return Ask(step, "POST", probing.chat_path, said, body=body, timeout_s=timeout_s, most_bytes=_MOST_BYTES)


def named_below(reply: Reply, limit: int) -> int | None:
    """Return the largest number that a refusal names below a limit, which may be the ceiling; None without one."""
    numbers = (int(found[0].replace(b",", b"")) for found in _NUMBER.finditer(reply.body[:_MOST_READ]))
    return max((number for number in numbers if _LEAST <= number < limit), default=None)


async def highest_taken(probing: Probing, wanted: int, refused: Reply | None = None) -> int | None:
    """Return a token limit of at most `wanted` that the server takes, found with at most MOST_FITS requests.

    Each is hung up on at the first bytes of its answer. What a refusal names is tried first, then an eighth.

    Args:
        probing: the probe under way.
        wanted: the limit that is wished for.
        refused: how that limit was refused, when it was asked for before.

    Returns:
        The limit; None when none was found, or a request was answered neither by a refusal nor by an answer.
    """
    limit: int | None = wanted if refused is None else _next(refused, wanted)
    for _ in range(MOST_FITS):
        if limit is None:
            return None
        reply = await _try(probing, limit)
        if reply.status == _OK or (reply.status is None and reply.late):
            return limit
        if reply.status not in REFUSALS:
            return None
        limit = _next(reply, limit)
    return None


def came(
    probing: Probing, **more: str | float | bool | None
) -> Callable[[Reply], Mapping[str, str | int | float | bool | None]]:
    """Return what says of a long answer how it came, and whether it was still going when the client hung up.

    Args:
        probing: the probe under way.
        more: what else is to be kept beside it.
    """

    def shows(reply: Reply) -> Mapping[str, str | int | float | bool | None]:
        # What is longer than is read was still going too: it was the client that hung up.
        going = reply.late or len(reply.body) >= _MOST_BYTES
        return {**spoken(reply, probing.subject.dialect).shows(), "going": going, **more}

    return shows


async def _try(probing: Probing, limit: int) -> Reply:
    ask = at_length(probing, "fits", {limit_field(probing): limit}, _FIT_TIMEOUT_S)
    return await probing.ask(replace(ask, hang_up_after=1), lambda _: {"limit": limit})


def _next(refused: Reply, limit: int) -> int | None:
    named = named_below(refused, limit)
    if named is not None:
        return named
    return limit // _STEP if limit // _STEP >= _LEAST else None

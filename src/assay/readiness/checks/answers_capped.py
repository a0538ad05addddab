"""Is an answer of absurd length refused, or cut well before the context window ends it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import not_probed, nothing_told
from assay.readiness.view import PROBES, Answer, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["check"]

_OK: Final = 200
_REFUSALS: Final = frozenset({400, 422})
_FAULTS: Final = 500
_NEAR: Final = 0.9
"""A ceiling from this share of the window on is taken for the window itself: the prompt needs the rest."""
_PROMPT: Final = 128
"""Tokens of a prompt that the server did not count."""
_SPARE: Final = 16
"""Tokens by which counts may differ."""


def check(view: View) -> Answer:
    """Return met when a limit of ten million tokens was refused, or an answer was seen to be cut below the window."""
    result = view.probe("token-ceiling")
    if result is None:
        return not_probed()
    filled = next((own for own in result.exchanges if _fills_window(own)), None)
    if filled is not None:
        return _by_window(
            _count(filled, "window"), f"it ended one after {_count(filled, 'tokens')} tokens: {filled.sent}"
        )
    # A server that knows no `ignore_eos` may refuse the second try: that says nothing of the limit.
    tried_on = (own for own in result.steps("on") if own.status == _OK)
    huge = next(iter((*tried_on, *result.steps("huge"))), None)
    if huge is None:
        return nothing_told("how long an answer may become is not known", result)
    return _by_status(result, huge)


def _by_status(result: ProbeResult, huge: Exchange) -> Answer:
    if huge.status in _REFUSALS:
        return _refused(result, huge)
    if huge.status == _OK:
        return _taken(result, huge)
    works = any(own.status == _OK for own in result.exchanges)
    if huge.status is not None and huge.status >= _FAULTS and works:
        return not_met(f"{_asked(huge)} tokens are answered by {huge.status}, not refused: {huge.sent}", PROBES)
    return nothing_told("how long an answer may become is not known", result, (huge,))


def _refused(result: ProbeResult, huge: Exchange) -> Answer:
    """Conclude where the absurd limit is refused: what is taken instead, and do other requests get around it?"""
    fits = [own for own in result.steps("fits") if own.status == _OK]
    ceiling, window = (_count(fits[-1], "limit") if fits else None), _count(huge, "window")
    if ceiling is not None and window is not None and ceiling >= _NEAR * window:
        return _by_window(window, f"{_asked(huge)} tokens are refused, and {ceiling:,} are taken: {fits[-1].sent}")
    if ceiling is not None:
        around = _beyond(result, ceiling)
        if around is not None:
            return around
    unseen = next((own for own in result.steps("other") if own.status == _OK and not _ended(own)), None)
    if unseen is not None:
        tokens = _count(unseen, "tokens")
        return unknown(f"no ceiling was seen within {tokens} tokens of an answer: {unseen.sent}", PROBES)
    if not any(own.status == _OK for own in result.exchanges):
        return nothing_told("how long an answer may become is not known", result)
    taken = f"; {ceiling:,} are taken" if ceiling is not None else ""
    return met(f"{_asked(huge)} tokens are refused by {huge.status}{taken}{_unlimited(huge)}", PROBES)


def _taken(result: ProbeResult, huge: Exchange) -> Answer:
    """Conclude where the absurd limit is taken: what ended the answer, if anything did?"""
    tokens, window = _count(huge, "tokens") or 0, _count(huge, "window")
    most = _most_asked(huge)
    if most is not None and tokens and (not _ended(huge) or tokens + _SPARE >= most):
        return _not_asked(most, tokens)
    if huge.shows.get("finish") == "length":
        cut = met(
            f"{_asked(huge)} tokens are taken, and the answer is cut after {tokens:,} tokens{_unlimited(huge)}", PROBES
        )
        return _beyond(result, tokens) or cut
    if _ended(huge):
        return unknown(
            f"{_asked(huge)} tokens are taken, and the model ended its answer by itself after {tokens:,} tokens: "
            "whether a ceiling would have ended it was not seen",
            PROBES,
        )
    if not tokens:
        return nothing_told("how long an answer may become is not known", result, (huge,))
    seen = f"{_asked(huge)} tokens are taken, and no ceiling ended the answer within {tokens:,} tokens: {huge.sent}"
    return not_met(seen, PROBES) if window is None else _by_window(window, seen)


def _most_asked(huge: Exchange) -> int | None:
    """Return the limit that was asked for where an absurd one was not; None where it was."""
    return _count(huge, "limit") if huge.shows.get("bounded") else None


def _not_asked(most: int, tokens: int) -> Answer:
    return unknown(
        f"no ceiling was seen within {tokens:,} tokens of an answer, and it was not asked for more than {most:,} "
        "tokens, since it was not seen that a client that hangs up frees its slot here",
        PROBES,
    )


def _unlimited(huge: Exchange) -> str:
    if _most_asked(huge) is None:
        return ""
    return "; none was asked for without a limit, since it was not seen that a client that hangs up frees its slot here"


def _beyond(result: ProbeResult, ceiling: int) -> Answer | None:
    """Return the finding that a request which names no such limit got more than the ceiling; None when none did."""
    over = [
        own
        for step in ("none", "other")
        for own in result.steps(step)
        if (_count(own, "tokens") or 0) > ceiling + _SPARE
    ]
    if not over:
        return None
    tokens = _count(over[0], "tokens")
    return not_met(
        f"the ceiling of {ceiling:,} tokens does not hold: an answer had {tokens:,} tokens: {over[0].sent}", PROBES
    )


def _fills_window(exchange: Exchange) -> bool:
    """Return whether prompt and answer together filled the context window when the answer was cut."""
    window, tokens, prompt = (_count(exchange, name) for name in ("window", "tokens", "prompt_tokens"))
    if exchange.shows.get("finish") != "length" or window is None or tokens is None:
        return False
    return tokens + prompt + _SPARE >= window if prompt is not None else tokens + _PROMPT >= window


def _by_window(window: int | None, seen: str) -> Answer:
    return not_met(f"nothing but the context window of {window or 0:,} tokens ends an answer: {seen}", PROBES)


def _ended(exchange: Exchange) -> bool:
    return exchange.shows.get("finish") is not None


def _asked(exchange: Exchange) -> str:
    return f"{_count(exchange, 'limit') or 0:,}"


def _count(exchange: Exchange, name: str) -> int | None:
    value = exchange.shows.get(name)
    return value if isinstance(value, int) else None

"""Is sampling what the plan says, or does the server add something of its own?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, PLAN, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_NEUTRAL = {
    "repeat_penalty": 1.0,
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "mirostat": 0.0,
}
"""Settings that change even greedy decoding, are not sent, and what leaves the model's own odds as they are."""
_GREEDY_HIDES = {"top_k": 0.0, "min_p": 0.0, "typical_p": 1.0}
"""Settings that only matter above temperature 0."""


def check(view: View) -> Answer:
    """Return met when whatever is not sent is neutral on the server."""
    sent, own = view.facts.fact("request_sent"), view.facts.fact("sampling_defaults")
    if own.value is None:
        return unknown(f"the server's own settings were not seen: {clipped(own.source, 160)}", FACTS)
    looked_at = _NEUTRAL if view.candidate.request.temperature == 0 else {**_NEUTRAL, **_GREEDY_HIDES}
    added = [
        f"{name}={value}"
        for name, value in _settings(str(own.value)).items()
        if name in looked_at and value != looked_at[name] and not (name == "top_k" and value < 0)
    ]
    if added:
        return not_met(f"beside what is sent ({sent.value}) the server adds {', '.join(added)}", FACTS, PLAN)
    return met(f"sent: {sent.value}; what the server adds changes nothing", FACTS, PLAN)


def _settings(text: str) -> dict[str, float]:
    found = {}
    for part in text.replace(",", " ").split():
        name, _, value = part.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            continue
    return found

"""Does a prompt near the context window reach the model uncut?

Ollama drops the oldest messages and then cuts to half the window, with status 200 and a line in its log. Two short
prompts show how many tokens a word takes; a long one must then count as many as it has. A word at its very start is
asked for at its end, as a second witness.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.runtime.traps.asking import found, not_known, refused

if TYPE_CHECKING:
    from assay.runtime.traps.asking import Asking
    from assay.schema.provenance import Fact
    from assay.schema.run import Completion

__all__ = ["look"]

_NAME: Final = "prompt_kept_whole"
_USUAL_WINDOW = 4096
_SHARE_FILLED = 0.85
_ROOM_FOR_THE_ANSWER = 32
_FEW, _MORE = 60, 180
_LEAST_SHARE_COUNTED = 0.9
_ANSWER_TOKENS = 16
_WORDS = (
    *("harbour", "letter", "window", "garden", "engine", "silver", "morning", "paper", "bridge", "winter", "market"),
    *("doctor", "river", "music", "copper", "planet", "summer", "kitchen", "number", "forest", "signal", "coffee"),
    *("mirror", "station", "cotton", "island", "pocket", "camera", "valley", "ticket"),
)


@dataclass(frozen=True)
class _Scale:
    """How many tokens a prompt of so many words has."""

    fixed: float
    a_word: float

    def tokens(self, words: int) -> float:
        return self.fixed + self.a_word * words

    def words(self, tokens: float) -> int:
        return int((tokens - self.fixed) / self.a_word)


async def look(asking: Asking) -> Fact:
    """Return whether a prompt that fills 85 % of the window is counted whole, or its first word found."""
    window = asking.window or _USUAL_WINDOW
    if window > asking.longest_prompt_tokens:
        reason = f"the window of {window} tokens is larger than the longest prompt that may be sent"
        return not_known(_NAME, f"{reason} ({asking.longest_prompt_tokens})")
    scale = await _scale(asking)
    if not isinstance(scale, _Scale):
        return refused(_NAME, scale.fault) if scale.fault is not None else await _by_needle_alone(asking, window)
    words = scale.words(window * _SHARE_FILLED - _ROOM_FOR_THE_ANSWER)
    if words <= _MORE:
        return not_known(_NAME, f"the window of {window} tokens is too small to tell")
    expected = round(scale.tokens(words))
    needle, completion = await _long(asking, words)
    if completion.fault is not None and completion.fault.kind == "context_overflow":
        told = f"a prompt of some {expected} tokens was refused, though the window is said to be {window}"
        return found(_NAME, told, sound=False)
    if completion.fault is not None:
        return refused(_NAME, completion.fault)
    counted = completion.usage.prompt_tokens if completion.usage is not None else None
    seen = "was" if needle in (completion.output or "") else "was not"
    told = f"a prompt of some {expected} tokens in a window of {window} was counted as {counted}; its first word {seen}"
    return found(_NAME, f"{told} repeated", sound=counted is not None and counted >= _LEAST_SHARE_COUNTED * expected)


async def _scale(asking: Asking) -> _Scale | Completion:
    """Return how words become tokens; the answer that does not tell, where a prompt is refused or not counted."""
    _, few = await _long(asking, _FEW)
    _, more = await _long(asking, _MORE)
    less, counted = (own.usage.prompt_tokens if own.usage is not None else None for own in (few, more))
    if less is None or counted is None or counted <= less:
        return few if less is None else more
    a_word = (counted - less) / (_MORE - _FEW)
    return _Scale(less - a_word * _FEW, a_word)


async def _by_needle_alone(asking: Asking, window: int) -> Fact:
    """Tell by the first word, where nothing is counted: finding it shows the prompt whole, not finding it nothing."""
    # Without counts a word is taken for two tokens, so that the prompt surely fits.
    needle, completion = await _long(asking, round(window * _SHARE_FILLED / 2))
    if completion.fault is not None:
        return refused(_NAME, completion.fault)
    if needle in (completion.output or ""):
        return found(_NAME, "the first word of a long prompt was repeated; tokens are not counted", sound=True)
    return not_known(_NAME, "tokens are not counted, and the first word of a long prompt was not repeated")


async def _long(asking: Asking, words: int) -> tuple[str, Completion]:
    """Ask with a prompt of so many words; return the word at its start and the answer."""
    # The same nonce gives the same words, and no two looks share a prefix that a cache could hold.
    chance = random.Random(f"{asking.nonce}/{words}")  # noqa: S311 - words, no secret
    needle = f"{chance.choice(_WORDS)}-{chance.randrange(1000, 9999)}"
    text = " ".join(chance.choice(_WORDS) for _ in range(words))
    question = "What is the code word at the very beginning? Answer with the code word alone."
    return needle, await asking.say(
        f"The code word is {needle}. Remember it.\n{text}\n{question}", max_tokens=_ANSWER_TOKENS
    )

"""Does an answer end at the token limit that was sent?

Ollama ignores `max_completion_tokens`; a gateway may drop or overwrite the field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.traps.asking import found, not_known, refused

if TYPE_CHECKING:
    from assay.runtime.traps.asking import Asking
    from assay.schema.provenance import Fact

__all__ = ["look"]

_LIMIT = 8
_SPARE = 2  # some runtimes count the token that ends the answer
_MOST_CHARACTERS_A_TOKEN = 20


async def look(asking: Asking) -> Fact:
    """Return whether an answer that wants to be long has at most the tokens that were allowed."""
    text = f"{asking.nonce}: write the numbers from one to one hundred as words, all of them, one after the other."
    completion = await asking.say(text, max_tokens=_LIMIT)
    if completion.fault is not None:
        return refused("token_limit_honoured", completion.fault)
    counted = completion.usage.completion_tokens if completion.usage is not None else None
    length = len(completion.output or "") + (completion.reasoning_characters or 0)
    told = f"{counted} tokens" if counted is not None else f"{length} characters"
    over = counted > _LIMIT + _SPARE if counted is not None else length > _LIMIT * _MOST_CHARACTERS_A_TOKEN
    if over:
        return found("token_limit_honoured", f"a limit of {_LIMIT} tokens gave {told}", sound=False)
    if completion.finish_reason == "length" or (counted is not None and counted >= _LIMIT):
        return found("token_limit_honoured", f"a limit of {_LIMIT} tokens gave {told}", sound=True)
    return not_known("token_limit_honoured", f"the answer ended by itself after {told}, before the limit of {_LIMIT}")

r"""Is there any text at all that a regular expression matches?

Answered by growing texts from a few characters, one of each kind that the pattern can tell apart, and following only
those that may still become a match. Where that search ends without one, nothing matches; where it grows too large, or
the pattern uses what this search does not understand, nothing is claimed.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from regex import Pattern

__all__ = ["matches_nothing"]

_MOST_TEXTS: Final = 2_000
_MOST_PATTERN: Final = 300
_LONGEST_TEXT: Final = 16
_LONGEST_S: Final = 1.0
"""So short a text is searched in far less; only a pattern that explodes comes here."""
_KINDS: Final = "aqZ0_ \n-é中"
"""A letter in either case, a digit, an underscore, white space, a line end, signs, and letters beyond ASCII."""
_CAN_CONTRADICT = re.compile(r"\^|\$|\\[AZzbBmM]|\(\?[=!]")
"""Without one of these a pattern always matches something."""
_BEYOND = re.compile(r"\\[xuUNpPXGKLRg0-9]|\[\[|&&|\(\?(?:<|[RP&(|>]|DEFINE)|\{[eisd]\W|\{\d*[eisd]<")
"""What the search does not understand: other names of characters, what stands behind, references, fuzzy matches."""
_DENIED = re.compile(r"\(\?!(?P<inner>(?:[^()\\]|\\.)*)(?P<end>\)?)")
_EDGE = re.compile(r"[\^$]|\\[AZzbBmM]")


@functools.lru_cache(maxsize=1024)
def matches_nothing(pattern: str, flags: int) -> bool:
    """Return whether it can be proven that a search for a pattern of the package `regex` finds nothing in any text."""
    import regex

    if len(pattern) > _MOST_PATTERN or not _CAN_CONTRADICT.search(pattern) or _is_beyond(pattern):
        return False
    try:
        # What stands before a match decides whether a word begins there, or a line.
        compiled = regex.compile(rf"[\s\S]?(?:{pattern})", flags)
        return not _may_match(compiled, pattern)
    except (regex.error, RecursionError, OverflowError, ValueError, TimeoutError):
        return False


def _is_beyond(pattern: str) -> bool:
    if _BEYOND.search(pattern):
        return True
    # The end of a grown text is not the end of all text: what is denied there may hold further on.
    return any(not found["end"] or _EDGE.search(found["inner"]) for found in _DENIED.finditer(pattern))


def _may_match(compiled: Pattern[str], pattern: str) -> bool:
    import regex

    # Ranges have their ends in the pattern, and where two of them meet one such end lies.
    letters = set(pattern) | set(_KINDS)
    folds = bool(compiled.flags & regex.IGNORECASE)
    alphabet = sorted(letters | ({character.swapcase()[:1] for character in letters} if folds else set()))
    waiting, looked = [""], 0
    if compiled.match("") is not None:
        return True
    while waiting:
        text = waiting.pop()
        for character in alphabet:
            looked += 1
            grown = text + character
            found = compiled.match(grown, partial=True, timeout=_LONGEST_S)
            is_whole = found is not None and not found.partial
            if is_whole or looked > _MOST_TEXTS or len(grown) > _LONGEST_TEXT:
                return True
            # At the end of a text nobody knows whether a word ends there, so one more character is looked at.
            if found is not None or any(
                compiled.match(grown + more, partial=True, timeout=_LONGEST_S) is not None for more in alphabet
            ):
                waiting.append(grown)
    return False

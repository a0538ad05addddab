"""Does one text stand in another, however characters were composed, spaced or cased?"""

from __future__ import annotations

import re

from assay.scoring.text import composed, without_case

__all__ = ["form_of", "stands_in"]

# Soft hyphens, zero width characters and direction marks: nobody sees them, so they must hide nothing either.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_MINUS = "-\u2212"
_DECIMAL = ".,"


def form_of(text: str, *, ignore_case: bool) -> str:
    """Return a text as it is compared: Unicode normal form C, no invisible characters, white space as one space."""
    text = _INVISIBLE.sub("", text)
    return " ".join((without_case(text) if ignore_case else composed(text)).split())


def stands_in(part: str, whole: str, *, whole_words: bool) -> bool:
    """Say whether a text stands in another one; both are in the form that is compared.

    Args:
        part: What is looked for; not empty.
        whole: Where it is looked for.
        whole_words: Whether no letter or digit may touch its ends, and a number must be all of a number.
    """
    if not whole_words:
        return part in whole
    start = whole.find(part)
    while start >= 0:
        end = start + len(part)
        if not _goes_on_before(part, whole[max(start - 2, 0) : start]) and not _goes_on_after(
            part, whole[end : end + 2]
        ):
            return True
        start = whole.find(part, start + 1)
    return False


def _goes_on_before(part: str, before: str) -> bool:
    """Say whether the word or number with which a part begins began earlier: `5` in `25`, `2.5` and `-5`."""
    if not part[0].isalnum():
        number = part[0] in _MINUS and part[1:2].isdecimal()
        return number and before[-1:].isalnum()
    if not part[0].isdecimal() or not before:
        return before[-1:].isalnum()
    if before[-1] in _MINUS:
        return not before[:-1].isalnum()  # a dash between two numbers or words joins them
    return before[-1].isalnum() or (before[-1] in _DECIMAL and before[:-1].isdecimal())


def _goes_on_after(part: str, after: str) -> bool:
    """Say whether the word or number with which a part ends goes on: `5` in `50` and `5,5`."""
    if not part[-1].isalnum():
        return False
    return after[:1].isalnum() or (part[-1].isdecimal() and after[:1] in {*_DECIMAL} and after[1:].isdecimal())

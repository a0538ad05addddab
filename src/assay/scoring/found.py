"""Does one text stand in another, however characters were composed, spaced or cased?"""

from __future__ import annotations

from assay.scoring.text import composed, without_case

__all__ = ["form_of", "stands_in"]


def form_of(text: str, *, ignore_case: bool) -> str:
    """Return a text as it is compared: Unicode normal form C, runs of white space as one space."""
    return " ".join((without_case(text) if ignore_case else composed(text)).split())


def stands_in(part: str, whole: str, *, whole_words: bool) -> bool:
    """Say whether a text stands in another one; both are in the form that is compared.

    Args:
        part: What is looked for; not empty.
        whole: Where it is looked for.
        whole_words: Whether no letter or digit may touch its ends.
    """
    if not whole_words:
        return part in whole
    start = whole.find(part)
    while start >= 0:
        end = start + len(part)
        before, after = whole[start - 1 : start], whole[end : end + 1]
        if not (before.isalnum() and part[0].isalnum()) and not (after.isalnum() and part[-1].isalnum()):
            return True
        start = whole.find(part, start + 1)
    return False

"""Which texts does a case accept, and in which form are two texts compared?"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from assay.scoring.mark import Flaw, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

__all__ = ["accepted_texts", "composed", "expected_flaws", "shown_choice", "without_case"]


def composed(text: str) -> str:
    """Return a text in Unicode normal form C: `ế` is one character however it was typed."""
    return unicodedata.normalize("NFC", text)


def without_case(text: str) -> str:
    """Return a composed text in which upper and lower case are the same."""
    return composed(composed(text).casefold())  # folding can take characters apart again


def accepted_texts(expected: JsonValue) -> tuple[str, ...]:
    """Return the answers that a case accepts, numbers as their JSON text; none when it holds anything else."""
    items = expected if isinstance(expected, list) else [expected]
    texts = tuple(str(item) for item in items if isinstance(item, (str, int, float)) and not isinstance(item, bool))
    return texts if len(texts) == len(items) else ()


def expected_flaws(scorer: str, expected: JsonValue) -> list[Flaw]:
    """Return what keeps a scorer from comparing texts with `expected` (nothing when `expected` is absent)."""
    if expected is None:
        return []
    texts = accepted_texts(expected)
    if not texts:
        message = f"scorer {scorer} compares text, but `expected` is no string, number or list of them"
        return [Flaw("bad-expected", message, "Give the accepted text, or score JSON with json_schema.")]
    if not all(text.strip() for text in texts):
        message = f"scorer {scorer} would accept an empty answer, because `expected` holds a blank text"
        return [Flaw("bad-expected", message, "Remove the blank text.")]
    return []


def shown_choice(texts: Sequence[str]) -> str:
    """Return accepted texts as a reason shows them: the first, and how many others there are."""
    others = len(texts) - 1
    more = f" or {others} other{'s' if others > 1 else ''}" if others else ""
    return shown(texts[0]) + more

"""How many tokens did a server count?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema.run import Usage

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["count_of", "usage_of"]

_MOST_TOKENS = 1 << 53
"""Beyond it a count has no canonical JSON form (RFC 8785)."""


def usage_of(value: JsonValue) -> Usage | None:
    """Return the counts in a `usage` object of the chat completions protocol, or None when it is none."""
    if not isinstance(value, dict):
        return None
    details = value.get("prompt_tokens_details")
    return Usage(
        prompt_tokens=count_of(value.get("prompt_tokens")),
        completion_tokens=count_of(value.get("completion_tokens")),
        cached_tokens=count_of(details.get("cached_tokens")) if isinstance(details, dict) else None,
    )


def count_of(value: JsonValue) -> int | None:
    """Return a count that a server gave, or None when it is none: negative, a truth value, or beyond any answer."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MOST_TOKENS else None

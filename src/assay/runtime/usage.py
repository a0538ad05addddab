"""How many tokens did a server count?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema.run import Usage

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["usage_of"]

_MOST_TOKENS = 1 << 53
"""Beyond it a count has no canonical JSON form (RFC 8785)."""


def usage_of(value: JsonValue) -> Usage | None:
    """Return the counts in a `usage` object of the chat completions protocol, or None when it is none."""
    if not isinstance(value, dict):
        return None
    details = value.get("prompt_tokens_details")
    return Usage(
        prompt_tokens=_count(value.get("prompt_tokens")),
        completion_tokens=_count(value.get("completion_tokens")),
        cached_tokens=_count(details.get("cached_tokens")) if isinstance(details, dict) else None,
    )


def _count(value: JsonValue) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MOST_TOKENS else None

"""May this key be sent, and will it be known again wherever a server repeats it?"""

from __future__ import annotations

__all__ = ["BAD_KEY_REMEDY", "SHORTEST_SECRET", "fault_of_key"]

BAD_KEY_REMEDY = "Set the variable to the server's key alone, one of 8 characters or more."
"""What to do about a key with a fault."""

SHORTEST_SECRET = 8
"""Characters from which on a key is taken for a secret, and out of whatever a server says."""

_PLACEHOLDERS = frozenset(
    {
        *("none", "null", "empty", "unused", "no-key", "nokey", "key", "token", "x", "na", "n/a"),
        *("test", "dummy", "fake", "local", "ollama", "vllm", "sk-none", "sk-test", "sk-123", "sk-1234", "sk-xxx"),
    }
)
"""What people write where a server wants no key, lower case; `sk-1234` stands in the guides of LiteLLM."""


def fault_of_key(key: str) -> str | None:
    """Return what is wrong with a key, as the end of a sentence, or None.

    A short secret could not be taken out of what a server says without changing honest answers, so none is sent.
    """
    if not (key.isascii() and key.isprintable()):
        return "holds a line break or another character that HTTP forbids"
    if len(key) < SHORTEST_SECRET and key.lower() not in _PLACEHOLDERS:
        return f"has fewer than {SHORTEST_SECRET} characters and is no placeholder such as `none`"
    return None

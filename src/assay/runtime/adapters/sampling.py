"""Which of a server's sampling defaults are kept, and how are they written as one fact?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema._base import rounded

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["settings_text"]

_KEPT = (
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "typical_p",
    "repeat_penalty",
    "presence_penalty",
    "frequency_penalty",
    "mirostat",
)
_BEYOND_SENSE = 1e9


def settings_text(settings: JsonValue) -> str | None:
    """Return the sampling settings as `temperature=0.8 top_k=40 …`, or None when there are none.

    Only numbers under known names are kept. They come in one order, so that the same settings read the same.
    """
    if not isinstance(settings, dict):
        return None
    return " ".join(f"{name}={number}" for name in _KEPT if (number := _number(settings.get(name)))) or None


def _number(value: JsonValue) -> str | None:
    """Return a number as text, without what a 32-bit float added to it, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _BEYOND_SENSE:
        return None
    return f"{rounded(value):g}"

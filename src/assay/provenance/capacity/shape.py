"""What does each layer of a model keep in memory for each token: all of them, a window of them, one latent, a state?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

__all__ = ["Group", "ModelShape", "NotThereError", "number", "usable"]

# No model comes near; a larger number is a forged file, and its products would not fit the record.
LARGEST: Final = 1_048_576


@dataclass(frozen=True)
class Group:
    """Layers that keep the same."""

    layers: int
    """How many."""
    keys: int
    """Key values that all of them together keep for one token."""
    values: int
    """Value values that all of them together keep for one token; 0 where keys and values are one latent vector."""
    window: int | None = None
    """Tokens after which a layer keeps no more; None when it keeps the whole context."""


@dataclass(frozen=True)
class ModelShape:
    """What decides the KV cache of a model."""

    groups: tuple[Group, ...]
    """Its layers."""
    words: str
    """The shape in words and numbers."""
    state_bytes: int = 0
    """Most bytes that one request keeps whatever its length: states of recurrent layers in 32 bits."""
    least_state_bytes: int = 0
    """Least bytes of the same; a runtime may keep states in 16 bits."""
    largest: tuple[Group, ...] | None = None
    """Its layers where a runtime keeps more than it must: whole keys and values in place of a latent vector."""
    exact: bool = True
    """Whether all of this follows from the file, without an assumption."""
    vocabulary: int = 0
    """Tokens that the model knows, for buffers; 0 when that is not known."""
    embedding: int = 0
    """Width of the model, for buffers; 0 when that is not known."""


class NotThereError(Exception):
    """A number that the arithmetic needs is missing or absurd; its text is the key."""


def number(source: Mapping[str, JsonValue], key: str, default: int | None = None) -> int:
    """Return a whole number from 1 on.

    Raises:
        NotThereError: it is missing, of another kind, or absurd.
    """
    value = source.get(key)
    if value is None and default is not None:
        return default
    if not usable(value, least=1):
        raise NotThereError(key)
    return value


def usable(value: JsonValue, *, least: int) -> TypeGuard[int]:
    """Tell whether a value is a whole number that a model can have."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST

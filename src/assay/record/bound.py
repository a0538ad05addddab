"""Where in the record does a value come from: a view of the record in which each value knows its key path.

A value that is computed (a sum, a slice, two texts put together) is a plain one again: Python makes plain numbers and
texts of ours by itself. Only a whole value of the record, or what one of the filters says of one, knows a path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from assay.record.text import Safe, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "SELECTED",
    "Binding",
    "Bound",
    "BoundDict",
    "BoundFloat",
    "BoundInt",
    "BoundSafe",
    "BoundStr",
    "BoundTuple",
]

SELECTED = "[…]"
"""What a path ends in that means a part of a list."""


class Bound:
    """A value that knows where in the record it stands."""

    record_path: str | None = None
    """Key path such as `metrics[3].passed`; None for what Python makes of a bound value, which is bound no more."""


class BoundInt(Bound, int):
    """A whole number of the record, or a count of its parts."""


class BoundFloat(Bound, float):
    """A number of the record."""


class BoundStr(Bound, str):
    """A text of the record."""

    __slots__ = ()


class BoundSafe(Bound, Safe):
    """Markdown that a filter made of a value of the record."""

    __slots__ = ()


class BoundTuple(Bound, tuple[object, ...]):
    """A list of the record, or a part of one; its length is a number of the record, whatever its elements are."""

    __slots__ = ()


class BoundDict(Bound, dict[object, object]):
    """A mapping of the record."""


class Binding:
    """Which values stand where; nouns keep their own class, so that their methods and properties work.

    What a noun holds is bound when a template asks for it: a record may have a hundred times what its page shows.
    """

    def __init__(self) -> None:
        self._nouns: dict[int, tuple[BaseModel, str]] = {}
        self._held: dict[tuple[int, object], object] = {}

    def held(self, noun: object, name: object, value: object) -> object:
        """Return what a noun of the record has under a name, bound; another object's value stays as it is."""
        if not isinstance(noun, BaseModel) or (known := self._nouns.get(id(noun))) is None:
            return value
        if (id(noun), name) not in self._held:
            self._held[id(noun), name] = self.bind(value, f"{known[1]}.{name}" if known[1] else f"{name}")
        return self._held[id(noun), name]

    def bind(self, value: object, path: str) -> object:
        """Return a copy of a value that knows its path; what knows one already stays as it is.

        Args:
            value: a noun, a number, a text, a tuple, list or dict of these; anything else is returned unchanged.
            path: its key path; empty for the record itself.
        """
        leaf = _leaf(value)
        if leaf is not None:
            leaf.record_path = path
            return leaf
        if isinstance(value, BaseModel):
            if id(value) not in self._nouns:
                value = value.model_copy()  # one noun may stand in two places
                self._nouns[id(value)] = (value, path)
            return value
        if isinstance(value, Bound):
            return value
        if isinstance(value, (tuple, list)):
            return self.sequence((self.bind(item, f"{path}[{at}]") for at, item in enumerate(value)), path)
        if isinstance(value, dict):
            return self._mapping(value, path)
        return value

    def sequence(self, items: Iterable[object], path: str) -> BoundTuple:
        """Return a tuple that knows its path, of elements that are not looked at."""
        made = BoundTuple(items)
        made.record_path = path
        return made

    def path_of(self, value: object) -> str | None:
        """Return where a value stands, or None where it is not of the record."""
        if isinstance(value, Bound):
            return value.record_path
        known = self._nouns.get(id(value))
        return known[1] if known is not None else None

    def shown_path_of(self, value: object) -> str | None:
        """Return where a value stands if all of it that could be shown is of the record."""
        if isinstance(value, BoundTuple) and not all(map(self._is_whole, value)):
            return None
        return self.path_of(value)

    def _is_whole(self, value: object) -> bool:
        return value is None or isinstance(value, bool) or self.shown_path_of(value) is not None

    def _mapping(self, value: dict[object, object], path: str) -> BoundDict:
        # A key may be any text: it must not bring into the path what marks a value in the page.
        places = {key: f"{path}.{printable(str(key))}" for key in value}
        made = BoundDict({self.bind(key, places[key]): self.bind(item, places[key]) for key, item in value.items()})
        made.record_path = path
        return made


def _leaf(value: object) -> BoundInt | BoundFloat | BoundStr | BoundSafe | None:
    """Return a copy of a number or text that can know its path; None for what is neither, or knows its path."""
    if type(value) is str:
        return BoundStr(value)
    if type(value) is int:
        return BoundInt(value)
    if type(value) is float:
        return BoundFloat(value)
    return BoundSafe(value) if type(value) is Safe else None

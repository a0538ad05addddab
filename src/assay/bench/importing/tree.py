"""What stands under a key, and is it of the kind that the format says? Every wrong one is told with its key path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["Problems", "Tree", "whole"]

_MOST_PROBLEMS = 20
_MOST_TEXT = 200
_MOST_COUNT = 2**53 - 1
_LEAST, _MOST = 1e-30, 1e30
_KINDS = {"dict": "a mapping", "list": "a list", "str": "a text", "bool": "true or false", "NoneType": "null"}


class Problems:
    """What is wrong with one file, gathered so that all is told at once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: list[Problem] = []

    def add(self, path: str, message: str, remedy: str = "Export the file anew.") -> None:
        """Add a problem at a key path; of very many only the first are kept."""
        if len(self._found) < _MOST_PROBLEMS:
            self._found.append(Problem("bad-import", f"{path}: {message}"[:500], remedy, self._name))

    def raise_any(self) -> None:
        """Raise what was found, if anything.

        Raises:
            InputError: something was found.
        """
        if self._found:
            raise InputError(*self._found)


@dataclass(frozen=True)
class Tree:
    """A mapping of the file, its place, and where its problems go; keys that nobody asks for are passed over."""

    values: dict[str, JsonValue]
    """The mapping."""
    path: str
    """Where it stands, `benchmarks[0].metrics`; empty for the file's own."""
    problems: Problems
    """Where problems are gathered."""

    @classmethod
    def of(cls, value: JsonValue, path: str, problems: Problems) -> Tree:
        """Return a value as a mapping; another kind of value is a problem, and counts as an empty mapping."""
        if isinstance(value, dict):
            return cls(value, path, problems)
        problems.add(path or "the file", f"a mapping is expected, not {_kind(value)}")
        return cls({}, path, problems)

    def at(self, key: str) -> str:
        """Return the path of a key."""
        return f"{self.path}.{key[:80]}" if self.path else key[:80]

    def child(self, key: str, *, required: bool = False) -> Tree:
        """Return the mapping under a key; empty where there is none, which is a problem when it is required."""
        value = self.values.get(key)
        if value is None and not required:
            return Tree({}, self.at(key), self.problems)
        return Tree.of(value, self.at(key), self.problems)

    def children(self, key: str, *, required: bool = False) -> tuple[Tree, ...]:
        """Return the mappings of the list under a key."""
        return tuple(
            Tree.of(item, f"{self.at(key)}[{index}]", self.problems)
            for index, item in enumerate(self._list(key, required=required))
        )

    def number(self, key: str, *, required: bool = False) -> float | None:
        """Return the number under a key; None where there is none, which is a problem when it is required."""
        value = self.values.get(key)
        if value is None and not required:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.problems.add(self.at(key), f"a number is expected, not {_kind(value)}")
            return None
        number = _in_range(value)
        if number is None:
            self.problems.add(self.at(key), "the number is too large or too small to be measured")
        return number

    def count(self, key: str, *, required: bool = False) -> int | None:
        """Return the whole number from 0 under a key; one written as 60.0 is one."""
        number = self.number(key, required=required)
        if number is None:
            return None
        if not 0 <= number <= _MOST_COUNT or number != int(number):
            self.problems.add(self.at(key), f"a count is expected, not {number:g}")
            return None
        return int(number)

    def text(self, key: str) -> str | None:
        """Return the text under a key, cut after 200 characters, or None where there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.problems.add(self.at(key), f"a text is expected, not {_kind(value)}")
            return None
        return whole(value[:_MOST_TEXT])

    def truth(self, key: str) -> bool | None:
        """Return the true or false under a key, or None where there is none."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.problems.add(self.at(key), f"true or false is expected, not {_kind(value)}")
        return None

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return the list of numbers under a key; empty where there is none."""
        items = self._list(key, required=False)
        found = tuple(number for item in items if (number := _as_float(item)) is not None)
        if len(found) < len(items):
            self.problems.add(self.at(key), "a list of numbers is expected")
            return ()
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts under a key; empty where there is none."""
        items = self._list(key, required=False)
        found = tuple(item for item in items if isinstance(item, str))
        if len(found) < len(items):
            self.problems.add(self.at(key), "a list of texts is expected")
            return ()
        return found

    def length(self, key: str) -> int | None:
        """Return how many items the list under a key has, or None where there is no list."""
        value = self.values.get(key)
        return len(value) if isinstance(value, list) else None

    def _list(self, key: str, *, required: bool) -> list[JsonValue]:
        value = self.values.get(key)
        if isinstance(value, list):
            return value
        if value is not None or required:
            self.problems.add(self.at(key), f"a list is expected, not {_kind(value)}")
        return []


def _as_float(value: JsonValue) -> float | None:
    return None if isinstance(value, bool) or not isinstance(value, int | float) else _in_range(value)


def _in_range(value: float) -> float | None:
    """Return a number that can be reckoned with, without overflow or division by next to nothing, or None."""
    return float(value) if value == 0 or _LEAST <= abs(value) <= _MOST else None


def whole(text: str) -> str:
    """Return a text that can be written as UTF-8: JSON can name halves of characters."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _kind(value: JsonValue) -> str:
    return _KINDS.get(type(value).__name__, "a number")

"""How much may a template make: what keeps one line of it from filling the memory?

A template is an imported program. All that it makes of what it is given is charged to an allowance, before it is made
where one step can make much of little: `"a" * 3000000000`, a text joined to itself again and again, a list shown as
text that holds one list a hundred times.
"""

from __future__ import annotations

import sys
from functools import wraps
from typing import TYPE_CHECKING, Final

from jinja2 import nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.visitor import NodeTransformer
from pydantic import BaseModel

from assay.record.bound import Bound
from assay.record.numbers import unmarked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from jinja2.runtime import Context

    class Filter(Protocol):
        """A filter of Jinja2."""

        def __call__(self, *args: object, **kwargs: object) -> object:
            """Return what it makes of a value."""


__all__ = ["GROWING", "OPERATORS", "REMOVED", "STEP", "Allowance", "Guarding", "body_size"]

STEP: Final = " step"
"""Filter that counts a turn; no template can write its name."""
_CONCAT: Final = " concat"
_SLICE: Final = " slice"
"""Filters that stand in for `~` and for slices, which Jinja2's sandbox does not watch."""
OPERATORS: Final = frozenset({"+", "*", "**", "%"})
"""Operators of which one step can make much."""
REMOVED: Final = ("batch", "center", "format", "indent", "pprint", "slice", "striptags", "tojson", "urlize", "wordwrap")
"""Filters of Jinja2 that fill a text up to any width, or take long over a long one; a page of Markdown has no use for
them."""
GROWING: Final = frozenset(
    {"center", "encode", "expandtabs", "format", "format_map", "join", "ljust", "maketrans", "replace", "rjust"}
    | {"to_bytes", "translate", "zfill"}
)
"""Methods of texts and numbers that do the same; `replace` and `join` are filters too, which count what they make."""
_MOST_STEPS: Final = 1_000_000
"""Turns of loops and calls of macros that one page may take."""
_MOST_MADE: Final = 256 << 20
"""Bytes that a template may make in all, for one page."""
_LONGEST: Final = 16 << 20
"""Characters of one text, as of a page."""
_LONGEST_SPLIT: Final = 1 << 20
_MOST_BITS: Final = 4_096
_PER_ITEM: Final = 8
_PER_NEW_ITEM: Final = 64
"""Bytes of a reference in a list, and of a small value that is made for one."""


class Allowance:
    """What a template may still make for one page."""

    def __init__(self) -> None:
        self._made = 0
        self._steps = 0

    def filters(self) -> dict[str, object]:
        """Return the filters by name that stand in for what Jinja2 does unwatched."""
        return {STEP: self._step, _CONCAT: self._together, _SLICE: self._slice, "replace": self._replaced}

    def charging(self, own: Filter, *, shows: bool) -> Filter:
        """Return a filter that charges what it makes.

        Args:
            own: a filter.
            shows: whether it makes a text of what it is given, which is charged too, and before.
        """
        at = 1 if hasattr(own, "jinja_pass_arg") else 0

        @wraps(own)
        def charged(*args: object, **kwargs: object) -> object:
            if shows:
                self.shown(*args[at:], *kwargs.values())
            made = own(*args, **kwargs)
            self.charge(made, new=not isinstance(made, Bound))
            return made

        return charged

    def turn(self, size: int = 0) -> None:
        """Count one turn of a loop or one call of a macro, and charge the bytes that stand in it.

        Raises:
            SecurityError: it is one too many.
        """
        self.spend(size)
        self._steps += 1
        if self._steps > _MOST_STEPS:
            message = f"it takes more than {_MOST_STEPS} turns of its loops and calls of its macros"
            raise SecurityError(message)

    def spend(self, size: int) -> None:
        """Charge bytes.

        Raises:
            SecurityError: they are more than is left.
        """
        self._made += size
        if self._made > _MOST_MADE:
            message = f"it makes more than {_MOST_MADE >> 20} MiB of texts and lists"
            raise SecurityError(message)

    def charge(self, made: object, *, new: bool = True) -> None:
        """Charge a value that was just made.

        Args:
            made: the value; what it refers to is not looked at.
            new: whether the elements of a list were made for it, too.
        """
        if isinstance(made, str):
            self.spend(sys.getsizeof(made))
        elif isinstance(made, (list, tuple, dict)):
            self.spend(len(made) * (_PER_NEW_ITEM if new else _PER_ITEM))

    def shown(self, *values: object) -> None:
        """Charge values that are about to be made one text, with all that they hold.

        Raises:
            SecurityError: it would be longer than a page, or more than is left.
        """
        length = 0
        left = [*values]
        while left:
            value = left.pop()
            held = _held(value)
            length += len(value) if isinstance(value, (str, bytes)) else 1
            if length > _LONGEST:
                message = f"a text would be longer than {_LONGEST} characters"
                raise SecurityError(message)
            if held:
                self.spend(_PER_NEW_ITEM * len(held))
                left += held
        self.spend(length)

    def operate(self, operator: str, left: object, right: object) -> None:
        """Charge what an operator of two values is about to make.

        Raises:
            SecurityError: it is more than is left, a number without measure, or a text by `%`.
        """
        if operator == "%" and isinstance(left, (str, bytes)):
            message = "the operator % fills texts up to any width; put values into the text of the template"
            raise SecurityError(message)
        if operator == "+":
            self.spend(sum(_size(own) for own in (left, right)))
        if operator == "*":
            self.spend(max(_size(left) * _times(right), _size(right) * _times(left)))
        if isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * (max(right, 1) if operator == "**" else 1) + right.bit_length()
            if bits > _MOST_BITS:
                message = f"a number would have more than {_MOST_BITS} bits"
                raise SecurityError(message)

    def called(self, owner: object, name: str) -> None:
        """Refuse to take a text apart that would come to a very long list."""
        if isinstance(owner, str) and "split" in name and len(owner) > _LONGEST_SPLIT:
            message = f"a text of more than {_LONGEST_SPLIT} characters is not taken apart"
            raise SecurityError(message)

    @pass_context  # without it the compiler would take it for a constant
    def _step(self, _context: Context, size: int) -> None:
        self.turn(size)

    def _together(self, values: Sequence[object]) -> str:
        self.shown(*values)
        return "".join(map(str, values))

    def _slice(self, value: Sequence[object], start: int | None, stop: int | None, step: int | None) -> object:
        part = value[slice(start, stop, step)]
        self.charge(part, new=False)
        return part

    def _replaced(self, value: object, old: str, new: str, count: int | None = None) -> str:
        self.shown(value, old, new)
        text = unmarked(str(value))
        found = text.count(old) if count is None else min(text.count(old), max(count, 0))
        self.spend(sys.getsizeof(text) + found * sys.getsizeof(new))
        return text.replace(old, new, found)


class Guarding(NodeTransformer):
    """Puts filters in the place of `~` and of slices, so that what they make is charged."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - Jinja2's name for it
        """Return the filter for `a ~ b`."""
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, _CONCAT, [], [], None, None, lineno=node.lineno)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802 - Jinja2's name for it
        """Return the filter for `a[b:c]`; a single element stays."""
        self.generic_visit(node)
        if not isinstance(node.arg, nodes.Slice):
            return node
        ends = [node.arg.start, node.arg.stop, node.arg.step]
        asked = [nodes.Const(None, lineno=node.lineno) if end is None else end for end in ends]
        return nodes.Filter(node.node, _SLICE, asked, [], None, None, lineno=node.lineno)


def body_size(turning: nodes.Node) -> int:
    """Return how many bytes one turn of a loop or one call of a macro makes by what stands in it: text and lists."""
    lists: list[nodes.List | nodes.Tuple | nodes.Dict] = [*turning.find_all(nodes.List), *turning.find_all(nodes.Tuple)]
    lists += turning.find_all(nodes.Dict)
    text = sum(len(own.data) for own in turning.find_all(nodes.TemplateData))
    return text + sum(_PER_ITEM * len(own.items) for own in lists)


def _held(value: object) -> Sequence[object]:
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return (*value.__dict__.values(),) if isinstance(value, BaseModel) else ()


def _size(value: object) -> int:
    if isinstance(value, (list, tuple)):
        return len(value) * _PER_ITEM
    return sys.getsizeof(value) if isinstance(value, (str, bytes)) else 0


def _times(value: object) -> int:
    return max(value, 0) if isinstance(value, int) else 0

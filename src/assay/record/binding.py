"""How does each value reach the page with its evidence: a template language that knows where its values come from?

What a template takes from the record, and what a noun computes of itself, is bound to a key path. What it computes
itself (arithmetic, slices, texts put together, literals, `loop.index`) is not. Each output goes onto the page between
marks that carry the path; `assay.record.numbers` reads them.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Final, Never, Protocol, cast

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.filters import make_attrgetter
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel
from typing_extensions import override

from assay.record.bound import SELECTED, Binding, BoundDict
from assay.record.counts import COUNTS
from assay.record.growth import GROWING, OPERATORS, REMOVED, STEP, Allowance, Guarding, body_size
from assay.record.inert import as_text, front_matter
from assay.record.method import METHOD
from assay.record.numbers import has_numeral, marked, numerals, unmarked
from assay.record.text import FILTERS, Safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jinja2.runtime import Context

    from assay.record.method import Method
    from assay.schema.record import Record

    class _Filter(Protocol):
        def __call__(self, *args: object, **kwargs: object) -> object: ...


__all__ = ["BindingEnvironment", "Rendered", "closed"]

_BLOCKS: Final = (Macro, LoopContext, BlockReference)
"""What, when called, gives a part of the page that is rendered already."""
_VIEWS: Final = ("items", "keys", "values")
_KEEP: Final = ("items", "list", "map", "reject", "rejectattr", "reverse", "select", "selectattr", "sort", "unique")
"""Filters of Jinja2 that give elements of what they take; its count stays a number of the record."""
_UNSURE: Final = ("random",)
_LAZY: Final = ("first", "last", "length", "count", "default", "d", "attr", "min", "max")
"""Filters that show nothing of what they are given, and make nothing of it that is longer."""
_HOSTILE: Final = ("cycler", "lipsum")
"""Globals of Jinja2 that a record has no use for: a page is the same each time."""


class Rendered(str):
    """A part of the page, marks and all; it is put out as it is."""

    __slots__ = ()


def closed(obj: object, attribute: str) -> bool:
    """Say whether an attribute is shut to templates though Jinja2's sandbox would allow it.

    What a noun inherits is: pydantic's `parse_raw` unpickles and `parse_file` reads files. So are methods of texts that
    make much of little; and to format ready Markdown would let a value in unescaped.
    """
    if isinstance(obj, (str, bytes, int)):
        return attribute in GROWING
    return isinstance(obj, BaseModel) and hasattr(BaseModel, attribute)


class BindingEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox of the second record format: it sees `record` and `method`, and knows where each value is from."""

    intercepted_binops = OPERATORS

    def __init__(self, record: Record | None, method: Method = METHOD) -> None:
        super().__init__(
            autoescape=False,
            finalize=self._finalized,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.binding = Binding()
        self.globals["record"] = self.binding.bind(record, "")
        self.globals["method"] = self.binding.bind(method, "method")
        for name in _HOSTILE:
            del self.globals[name]
        for name in (*_UNSURE, *REMOVED):
            del self.filters[name]
        self.filters.update({name: self._keeping(JINJA_FILTERS[name]) for name in _KEEP})
        ours: dict[str, Callable[[Never], object]] = {**FILTERS, **COUNTS, "json": front_matter}
        self.filters.update({name: self._binding(own) for name, own in ours.items()})
        self.filters.update({"length": self._count, "count": self._count, "beyond": self._beyond})
        self.filters.update({"groupby": self._groups, "sum": self._sum})
        shows = self.filters.keys() - {*_KEEP, *_LAZY, *ours, "beyond", "groupby", "sum"}
        self._allowance = Allowance()
        self.filters = {name: self._allowance.charging(own, shows=name in shows) for name, own in self.filters.items()}
        self.filters.update({**self._allowance.filters(), "join": self._joined})

    @override
    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        return not closed(obj, attr) and super().is_safe_attribute(obj, attr, value)

    @override
    def getattr(self, obj: object, attribute: str) -> object:
        if closed(obj, attribute):
            return self.unsafe_undefined(obj, attribute)
        return self.binding.held(obj, attribute, super().getattr(obj, attribute))

    @override
    def getitem(self, obj: object, argument: object) -> object:
        if isinstance(argument, str) and closed(obj, argument):
            return self.unsafe_undefined(obj, argument)
        return self.binding.held(obj, argument, super().getitem(obj, argument))

    @override
    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        self._allowance.operate(operator, left, right)
        return super().call_binop(context, operator, left, right)

    @override
    def call(self, context: Context, obj: object, /, *args: object, **kwargs: object) -> object:
        if isinstance(obj, _BLOCKS):
            self._allowance.turn()
            part = Rendered(super().call(context, obj, *args, **kwargs))
            self._allowance.charge(part)
            return part
        if "caller" in kwargs:
            # What such a block calls is put on the page as it comes, unescaped.
            message = "a call block may call a macro alone"
            raise SecurityError(message)
        owner = getattr(obj, "__self__", None)
        self._allowance.called(owner, getattr(obj, "__name__", ""))
        value = super().call(context, obj, *args, **kwargs)
        self._allowance.charge(value, new=not isinstance(owner, BaseModel))
        path = self.binding.path_of(owner)
        if path is None:
            return value
        name = getattr(obj, "__name__", "")
        if isinstance(owner, BoundDict) and name in _VIEWS:
            return self.binding.sequence(cast("Iterable[object]", value), path)
        if isinstance(owner, BaseModel) and not any(map(self._brings_number, (*args, *kwargs.values()))):
            return self.binding.bind(value, f"{path}.{name}()")
        return value

    def _brings_number(self, argument: object) -> bool:
        """Say whether a template puts a number of its own into what it calls; a name such as `sha256` is none."""
        return self.binding.shown_path_of(argument) is None and any(True for _ in numerals(str(argument)))

    def _finalized(self, value: object) -> str:
        """Return an output as it goes onto the page."""
        shown = self._shown(value)
        self._allowance.charge(shown)
        return shown

    def _shown(self, value: object) -> str:
        if isinstance(value, Rendered):
            return value
        self._allowance.shown(value)
        path = self.binding.shown_path_of(value)
        if path is not None:
            return marked(unmarked(as_text(value)), path or "record")
        if isinstance(value, str):
            value = Safe(unmarked(value)) if isinstance(value, Safe) else unmarked(value)
        # A number that the template made stands bare, and is found.
        return as_text(value) if has_numeral(str(value)) else marked(as_text(value), "")

    def _binding(self, own: Callable[[Never], object]) -> Callable[[object], object]:
        """Return one of our filters, that binds what it says of a bound value."""

        def bound(value: object) -> object:
            if not isinstance(value, BaseModel):
                self._allowance.shown(value)
            path = self.binding.shown_path_of(value)
            made = own(cast("Never", unmarked(value) if isinstance(value, Rendered) else value))
            return made if path is None else self.binding.bind(made, path or "record")

        return bound

    def _keeping(self, own: _Filter) -> _Filter:
        """Return a filter of Jinja2 that gives elements of a list, with the path of that list."""
        at = 1 if hasattr(own, "jinja_pass_arg") else 0

        @wraps(own)
        def kept(*args: object, **kwargs: object) -> object:
            path = self.binding.path_of(args[at])
            made = own(*args, **kwargs)
            return made if path is None else self.binding.sequence(cast("Iterable[object]", made), _part(path))

        return kept

    def _count(self, value: Sequence[object]) -> object:
        path = None if isinstance(value, (str, BaseModel)) else self.binding.path_of(value)
        # The characters of a text, chosen one by one, would count to anything.
        path = None if any(type(item) is str for item in value) else path
        return len(value) if path is None else self.binding.bind(len(value), path)

    def _beyond(self, value: Sequence[object], most: int) -> object:
        """Return how many elements of a list a table leaves out that shows at most so many."""
        left, path, own = max(0, len(value) - most), self.binding.path_of(value), self.binding.path_of(most)
        # Any other number of the record would make this a subtraction.
        return self.binding.bind(left, path) if path is not None and (own or "").startswith("method.") else left

    def _sum(self, value: Iterable[object], attribute: str | None = None, start: object = 0) -> object:
        path = self.binding.path_of(value)
        if not isinstance(start, (int, float)):
            message = "a sum is one of numbers"
            raise SecurityError(message)
        items = [*value] if attribute is None else [*map(make_attrgetter(self, attribute), value)]
        made = sum(cast("Iterable[float]", items), start)
        clean = start == 0 and all(self.binding.path_of(item) for item in items)
        return self.binding.bind(made, path) if path is not None and clean else made

    def _groups(
        self, value: Iterable[object], attribute: str, default: object = None, *, case_sensitive: bool = False
    ) -> object:
        path = self.binding.path_of(value)
        groups = JINJA_FILTERS["groupby"](self, value, attribute, default, case_sensitive)
        if path is None:
            return groups
        parts = [group._replace(list=self.binding.sequence(group.list, _part(path))) for group in groups]
        return self.binding.sequence(parts, _part(path))

    def _joined(self, value: Iterable[object], d: str = "", attribute: str | None = None) -> Rendered:
        items = value if attribute is None else map(make_attrgetter(self, attribute), value)
        # Escaping trims a text, and what stands between two values is mostly a space at its end.
        around = [" " if end.isspace() else "" for end in (d[:1], d[-1:] if d.strip() else "")]
        between = self._finalized(d).join(around)
        parts: list[str] = []
        for item in items:
            parts.append(self._finalized(item))
            self._allowance.charge(between)
        made = Rendered(between.join(parts))
        self._allowance.charge(made)
        return made

    def program(self, source: str) -> nodes.Template:
        """Return a template as its syntax tree.

        Raises:
            TemplateSyntaxError: it is none, or has a block whose output nothing would escape.
        """
        tree = cast("nodes.Template", Guarding().visit(self.parse(source)))
        for block in tree.find_all(nodes.FilterBlock):
            self._refuse(block.lineno)
        # Loops and macros that put out nothing would go on unseen.
        turns: list[nodes.For | nodes.Macro | nodes.CallBlock] = [*tree.find_all(nodes.For)]
        turns += [*tree.find_all(nodes.Macro), *tree.find_all(nodes.CallBlock)]
        for turning in turns:
            step = nodes.Filter(nodes.Const(body_size(turning)), STEP, [], [], None, None, lineno=turning.lineno)
            turning.body.insert(0, nodes.ExprStmt(step, lineno=turning.lineno))
        tree.set_environment(self)
        return tree

    def _refuse(self, line: int) -> None:
        message = "a filter block is not for pages: its output would not be escaped; filter each value"
        raise TemplateSyntaxError(message, line)


def _part(path: str) -> str:
    return path if path.endswith(SELECTED) else path + SELECTED

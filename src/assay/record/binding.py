"""How does each value reach the page with its evidence: a template language that knows where its values come from?

What a template takes from the record, and what a noun computes of itself, is bound to a key path. What it computes
itself (arithmetic, slices, texts put together, literals, `loop.index`) is not. Each output goes onto the page between
marks that carry the path; `assay.record.numbers` reads them.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Final, Never, Protocol, cast

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.filters import make_attrgetter
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel
from typing_extensions import override

from assay.record.bound import SELECTED, Binding, BoundDict
from assay.record.counts import COUNTS
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
_HOSTILE: Final = ("cycler", "lipsum")
"""Globals of Jinja2 that a record has no use for: a page is the same each time."""


_STEP: Final = " step"
"""Filter that counts; a name that no template can write."""
_MOST_STEPS: Final = 1_000_000
"""Turns of loops and calls of macros that one page may take."""


class Rendered(str):
    """A part of the page, marks and all; it is put out as it is."""

    __slots__ = ()


def closed(obj: object, attribute: str) -> bool:
    """Say whether an attribute is shut to templates though Jinja2's sandbox would allow it.

    What a noun inherits is: pydantic's `parse_raw` unpickles and `parse_file` reads files. And to format ready Markdown
    would let a value in unescaped.
    """
    if isinstance(obj, (Safe, Rendered)):
        return attribute in {"format", "format_map"}
    return isinstance(obj, BaseModel) and hasattr(BaseModel, attribute)


class BindingEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox of the second record format: it sees `record` and `method`, and knows where each value is from."""

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
        for name in _UNSURE:
            del self.filters[name]
        self.filters.update({name: self._keeping(JINJA_FILTERS[name]) for name in _KEEP})
        ours: dict[str, Callable[[Never], object]] = {**FILTERS, **COUNTS, "json": front_matter}
        self.filters.update({name: self._binding(own) for name, own in ours.items()})
        self.filters.update({"length": self._count, "count": self._count, "beyond": self._beyond})
        self._steps = 0
        self.filters[_STEP] = self._step
        self.filters.update({"groupby": self._groups, "join": self._joined, "sum": self._sum})

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
    def call(self, context: Context, obj: object, /, *args: object, **kwargs: object) -> object:
        if isinstance(obj, _BLOCKS):
            return Rendered(super().call(context, obj, *args, **kwargs))
        if "caller" in kwargs:
            # What such a block calls is put on the page as it comes, unescaped.
            message = "a call block may call a macro alone"
            raise SecurityError(message)
        value = super().call(context, obj, *args, **kwargs)
        owner = getattr(obj, "__self__", None)
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
        if isinstance(value, Rendered):
            return value
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

    def _sum(self, value: Iterable[object], attribute: str | None = None, start: float = 0) -> object:
        path = self.binding.path_of(value)
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
        return Rendered(self._finalized(d).join(around).join(self._finalized(item) for item in items))

    def program(self, source: str) -> nodes.Template:
        """Return a template as its syntax tree.

        Raises:
            TemplateSyntaxError: it is none, or has a block whose output nothing would escape.
        """
        tree = self.parse(source)
        for block in tree.find_all(nodes.FilterBlock):
            self._refuse(block.lineno)
        # Loops and macros that put out nothing would go on unseen.
        turns: list[nodes.For | nodes.Macro | nodes.CallBlock] = [*tree.find_all(nodes.For)]
        turns += [*tree.find_all(nodes.Macro), *tree.find_all(nodes.CallBlock)]
        for turning in turns:
            step = nodes.Filter(nodes.Const(None), _STEP, [], [], None, None, lineno=turning.lineno)
            turning.body.insert(0, nodes.ExprStmt(step, lineno=turning.lineno))
        tree.set_environment(self)
        return tree

    @pass_context  # without it the compiler would take it for a constant
    def _step(self, _context: Context, _value: object) -> None:
        """Count one turn of a loop or one call of a macro."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            message = f"it takes more than {_MOST_STEPS} turns of its loops and calls of its macros"
            raise SecurityError(message)

    def _refuse(self, line: int) -> None:
        message = "a filter block is not for pages: its output would not be escaped; filter each value"
        raise TemplateSyntaxError(message, line)


def _part(path: str) -> str:
    return path if path.endswith(SELECTED) else path + SELECTED

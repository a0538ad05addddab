"""A record in which every field says something, and its twins: one of hostile texts, one of harmless ones."""

from __future__ import annotations

from itertools import count
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel
from typing_extensions import TypeAliasType

from assay.schema.provenance import Fact, FactName
from assay.schema.record import Record
from assay.schema.suite import Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["HOSTILE", "Texts", "filled", "filled_record", "with_texts"]

N = TypeVar("N", bound=BaseModel)

HOSTILE = (
    "<script>alert(1)</script>",
    "</summary></details><img src=x onerror=alert(1)>",
    "<!-- comment",
    "<a href=javascript:alert(1)>a</a>",
    "[click](javascript:alert(1))",
    "![pixel](https://evil.example/p.png)",
    "[ref]: https://evil.example",
    "[^1] [^1]: note",
    "evil.com, evil.com/x, README.md, //evil.com and xn--e.com",
    "<https://evil.example> <me@evil.example>",
    "https://evil.example www.evil.example evil.example/x a@evil.example",
    "a | b \\| c \\\\| d |",
    "`code` ``more`` ```fence",
    "```",
    "~~~",
    "**bold** __bold__ *em* _em_ ~~gone~~",
    "# heading",
    "- [x] done",
    "1. item",
    "> quote",
    "---",
    "===",
    "    indented",
    "&lt;b&gt; &#60;script&#62; &nbsp;",
    "\x1b[31mred\x1b[0m\x07 \x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\ \x9b31m",
    "\u202eright to left\u202c \u2066x\u2069 \u200f\u061c \u200b\ufeff\U000e0041\ufdd0x\ufdd1y\ufdd2",
    "line\n\n# heading\r\n| a | b |\n|---|---|\n\u2028- item\u2029\x85***\x0b\x0c",
    "\n</details>\n\n```\n",
    "@everyone #1 GH-1 owner/repo#1 :smile: $x^2$ $$y$$",
    "trailing \\",
    "{{ record }} {% raw %} {# x #}",
    "|---|---|",
    "\"quoted\": 'x' # comment",
    "\ud800",
)
"""Texts that want to be more than text: each is one that a model, a server or a file may say."""


def filled(kind: type[N], *, known: bool = True) -> N:
    """Return a noun without an empty field; see `filled_record`."""
    return _Filler(known=known).filled(kind, "noun", 0)


def filled_record(*, known: bool = True) -> Record:
    """Return a record with two elements in each list, each literal in turn, and no number twice.

    Args:
        known: whether fields that may be None have a value.
    """
    record = filled(Record, known=known)
    names = tuple(_flat(FactName))
    candidates = []
    for own in record.candidates:
        facts = tuple(
            Fact.model_construct(
                name=name, value=f"{name} 1" if known else None, grade="observed", source=f"GET {name}"
            )
            for name in names
        )
        candidates.append(own.model_copy(update={"facts": own.facts.model_copy(update={"facts": facts})}))
    return record.model_copy(update={"candidates": tuple(candidates), "schema_name": "assay/record/v2"})


_NEEDED = ("bench_settings", "concurrency")
"""Fields that are None only where another one is empty, or is not."""
_PERCENTILES = ("e2e", "ttft", "tpot")
"""Fields with three elements: p50, p95, p99."""


class _Filler:
    """Makes a value of any annotation; patterns and limits of fields are not looked at."""

    def __init__(self, *, known: bool) -> None:
        self._known = known
        self._numbers = count(2)

    def filled(self, kind: object, name: str, place: int) -> object:
        """Return a value of an annotation, for a field of a name, at a place of the list that it stands in."""
        while isinstance(kind, TypeAliasType) or get_origin(kind) is Annotated:
            kind = kind.__value__ if isinstance(kind, TypeAliasType) else get_args(kind)[0]
        origin, args = get_origin(kind), get_args(kind)
        if origin is None:
            return self._one(kind, name, place)
        if origin is Literal:
            return [*_flat(kind)][next(self._numbers) % len([*_flat(kind)])]
        if origin is tuple:
            items = args[:1] * (3 if name in _PERCENTILES else 2) if args[-1] is Ellipsis else args
            return tuple(self.filled(own, name, at) for at, own in enumerate(items))
        if origin is dict:
            return {self.filled(args[0], name, at): self.filled(args[1], name, at) for at in range(2)}
        if NoneType in args and not self._known and name not in _NEEDED:
            return None
        return self.filled(next(own for own in args if own is not NoneType), name, place)

    def _one(self, kind: object, name: str, place: int) -> object:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = kind.model_fields.items()
            # The parts of a record that speak of one candidate must name the same.
            same = {"id": f"candidate {place}"} if kind is Candidate else {}
            return kind.model_construct(
                **{own: self.filled(field.annotation, own, place) for own, field in fields} | same
            )
        if kind is bool:
            return next(self._numbers) % 2 == 0
        if kind in {int, float}:
            return kind(next(self._numbers))
        # Pages group by candidate and by definition: other names must not bring another order.
        place_or_name = {"candidate": f"candidate {place}", "definition": "definition"}
        return place_or_name.get(name) or f"{name} {next(self._numbers)}"


def _flat(kind: object) -> Iterator[object]:
    """Yield the fixed values that an annotation names anywhere, literals within literals too."""
    if isinstance(kind, TypeAliasType):
        yield from _flat(kind.__value__)
    for own in get_args(kind):
        inner = [*_flat(own)]
        if inner or get_origin(kind) is not Literal:
            yield from inner
        else:
            yield own


class Texts:
    """New texts for old ones, the same for the same: a new text alone, before or behind the old one."""

    def __init__(self, texts: Sequence[str], turn: int = 0) -> None:
        self._texts, self._turn = texts, turn
        self._given: dict[str, str] = {}

    def __call__(self, old: str) -> str:
        if old not in self._given:
            number = len(self._given) + self._turn
            text = self._texts[number % len(self._texts)]
            ways = (text, f"{text} {old}", f"{old} {text}", f"{old}{text}{old}")
            new = ways[number // len(self._texts) % len(ways)]
            # Names must stay apart, or parts of a record that name different things would name the same.
            self._given[old] = f"{text} {old}" if new in self._given.values() else new
        return self._given[old]


def with_texts(noun: N, text_of: Callable[[str], str]) -> N:
    """Return a noun with every free text replaced; texts of a fixed list (literals) stay, and so do empty ones.

    Args:
        noun: for example a record.
        text_of: gives the new text for an old one, the same for the same.
    """
    return _replaced(noun, type(noun), text_of)


def _replaced(value: object, kind: object, text_of: Callable[[str], str]) -> object:
    if isinstance(value, BaseModel):
        changes = {
            name: _replaced(getattr(value, name), field.annotation, text_of)
            for name, field in type(value).model_fields.items()
        }
        return value.model_copy(update=changes)
    if isinstance(value, (tuple, list)):
        return tuple(_replaced(item, kind, text_of) for item in value)
    if isinstance(value, dict):
        return {_replaced(key, kind, text_of): _replaced(item, kind, text_of) for key, item in value.items()}
    return text_of(value) if isinstance(value, str) and value and value not in _flat(kind) else value

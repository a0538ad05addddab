"""Which scorer judges an answer, under which options, and how are several put together?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, GetJsonSchemaHandler, JsonValue, model_validator
from pydantic_core import CoreSchema  # noqa: TC002 - pydantic reads the annotation
from typing_extensions import override

from assay.schema._base import ShortNoun

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COMBINATIONS", "ScorerSpec"]

COMBINATIONS = ("all", "any", "none", "weighted")
"""Scorers that are made of other scorers."""
_RESERVED = ("expected", "schema", "label", "weight")
"""Keys that any scorer takes among its options."""


class ScorerSpec(ShortNoun):
    """A scorer and its options; written `exact`, `{fuzzy: {min_ratio: 90}}` or `{any: [exact, contains]}` in files."""

    name: str
    """Name in the registry of scorers, or one of `all`, `any`, `none`, `weighted`."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """Options by name; each scorer documents its own."""
    expected: JsonValue = None
    """What this scorer expects, in place of the case's `expected`; written among the options."""
    json_schema: dict[str, JsonValue] | None = Field(default=None, alias="schema")
    """JSON Schema for this scorer, in place of the case's; written among the options."""
    own_label: str | None = Field(default=None, alias="label", min_length=1, max_length=80)
    """Name under which its scores are kept, where its own would not do; written among the options."""
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Share among the parts of a `weighted` scorer."""
    parts: tuple[ScorerSpec, ...] = ()
    """The scorers that `all`, `any`, `none` and `weighted` are made of; written `scorers` among the options."""

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: object) -> object:
        return _long_form(value)

    @override
    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler, /) -> dict[str, object]:
        short = {"type": "object", "minProperties": 1, "maxProperties": 1}
        weighted = {"type": "object", "required": ["scorer", "weight"]}
        return {"anyOf": [super().__get_pydantic_json_schema__(core, handler), short, weighted]}

    @property
    def label(self) -> str:
        """Name under which scores and metrics are kept: the scorer, with its rubric or what makes it another one."""
        if self.own_label is not None:
            return self.own_label
        rubric = self.options.get("rubric")
        if isinstance(rubric, str):
            return f"{self.name}:{rubric}"
        # Valid and equal are two questions: one label for both would mix them in one metric.
        return f"{self.name}:compare" if self.options.get("compare") is True else self.name

    def leaves(self) -> Iterator[ScorerSpec]:
        """Yield the scorers that look at an answer: this one, or all those it is made of."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def rubrics(self) -> frozenset[str]:
        """Return the rubrics that judges must read for this scorer."""
        return frozenset(str(leaf.options.get("rubric")) for leaf in self.leaves() if leaf.name == "judge")


def _long_form(value: object) -> object:
    """Return a scorer by its fields, however it was written; what is none of the forms is left for pydantic."""
    if isinstance(value, str):
        return {"name": value}
    if not isinstance(value, dict) or "name" in value:
        return value
    if set(value) == {"scorer", "weight"}:
        inner = _long_form(value["scorer"])
        return {**inner, "weight": value["weight"]} if isinstance(inner, dict) else value
    if len(value) != 1:
        return value
    name, options = next(iter(value.items()))
    if name in COMBINATIONS and isinstance(options, list):
        options = {"scorers": options}
    if not isinstance(options, dict):
        return {"name": name, "options": options or {}}
    own = {key: options[key] for key in _RESERVED if key in options}
    parts = {"parts": options["scorers"]} if name in COMBINATIONS and "scorers" in options else {}
    taken = {*own, *(("scorers",) if parts else ())}
    left = {key: option for key, option in options.items() if key not in taken}
    return {"name": name, "options": left, **own, **parts}

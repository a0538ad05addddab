"""What do several scorers say together, where a case wants all, any or none of them, or a weighted share?"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from assay.schema._base import Noun, rounded
from assay.scoring.mark import Mark, Scorer, failed, passed, unscored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import JsonValue

    Part = tuple[str, float, Mark]

__all__ = ["COMBINERS", "WeightedOptions", "combine"]


class PlainOptions(Noun):
    """`all`, `any` and `none` take their `scorers` and nothing else."""

    model_config = ConfigDict(strict=True)


class WeightedOptions(Noun):
    """When a weighted share is enough."""

    model_config = ConfigDict(strict=True)

    min: float = Field(default=1.0, gt=0, le=1, allow_inf_nan=False)
    """Weighted mean of the parts' grades from which the answer passes, above 0, at most 1."""


def _all(parts: Sequence[Part], _options: Mapping[str, JsonValue]) -> Mark:
    value = min((mark.value for _, _, mark in parts if mark.value is not None), default=0.0)
    for outcome in ("failed", "unscored"):
        said = _said(parts, outcome)
        if said:
            return failed(said, value) if outcome == "failed" else unscored(said)
    return passed(_said(parts, "passed"), value)


def _any(parts: Sequence[Part], _options: Mapping[str, JsonValue]) -> Mark:
    value = max((mark.value for _, _, mark in parts if mark.value is not None), default=0.0)
    if said := _said(parts, "passed"):
        return passed(said, value)
    unsure = _said(parts, "unscored")
    return unscored(unsure) if unsure else failed(_said(parts, "failed"), value)


def _none(parts: Sequence[Part], _options: Mapping[str, JsonValue]) -> Mark:
    if said := _said(parts, "passed"):
        return failed(f"must not pass: {said}")
    unsure = _said(parts, "unscored")
    return unscored(unsure) if unsure else passed(f"none passes: {_said(parts, 'failed')}")


def _weighted(parts: Sequence[Part], options: Mapping[str, JsonValue]) -> Mark:
    """Return the weighted mean, in exact fractions; parts without a grade are taken both ways."""
    least = Fraction(str(WeightedOptions.model_validate(options).min))
    total = sum(Fraction(str(weight)) for _, weight, _ in parts)
    sure = sum(Fraction(str(w)) * Fraction(str(m.value)) for _, w, m in parts if m.value is not None) / total
    open_share = sum(Fraction(str(weight)) for _, weight, mark in parts if mark.value is None) / total
    reason = f"weighted {float(sure):.3g}, {float(least):g} needed: {'; '.join(_graded(*part) for part in parts)}"
    if sure >= least:
        return passed(reason, rounded(float(sure)))
    return unscored(reason) if sure + open_share >= least else failed(reason, rounded(float(sure)))


def _graded(label: str, _weight: float, mark: Mark) -> str:
    """Return the grade of a part, with its reason where it does not pass."""
    grade = f"{label} ?" if mark.value is None else f"{label} {mark.value:.3g}"
    return grade if mark.outcome == "passed" else f"{grade} ({mark.reason})"


def _said(parts: Sequence[Part], outcome: str) -> str:
    """Return the reasons of all parts with one outcome; empty when there is none."""
    return "; ".join(f"{label}: {mark.reason}" for label, _, mark in parts if mark.outcome == outcome)


_RULES: dict[str, Callable[[Sequence[Part], Mapping[str, JsonValue]], Mark]] = {
    "all": _all,
    "any": _any,
    "none": _none,
    "weighted": _weighted,
}

COMBINERS: dict[str, Scorer] = {
    "all": Scorer("all", "Every one of its `scorers` passes.", PlainOptions, score=None),
    "any": Scorer("any", "At least one of its `scorers` passes.", PlainOptions, score=None),
    "none": Scorer("none", "Not one of its `scorers` passes.", PlainOptions, score=None),
    "weighted": Scorer("weighted", "The weighted mean of its `scorers` is high enough.", WeightedOptions, score=None),
}
"""The scorers that are made of other scorers."""


def combine(name: str, parts: Sequence[Part], options: Mapping[str, JsonValue]) -> Mark:
    """Return what the parts of a combination come to.

    Args:
        name: `all`, `any`, `none` or `weighted`.
        parts: label, weight and mark of each; at least one.
        options: of the combination.
    """
    if not parts:
        return unscored(f"{name} has no scorers")
    return _RULES[name](parts, options)

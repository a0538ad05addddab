"""What does a judge read before it judges an answer?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from assay.schema._base import Noun, digest_of

__all__ = ["Criterion", "Example", "Rubric", "Scale"]


class Criterion(Noun):
    """One yes-or-no question about an answer."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    """Key of this criterion in the judge's answer."""
    text: str
    """The statement that the judge calls true or false."""
    weight: float = Field(default=1.0, gt=0)
    """Share of the grade, relative to the other criteria."""
    must: bool = False
    """A `must` criterion that is false fails the answer whatever the rest says."""
    must_not: bool = False
    """A `must_not` criterion describes a fault: true fails the answer, and false counts as met."""

    @model_validator(mode="after")
    def _one_duty(self) -> Criterion:
        if self.must and self.must_not:
            message = "give one of must and must_not"
            raise ValueError(message)
        return self

    def met(self, said: bool) -> bool:  # noqa: FBT001 - the judge's word is a bool
        """Return whether the judge's word on the statement speaks for the answer."""
        return said is not self.must_not


class Scale(Noun):
    """How criteria become a grade."""

    pass_mark: float = Field(default=0.7, gt=0, le=1, alias="pass")
    """Weighted share of criteria met, 0 to 1, from which the answer passes."""


class Example(Noun):
    """A judgement to go by, shown to the judge before the answer under test."""

    request: str
    """What was asked."""
    answer: str
    """What was answered."""
    reasoning: str
    """Why the criteria hold or do not."""
    criteria: dict[str, bool]
    """Whether each criterion's statement is true of the answer, by id."""


class Rubric(Noun):
    """A rubric file: criteria, scale, and whether a reference answer is needed."""

    schema_name: Literal["assay/rubric/v1"] = Field(default="assay/rubric/v1", alias="schema")
    """Name of this format."""
    id: str
    """Name by which cases and judges refer to the rubric."""
    version: str = "0"
    """Version that its author gave."""
    description: str = ""
    """One sentence on what the rubric asks."""
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    """The criteria in the order in which the judge answers them."""
    scale: Scale = Scale()
    """How criteria become a grade."""
    reference: Literal["required", "optional", "hidden"] = "optional"
    """Whether a case must bring an expected answer, and whether the judge is shown it."""
    examples: tuple[Example, ...] = Field(default=(), max_length=8)
    """Judgements to go by; each gives every criterion."""

    @model_validator(mode="after")
    def _examples_are_whole(self) -> Rubric:
        ids = [criterion.id for criterion in self.criteria]
        if len(set(ids)) != len(ids):
            message = "two criteria have the same id"
            raise ValueError(message)
        for number, example in enumerate(self.examples, start=1):
            if set(example.criteria) != set(ids):
                message = f"example {number} does not give each criterion once"
                raise ValueError(message)
        return self

    def digest(self) -> str:
        """Return the SHA-256 of the rubric; a calibration holds for one digest only."""
        return digest_of(self.model_dump(mode="json", by_alias=True))

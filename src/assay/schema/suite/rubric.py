"""What does a judge read before it judges an answer?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assay.schema._base import Noun, digest_of

__all__ = ["Criterion", "Rubric", "Scale"]


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


class Scale(Noun):
    """How criteria become a grade."""

    pass_mark: float = Field(default=0.7, gt=0, le=1, alias="pass")
    """Weighted share of criteria met, 0 to 1, from which the answer passes."""


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
    reference: Literal["required", "optional"] = "optional"
    """Whether a case must bring an expected answer."""

    def digest(self) -> str:
        """Return the SHA-256 of the rubric; a calibration holds for one digest only."""
        return digest_of(self.model_dump(mode="json", by_alias=True))

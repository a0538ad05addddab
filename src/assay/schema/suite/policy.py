"""What must hold before a candidate may go to production: conditions, required evidence, what it is compared with?"""

from __future__ import annotations

import math
from datetime import date
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from assay.schema._base import Noun, ShortNoun, digest_of

__all__ = ["ConditionSpec", "EvidenceKind", "Gate", "Waiver", "Waivers"]

_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_DAY = r"^\d{4}-\d{2}-\d{2}$"

EvidenceKind = Literal["answers", "benchmark", "baseline", "calibrations", "attestations", "weights", "licence-text"]
"""Kinds of evidence that a policy can require."""


class ConditionSpec(ShortNoun):
    """One condition of the gate; written as its text alone, or as a mapping."""

    condition: str = Field(min_length=1)
    """The text, for example `suite:policy-qa.pass_rate >= 0.9 with 95% confidence`."""
    id: str | None = Field(default=None, pattern=_ID)
    """Name of the condition; None takes its text."""
    severity: Literal["block", "warn"] = "block"
    """`block` decides the verdict, `warn` is only shown."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"condition": value} if isinstance(value, str) else value


class Gate(ShortNoun):
    """The policy: what must hold before a candidate may go to production; a plan may name its file instead."""

    schema_name: Literal["assay/policy/v1"] | None = Field(default=None, alias="schema")
    """Name of this format; a policy file may state it."""
    conditions: tuple[ConditionSpec, ...] = ()
    """The conditions in the order in which they are shown."""
    required_evidence: tuple[EvidenceKind, ...] = ()
    """Evidence that must be there; each kind is a blocking condition, unknown where it is missing, and cannot be
    waived."""
    baseline: str | None = None
    """What candidates are compared with: the id of a candidate of the plan, or the path of an earlier record; None
    takes the one candidate with role baseline."""
    waivers: str | None = None
    """Path of the waivers file; None means that nothing is waived."""
    stop_early: Literal["curtail", "never"] = "curtail"
    """`curtail` asks no further case of a suite once no outcome of the rest could change any condition on it."""


class Waiver(Noun):
    """A named, reasoned, expiring exception to one condition; it is shown, it never hides."""

    condition: str = Field(min_length=1)
    """Id of the condition: the one that it was given, or its text."""
    candidate: str | None = None
    """Only for this candidate; None for every one that is decided on."""
    reason: str = Field(min_length=1)
    """Why the failure is acceptable for now."""
    owner: str = Field(min_length=1)
    """Who mends it."""
    approver: str = Field(min_length=1)
    """Who accepted it; another person than the owner."""
    granted: str = Field(pattern=_DAY)
    """Day on which it was accepted, `YYYY-MM-DD`."""
    expires: str = Field(pattern=_DAY)
    """Last day on which it holds, `YYYY-MM-DD`."""
    value: float | tuple[str, ...]
    """What the condition came to when it was granted: the number compared, or the names of what was not met. It holds
    only while the candidate is no worse."""

    @field_validator("value", mode="before")
    @classmethod
    def _number_or_names(cls, value: object) -> object:
        names = isinstance(value, list | tuple) and value and all(isinstance(name, str) for name in value)
        if names or (isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)):
            return value
        message = "write the number that was compared, or the list of names of what was not met"
        raise ValueError(message)

    @field_validator("granted", "expires")
    @classmethod
    def _day_of_the_calendar(cls, day: str) -> str:
        try:
            date.fromisoformat(day)
        except ValueError:
            message = "it is not a day of the calendar"
            raise ValueError(message) from None
        return day

    @field_validator("approver")
    @classmethod
    def _another_person(cls, approver: str, info: ValidationInfo[None]) -> str:
        if "owner" in info.data and _person(info.data["owner"]) == _person(approver):
            message = f"the approver must be another person than the owner{_of(info)}"
            raise ValueError(message)
        return approver

    @field_validator("expires")
    @classmethod
    def _after_it_was_granted(cls, expires: str, info: ValidationInfo[None]) -> str:
        if expires < info.data.get("granted", expires):
            message = f"it expires before it was granted{_of(info)}"
            raise ValueError(message)
        return expires


def _of(info: ValidationInfo[None]) -> str:
    """Return whose value is looked at: a waiver is known by its condition."""
    return f", in the waiver on '{info.data['condition']}'" if "condition" in info.data else ""


class Waivers(Noun):
    """A waivers file."""

    schema_name: Literal["assay/waivers/v1"] = Field(default="assay/waivers/v1", alias="schema")
    """Name of this format."""
    waivers: tuple[Waiver, ...] = ()
    """What is waived, each condition of a candidate at most once."""

    def digest(self) -> str:
        """Return the SHA-256 of the waivers."""
        return digest_of(self.model_dump(mode="json", by_alias=True))


def _person(name: str) -> str:
    return " ".join(name.casefold().split())

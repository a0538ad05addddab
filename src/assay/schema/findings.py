"""Is it ready: checklist items, what people attest, and the finding for each item."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assay.schema._base import Noun, Status

__all__ = ["Attestation", "Attestations", "Checklist", "ChecklistItem", "Finding", "Section"]

Section = Literal["model", "quality", "performance", "reliability", "security", "operations", "governance"]


class ChecklistItem(Noun):
    """One item of the checklist, as data."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    """Name of the item; attestations refer to it."""
    section: Section
    """Part of the checklist."""
    question: str
    """What is asked, a question with its mark."""
    shown_by: Literal["check", "probe", "evidence", "attestation"]
    """`probe` is decided by what a server did, `evidence` from other files of the run, `attestation` by a named person;
    `check` is what checklists of old call the first two."""
    evidence: str
    """What it needs as evidence, in words."""
    severity: Literal["block", "warn"] = "block"
    """Whether it belongs to the minimum for production."""
    meaning: str = ""
    """What it means for the use when it is not met, a sentence; empty where nobody wrote it down."""
    remedy: str
    """What to do when it is not met or unknown, a sentence."""
    frameworks: tuple[str, ...] = ()
    """Items of published frameworks that it serves, as `framework:item`, for example `owasp-llm:LLM10`."""
    lesson: tuple[str, ...] = ()
    """Items of the source checklists that it serves, for example `5.3` or `10.1`."""


class Checklist(Noun):
    """A checklist file."""

    schema_name: Literal["assay/checklist/v1"] = Field(default="assay/checklist/v1", alias="schema")
    """Name of this format."""
    items: tuple[ChecklistItem, ...] = Field(min_length=1)
    """The items in the order in which they are shown."""


class Attestation(Noun):
    """What a named person says of one item."""

    item: str
    """Checklist item."""
    status: Literal["met", "not_met", "not_applicable"] = "met"
    """What the person says."""
    by: str = Field(min_length=1)
    """Who says it."""
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    """When it was said, `YYYY-MM-DD`."""
    expires: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    """Last day on which it holds, `YYYY-MM-DD`."""
    statement: str = Field(min_length=1)
    """What exactly is said, with where it can be seen."""


class Attestations(Noun):
    """An attestations file."""

    schema_name: Literal["assay/attestations/v1"] = Field(default="assay/attestations/v1", alias="schema")
    """Name of this format."""
    attestations: tuple[Attestation, ...] = ()
    """What people say."""


class Finding(Noun):
    """What one item of the checklist came to, for one candidate."""

    item: str
    """Checklist item."""
    candidate: str
    """Candidate that is decided on."""
    section: Section
    """Part of the checklist."""
    question: str
    """What was asked."""
    severity: Literal["block", "warn"]
    """Whether it belongs to the minimum for production."""
    status: Status
    """What was found."""
    reason: str
    """Why, with the figures it rests on."""
    evidence: tuple[str, ...]
    """Files of the run that show it."""
    remedy: str
    """What to do, when it is not met or unknown."""

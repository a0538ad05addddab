"""Is it ready: checklist items, what people attest, and the finding for each item."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, get_args

from pydantic import Field

from assay.schema._base import Noun, Status

__all__ = [
    "ATTESTATIONS",
    "LEVELS",
    "Attestation",
    "Attestations",
    "Checklist",
    "ChecklistExtension",
    "ChecklistItem",
    "Finding",
    "ItemChange",
    "Level",
    "Rehearsal",
    "Rehearsals",
    "Section",
    "SmokeOutcome",
    "moment_of",
]

Section = Literal["model", "quality", "performance", "reliability", "security", "operations", "governance"]
Level = Literal["not_met", "unknown", "attested", "shown"]
"""How well an item stands, weakest first: `attested` is met where a person's word carries it, `shown` where evidence or
a probe does without one."""

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""The levels, weakest first."""
ATTESTATIONS: Final = "evidence/attestations.json"
"""Where in a run lies what people attest."""

_ID = r"^[a-z][a-z0-9-]*$"
ShownBy = Literal["check", "probe", "evidence", "attestation"]
Severity = Literal["block", "warn"]


class ChecklistItem(Noun):
    """One item of the checklist, as data."""

    id: str = Field(pattern=_ID)
    """Name of the item; attestations refer to it."""
    section: Section
    """Part of the checklist."""
    question: str
    """What is asked, a question with its mark."""
    shown_by: ShownBy
    """`probe` is decided by what a server did, `evidence` from other files of the run, `attestation` by a named person;
    `check` is what checklists of old call the first two."""
    evidence: str
    """What it needs as evidence, in words."""
    severity: Severity = "block"
    """Whether it belongs to the minimum for production."""
    meaning: str = ""
    """What it means for the use when it is not met, a sentence; empty where nobody wrote it down."""
    remedy: str
    """What to do when it is not met or unknown, a sentence."""
    frameworks: tuple[str, ...] = ()
    """Items of published frameworks that it serves, as `framework:item`, for example `owasp-llm:LLM10`."""
    lesson: tuple[str, ...] = ()
    """Items of the source checklists that it serves, for example `5.3` or `10.1`."""
    leave_out: str = ""
    """Why this use leaves the item out, a sentence; empty where it does not. An item that is left out stands in the
    record as not applicable, with this reason."""
    shipped_severity: Severity | None = None
    """Severity in the shipped checklist, where a file that extends it says another. Assay notes it in the evidence of a
    run; nobody writes it by hand."""

    @property
    def lowered(self) -> bool:
        """Whether the shipped checklist has it in its minimum, and this one only warns of it."""
        return self.shipped_severity == "block" and self.severity == "warn"


class ItemChange(Noun):
    """What a checklist that extends the shipped one says of an item: a new one, or keys of a shipped one."""

    id: str = Field(pattern=_ID)
    """The shipped item, or the name of a new one."""
    section: Section | None = None
    """Part of the checklist; a new item needs it."""
    question: str | None = None
    """What is asked; a new item needs it."""
    shown_by: ShownBy | None = None
    """How it is shown; a new item is an `attestation`, for no check knows it."""
    evidence: str | None = None
    """What it needs as evidence, in words; a new item needs it."""
    severity: Severity | None = None
    """Whether it belongs to the minimum for production; a new item does unless it says `warn`."""
    meaning: str | None = None
    """What it means for the use when it is not met, a sentence."""
    remedy: str | None = None
    """What to do when it is not met or unknown, a sentence; a new item needs it."""
    frameworks: tuple[str, ...] | None = None
    """Items of published frameworks that it serves, as `framework:item`."""
    lesson: tuple[str, ...] | None = None
    """Items of the source checklists that it serves."""
    leave_out: str | None = None
    """Why this use leaves the item out, a sentence."""


class Checklist(Noun):
    """A whole checklist."""

    schema_name: Literal["assay/checklist/v1"] = Field(default="assay/checklist/v1", alias="schema")
    """Name of this format."""
    items: tuple[ChecklistItem, ...] = Field(min_length=1)
    """The items in the order in which they are shown."""


class ChecklistExtension(Noun):
    """A checklist file that keeps the shipped checklist and says what is other here."""

    schema_name: Literal["assay/checklist/v1"] = Field(default="assay/checklist/v1", alias="schema")
    """Name of this format."""
    extends: Literal["shipped"]
    """The checklist that is kept: the one that comes with Assay."""
    items: tuple[ItemChange, ...] = Field(min_length=1)
    """New items, and keys of shipped items in the place of their own."""


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


class SmokeOutcome(Noun):
    """What the cases came to that were asked after a rehearsal."""

    asked: int = Field(ge=1)
    """Cases that were asked."""
    passed: int = Field(ge=0)
    """Cases that passed."""


class Rehearsal(Noun):
    """One rehearsal: what was done to the server of a candidate, and how long it took until it answered well again."""

    kind: Literal["rollback", "failover", "restart"]
    """`rollback` exchanges the model for the one before, `failover` lets another server answer, `restart` starts the
    same one again. Only rollbacks decide an item of the shipped checklist; the others are kept with them."""
    candidate: str
    """Candidate that was served when it began."""
    from_digest: str = Field(pattern=r"^((sha256:)?[0-9a-f]{64}|[0-9a-f]{40})$")
    """What was served when it began: SHA-256 of the weights, or the revision that a pin names."""
    to_digest: str = Field(pattern=r"^((sha256:)?[0-9a-f]{64}|[0-9a-f]{40})$")
    """What was served when it ended, in the same form; of a rollback it is another one."""
    started: str
    """When it began, with a time zone: `2026-05-04T09:30:00+02:00`."""
    ended: str
    """When it answered again as it should, with a time zone."""
    by: str = Field(min_length=1)
    """Who did it."""
    smoke: SmokeOutcome
    """What was asked afterwards, and how much of it passed."""
    log: str = Field(min_length=1)
    """What was done, step by step, or where that is written down."""

    def moments(self) -> tuple[datetime, datetime] | None:
        """Return when it began and ended; None where one is no moment with a zone, or the end comes first."""
        began, ended = moment_of(self.started), moment_of(self.ended)
        return None if began is None or ended is None or ended < began else (began, ended)


class Rehearsals(Noun):
    """A log of rehearsals."""

    schema_name: Literal["assay/rehearsals/v1"] = Field(default="assay/rehearsals/v1", alias="schema")
    """Name of this format."""
    rehearsals: tuple[Rehearsal, ...] = ()
    """The rehearsals, in any order."""


def moment_of(text: str) -> datetime | None:
    """Return the moment that an ISO 8601 text means, or None where it means none or has no time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


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
    severity: Severity
    """Whether it belongs to the minimum for production."""
    status: Status
    """What was found."""
    reason: str
    """Why, with the figures it rests on."""
    evidence: tuple[str, ...]
    """Files of the run that show it."""
    remedy: str
    """What to do, when it is not met or unknown."""

    @property
    def level(self) -> Level | None:
        """How well the item stands; None where the question does not arise.

        What is met is `attested` as soon as a person's word is among its evidence, for without it the item would not be
        met: a licence that allows under conditions which somebody says are kept. What is met and names no evidence at
        all shows nothing, and is `unknown`.
        """
        if self.status == "not_applicable":
            return None
        if self.status == "met":
            if not self.evidence:
                return "unknown"
            return "attested" if ATTESTATIONS in self.evidence else "shown"
        return self.status

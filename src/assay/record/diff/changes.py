"""What is a difference between two records: words that changed, and numbers with how far their intervals are apart?"""

from __future__ import annotations

from typing import Final, Literal, get_args

from pydantic import Field

from assay.record.figures import Estimate, Unit
from assay.schema._base import Noun
from assay.schema.standing import StatusWord
from assay.schema.verdict import VerdictWord

__all__ = [
    "PARTS",
    "CandidatePair",
    "Change",
    "DiffSide",
    "FigureChange",
    "Part",
    "RecordDiff",
]

Part = Literal[
    "verdict",
    "condition",
    "decision",
    "waiver",
    "finding",
    "blocker",
    "policy",
    "candidate",
    "pin",
    "fact",
    "licence",
    "suite",
    "judge",
    "measurement",
    "people",
    "use_case",
    "untested",
    "evidence",
    "host",
]
"""Parts of a record, those that a reviewer asks about first in front."""
PARTS: Final[tuple[Part, ...]] = get_args(Part)
"""The same as a list."""


class Change(Noun):
    """One thing that two records say differently in words, or that only one of them says."""

    part: Part
    """Part of the record."""
    candidate: str | None = None
    """Candidate, `old -> new` where the two names differ; None where it is about no candidate."""
    subject: str
    """What it is about: a condition, an item, a fact; hostile text, for it may name anything of a plan."""
    change: Literal["new", "gone", "changed", "reworded"]
    """`new` stands in B alone, `gone` in A alone; `reworded` came to the same, for another reason."""
    a: str | None = None
    """What A says; None where it says nothing of it, or where there is nothing more to say than that it is there."""
    b: str | None = None
    """What B says, in the same way."""
    why: str | None = None
    """Reason that B gives, or A where B says nothing of it; None where there is none."""


class FigureChange(Noun):
    """One number of two records side by side."""

    candidate: str
    """Candidate, `old -> new` where the two names differ."""
    group: str
    """Suite, tag or load that it is of."""
    name: str
    """Which figure."""
    unit: Unit
    """Unit of its values."""
    a: Estimate | None
    """What A has, or None."""
    b: Estimate | None
    """What B has, or None."""
    status: Literal["same", "apart", "meet", "no_interval", "new", "gone"]
    """`apart`: the two 95 % intervals do not meet. `meet`: they do, which proves neither a change nor that there is
    none. `no_interval`: the values differ, and one of them has no limits."""
    better: Literal["a", "b"] | None = None
    """Which of the two is better, where the intervals are apart."""
    main: bool
    """Whether it is of a whole suite or of the figures that are shown first."""
    note: str | None = None
    """Why the two are not of the same thing, for example other cases; None where nothing is known against it."""


class CandidatePair(Noun):
    """Which candidate of A is held against which of B."""

    a: str | None
    """Candidate of A, or None for one that only B has."""
    b: str | None
    """Candidate of B, or None for one that only A has."""
    by: Literal["id", "roles", "decided_on"] | None
    """How they were found: the same id, the same roles, or the only ones left that are decided on; None without a
    partner."""

    @property
    def label(self) -> str:
        """The name that both have, or `old -> new`."""
        names = [name for name in (self.a, self.b) if name is not None]
        return names[0] if self.a == self.b else " -> ".join(names)


class DiffSide(Noun):
    """One of the two records."""

    record: str
    """Its id."""
    date: str
    """Day of its verdict."""
    status: StatusWord
    """State of its decision."""
    verdict: VerdictWord
    """What its evidence says."""
    run: str
    """Id of its run."""
    body_sha256: str
    """Digest of its body."""
    verified: bool | None
    """Whether it follows from its evidence; None where nobody looked."""


class RecordDiff(Noun):
    """What `assay diff` prints."""

    schema_name: Literal["assay/diff/v1"] = Field(default="assay/diff/v1", alias="schema")
    """Name of this format."""
    a: DiffSide
    """What is compared with."""
    b: DiffSide
    """What is compared."""
    pairs: tuple[CandidatePair, ...]
    """Candidates, in the order of A, then those that only B has."""
    changes: tuple[Change, ...]
    """Differences in words, part by part."""
    figures: tuple[FigureChange, ...]
    """Every number that at least one of them has, equal ones too."""

    @property
    def differs(self) -> bool:
        """Whether anything is new, gone or changed, or the intervals of a number are apart.

        Numbers whose intervals meet and reasons in other words are no difference: two runs of one plan have these.
        """
        return any(own.change != "reworded" for own in self.changes) or any(
            own.status in {"apart", "new", "gone"} for own in self.figures
        )

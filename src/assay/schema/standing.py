"""Where does a record stand: what did which person decide, until when does it hold, what did it replace?

This is the only part of a record that may change once it is written; everything else is its body.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assay.schema._base import Noun
from assay.schema.verdict import VerdictWord

__all__ = ["Decision", "DecisionWord", "Standing", "StatusWord"]

DecisionWord = Literal["accepted", "rejected", "deferred"]
"""What a person decides."""
StatusWord = Literal["proposed", "accepted", "rejected", "deferred", "superseded"]
"""State of a record: `proposed` until a person decides, `superseded` once another accepted record replaces it."""

_DAY = r"^\d{4}-\d{2}-\d{2}$"


class Decision(Noun):
    """What one person decided on a record."""

    outcome: DecisionWord
    """What was decided."""
    by: str = Field(min_length=1, max_length=200)
    """Who decided, by name."""
    on: str = Field(pattern=_DAY)
    """Day of the decision, `YYYY-MM-DD` in UTC."""
    verdict: VerdictWord
    """The verdict that the decision cites: that of the record."""
    reason: str | None = Field(default=None, max_length=2_000)
    """Why, in the person's words; a decision against the verdict needs one."""
    body_sha256: str
    """SHA-256 of the body that was decided on (canonical JSON of the record without `status` and `standing`)."""


class Standing(Noun):
    """The status block of a record, beside its status."""

    decisions: tuple[Decision, ...] = ()
    """What people decided, oldest first; the last one counts."""
    valid_until: str | None = Field(default=None, pattern=_DAY)
    """Last day on which an acceptance holds, `YYYY-MM-DD` in UTC; None sets no end."""
    supersedes: tuple[str, ...] = ()
    """Ids of the records that this one replaces."""
    superseded_by: str | None = None
    """Id of the record that replaces this one."""
    sha256: str | None = None
    """SHA-256 of the status and all fields above (canonical JSON), so that no byte changes unseen; None while nobody
    has decided."""

"""May a record be relied on today: is it accepted, replaced by no other, and not past its last day?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from assay.schema.record import Record

__all__ = ["Freshness", "freshness_of"]


@dataclass(frozen=True)
class Freshness:
    """Whether a record may be relied on, by its status block alone."""

    fresh: bool
    """Whether it is accepted, replaced by no other, and not past its last day."""
    told: str
    """Why, in a few words."""


def freshness_of(record: Record, today: date) -> Freshness:
    """Return whether a record may be relied on.

    Args:
        record: a record that verifies.
        today: the day that counts, in UTC; the last day of an acceptance is one on which it holds.
    """
    until = record.standing.valid_until
    if record.status == "superseded":
        return Freshness(fresh=False, told=f"superseded by {record.standing.superseded_by}")
    if record.status != "accepted":
        word = "nobody has decided on it" if record.status == "proposed" else f"it is {record.status}"
        return Freshness(fresh=False, told=f"not accepted: {word}")
    if until is None:
        return Freshness(fresh=True, told="accepted, without a last day")
    if until < today.isoformat():
        return Freshness(fresh=False, told=f"expired on {until}")
    return Freshness(fresh=True, told=f"valid until {until}")

"""Is a record that says it is accepted an old copy: do the records and the index beside it say otherwise?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import InputError
from assay.record.freshness import Freshness, freshness_of
from assay.record.index import INDEX_JSON, Index
from assay.record.truth import body_sha256
from assay.workflow.records import index_in, records_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from assay.record.index import IndexEntry
    from assay.schema.record import Record

__all__ = ["Neighbours", "freshness_among", "neighbours_in"]


@dataclass(frozen=True)
class Neighbours:
    """What lies in a folder of records."""

    replacing: dict[str, str]
    """By id of a record that another says it replaces: the id of that one."""
    index: Index | None
    """Its index, an empty one where there is none; None where it cannot be read."""


def neighbours_in(folder: Path) -> Neighbours:
    """Return what the records of a folder and its index say of each other."""
    records = [own.record for own in records_in(folder)]
    replacing = {old: own.id for own in records for old in own.standing.supersedes if old != own.id}
    try:
        return Neighbours(replacing, index_in(folder))
    except InputError:
        return Neighbours(replacing, None)


def freshness_among(record: Record, today: date, beside: Neighbours) -> Freshness:
    """Return whether a record may be relied on, by its own word and that of its neighbours.

    A copy from before a decision verifies, for it was true then. What was decided since stands in the records that
    replace it, and in the index.

    Args:
        record: a record that verifies.
        today: the day that counts, in UTC.
        beside: what lies in its folder.
    """
    own = freshness_of(record, today)
    if not own.fresh:
        return own
    told = next(_otherwise(record, beside), None)
    return own if told is None else Freshness(fresh=False, told=told)


def _otherwise(record: Record, beside: Neighbours) -> Iterator[str]:
    if record.id in beside.replacing:
        yield f"superseded, as {beside.replacing[record.id]} says, though its own status does not: it is an old copy"
    if beside.index is None:
        yield f"not known: the {INDEX_JSON} beside it cannot be read"
        return
    entry = beside.index.entry(record.id)
    if entry is not None:
        yield from (f"not known: {INDEX_JSON} says {what}" for what in _differing(record, entry))


def _differing(record: Record, entry: IndexEntry) -> Iterator[str]:
    """Yield what the index says of a record that the record does not."""
    if entry.superseded_by is not None:
        yield f"that {entry.superseded_by} replaces it"
    if entry.status != record.status:
        yield f"that it is {entry.status}"
    if entry.valid_until != record.standing.valid_until:
        yield f"that its last day is {entry.valid_until or 'none'}"
    if entry.body_sha256 is not None and entry.body_sha256 != body_sha256(record):
        yield "that another body was decided on"

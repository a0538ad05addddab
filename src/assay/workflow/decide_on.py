"""What does a person make of a record, and which files change by it, together?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.record.bundle import read_zip, unpack
from assay.record.change import change, finish
from assay.record.index import INDEX_JSON
from assay.record.standing import sealed
from assay.record.store import RecordFiles, locked
from assay.record.truth import body_sha256, record_json
from assay.schema.standing import Decision
from assay.workflow.holding import verified
from assay.workflow.may_decide import problems_of
from assay.workflow.records import Stored, index_contents, index_in, parse_record, records_in
from assay.workflow.verify import records_of, render_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from assay.schema.record import Record
    from assay.workflow.may_decide import Wish

__all__ = ["DecidedOn", "decide_on"]


@dataclass(frozen=True)
class DecidedOn:
    """What became of a record."""

    record: Record
    """The record with its new status block."""
    files: RecordFiles
    """Where it lies."""
    replaced: tuple[Record, ...]
    """The records that it replaces, each with its new status block."""
    signed: bool
    """Whether somebody has signed the record."""
    mended: tuple[str, ...]
    """Names of the files that an earlier change left half done, and that are done now."""


def decide_on(path: Path, wish: Wish, today: str) -> DecidedOn:
    """Write a person's decision into a record's status block; its body stays as it is, byte for byte.

    The JSON and the page of the record, those of the records that it replaces, and the folder's index change
    together: a crash leaves all as they were, or a change that the next call finishes.

    Args:
        path: the record, by one of its files or their stem.
        wish: what is decided.
        today: day of the decision, `YYYY-MM-DD` in UTC.

    Raises:
        InputError: there is no such record, or it cannot be decided so; every reason is told.
        MismatchError: a record does not verify, or a change that was broken off cannot be finished.
    """
    files = RecordFiles.beside(path)
    folder = files.json.parent
    with locked(folder):
        mended = finish(folder)
        if mended and (done := parse_record(files.json)) is not None and _says(done, wish):
            return DecidedOn(done, files, _replaced_by(done, folder), files.signatures.is_file(), mended)
        own, olds = _verified(path), [_verified(old) for old in records_of(wish.supersedes)]
        others = [other for other in records_in(folder) if other.files != own.files]
        problems = (*problems_of(own, wish, olds, others, today), *_unseen(own, wish, others))
        if problems:
            raise InputError(*problems)
        new = _decided(own.record, wish, tuple(old.record.id for old in olds), today)
        replaced = tuple(_superseded(old.record, new.id) for old in olds)
        contents: dict[str, bytes] = {}
        for stored, changed in zip((own, *olds), (new, *replaced), strict=True):
            contents |= _contents(stored.files, changed)
        now = {changed.id: changed for changed in (new, *replaced)}
        change(folder, contents | index_contents(folder, [now.get(o.record.id, o.record) for o in (own, *others)]))
    return DecidedOn(new, files, replaced, files.signatures.is_file(), mended)


def _unseen(own: Stored, wish: Wish, others: Sequence[Stored]) -> Iterator[Problem]:
    """Yield each record of the use case that the index has as accepted, and that cannot be read."""
    known = {own.record.id, *(other.record.id for other in others)}
    for entry in index_in(own.files.json.parent).records if wish.outcome == "accepted" else ():
        if entry.status == "accepted" and entry.use_case == own.record.use_case.id and entry.id not in known:
            message = f"{INDEX_JSON} says that {entry.id} is accepted for the same use case, and it cannot be read"
            remedy = "Take it from version control, and let this one replace it with --supersedes."
            yield Problem("two-accepted", message, remedy, str(own.files.markdown))


def _says(record: Record, wish: Wish) -> bool:
    """Say whether the last decision of a record is the one that is wished for."""
    decisions = record.standing.decisions
    return bool(decisions) and (decisions[-1].outcome, decisions[-1].by) == (wish.outcome, wish.by)


def _replaced_by(record: Record, folder: Path) -> tuple[Record, ...]:
    found = (parse_record(folder / f"{old}.json") for old in record.standing.supersedes)
    return tuple(old for old in found if old is not None)


def _verified(path: Path) -> Stored:
    """Return a record that verifies.

    Raises:
        InputError: there is no record.
        MismatchError: it does not verify.
    """
    return Stored(RecordFiles.beside(path), verified(path))


def _decided(record: Record, wish: Wish, replaces: tuple[str, ...], today: str) -> Record:
    """Return a record with one decision more."""
    decision = Decision(
        outcome=wish.outcome,
        by=wish.by,
        on=today,
        verdict=record.verdict.verdict,
        reason=wish.reason,
        body_sha256=body_sha256(record),
    )
    valid_until, days = wish.valid_until, record.people.valid_days
    if wish.outcome == "accepted" and valid_until is None and days is not None:
        valid_until = (date.fromisoformat(today) + timedelta(days=days)).isoformat()
    standing = record.standing.model_copy(
        update={
            "decisions": (*record.standing.decisions, decision),
            "valid_until": valid_until,
            "supersedes": replaces,
        }
    )
    return record.model_copy(update={"status": wish.outcome, "standing": sealed(wish.outcome, standing)})


def _superseded(record: Record, by: str) -> Record:
    standing = record.standing.model_copy(update={"superseded_by": by})
    return record.model_copy(update={"status": "superseded", "standing": sealed("superseded", standing)})


def _contents(files: RecordFiles, record: Record) -> dict[str, bytes]:
    """Return what the JSON and the page of a record are to hold, by name; the template is that in its evidence."""
    members = unpack(read_zip(files.evidence), files.evidence.name)
    return {
        files.markdown.name: render_with(record, members).encode(),
        files.json.name: record_json(record).encode(),
    }

"""Which records lie in a folder, and where does each stand: for people as a table, for machines as JSON?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

from pydantic import Field, ValidationError

from assay.errors import InputError, Problem
from assay.record.inert import as_text
from assay.record.store import number_of
from assay.record.text import code
from assay.schema._base import Noun
from assay.schema.standing import StatusWord
from assay.schema.verdict import VerdictWord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.schema.record import Record

__all__ = ["INDEX_JSON", "INDEX_PAGE", "Index", "IndexEntry", "index_of", "page_of", "parse_index"]

INDEX_PAGE: Final = "index.md"
"""Name of the page that lists the records of a folder."""
INDEX_JSON: Final = "index.json"
"""Name of the same for machines."""
_START: Final = "<!-- assay:index -->"
_END: Final = "<!-- /assay:index -->"
_NEW_PAGE: Final = f"# Decision records\n\n{_START}\n{_END}\n"
_COLUMNS: Final = ("record", "title", "verdict", "status", "decided", "valid until", "superseded by")


class IndexEntry(Noun):
    """One record of the folder."""

    id: str
    """Its number and slug, the stem of its files."""
    title: str
    """Its title."""
    use_case: str
    """Id of its use case."""
    verdict: VerdictWord
    """What its evidence comes to."""
    status: StatusWord
    """What people made of it."""
    decided_by: str | None = None
    """Who decided last, or None while nobody has."""
    decided_on: str | None = None
    """Day of that decision, `YYYY-MM-DD` in UTC."""
    valid_until: str | None = None
    """Last day on which its acceptance holds; None sets no end."""
    supersedes: tuple[str, ...] = ()
    """Ids of the records that it replaces."""
    superseded_by: str | None = None
    """Id of the record that replaces it."""
    body_sha256: str | None = None
    """SHA-256 of the body that was first decided on; None while nobody has. It never changes here, whatever becomes of
    the record, and stays even where the record says no more that it was decided on."""


class Index(Noun):
    """`index.json` of a folder of records."""

    schema_name: Literal["assay/index/v1"] = Field(default="assay/index/v1", alias="schema")
    """Name of this format."""
    records: tuple[IndexEntry, ...] = ()
    """Its records, by number."""

    def entry(self, record: str) -> IndexEntry | None:
        """Return the entry of a record by its id, or None where it has none."""
        return next((own for own in self.records if own.id == record), None)


def index_of(records: Iterable[Record], earlier: Index) -> Index:
    """Return the index of records.

    Args:
        records: all records of the folder, in any order.
        earlier: the index so far: a body that it names stays, so that making the index anew never covers up that the
            body was changed since, a decision taken back, or a record removed or made unreadable.
    """
    entries = [_entry(record, earlier.entry(record.id)) for record in records]
    there = {own.id for own in entries}
    entries += [own for own in earlier.records if own.body_sha256 is not None and own.id not in there]
    return Index(records=tuple(sorted(entries, key=lambda own: (number_of(own.id) or 0, own.id))))


def _entry(record: Record, earlier: IndexEntry | None) -> IndexEntry:
    own = record.standing
    first, last = (own.decisions[0], own.decisions[-1]) if own.decisions else (None, None)
    kept = earlier.body_sha256 if earlier is not None else None
    return IndexEntry(
        id=record.id,
        title=record.title,
        use_case=record.use_case.id,
        verdict=record.verdict.verdict,
        status=record.status,
        decided_by=last.by if last is not None else None,
        decided_on=last.on if last is not None else None,
        valid_until=own.valid_until,
        supersedes=own.supersedes,
        superseded_by=own.superseded_by,
        body_sha256=kept or (first.body_sha256 if first is not None else None),
    )


def parse_index(content: bytes, name: str) -> Index:
    """Return an index from the bytes of its file.

    Raises:
        InputError: it is none.
    """
    try:
        return Index.model_validate_json(content)
    except ValidationError:
        remedy = "Move it away, or take it from version control as Assay wrote it."
        raise InputError(Problem("bad-index", "this is no index that Assay wrote", remedy, name)) from None


def page_of(index: Index, page: str | None, name: str) -> str:
    """Return the page of an index: what stood outside of the markers stays, and the table between them is made anew.

    Args:
        index: what to show.
        page: the page so far, or None where there is none; one without markers gets them at its end.
        name: how to call the page in problems.

    Raises:
        InputError: one marker of the two is missing, or one stands twice.
    """
    text = _NEW_PAGE if page is None else page
    if _START not in text and _END not in text:
        text = f"{text.rstrip()}\n\n{_START}\n{_END}\n".lstrip()
    once = text.count(_START) == text.count(_END) == 1
    if not once or text.index(_END) < text.index(_START):
        message = f"the index stands between {_START} and {_END}, each once and in this order; here it does not"
        raise InputError(Problem("bad-index", message, "Mend the markers.", name))
    before, after = text.partition(_START)[0], text.partition(_END)[2]
    rows = [_COLUMNS, ("---",) * len(_COLUMNS), *map(_row, index.records)]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"{before}{_START}\n{table}{_END}{after}"


def _row(own: IndexEntry) -> tuple[str, ...]:
    decided = f"{as_text(own.decided_by)}, {as_text(own.decided_on)}" if own.decided_by is not None else "-"
    return (
        _link(own.id),
        as_text(own.title),
        own.verdict,
        own.status,
        decided,
        "-" if own.valid_until is None else as_text(own.valid_until),
        "-" if own.superseded_by is None else _link(own.superseded_by),
    )


def _link(record: str) -> str:
    return f"[{code(record)}]({quote(record)}.md)"

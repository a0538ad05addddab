"""How is it shown where each record of a folder stands?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.show import inert, write_lines
from assay.record.index import INDEX_JSON, INDEX_PAGE
from assay.record.run_folder import to_json
from assay.workflow.records import broken_in, index_now, write_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.record.index import IndexEntry

__all__ = ["list_records", "record_lines"]


def list_records(folder: Path, *, write: bool, as_json: bool) -> Exit:
    """Show the records of a folder as they are now, and write their index where that is wanted.

    One that cannot be read is named on stderr.

    Raises:
        InputError: there is no such folder, or a file of the index is none.
        MismatchError: a change that was broken off cannot be finished.
    """
    mended = write_index(folder) if write else ()
    index = index_now(folder)
    if as_json:
        write_data(to_json(index))
    else:
        write_lines(line for own in index.records for line in record_lines(own))
    if mended:
        sys.stderr.write("a change that was broken off is finished\n")
    if write:
        sys.stderr.write(f"written: {folder / INDEX_PAGE}, {folder / INDEX_JSON}\n")
    broken = broken_in(folder)
    for path in broken:
        sys.stderr.write(
            inert(f"passed over, for it is no record that can be read: {path}; see: assay lint {folder}") + "\n"
        )
    if not (write or index.records or broken):
        sys.stderr.write(f"there are no records in {folder}\n")
    return Exit.DONE


def record_lines(own: IndexEntry) -> Iterator[str]:
    """Yield a line on a record, and one below it on what became of it where people decided."""
    yield inert(f"{own.id}  {own.verdict}, {own.status}: {own.title}")
    parts = []
    if own.decided_by is not None:
        parts.append(f"decided by {own.decided_by} on {own.decided_on}")
    if own.valid_until is not None:
        parts.append(f"valid until {own.valid_until}")
    if own.supersedes:
        parts.append(f"replaces {', '.join(own.supersedes)}")
    if own.superseded_by is not None:
        parts.append(f"replaced by {own.superseded_by}")
    if parts:
        yield inert(f"    {'; '.join(parts)}")

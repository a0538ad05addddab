"""Does a record hold: what `assay verify` does, offline and without a model client, a table library or a terminal?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.errors import InputError
from assay.record.render import render
from assay.record.store import PLOTS, RecordFiles
from assay.record.verify import verify
from assay.workflow.derive import derive
from assay.workflow.signatures import NOTHING, with_signatures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from assay.record.verify import Verification
    from assay.schema.record import Record
    from assay.workflow.signatures import Reviewer

__all__ = ["TEMPLATE_MEMBER", "records_of", "render_with", "verify_record"]

TEMPLATE_MEMBER = "template.md.j2"
"""Path in the evidence zip of the template that made the Markdown."""


def render_with(record: Record, files: Mapping[str, bytes]) -> str:
    """Return a record's Markdown, made by the template in its evidence."""
    return render(record, files[TEMPLATE_MEMBER].decode("utf-8"), TEMPLATE_MEMBER)


def records_of(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the first name of each record, where several may name one; a record that is not there keeps its name.

    The folder of a record's pictures, which `records/*` names too, is passed over where the record is there.
    """
    named: dict[Path, Path] = {}
    for path in paths:
        try:
            key = RecordFiles.beside(path).json.resolve()
        except InputError:
            if _is_beside_its_record(path):
                continue
            key = path
        named.setdefault(key, path)
    return tuple(named.values())


def _is_beside_its_record(path: Path) -> bool:
    """Say whether a path is the folder of the pictures of a record that is there."""
    if path.suffix != PLOTS or not path.is_dir():
        return False
    files = RecordFiles.of(path.parent, path.name.removesuffix(PLOTS))
    return any(file.is_file() for file in (files.json, files.markdown, files.evidence))


def verify_record(path: Path, reviewer: Reviewer = NOTHING) -> Verification:
    """Derive a record again from its evidence, compare its three files byte for byte, and look at its signatures.

    Args:
        path: the record's Markdown, JSON, evidence zip, or their common stem.
        reviewer: the keys that must have signed it.

    Raises:
        InputError: there is no record at that place.
    """
    files = RecordFiles.beside(path)
    return with_signatures(verify(files, derive, render_with), files, reviewer)

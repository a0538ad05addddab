"""Does a record hold: what `assay verify` does, offline and without a model client, a table library or a terminal?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from assay.errors import InputError
from assay.record.index import INDEX_JSON, INDEX_PAGE
from assay.record.render import page_of
from assay.record.run_folder import TEMPLATE_FILE
from assay.record.store import PLOTS, RecordFiles
from assay.record.verify import verify
from assay.workflow.derive import derive
from assay.workflow.shipped import PAGES, shipped_folder
from assay.workflow.signatures import NOTHING, with_signatures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from assay.record.numbers import Page
    from assay.record.verify import Verification
    from assay.schema.record import Record
    from assay.workflow.signatures import Reviewer

__all__ = ["TEMPLATE_MEMBER", "has_own_template", "page_with", "records_of", "render_with", "verify_record"]

TEMPLATE_MEMBER = TEMPLATE_FILE
"""Path in the evidence zip of the template that made the Markdown."""


def render_with(record: Record, files: Mapping[str, bytes]) -> str:
    """Return a record's Markdown, made by the template in its evidence."""
    return page_with(record, files).text


def page_with(record: Record, files: Mapping[str, bytes]) -> Page:
    """Return a record's page, made by the template in its evidence, with where its numbers come from."""
    return page_of(record, files[TEMPLATE_MEMBER].decode("utf-8"), TEMPLATE_MEMBER)


def has_own_template(record: Record | None) -> bool:
    """Say whether a record's page is made by a template that this version of Assay does not ship.

    It may be the team's own, or that of another version. Records of the first format have one template, and no other is
    taken for theirs.
    """
    if record is None or record.schema_name == "assay/record/v1":
        return False
    files = [shipped_folder() / name for name in PAGES.values()]
    shipped = {hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}
    return any(file.path == TEMPLATE_MEMBER and file.sha256 not in shipped for file in record.evidence.files)


def records_of(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the first name of each record, where several may name one; a record that is not there keeps its name.

    What else `records/*` names is passed over: the index, and the folder of a record's pictures where the record is
    there.
    """
    named: dict[Path, Path] = {}
    for path in paths:
        try:
            key = RecordFiles.beside(path).json.resolve()
        except InputError:
            if _is_beside_its_record(path) or (path.name in {INDEX_PAGE, INDEX_JSON} and path.is_file()):
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
    return with_signatures(verify(files, derive, page_with), files, reviewer)

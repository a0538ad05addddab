"""How does a record's JSON become a page again: what `assay render` does?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.record.bundle import read_zip, unpack
from assay.record.links import links_from
from assay.record.render import page_of
from assay.record.store import RecordFiles
from assay.workflow.holding import read_record
from assay.workflow.shipped import PAGES
from assay.workflow.templates import read_template, shipped_template
from assay.workflow.verify import TEMPLATE_MEMBER, page_with

if TYPE_CHECKING:
    from assay.record.numbers import Page
    from assay.schema.record import Record

__all__ = ["render_record"]


def render_record(path: Path, template: str | None = None, folder: Path | None = None) -> str:
    """Return a page of a record, from its JSON.

    Args:
        path: the record.
        template: name of a shipped template, or path of another; None takes the one in the record's evidence.
        folder: where the page is to lie, for its links and pictures lead from there; None is beside the record.

    Raises:
        InputError: there is no record at that place, its JSON is not one, or the template has a mistake or shows
            numbers that have no evidence.
        MismatchError: the evidence zip is damaged.
    """
    record = read_record(path)
    files = RecordFiles.beside(path)
    members = unpack(read_zip(files.evidence), files.evidence.name)
    if template is None:
        page, name = page_with(record, members), TEMPLATE_MEMBER
    else:
        page, name = _made_with(record, template), template
    if problems := [
        Problem("orphan-number", f"line {own.line} of the page: the number {own.number} {own.why}", _MEND, name)
        for own in page.orphans(members.keys())
    ]:
        raise InputError(*problems)
    return page.text if folder is None else links_from(page.text, files.json.parent, folder)


_MEND = "Take it from `record` or `method`, or leave it out."


def _made_with(record: Record, template: str) -> Page:
    shipped = shipped_template(template)
    path = Path(template) if shipped is None else shipped
    if not path.is_file():
        message = f"there is no template {template!r}"
        remedy = f"Name a file, or one of {', '.join(PAGES)}."
        raise InputError(Problem("no-such-file", message, remedy))
    return page_of(record, read_template(path, template), template, bound=True)

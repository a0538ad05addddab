"""Where does a page that is made anew go?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.errors import InputError, Problem
from assay.workflow.render import render_record

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["render"]


def render(record: Path, template: str | None, out: Path | None) -> Exit:
    """Print or write a page of a record; the links of one that is written lead from where it lies.

    Raises:
        InputError: the page cannot be made or written.
    """
    page = render_record(record, template, None if out is None else out.parent)
    if out is None:
        write_data(page, "text")
        return Exit.DONE
    try:
        out.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"cannot write the page: {error.strerror}"
        raise InputError(Problem("no-folder", message, "Choose another file with --out.", str(out))) from None
    return Exit.DONE

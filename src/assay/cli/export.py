"""How is a run or a record written for other tools and people: what goes to stdout, and what is said of it?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from assay.cli.boundary import Exit
from assay.cli.output import Form, data_stream
from assay.errors import InputError, Problem
from assay.workflow.export import export_run
from assay.workflow.export_record import export_record

__all__ = ["export", "export_sheet"]

_FORMS: Final[dict[str, Form]] = {"junit": "xml", "labels": "json", "cyclonedx": "json"}
"""How a terminal shows what it would obey or hide; all other formats are shown as text."""


def export(run: Path, *, format_: str, out: Path | None, most: int | None = None) -> Exit:
    """Write a run in another format, to a file or to stdout, and say on stderr what was written."""
    stream = data_stream(_FORMS.get(format_, "text"))
    exported = export_run(run, format_, out, stream, most=most)
    stream.flush()
    where = f" in {out}" if out is not None else ""
    sys.stderr.write(f"{exported.count} {exported.counted}{where}\n")
    if exported.not_asked and exported.stopped_early:
        sys.stderr.write(f"{exported.not_asked} trials were not asked: the run could stop early.\n")
    elif exported.not_asked:
        sys.stderr.write(f"The run is not finished: {exported.not_asked} of its trials were never asked.\n")
    return Exit.DONE


def export_sheet(
    record: Path, *, format_: str, out: Path | None, candidate: str | None, source: str | None, most: int | None = None
) -> Exit:
    """Write a record in another tool's format, to a file or to stdout, and say on stderr what was written.

    Raises:
        InputError: an option is given that this format has no use for, or the record cannot be written in it.
        MismatchError: the record does not verify.
    """
    if most is not None or (format_ != "model-index" and (candidate or source)):
        message = f"{format_} takes neither --most nor, unless it is model-index, --candidate or --source"
        raise InputError(Problem("bad-usage", message, "Leave the option out."))
    stream = data_stream(_FORMS.get(format_, "text"))
    export_record(record, format_, out, stream, candidate=candidate, source=source)
    stream.flush()
    sys.stderr.write(f"{record}: {format_}{f' in {out}' if out is not None else ''}\n")
    return Exit.DONE

"""How does a verb that ends in a verdict take --report, and write what it asks for?"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.show import inert

if TYPE_CHECKING:
    from assay.record.store import RecordFiles
    from assay.schema.record import Record
    from assay.workflow.finished import Finished
    from assay.workflow.report import WantedReport

__all__ = ["Reports", "reports_wanted", "write_reports"]

Reports = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="FORMAT=FILE",
        help="Write a report: junit, sarif, github, gitlab-codequality, gitlab-metrics, comment; may be repeated.",
    ),
]


def reports_wanted(texts: list[str] | None) -> tuple[WantedReport, ...]:
    """Return the reports that the option asks for; to be called before anything else is done.

    Raises:
        InputError: a format that there is not, or no file to write.
    """
    if not texts:
        return ()
    from assay.workflow.report import reports_wanted as wanted

    return wanted(texts, os.environ)


def write_reports(
    record: Record,
    wanted: Sequence[WantedReport],
    locate: Callable[[str], tuple[str, int] | None],
    environment: Mapping[str, str],
    lies: RecordFiles | Finished,
) -> None:
    """Write all reports; what is for the log of the build goes to stderr, for stdout carries data.

    Args:
        record: the record.
        wanted: which reports.
        locate: returns file and line that define the condition of an id; `assay.workflow.report` has what makes one.
        environment: variables, which say where the repository lies.
        lies: where the record lies; where it is not kept, what was weighed.

    Raises:
        ServerError: one that could not be written; all others are.
    """
    if not wanted:
        return
    from assay.workflow.report import write_reports as write

    sys.stderr.writelines(f"{inert(line)}\n" for line in write(record, wanted, locate, environment, lies))

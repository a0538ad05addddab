"""How is it shown what a finished run comes to when it is decided on again, and which exit code is it worth?"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assay.cli.output import write_data
from assay.cli.perform import exit_code
from assay.cli.reports import write_reports
from assay.cli.show import evidence_line, inert, verdict_lines, write_lines
from assay.record.truth import record_json
from assay.workflow.decide import decide as weigh

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from assay.cli.boundary import Exit
    from assay.workflow.decide import Decided, Instead
    from assay.workflow.report import WantedReport

__all__ = ["decide", "decided_lines"]


def decide(
    source: Path, instead: Instead, out: Path | None, *, as_json: bool, reports: Sequence[WantedReport] = ()
) -> Exit:
    """Weigh a run or a record again, show the verdict, write the reports, and return the exit code."""
    today = datetime.now(UTC).date().isoformat()  # noqa: TID251 - the roof is where the clock comes in
    decided = weigh(source, instead, today, out, os.environ)
    if as_json:
        write_data(record_json(decided.record))
    else:
        write_lines(decided_lines(decided))
    if decided.files is None:
        sys.stderr.write("nothing is written; add --out DIR for a record\n")
    elif decided.source.evidence_sha256 is not None:
        name = inert(decided.source.name)
        sys.stderr.write(f"a record of its own: decisions on {name} and its signatures are not taken over\n")
    if reports:
        from assay.workflow.report import lines_of_file, nowhere

        locate = nowhere if instead.policy is None else lines_of_file(instead.policy)
        write_reports(decided.record, reports, locate, os.environ, decided.files or decided.source)
    return exit_code(decided)


def decided_lines(decided: Decided) -> Iterator[str]:
    """Yield the verdict with all conditions, under which policy it was reached, and where the record lies."""
    record = decided.record
    yield from verdict_lines(record.verdict)
    yield ""
    policy = inert(record.policy.file) if record.policy.file is not None else "the plan's own"
    yield f"policy:   {policy}, as of {record.date}"
    if record.policy.baseline_record is not None:
        yield f"against:  {inert(record.policy.baseline_record)}, {inert(str(record.policy.baseline))}"
    yield f"run:      {record.run.id}"
    if decided.files is not None:
        yield f"record:   {decided.files.markdown}"
        yield evidence_line(record, decided.files)
        yield f"verify:   assay verify {decided.files.markdown}"

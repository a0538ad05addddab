"""How is a run shown while it goes on and when it has ended, and which exit code is it worth?"""

from __future__ import annotations

import os
import secrets
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.progress import watching
from assay.cli.show import outcome_lines, write_lines
from assay.record.run_folder import to_json
from assay.workflow.run import Surroundings, run_plan

if TYPE_CHECKING:
    from pathlib import Path

    from assay.workflow.run import Outcome

__all__ = ["perform"]

_CODES = {"GO": Exit.DONE, "NO-GO": Exit.NO_GO, "HOLD": Exit.HOLD}


def perform(plan: Path, out: Path, *, resume: str | None, as_json: bool, wait_s: float = 0.0) -> Exit:
    """Run a plan, show what it came to, and return the exit code."""
    with watching() as progress:
        surroundings = Surroundings(
            environment=os.environ,
            now=lambda: datetime.now(UTC),  # noqa: TID251 - the roof is where the clock comes in
            salt=secrets.token_hex(16),
            progress=progress,
            wait_s=wait_s,
        )
        outcome = run_plan(plan, out, surroundings, resume=resume)
    if as_json:
        sys.stdout.write(to_json(outcome.record))
    else:
        write_lines(outcome_lines(outcome))
    return _exit_code(outcome)


def _exit_code(outcome: Outcome) -> Exit:
    if outcome.answered == 0:
        sys.stderr.write("error[no-answers]: not one request was answered. Read the reasons in trials.jsonl.\n")
        return Exit.NOT_DONE
    return _CODES[outcome.record.verdict.verdict]

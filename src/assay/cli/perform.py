"""How is a run shown while it goes on and when it has ended, and which exit code is it worth?"""

from __future__ import annotations

import os
import secrets
import signal
import sys
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.progress import watching
from assay.cli.reports import write_reports
from assay.cli.show import outcome_lines, write_lines
from assay.errors import InputError, Problem
from assay.record.truth import record_json
from assay.workflow.run import Taken, run_plan
from assay.workflow.stop import Stop
from assay.workflow.wishes import Surroundings, Wishes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import FrameType

    from assay.workflow.decide import Decided
    from assay.workflow.progress import Progress
    from assay.workflow.report import WantedReport
    from assay.workflow.run import Outcome

__all__ = ["exit_code", "perform", "shard_done", "surroundings_of"]

_CODES = {"GO": Exit.DONE, "NO-GO": Exit.NO_GO, "HOLD": Exit.HOLD}


def perform(
    plan: Path,
    out: Path,
    wishes: Wishes,
    *,
    as_json: bool,
    wait_s: float = 0.0,
    reports: Sequence[WantedReport] = (),
) -> Exit:
    """Run a plan, show what it came to, write the reports, and return the exit code.

    Raises:
        InputError: reports of a shard are wanted, which has no verdict.
        ServerError: a report could not be written.
    """
    if reports and wishes.selection.shards > 1:
        message = "a shard has no verdict to report"
        raise InputError(Problem("bad-usage", message, "Give --report to `assay merge`."))
    with surroundings_of(wait_s) as surroundings:
        outcome = run_plan(plan, out, surroundings, wishes)
    if isinstance(outcome, Taken):
        return shard_done(outcome)
    if as_json:
        write_data(record_json(outcome.record))
    else:
        write_lines(outcome_lines(outcome))
    if reports:
        from assay.workflow.report import lines_of_plan

        locate = lines_of_plan(plan, outcome.record, os.environ)
        write_reports(outcome.record, reports, locate, os.environ, outcome.files)
    return exit_code(outcome)


@contextmanager
def surroundings_of(wait_s: float = 0.0) -> Iterator[Surroundings]:
    """Yield environment, clock, chance, a progress to look at, and an ear for Ctrl-C."""
    stop = Stop()
    with watching() as progress, _hearing(stop, progress):
        yield Surroundings(
            environment=os.environ,
            now=lambda: datetime.now(UTC),  # noqa: TID251 - the roof is where the clock comes in
            salt=secrets.token_hex(16),
            progress=progress,
            wait_s=wait_s,
            stop=stop,
        )


@contextmanager
def _hearing(stop: Stop, progress: Progress) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM finish what is in flight, and the second one end everything at once."""

    def heard(_signal: int, _frame: FrameType | None) -> None:
        if not stop.ask():
            raise KeyboardInterrupt
        progress.note("stopping: what is in flight is finished and kept; Ctrl-C again ends at once")

    with ExitStack() as before:
        for number in (signal.SIGINT, signal.SIGTERM):
            # Where this is not the main thread, whoever called us hears the signals.
            with suppress(ValueError):
                before.callback(signal.signal, number, signal.signal(number, heard))
        yield


def shard_done(taken: Taken) -> Exit:
    """Show where a shard lies and what comes next."""
    own = taken.run.selection
    write_data(f"{taken.folder.path}\n", "text")
    sys.stderr.write(
        f"shard {own.shard} of {own.shards} is done; when all are: assay merge RUN... with the run folders\n"
    )
    return Exit.DONE


def exit_code(outcome: Outcome | Decided) -> Exit:
    """Return what a run, or deciding on one, is worth as an exit code."""
    if outcome.answered == 0:
        sys.stderr.write("error[no-answers]: not one request was answered. Read the reasons in trials.jsonl.\n")
        return Exit.NOT_DONE
    return _CODES[outcome.record.verdict.verdict]

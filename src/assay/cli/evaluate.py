"""How are the scores of a run shown: after asking, after scoring again, after shards are put together?"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.perform import exit_code, shard_done, surroundings_of
from assay.cli.reports import write_reports
from assay.cli.scores import score_lines
from assay.cli.show import outcome_lines, write_lines
from assay.record.truth import record_json
from assay.workflow.merge import merge_runs
from assay.workflow.prepare import prepare
from assay.workflow.run import take_run
from assay.workflow.score import score_run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assay.workflow.report import WantedReport
    from assay.workflow.score import Scored
    from assay.workflow.wishes import Wishes

__all__ = ["evaluate", "merge", "score_again"]


def evaluate(plan: Path, out: Path, wishes: Wishes, *, as_json: bool, wait_s: float) -> Exit:
    """Ask cases and judges, and show the scores."""
    from dataclasses import replace

    with surroundings_of(wait_s) as surroundings:
        taken = take_run(plan, out, surroundings, replace(wishes, cases_only=True))
    if taken.run.selection.shards > 1:
        return shard_done(taken)
    return _show(score_run(taken.folder.path), as_json=as_json)


def score_again(run: Path, plan: Path | None, *, as_json: bool) -> Exit:
    """Score a run's answers again and show the scores."""
    return _show(score_run(run, prepare(plan, os.environ) if plan is not None else None), as_json=as_json)


def merge(
    runs: list[Path], out: Path, *, as_json: bool, transcripts: bool = True, reports: Sequence[WantedReport] = ()
) -> Exit:
    """Put shards together, show what they come to, and write the reports; these name no line of the plan."""
    with surroundings_of() as surroundings:
        outcome = merge_runs(runs, out, surroundings, transcripts=transcripts)
    if as_json:
        write_data(record_json(outcome.record))
    else:
        write_lines(outcome_lines(outcome))
    if reports:
        from assay.workflow.report import nowhere

        write_reports(outcome.record, reports, nowhere, os.environ, outcome.files)
    return exit_code(outcome)


def _show(scored: Scored, *, as_json: bool) -> Exit:
    if as_json:
        import json

        metrics = [metric.model_dump(mode="json") for metric in scored.measured.metrics]
        write_data(json.dumps(metrics, ensure_ascii=False, indent=1) + "\n")
    else:
        write_lines(score_lines(scored))
    if not any(sums.completed for sums in scored.measured.sums.values()):
        sys.stderr.write("error[no-answers]: not one request was answered. Read the reasons in trials.jsonl.\n")
        return Exit.NOT_DONE
    return Exit.DONE

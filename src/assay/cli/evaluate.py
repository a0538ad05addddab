"""How are the scores of a run shown: after asking, after scoring again, after shards are put together?"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.perform import exit_code, shard_done, surroundings_of
from assay.cli.show import inert, outcome_lines, write_lines
from assay.record.run_folder import to_json
from assay.workflow.merge import merge_runs
from assay.workflow.prepare import prepare
from assay.workflow.run import take_run
from assay.workflow.score import score_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.schema.score import Metric
    from assay.workflow.score import Scored
    from assay.workflow.wishes import Wishes

__all__ = ["evaluate", "merge", "score_again", "score_lines"]


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


def merge(runs: list[Path], out: Path, *, as_json: bool) -> Exit:
    """Put shards together and show what they come to."""
    with surroundings_of() as surroundings:
        outcome = merge_runs(runs, out, surroundings)
    if as_json:
        sys.stdout.write(to_json(outcome.record))
    else:
        write_lines(outcome_lines(outcome))
    return exit_code(outcome)


def _show(scored: Scored, *, as_json: bool) -> Exit:
    if as_json:
        import json

        metrics = [metric.model_dump(mode="json") for metric in scored.measured.metrics]
        sys.stdout.write(json.dumps(metrics, ensure_ascii=False, indent=1) + "\n")
    else:
        write_lines(score_lines(scored))
    if not any(sums.completed for sums in scored.measured.sums.values()):
        sys.stderr.write("error[no-answers]: not one request was answered. Read the reasons in trials.jsonl.\n")
        return Exit.NOT_DONE
    return Exit.DONE


def score_lines(scored: Scored) -> Iterator[str]:
    """Yield a table of pass rates by candidate, suite, tag and scorer, strict and without errors."""
    measured = scored.measured
    for name, sums in measured.sums.items():
        yield f"{name}: {sums.completed} of {scored.due} trials answered"
        yield f"  {'suite, #tag or /scorer':<32}{'passed':>11}{'strict':>8}{'95 % from..to':>15}{'scored':>8}"
        for metric in measured.metrics:
            if metric.candidate == name:
                yield _metric_line(metric)
        faults = ", ".join(f"{count} {kind}" for kind, count in sorted(sums.faults.items()))
        if faults:
            yield f"  without an answer: {faults}"
        for origin, count in sorted(sums.reused.items()):
            yield f"  reused from {origin}: {count}"
    for blocker in measured.blockers:
        yield f"blocker {blocker.outcome}: {blocker.candidate} {blocker.suite}/{blocker.case}"
        yield f"  {inert(blocker.reason)[:76]}"
    yield from _last_lines(scored)


def _last_lines(scored: Scored) -> Iterator[str]:
    if scored.left_out:
        yield f"{scored.left_out} answers are left out: the plan does not ask their question any more"
    if scored.torn:
        yield f"a torn last line of {scored.torn} bytes is passed over; --resume would mend it"
    yield "strict: a trial without a score counts as not passed; scored: without those"
    yield f"run:    {scored.scores.parent}"
    yield f"scores: {scored.scores}"


def _metric_line(metric: Metric) -> str:
    part = f"#{metric.tag}" if metric.tag is not None else f"/{metric.scorer}" if metric.scorer is not None else ""
    name = inert(f"  {part}" if part else metric.suite)
    name = name if len(name) <= 31 else name[:30] + "…"  # noqa: PLR2004 - the column's own width
    limits = "-" if metric.low is None or metric.high is None else f"{metric.low:.2f}..{metric.high:.2f}"
    doubt = "" if metric.trusted else "  judge not trusted"
    flips = f"  flips {metric.flip_rate:.0%}" if metric.flip_rate else ""
    passed = f"{metric.passed} of {metric.n}"
    return f"  {name:<32}{passed:>11}{_rate(metric.rate):>8}{limits:>15}{_rate(metric.rate_scored):>8}{flips}{doubt}"


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"

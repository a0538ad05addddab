"""What does a person see of the scores of a run: rates, what failed and why, how far judges carry them?"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from assay.cli.show import inert
from assay.workflow.selection import described
from assay.workflow.stopped import whole_suites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.score import JudgeTrust, Metric
    from assay.workflow.measure import Sums
    from assay.workflow.score import Scored

__all__ = ["score_lines"]

_WIDTH = 80
_NAME_WIDTH = 31


def score_lines(scored: Scored) -> Iterator[str]:
    """Yield a table of pass rates by candidate, suite, tag and scorer, the first failures, and the judges.

    Of a part of a run only what was asked is shown: a rate over all that was due would tell nothing of the answers.
    """
    measured, partial = scored.measured, not scored.run.selection.is_whole
    if partial:
        yield f"only a part was asked ({described(scored.run.selection)}): no rate over the whole suites"
    for name, sums in measured.sums.items():
        if not partial or sums.completed or sums.faults:
            yield from _candidate_lines(scored, name, partial=partial)
    for blocker in measured.blockers:
        if not partial or blocker.outcome == "failed":
            yield f"blocker {blocker.outcome}: {blocker.candidate} {blocker.suite}/{blocker.case}"
            yield from _wrapped(blocker.reason)
    yield from _failure_lines(scored)
    for judge in measured.judges:
        yield from _judge_lines(judge)
    yield from _last_lines(scored)


def _candidate_lines(scored: Scored, name: str, *, partial: bool) -> Iterator[str]:
    sums = scored.measured.sums[name]
    stopped = sum(own.stopped for own in whole_suites(scored.measured, name))
    left = f", {stopped} not asked: the run could stop early" if stopped else ""
    yield f"{name}: {sums.completed} of {scored.due} trials answered{left}"
    yield f"  {'suite, #tag or /scorer':<32}{'passed':>11}{'strict':>8}{'95 % from..to':>15}{'scored':>8}"
    for metric in scored.measured.metrics:
        if metric.candidate == name and (not partial or metric.passed + metric.failed):
            yield _metric_line(metric, partial=partial)
    yield from _left_lines(sums)


def _left_lines(sums: Sums) -> Iterator[str]:
    faults = ", ".join(f"{count} {kind}" for kind, count in sorted(sums.faults.items()))
    if faults:
        yield f"  without an answer: {faults}"
    for origin, count in sorted(sums.reused.items()):
        yield f"  reused from {origin}: {count}"


def _failure_lines(scored: Scored) -> Iterator[str]:
    """Yield the first scores that are no pass, each with its reason."""
    if scored.failures:
        left = scored.not_passed - len(scored.failures)
        more = f", the first {len(scored.failures)}" if left else ""
        yield f"answers that did not pass{more}:"
    for score in scored.failures:
        word = "" if score.outcome == "failed" else f" {score.outcome}"
        yield inert(f"  {score.candidate} {score.suite}/{score.case} {score.trial} {score.scorer}{word}")[:_WIDTH]
        yield from _wrapped(score.reason, "    ")


def _judge_lines(judge: JudgeTrust) -> Iterator[str]:
    unread = "".join(f", {count} {status}" for status, count in judge.unread.items())
    yield f"judge {judge.judge}: {judge.parsed} of {judge.asked} judgements read{unread}"
    if not judge.trusted:
        yield from _wrapped(f"it carries no condition: {'; '.join(judge.reasons)}")


def _last_lines(scored: Scored) -> Iterator[str]:
    if scored.left_out:
        yield f"{scored.left_out} answers are left out: the plan does not ask their question any more"
    if scored.torn:
        yield f"a torn last line of {scored.torn} bytes is passed over; --resume would mend it"
    yield "strict: a trial without a score counts as not passed; scored: without those"
    if any(metric.correction is not None for metric in scored.measured.metrics):
        yield "by judge: what the judge says; `assay run` corrects it by people's labels"
    yield f"run:    {scored.scores.parent}"
    yield f"scores: {scored.scores}"


def _metric_line(metric: Metric, *, partial: bool) -> str:
    part = f"#{metric.tag}" if metric.tag is not None else f"/{metric.scorer}" if metric.scorer is not None else ""
    name = inert(f"  {part}" if part else metric.suite)
    name = name if len(name) <= _NAME_WIDTH else name[: _NAME_WIDTH - 1] + "…"
    whole = not partial and metric.low is not None and metric.high is not None
    limits = f"{metric.low:.2f}..{metric.high:.2f}" if whole else "-"
    flips = f"  flips {metric.flip_rate:.0%}" if metric.flip_rate else ""
    judged = "  by judge" if metric.correction is not None else "" if metric.trusted else "  judge not trusted"
    passed = f"{metric.passed} of {metric.passed + metric.failed if partial else metric.n - metric.stopped}"
    strict = "-" if partial else _rate(metric.rate)
    return f"  {name:<32}{passed:>11}{strict:>8}{limits:>15}{_rate(metric.rate_scored):>8}{flips}{judged}"


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    """Return a reason as at most two lines."""
    lines = textwrap.wrap(inert(text), _WIDTH - len(indent), max_lines=2, placeholder=" …")
    return [indent + line for line in lines]

"""How are judges shown: how far people bear them out, and which of two candidates they prefer?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.perform import surroundings_of
from assay.cli.show import inert, write_lines
from assay.record.run_folder import to_json
from assay.workflow.calibrate import calibrate as calibrate_judge
from assay.workflow.compare import compare as compare_pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.schema.calibration import RateFigure
    from assay.workflow.calibrate import Calibrated
    from assay.workflow.compare import Compared

__all__ = ["calibrate", "calibration_lines", "compare", "comparison_lines"]

_FEW = 30


def calibrate(judge: str, labels: Path, plan: Path, *, repeats: int, out: Path | None, as_json: bool) -> Exit:
    """Compare a judge with people, write its calibration, and show it."""
    with surroundings_of() as surroundings:
        done = calibrate_judge(judge, labels, plan, surroundings, repeats=repeats, out=out)
    if as_json:
        write_data(to_json(done.calibration))
    else:
        write_lines(calibration_lines(done))
    return Exit.DONE


def calibration_lines(done: Calibrated) -> Iterator[str]:
    """Yield how far judge and people agree, and what that lets the judge carry."""
    own, bias = done.calibration.agreement, done.calibration.bias
    judge, model = done.calibration.judge, inert(str(done.calibration.model))
    yield f"judge {judge}, rubric {done.calibration.rubric}, model {model}"
    yield f"{len(done.calibration.answers)} labelled answers, {own.agreement.n} with a verdict"
    for status, count in done.calibration.unread.items():
        yield f"  no verdict: {count} {status}"
    yield from (
        _rate("agreement", own.agreement),
        f"  {'Cohen kappa':<34}{_number(own.kappa):>7}{_limits(own.kappa_low, own.kappa_high)}",
        f"  {'Cohen kappa of grades, quadratic':<34}{_number(own.weighted_kappa):>7}",
        f"  {'Krippendorff alpha':<34}{_number(own.alpha):>7}",
        f"  {'Gwet AC1':<34}{_number(own.ac1):>7}",
        _rate("sensitivity: people pass, it too", own.sensitivity),
        _rate("specificity: people fail, it too", own.specificity),
        f"  {'alpha among the people':<34}{_number(own.human_alpha):>7}",
        _rate("same verdict when asked again", bias.consistent),
        _rate("verdict turns with criteria order", bias.position_flips),
        f"  {'excess passes, longer half':<34}{_number(bias.length_difference):>7}",
        f"  {'excess with length, correlation':<34}{_number(bias.length_correlation):>7}",
    )
    if len(done.calibration.answers) < _FEW:
        yield f"too few labels: a judged rate needs {_FEW} on its own answers to carry a condition"
    yield f"written: {done.path}"
    if done.spec.calibration is None:
        yield f"next:    name it as `calibration` of the judge {done.calibration.judge} in the plan"


def _rate(name: str, rate: RateFigure) -> str:
    return f"  {name:<34}{_number(rate.value):>7}{_limits(rate.low, rate.high)}  {rate.hits} of {rate.n}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _limits(low: float | None, high: float | None) -> str:
    text = "" if low is None or high is None else f"{low:.3f}..{high:.3f}"
    return f"{text:>16}"


def compare(run: Path, pair: tuple[str, str], judge: str, plan: Path, *, as_json: bool) -> Exit:
    """Let a judge compare two candidates and show who wins."""
    with surroundings_of() as surroundings:
        done = compare_pair(run, pair, judge, plan, surroundings)
    if as_json:
        write_data(json.dumps({**asdict(done), "path": str(done.path)}, indent=1) + "\n")
    else:
        write_lines(comparison_lines(done))
    return Exit.DONE if done.wins["a"] + done.wins["b"] + done.wins["tie"] else Exit.NOT_DONE


def comparison_lines(done: Compared) -> Iterator[str]:
    """Yield wins, ties, and how often the judge preferred a place."""
    wins = done.wins
    decided = wins["a"] + wins["b"]
    for name in done.same_model:
        yield f"caution: the judge is the same model as {name}; its preference is no evidence"
    yield f"{done.answered} of {done.due} cases compared, by each candidate's first answer"
    if done.answered < done.due:
        yield f"  {done.due - done.answered} have no answer of both and count for neither"
    yield f"{done.a}: better on {wins['a']} cases"
    yield f"{done.b}: better on {wins['b']} cases"
    yield f"tie on {wins['tie']} cases; on {done.flips} of them the judge contradicts itself when the order turns"
    if wins["unread"]:
        yield f"no verdict on {wins['unread']} cases"
    if decided:
        share = wins["a"] / decided
        yield f"{done.a} wins {share:.3f} of the decided cases, 95 % interval{_limits(done.low, done.high)}"
    yield f"judgements: {done.path}"

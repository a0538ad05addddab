"""Builds the nouns that tests of scoring need, with what does not matter filled in."""

from __future__ import annotations

from assay.schema.run import Completion, Fault, FaultKind, Judgement, Trial
from assay.schema.suite import Case, Criterion, Rubric, Scale, ScorerSpec, Suite

RUBRIC = Rubric(
    id="r",
    criteria=(
        Criterion(id="a", text="It is right.", weight=0.3, must=True),
        Criterion(id="b", text="It is complete.", weight=0.4),
        Criterion(id="c", text="It is short.", weight=0.3),
    ),
    scale=Scale(pass_mark=0.7),
)

ALL_MET = '{"reasoning": "good", "criteria": {"a": true, "b": true, "c": true}}'
NONE_MET = '{"reasoning": "bad", "criteria": {"a": false, "b": false, "c": false}}'


def suite_of(*cases: Case, scorers: tuple[str | dict[str, object], ...] = ("exact",)) -> Suite:
    """Return a suite `s` with the given cases."""
    return Suite(id="s", cases=cases, scorers=tuple(ScorerSpec.model_validate(scorer) for scorer in scorers))


def completion_of(
    output: str | None, *, fault: FaultKind | None = None, finish_reason: str | None = "stop"
) -> Completion:
    """Return what came of a request."""
    return Completion(
        output=output,
        fault=None if fault is None else Fault(kind=fault, message="it went wrong"),
        finish_reason=finish_reason,
        elapsed_ms=1.0,
        attempts=1,
    )


def trial_of(output: str | None, *, case: str = "c", candidate: str = "m", number: int = 1, **other: object) -> Trial:
    """Return a trial of case `c` of suite `s`; without an output it failed by a timeout."""
    fields: dict[str, object] = {
        "candidate": candidate,
        "suite": "s",
        "case": case,
        "trial": number,
        "status": "failed" if output is None else "completed",
        "output": output,
        "error": Fault(kind="timeout", message="too late") if output is None else None,
        "finish_reason": "stop",
        "usage": None,
        "elapsed_ms": 1.0,
        "attempts": 1,
        "model": None,
        "case_digest": "0" * 64,
    }
    return Trial.model_validate({**fields, **other})


def judgement_of(judge: str, output: str | None, **other: object) -> Judgement:
    """Return what a judge said under the rubric `r` of the trial that `trial_of` makes."""
    completion = completion_of(output, fault="timeout" if output is None else None, **other)  # type: ignore[arg-type]
    return Judgement(judge=judge, rubric="r", candidate="m", suite="s", case="c", trial=1, completion=completion)

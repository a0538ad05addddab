"""What is a plan going to ask, and what of its gate can that not prove?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.gate import parse
from assay.gate.foresight import Cases, Due, foresee
from assay.schema.suite import load_label
from assay.workflow.gating import LOOKS, baseline_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.gate.foresight import Forecast
    from assay.schema.run import Stopping
    from assay.schema.suite import BenchSettings, Case, Suite
    from assay.workflow.prepare import Prepared

__all__ = ["announce", "as_independent", "due_of", "forecasts_of"]

_WIDTH: Final = 80
_WORDS: Final = {"never": "cannot be met at any result", "seldom": "weak"}


def due_of(prepared: Prepared, *, looks: int = 0) -> Due:
    """Return what a run of a plan asks, counted as conditions name it.

    Args:
        prepared: the plan.
        looks: planned looks at part of the cases, 0 where all are asked before anything is weighed.
    """
    plan = prepared.plan
    cases = {name: own for suite in prepared.suites for name, own in _scopes(suite)}
    same = {case.digest for case in prepared.baseline.cases} if prepared.baseline is not None else None
    pairs = cases if baseline_of(plan, plan.gate) is not None else {}
    if same is not None:
        shared = [
            suite.model_copy(update={"cases": tuple(case for case in suite.cases if case.digest() in same)})
            for suite in prepared.suites
        ]
        pairs = {name: own for suite in shared for name, own in _scopes(suite)}
    return Due(
        cases={name: as_independent(own) for name, own in cases.items()},
        pairs={name: as_independent(own) for name, own in pairs.items()},
        requests=_requests(plan.bench) if plan.bench is not None else {},
        trials=plan.trials,
        looks=looks,
    )


def _scopes(suite: Suite) -> Iterator[tuple[str, list[Case]]]:
    """Yield each part of a suite that a condition can name, and its cases."""
    yield f"suite:{suite.id}", list(suite.cases)
    tags = sorted({tag for case in suite.cases for tag in case.tags})
    yield from ((f"suite:{suite.id}#{tag}", [case for case in suite.cases if tag in case.tags]) for tag in tags)
    labels = {case.id: {spec.label for spec in suite.scorers_of(case)} for case in suite.cases}
    for label in sorted(set().union(*labels.values())) if labels else ():
        yield f"suite:{suite.id}/{label}", [case for case in suite.cases if label in labels[case.id]]


def as_independent(cases: Sequence[Case]) -> Cases:
    """Return how many cases there are, and how many count where those of one source count once."""
    sources = [case.source for case in cases if case.source is not None]
    return Cases(cases=len(cases), groups=len(cases) - len(sources) + len(set(sources)))


def _requests(bench: BenchSettings) -> dict[str, int]:
    return {
        load_label(profile, *load): bench.requests_of(profile) * bench.repeats
        for profile in bench.profiles
        for load in bench.loads()
    }


def forecasts_of(prepared: Prepared, *, looks: int = 0) -> tuple[Forecast, ...]:
    """Return what a run of a plan, with so many looks, can show of each condition that rests on a sample."""
    return foresee([parse(spec) for spec in prepared.plan.gate.conditions], due_of(prepared, looks=looks))


def announce(prepared: Prepared, stopping: Stopping, note: Callable[[str], None]) -> None:
    """Say what a run cannot prove, before it asks anything: a line for each such condition, and one for the rest."""
    found = forecasts_of(prepared, looks=LOOKS if stopping == "sequential" else 0)
    for can, words in _WORDS.items():
        for own in found:
            if own.can == can:
                warning = "a warning " if own.severity == "warn" else ""
                note(_cut(f"gate: {warning}{words}: {own.brief}: {own.condition}"))
    if any(own.can == "never" and own.severity == "block" for own in found):
        note("gate: so this gate cannot pass at any result; assay lint PLAN says what it takes")
    elif found:
        count, weak = len(prepared.plan.gate.conditions), sum(own.can == "seldom" for own in found)
        note(f"gate: {len(found)} of {count} conditions rest on samples, {weak} weakly; assay lint PLAN has all")


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"

"""How do two candidates differ, case by case and load by load, as far as finished runs and records show?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.bench.figures import cells_of
from assay.errors import InputError, Problem
from assay.gate import order_statistic_ranks
from assay.gate.multiplicity import holm
from assay.gate.side_by_side import difference_of, pair_by_digest, share_passed
from assay.schema._base import rounded
from assay.workflow.compared import ComparedLoad, ComparedSide, ComparedSuite, Figure, Flip, PairedRow, PairedRuns
from assay.workflow.earlier import otherwise
from assay.workflow.finished import finished
from assay.workflow.measure import measure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assay.schema.bench import BenchCell, Percentile
    from assay.schema.score import CaseResult
    from assay.schema.suite import Suite
    from assay.workflow.evidence import Inputs
    from assay.workflow.finished import Finished
    from assay.workflow.measure import Measured

    Pair = tuple[CaseResult, CaseResult]

__all__ = ["compare_runs"]

_LEVEL: Final = 0.05
_PERCENTS: Final = (50, 95)


@dataclass(frozen=True)
class _Side:
    """One of the two, with all that is known of it."""

    source: Finished
    inputs: Inputs
    measured: Measured
    candidate: str

    def suite(self, name: str) -> Suite:
        """Return a suite by its id."""
        return next(own for own in self.inputs.suites if own.id == name)

    def cases(self, suite: str) -> list[CaseResult]:
        """Return what came of the cases of a suite."""
        return [case for case in self.measured.cases[self.candidate] if case.suite == suite]

    def doubt(self, suite: str) -> str | None:
        """Return why the rates of a suite are not trusted, or None."""
        own = [m for m in self.measured.metrics if (m.candidate, m.suite) == (self.candidate, suite) and not m.trusted]
        return (own[0].doubt or "a judge without trust took part") if own else None

    def judged(self, suite: str) -> bool:
        """Say whether a judge is believed here only as corrected by people's labels."""
        mine = [m for m in self.measured.metrics if (m.candidate, m.suite) == (self.candidate, suite)]
        return any(metric.correction is not None for metric in mine)

    def shown(self) -> ComparedSide:
        """Return whose figures these are."""
        host = self.inputs.host
        machine = ", ".join([f"{host.processor}, {host.cores} cores", *(host.accelerators or ())])
        return ComparedSide(source=self.source.name, candidate=self.candidate, run=self.inputs.run.id, host=machine)


def compare_runs(a: Path, b: Path, candidates: Sequence[str] = ()) -> PairedRuns:
    """Put two candidates side by side, without asking a model.

    Args:
        a: what is compared with: a run by its id or folder, or a record by one of its files or their stem.
        b: what is compared; the same as `a` to compare two candidates of one run.
        candidates: the candidate of each, or one for both; without any the one that is decided on.

    Raises:
        InputError: there is no such run, record or candidate, or the two are one.
        MismatchError: a record does not verify, or the files of a run do not belong together.
    """
    one = finished(a)
    other = one if a == b else finished(b)
    names = (candidates[0], candidates[-1]) if candidates else (None, None)
    first = _side(one, names[0], a)
    if other is one:
        # Scored once: the answers of both lie in it.
        second = _Side(one, first.inputs, first.measured, _named(first.inputs, names[1], b))
    else:
        second = _side(other, names[1], b)
    # Not by their names: each folder of records has its own 0001, and a run has as many records as were made of it.
    if (first.inputs.run.id, first.candidate) == (second.inputs.run.id, second.candidate):
        message = f"{first.candidate} cannot be compared with itself"
        raise InputError(Problem("bad-usage", message, "Name two candidates, runs or records.", str(a)))
    mine, theirs = ([suite.id for suite in side.inputs.suites] for side in (first, second))
    suites = [_suite(first, second, name) for name in mine if name in theirs]
    return PairedRuns(
        a=first.shown(),
        b=second.shown(),
        suites=tuple(_adjusted(suites)),
        only_a=tuple(name for name in mine if name not in theirs),
        only_b=tuple(name for name in theirs if name not in mine),
        loads=_loads(first, second),
    )


def _side(source: Finished, candidate: str | None, path: Path) -> _Side:
    inputs = source.inputs()
    name = _named(inputs, candidate, path)
    return _Side(source, inputs, measure(inputs, lambda _: None, {suite.id for suite in inputs.suites}), name)


def _named(inputs: Inputs, candidate: str | None, path: Path) -> str:
    """Return the candidate that is meant.

    Raises:
        InputError: there is no such one, or none is named where several are decided on.
    """
    asked = [own.id for own in inputs.plan.evaluated()]
    if candidate is None:
        decided = [own.id for own in inputs.plan.decided_on()]
        if len(decided) == 1:
            return decided[0]
        message = f"several candidates are decided on: {', '.join(decided)}"
        remedy = "Name one for each side: --candidate A --candidate B."
        raise InputError(Problem("bad-usage", message, remedy, str(path)))
    if candidate not in asked:
        message = f"there is no candidate {candidate!r}"
        raise InputError(Problem("nothing-selected", message, f"There are: {', '.join(asked)}.", str(path)))
    return candidate


def _suite(a: _Side, b: _Side, name: str) -> ComparedSuite:
    """Return what the two did at a suite; of the rows nothing is adjusted yet."""
    if (differs := otherwise(a.inputs, a.suite(name), b.inputs, b.suite(name))) is not None:
        return ComparedSuite(suite=name, refused=f"it {differs}")
    pairing = pair_by_digest(b.cases(name), a.cases(name))
    asked = [(own, other) for own, other in pairing.pairs if own.asked and other.asked]
    doubt = a.doubt(name) or b.doubt(name)
    judged = a.judged(name) or b.judged(name)
    tags = sorted({tag for own, _ in asked for tag in own.tags})
    parts = [(None, asked), *((tag, [pair for pair in asked if tag in pair[0].tags]) for tag in tags)]
    return ComparedSuite(
        suite=name,
        doubt=doubt,
        note="passes are the judge's word, not corrected by people's labels" if judged else None,
        rows=tuple(_row(tag, pairs, tested=doubt is None) for tag, pairs in parts if pairs),
        flips=tuple(_flips(asked)),
        only_a=tuple(case.case for case in pairing.only_baseline),
        only_b=tuple(case.case for case in pairing.only_candidate),
        not_asked=len(pairing.pairs) - len(asked),
        not_asked_a=sum(not other.asked for _, other in pairing.pairs),
        not_asked_b=sum(not own.asked for own, _ in pairing.pairs),
        unscored_a=sum(_unscored(other) for _, other in asked),
        unscored_b=sum(_unscored(own) for own, _ in asked),
    )


def _unscored(case: CaseResult) -> int:
    return case.asked - case.whole.passed - case.whole.failed


def _row(tag: str | None, pairs: Sequence[Pair], *, tested: bool) -> PairedRow:
    found = difference_of(pairs)
    return PairedRow(
        tag=tag,
        n=len(pairs),
        groups=found.groups,
        both=found.table.both,
        b_only=found.table.gained,
        a_only=found.table.lost,
        neither=found.table.neither,
        a=rounded(found.baseline),
        b=rounded(found.candidate),
        difference=rounded(found.difference),
        low=rounded(found.low),
        high=rounded(found.high),
        p=rounded(found.p) if tested else None,
        p_adjusted=None,
        shown=False,
        smallest=rounded(found.smallest) if found.smallest is not None else None,
        counted=found.counted,
    )


def _adjusted(suites: Sequence[ComparedSuite]) -> list[ComparedSuite]:
    """Return the suites with p-values adjusted: whole suites among each other, tags among those of their suite."""
    whole = _by_holm([suite.rows[0] for suite in suites if suite.rows])
    firsts = iter(whole)
    return [
        suite.model_copy(update={"rows": (next(firsts), *_by_holm(suite.rows[1:]))}) if suite.rows else suite
        for suite in suites
    ]


def _by_holm(rows: Sequence[PairedRow]) -> list[PairedRow]:
    adjusted = iter(holm([row.p for row in rows if row.p is not None]))
    return [
        row
        if row.p is None
        else row.model_copy(update={"p_adjusted": (own := rounded(next(adjusted))), "shown": own <= _LEVEL})
        for row in rows
    ]


def _flips(pairs: Sequence[Pair]) -> list[Flip]:
    shares = [(own.case, share_passed(other), share_passed(own)) for own, other in pairs]
    return [
        Flip(case=case, better="b" if b > a else "a", a=rounded(a), b=rounded(b)) for case, a, b in shares if a != b
    ]


def _loads(a: _Side, b: _Side) -> tuple[ComparedLoad, ...]:
    mine, theirs = _cells(a), _cells(b)
    return tuple(_load(own, theirs[label]) for label, own in mine.items() if label in theirs)


def _cells(side: _Side) -> dict[str, BenchCell]:
    cells = cells_of(side.inputs.bench, order_statistic_ranks)
    return {cell.label: cell for cell in cells if cell.candidate == side.candidate and cell.n}


def _load(a: BenchCell, b: BenchCell) -> ComparedLoad:
    figures = []
    for series in ("ttft", "e2e"):
        for percent in _PERCENTS:
            own, other = (_percentile(getattr(cell, series), percent) for cell in (a, b))
            if own is not None and other is not None:
                figures.append(Figure(name=f"{series}_p{percent}_s", a_us=own, b_us=other))
    return ComparedLoad(load=a.label, n=(a.n, b.n), validity=(a.validity, b.validity), figures=tuple(figures))


def _percentile(found: Sequence[Percentile], percent: int) -> tuple[int | None, int | None, int | None] | None:
    own = next((each for each in found if round(100 * each.q) == percent and each.n), None)
    return (own.value_us, own.low_us, own.high_us) if own is not None else None

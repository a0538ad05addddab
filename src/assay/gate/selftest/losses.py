"""Does the gate notice evidence that is gone, broken, forged, empty or somebody else's?"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from assay.gate.selftest.cases import counted, everywhere, part_of, with_cases
from assay.gate.selftest.exemplary import spoilt
from assay.gate.selftest.measured import load_of, with_cell, with_rows
from assay.gate.selftest.trial import harm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assay.gate.evidence import Facts
    from assay.gate.selftest.asked import Asked
    from assay.gate.selftest.result import Change
    from assay.gate.selftest.trial import Trial
    from assay.schema.bench import BenchCell
    from assay.schema.findings import ChecklistItem
    from assay.schema.provenance import Licence
    from assay.schema.score import Metric

    Reads = Callable[[Asked], bool]

__all__ = ["evidence_changes", "removed"]

_ANOTHER: Final = "another"
_MEMORY: Final = ("memory_peak_gib", "vram_peak_gib", "host_headroom_gib", "vram_headroom_gib", "preemptions")
"""Figures that do not depend on whether requests were answered."""


def evidence_changes(trial: Trial) -> Iterator[Change]:
    """Yield what comes of each piece of worse evidence."""
    for what, facts, reads in (*removed(trial), *_suites(trial), *_loads(trial), *_lists(trial), *_compared(trial)):
        yield harm(trial, what, facts, [own for own in trial.blocking if reads(own)])
    for what, facts in _borrowed(trial.facts):
        # Whoever it is that reads it: nobody passes on borrowed evidence.
        yield harm(trial, what, facts, trial.blocking)
    yield from _forged(trial)


def _word(*words: str) -> Reads:
    return lambda own: own.word in words


def _is_proof(own: Asked) -> bool:
    """Return whether a condition proves a percentile from the latencies of all requests."""
    confident = own.comparison is not None and own.comparison.confidence is not None
    return own.word == "bench" and confident and ("e2e_p" in own.metric or "ttft_p" in own.metric)


def _by_case(trial: Trial) -> Reads:
    """Return whether a condition needs single cases where there is one trial of each and none shares a source."""
    whole = frozenset(suite.id for suite in trial.subjects.suites)
    return lambda own: own.condition.question.by_case(whole) is not None


def removed(trial: Trial) -> Iterator[tuple[str, Facts, Reads]]:
    """Yield evidence without one of its kinds."""
    facts = trial.facts
    yield "pass rates are gone", replace(facts, metrics=()), _word("suite")
    yield "single cases are gone", replace(facts, cases=()), _by_case(trial)
    yield "blocker cases are gone", replace(facts, blockers_total=0), _word("blockers")
    yield "measurements are gone", replace(facts, cells=()), _word("bench")
    yield "latencies are gone", replace(facts, latencies={}), _is_proof
    yield "findings are gone", replace(facts, findings=()), _word("readiness")
    yield "checklist and findings are gone", replace(facts, findings=(), checklist=()), _word("readiness")
    yield "pins are gone", replace(facts, pins=()), _word("pins")
    yield "the licence is unknown", replace(facts, licence=_unknown(facts.licence)), _word("licence")
    yield "judges are gone", replace(facts, judges=()), _word("judge", "judges")
    yield "memory arithmetic is gone", replace(facts, capacity=None), _word("memory")
    yield "the baseline is gone", replace(facts, baseline=None, baseline_cells=()), lambda own: own.against is not None
    yield "required evidence is gone", replace(facts, present=frozenset()), _word("evidence")


def _unknown(licence: Licence) -> Licence:
    allowance = licence.allowance.model_copy(update={"outcome": "unknown", "reasons": ()})
    terms = dict.fromkeys(("commercial", "internal_evaluation", "outputs_train"), "unknown")
    gone = {"identifier": None, "family": "unidentified", "statements": (), "agreed": None, "allowance": allowance}
    return licence.model_copy(update={**terms, **gone})


def _suites(trial: Trial) -> Iterator[tuple[str, Facts, Reads]]:
    """Yield evidence in which one suite is empty, without a score, without trust, or counted wrongly."""
    facts = trial.facts
    for suite in (own.id for own in trial.subjects.suites):

        def reads(own: Asked, suite: str = suite) -> bool:
            return own.word == "suite" and part_of(own.metric).suite == suite

        others = tuple(case for case in facts.cases if case.suite != suite)
        emptied = [
            own.model_copy(update=dict.fromkeys(("cases", "passed", "failed", "unscored", "n"), 0))
            for own in facts.metrics
            if own.suite == suite
        ]
        empty = replace(with_cases(facts, others), metrics=(*counted(_own(facts), others), *emptied))
        yield f"suite {suite} is empty", empty, reads
        silent = tuple(everywhere(case, "unscored") if case.suite == suite else case for case in facts.cases)
        yield f"no trial of suite {suite} has a score", with_cases(facts, silent), reads
        yield f"a judge without trust scored {suite}", _metrics(facts, suite, _distrusted), reads
        yield f"counts of {suite} contradict each other", _metrics(facts, suite, _contradicting), reads
        twice = replace(facts, metrics=(*facts.metrics, *(own for own in facts.metrics if own.suite == suite)))
        yield f"the pass rates of {suite} stand twice", twice, reads


def _own(facts: Facts) -> str:
    return facts.metrics[0].candidate


def _metrics(facts: Facts, suite: str, change: Callable[[Metric], Metric]) -> Facts:
    """Return evidence with other pass rates of one suite."""
    return replace(facts, metrics=tuple(change(own) if own.suite == suite else own for own in facts.metrics))


def _distrusted(own: Metric) -> Metric:
    return own.model_copy(update={"trusted": False, "doubt": "the judge is not trusted"})


def _contradicting(own: Metric) -> Metric:
    return own.model_copy(update={"passed": own.n + 1, "failed": 0, "unscored": 0})


def _loads(trial: Trial) -> Iterator[tuple[str, Facts, Reads]]:
    """Yield evidence in which one measurement that a condition asks about cannot be believed, or shows failures."""
    facts = trial.facts
    named = {load_of(own.metric) for own in trial.blocking if own.word == "bench"}
    for cell in facts.cells:
        if named.isdisjoint({None, cell.label}):
            continue

        def reads(own: Asked, label: str = cell.label) -> bool:
            return own.word == "bench" and load_of(own.metric) in {None, label}

        def heeds(own: Asked, label: str = cell.label) -> bool:
            measured = not own.metric.endswith((" valid", *_MEMORY)) and own.against is None
            return measured and own.word == "bench" and load_of(own.metric) == label

        invalid = cell.model_copy(update={"validity": "INVALID"})
        yield f"{cell.label} is INVALID", with_cell(facts, invalid), reads
        yield f"{cell.label} has no requests", with_cell(facts, cell.model_copy(update={"n": 0})), reads
        yield f"{cell.label} was measured twice", replace(facts, cells=(*facts.cells, cell)), reads
        yield f"every request of {cell.label} failed", _all_failed(facts, cell), heeds


def _all_failed(facts: Facts, cell: BenchCell) -> Facts:
    rows = ((None, None),) * cell.n
    silent = {"tpot": (), "gap_p99_us": None, "output_tokens_per_s": None, "requests_per_s": 0.0}
    failed = with_rows(cell, rows).model_copy(update=silent)
    return replace(with_cell(facts, failed), latencies={**facts.latencies, cell.label: rows})


def _lists(trial: Trial) -> Iterator[tuple[str, Facts, Reads]]:
    """Yield evidence in which one member of a list is missing or unknown."""
    facts = trial.facts
    for item in [item for item in facts.checklist if any(_asks(own, item) for own in trial.blocking)][:1]:
        left = tuple(own for own in facts.findings if own.item != item.id)
        yield f"the finding of {item.id} is gone", replace(facts, findings=left), _word("readiness")
    silent = [own.model_copy(update={"status": "unknown"}) for own in facts.pins[:1]]
    yield "a pin was not observed", replace(facts, pins=(*silent, *facts.pins[1:])), _word("pins")
    doubted = tuple(own.model_copy(update={"trusted": False}) for own in facts.judges[:1])
    yield "a judge is not trusted", replace(facts, judges=(*doubted, *facts.judges[1:])), _judges(facts)


def _judges(facts: Facts) -> Reads:
    """Return whether a condition asks about the first judge."""
    first = facts.judges[0].judge if facts.judges else None
    return lambda own: first is not None and (own.word == "judges" or own.metric.startswith(f"judge:{first}"))


def _asks(own: Asked, item: ChecklistItem) -> bool:
    """Return whether a condition asks about an item of the checklist."""
    wide = own.metric in {"readiness", f"readiness.{item.section}"} and item.severity == "block"
    return wide or own.metric == f"readiness:{item.id}"


def _compared(trial: Trial) -> Iterator[tuple[str, Facts, Reads]]:
    """Yield evidence in which the baseline did other cases, or is the candidate itself."""
    facts = trial.facts
    if facts.baseline is None:
        return
    other = tuple(case.model_copy(update={"digest": f"{_ANOTHER}/{case.digest}"}) for case in facts.baseline.cases)
    foreign = facts.baseline.model_copy(update={"cases": other})

    def reads(own: Asked) -> bool:
        return own.against is not None and own.word == "suite"

    yield "the digests of the baseline's cases are others", replace(facts, baseline=foreign), reads
    if trial.subjects.baseline_measured:
        same = facts.baseline.model_copy(update={"candidate": _own(facts)})
        yield "the candidate is its own baseline", replace(facts, baseline=same), reads


def _borrowed(facts: Facts) -> Iterator[tuple[str, Facts]]:
    """Yield evidence of which one kind is another candidate's."""
    theirs = {"candidate": _ANOTHER}
    if facts.metrics:
        borrowed = (*facts.metrics[:-1], facts.metrics[-1].model_copy(update=theirs))
        yield "a pass rate is another candidate's", replace(facts, metrics=borrowed)
    if facts.cells:
        measured = (*facts.cells[:-1], facts.cells[-1].model_copy(update=theirs))
        yield "a measurement is another candidate's", replace(facts, cells=measured)
    if facts.findings:
        found = (*facts.findings[:-1], facts.findings[-1].model_copy(update=theirs))
        yield "a finding is another candidate's", replace(facts, findings=found)


def _forged(trial: Trial) -> Iterator[Change]:
    """Yield what comes of a figure that was made to look good beside the counts that it is of."""
    for own in trial.blocking:
        if own.word == "suite" and own.against is None:
            for facts in islice(spoilt(trial.facts, own, trial.fails(own)), 1):
                fine = {"rate": 1.0, "rate_scored": 1.0, "low": 1.0, "high": 1.0, "mean": 1.0}
                forged = replace(facts, metrics=tuple(one.model_copy(update=fine) for one in facts.metrics))
                yield harm(trial, f"a perfect rate beside the counts that just fail {own.metric}", forged, [own])
            break
    for own in filter(_is_proof, trial.blocking):
        for facts in spoilt(trial.facts, own, trial.fails(own)):
            label = load_of(own.metric)
            quick = next(cell for cell in trial.facts.cells if cell.label == label)
            forged = replace(facts, cells=tuple(quick if cell.label == label else cell for cell in facts.cells))
            yield harm(trial, f"quick percentiles beside slow requests of {label}", forged, [own])
        break

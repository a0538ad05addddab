"""How do conditions become test cases, so that nothing that holds a verdict back is shown as green?

A test suite for each candidate, a test case for each condition. One that is not met fails. One that is unknown is
skipped; since most viewers show that as green, a candidate on HOLD has a failing case `gate/hold` beside it. What is
only a warning, or waived, passes and says so. The last suite, `gate`, passes only when the verdict is GO.

JUnit XML has no official description: used is what all readers have in common (github.com/testmoapp/junitxml).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from assay.record.export.junit import attribute, text
from assay.record.reports.matters import bounded, is_waived, waiver_told
from assay.record.text import flip_told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assay.record.reports.places import Places
    from assay.schema.record import Record
    from assay.schema.verdict import CandidateVerdict, ConditionResult

__all__ = ["write"]

_MOST_NAME = 500
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


class _Case(NamedTuple):
    """One test case."""

    suite: str
    name: str
    outcome: str
    """`passed`, `failure` or `skipped`."""
    kind: str
    """Class of a failure."""
    message: str
    """What is not met."""
    told: str
    """All that is known."""
    properties: Mapping[str, str]


def write(record: Record, places: Places) -> str:
    """Return the test report of a record's conditions."""
    groups = [
        (
            own.candidate,
            own.verdict,
            [*(_of_condition(own.candidate, result) for result in own.conditions), *_hold(own)],
        )
        for own in record.verdict.candidates
    ]
    groups.append(("gate", record.verdict.verdict, [_verdict(record)]))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    every = [case for *_, cases in groups for case in cases]
    counts = _counts(every)
    del counts["skipped"]
    lines.append(f"<testsuites{_attributes({'name': f'assay {places.named(record)}', **counts})}>")
    for name, verdict, cases in groups:
        lines += _suite(name, {"verdict": verdict, **_source(record, places)}, cases)
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _source(record: Record, places: Places) -> dict[str, str]:
    """Return what is there to look at: the record, or what was decided on where that is not kept."""
    kind = "record" if places.weighed is None else f"decided.{places.weighed.kind}"
    digest = places.evidence_of(record)
    return {kind: places.named(record), **({} if digest is None else {"evidence.sha256": digest})}


def _suite(name: str, properties: Mapping[str, str], cases: Sequence[_Case]) -> Iterator[str]:
    yield f" <testsuite{_attributes({'name': name, **_counts(cases)})}>"
    yield from _properties(properties, indent="  ")
    for case in cases:
        yield from _test_case(case)
    yield " </testsuite>"


def _test_case(case: _Case) -> Iterator[str]:
    yield f"  <testcase{_attributes({'classname': f'gate.{case.suite}', 'name': bounded(case.name, _MOST_NAME)})}>"
    yield from _properties(case.properties, indent="   ")
    if case.outcome == "failure":
        said = _attributes({"message": case.message, "type": case.kind})
        yield f"   <failure{said}>{text(case.told)}</failure>"
    elif case.outcome == "skipped":
        yield f"   <skipped{_attributes({'message': case.message})}/>"
    if case.outcome != "failure":
        yield f"   <system-out>{text(case.told)}</system-out>"
    yield "  </testcase>"


def _of_condition(candidate: str, result: ConditionResult) -> _Case:
    told = _told(result)
    properties: dict[str, str] = {"severity": result.severity, "status": result.status}
    if result.status == "met":
        return _Case(candidate, result.id, "passed", "", "", told, properties)
    if result.waiver is not None and is_waived(result):
        waiver = result.waiver.waiver
        properties |= {"waiver": waiver.condition, "waiver.expires": waiver.expires}
        return _Case(candidate, result.id, "passed", "", "", f"WAIVED {waiver_told(waiver)}\n{told}", properties)
    if result.status == "unknown":
        return _Case(candidate, result.id, "skipped", "", bounded(f"unknown: {result.reason}"), told, properties)
    if result.severity == "warn":
        return _Case(candidate, result.id, "passed", "", "", f"WARNING, not met\n{told}", properties)
    return _Case(candidate, result.id, "failure", "not_met", bounded(result.reason), told, properties)


def _hold(own: CandidateVerdict) -> Iterator[_Case]:
    if own.verdict == "HOLD":
        unknown = [result.id for result in own.conditions if result.status == "unknown"]
        told = "\n".join([own.reason, *(f"unknown: {name}" for name in unknown)])
        yield _Case(own.candidate, "gate/hold", "failure", "hold", bounded(own.reason), told, {})


def _verdict(record: Record) -> _Case:
    verdict = record.verdict
    outcome = "passed" if verdict.verdict == "GO" else "failure"
    lines = [f"{verdict.verdict}: {verdict.reason}"]
    lines += [f"waiver of {use.waiver.condition}: {use.status}: {use.reason}" for use in verdict.waivers]
    kind = verdict.verdict.lower()
    return _Case("gate", "gate/verdict", outcome, kind, bounded(lines[0]), "\n".join(lines), {})


def _told(result: ConditionResult) -> str:
    figures = {
        "observed": result.observed,
        "low": result.low,
        "high": result.high,
        "threshold": result.threshold,
        "margin": result.margin,
        "n": result.n,
    }
    known = "; ".join(f"{name} {value:.6g}" for name, value in figures.items() if value is not None)
    failing = f"not met: {', '.join(result.failing)}" if result.failing else ""
    return "\n".join(part for part in (result.condition, known, result.reason, failing, flip_told(result)) if part)


def _counts(cases: Sequence[_Case]) -> dict[str, str]:
    outcomes = Counter(case.outcome for case in cases)
    return {"tests": str(len(cases)), **{name: str(outcomes[kind]) for name, kind in _COUNTED.items()}}


def _properties(values: Mapping[str, str], *, indent: str) -> Iterator[str]:
    if values:
        yield f"{indent}<properties>"
        for name, value in values.items():
            yield f"{indent} <property{_attributes({'name': name, 'value': value})}/>"
        yield f"{indent}</properties>"


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f" {name}={attribute(value)}" for name, value in values.items())

"""What do two records say differently of what was tested: candidates, pins, facts, licences, suites, judges, host?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.record.diff.entries import Entry, entries_differ, flat, members

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.record.diff.changes import CandidatePair, Change
    from assay.schema._base import Noun
    from assay.schema.provenance import Licence
    from assay.schema.record import CandidateSummary, Record
    from assay.schema.suite import Plan

__all__ = ["candidates_differ", "plans_differ", "said_differs", "setting_differs"]

_OF_A_MOMENT: Final = frozenset(
    {"kv_cache_use", "requests_running", "requests_waiting", "memory_bytes", "accelerator_memory_bytes"}
)
"""Facts that a server says of the moment in which it was asked; the benchmark has the like over time."""
_LICENCE: Final = ("identifier", "family", "commercial", "internal_evaluation", "outputs_train", "agreed")


def candidates_differ(a: Record, b: Record, pairs: Sequence[CandidatePair]) -> Iterator[Change]:
    """Yield settings, pins, facts and licence of each pair; of a candidate without a partner that it is new or gone."""
    old = {own.candidate.id: own for own in a.candidates}
    new = {own.candidate.id: own for own in b.candidates}
    both = [(pair.label, old[pair.a], new[pair.b]) for pair in pairs if pair.a is not None and pair.b is not None]
    gone = {own.a: Entry(_outline(old[own.a])) for own in pairs if own.a is not None and own.b is None}
    come = {own.b: Entry(_outline(new[own.b])) for own in pairs if own.b is not None and own.a is None}
    yield from entries_differ("candidate", None, gone, come)
    for label, one, other in both:
        yield from entries_differ("candidate", label, _settings(one), _settings(other))
    for label, one, other in both:
        yield from entries_differ("pin", label, _pins(one), _pins(other))
    for label, one, other in both:
        yield from entries_differ("fact", label, _facts(one), _facts(other))
    for label, one, other in both:
        yield from entries_differ("licence", label, _licence(one.facts.licence), _licence(other.facts.licence))


def _outline(own: CandidateSummary) -> str:
    roles = f", {' '.join(own.candidate.roles)}" if own.candidate.roles else ""
    return f"{own.candidate.model or own.candidate.embedded or 'model not named'} on {own.candidate.runtime}{roles}"


def _settings(own: CandidateSummary) -> dict[str, Entry]:
    return flat(own.candidate.model_dump(mode="json", exclude={"id", "pins"}))


def _pins(own: CandidateSummary) -> dict[str, Entry]:
    found = {}
    for pin in own.facts.pins:
        observed = "not observed" if pin.observed is None else f"observed {pin.observed}"
        found[pin.pin] = Entry(f"{pin.declared} ({pin.status.replace('_', ' ')}, {observed})")
    return found


def _facts(own: CandidateSummary) -> dict[str, Entry]:
    # An unknown fact is there too, so that one that is not known any more is seen to be lost.
    return {
        fact.name: Entry("unknown" if fact.value is None else f"{fact.value} ({fact.grade})")
        for fact in own.facts.facts
        if fact.name not in _OF_A_MOMENT
    }


def _licence(own: Licence) -> dict[str, Entry]:
    found = flat(own.model_dump(mode="json", include=set(_LICENCE)))
    found["allowance"] = Entry(own.allowance.outcome, "; ".join(own.allowance.reasons) or None)
    for statement in own.statements:
        digest = f", text {statement.sha256[:12]}" if statement.sha256 is not None else ""
        found[f"stated in {statement.place}"] = Entry(f"{statement.identifier or 'not identified'}{digest}")
    return (
        found
        | members("obligation", own.allowance.obligations)
        | members("condition", own.conditions)
        | members("missing in the profile", own.allowance.missing)
    )


def setting_differs(a: Record, b: Record, pairs: Sequence[CandidatePair]) -> Iterator[Change]:
    """Yield suites, judges, how the load was measured, and where: what numbers must share to be compared."""
    yield from entries_differ("suite", None, _suites(a), _suites(b))
    yield from entries_differ("judge", None, _judges(a), _judges(b))
    yield from entries_differ("measurement", None, _bench(a), _bench(b))
    for pair in pairs:
        if pair.a is not None and pair.b is not None:
            yield from entries_differ("measurement", pair.label, _validity(a, pair.a), _validity(b, pair.b))
    yield from entries_differ("host", None, _host(a), _host(b))


def _suites(record: Record) -> dict[str, Entry]:
    found = {}
    for own in record.suites:
        blockers = f", {own.blockers} blockers" if own.blockers else ""
        found[own.id] = Entry(f"version {own.version}, {own.cases} cases{blockers}, digest {own.digest[:12]}")
    for stopped in record.stopped:
        found[f"{stopped.suite} of {stopped.candidate}: asked"] = Entry(f"{stopped.asked} of {stopped.due} trials")
    return found


def _judges(record: Record) -> dict[str, Entry]:
    found = {}
    for own in record.judges:
        trust = "trusted" if own.trusted else "not trusted"
        found[own.judge] = Entry(
            f"{trust}, {own.model or own.candidate}, rubric {own.rubric}", "; ".join(own.reasons) or None
        )
    return found


def _bench(record: Record) -> dict[str, Entry]:
    return {f"settings {name}": entry for name, entry in _plain(record.bench_settings).items()}


def _validity(record: Record, candidate: str) -> dict[str, Entry]:
    mine = [cell for cell in record.bench if cell.candidate == candidate]
    return {
        cell.label: Entry(cell.validity, "; ".join(reason.text for reason in cell.reasons) or None) for cell in mine
    }


def _plain(noun: Noun | None) -> dict[str, Entry]:
    return flat(noun.model_dump(mode="json")) if noun is not None else {}


def _host(record: Record) -> dict[str, Entry]:
    own = flat(record.host.model_dump(mode="json", exclude={"load_1m"}))
    return own | {"assay_version": Entry(record.assay_version)}


def said_differs(a: Record, b: Record) -> Iterator[Change]:
    """Yield what people say (owner, rollout, rollback, risks), the use case, and what was not tested or is withheld."""
    yield from entries_differ("people", None, _plain(a.people), _plain(b.people))
    yield from entries_differ("use_case", None, _plain(a.use_case), _plain(b.use_case))
    yield from entries_differ("untested", None, _untested(a), _untested(b))
    yield from entries_differ("evidence", None, _evidence(a), _evidence(b))


def _untested(record: Record) -> dict[str, Entry]:
    return {own.what: Entry(None, own.why) for own in record.untested}


def _evidence(record: Record) -> dict[str, Entry]:
    return {"format": Entry(record.schema_name), "plan": Entry(record.plan_digest[:12])} | flat(
        record.withheld.model_dump(mode="json"), "withheld"
    )


def plans_differ(a: Plan, b: Plan) -> Iterator[Change]:
    """Yield what two plans say differently of what a record does not repeat: profile, trials, whether to stop early."""
    yield from entries_differ("evidence", None, _plan(a), _plan(b))


def _plan(plan: Plan) -> dict[str, Entry]:
    said = plan.model_dump(mode="json", include={"organization": True, "trials": True, "gate": {"stop_early"}})
    return flat(said, "plan")

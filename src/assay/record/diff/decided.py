"""What do two records decide differently: verdicts, conditions, waivers, findings, blockers, what people decided?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.record.diff.entries import Entry, entries_differ, flat
from assay.record.text import asked, figure, limits, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.record.diff.changes import CandidatePair, Change
    from assay.schema.record import Record
    from assay.schema.verdict import CandidateVerdict, ConditionResult

__all__ = ["decisions_differ", "findings_differ", "verdicts_differ"]


def verdicts_differ(a: Record, b: Record, pairs: Sequence[CandidatePair]) -> Iterator[Change]:
    """Yield verdicts of the whole and of each candidate, then conditions that turned, then the policy's own text."""
    yield from entries_differ("verdict", None, _whole(a), _whole(b))
    for pair in pairs:
        yield from entries_differ("verdict", pair.label, _own(a, pair.a), _own(b, pair.b))
    for pair in pairs:
        yield from entries_differ("condition", pair.label, _conditions(a, pair.a), _conditions(b, pair.b))
    yield from entries_differ("policy", None, _policy(a), _policy(b))


def _whole(record: Record) -> dict[str, Entry]:
    return {"the record": Entry(record.verdict.verdict, record.verdict.reason)}


def _verdict(record: Record, candidate: str | None) -> CandidateVerdict | None:
    return next((own for own in record.verdict.candidates if own.candidate == candidate), None)


def _own(record: Record, candidate: str | None) -> dict[str, Entry]:
    own = _verdict(record, candidate)
    return {"the candidate": Entry(own.verdict, own.reason)} if own is not None else {}


def _conditions(record: Record, candidate: str | None) -> dict[str, Entry]:
    own = _verdict(record, candidate)
    return {result.id: Entry(word(result.status), _why(result)) for result in own.conditions} if own is not None else {}


def _why(result: ConditionResult) -> str:
    """Return what a condition saw: its number with the limits that were compared, and the reason."""
    seen = "" if result.observed is None else f"observed {figure(result.observed)}"
    if result.low is not None or result.high is not None:
        seen += f" {limits(result)}"
    return f"{seen}; {result.reason}" if seen else result.reason


def _policy(record: Record) -> dict[str, Entry]:
    """Return where the conditions come from, and each with its text: a threshold is part of it."""
    found = flat(record.policy.model_dump(mode="json"))
    for own in record.verdict.candidates:
        for result in own.conditions:
            asks = asked(result)
            says = result.severity if asks is None else f"{asks} ({result.severity})"
            found[f"condition {result.id}"] = Entry(says)
    return found


def decisions_differ(a: Record, b: Record) -> Iterator[Change]:
    """Yield what people decided: the status block, and the waivers that they gave."""
    yield from entries_differ("decision", None, _standing(a), _standing(b))
    yield from entries_differ("waiver", None, _waivers(a), _waivers(b))


def _standing(record: Record) -> dict[str, Entry]:
    own = record.standing
    found = {"status": Entry(record.status)}
    if own.decisions:
        last = own.decisions[-1]
        found["decided"] = Entry(f"{last.outcome} by {last.by} on {last.on}", last.reason)
    return found | flat(own.model_dump(mode="json", include={"valid_until", "supersedes", "superseded_by"}))


def _waivers(record: Record) -> dict[str, Entry]:
    found = {}
    for use in record.verdict.waivers:
        own = use.waiver
        name = own.condition if own.candidate is None else f"{own.condition} of {own.candidate}"
        at = f"{own.value:g}" if isinstance(own.value, float) else ", ".join(own.value)
        given = f"granted {own.granted} at {at} by {own.approver}, owner {own.owner}, because: {own.reason}"
        found[name] = Entry(f"{use.status.replace('_', ' ')}, until {own.expires}, {given}", use.reason)
    return found


def findings_differ(a: Record, b: Record, pairs: Sequence[CandidatePair]) -> Iterator[Change]:
    """Yield items of the checklist that came to something else, and blocker cases that pass no longer, or again."""
    for pair in pairs:
        yield from entries_differ("finding", pair.label, _findings(a, pair.a), _findings(b, pair.b))
    for pair in pairs:
        yield from entries_differ("blocker", pair.label, _blockers(a, pair.a), _blockers(b, pair.b))


def _findings(record: Record, candidate: str | None) -> dict[str, Entry]:
    mine = [own for own in record.findings if own.candidate == candidate]
    return {
        own.item: Entry(word(own.status) + ("" if own.severity == "block" else " (warn)"), own.reason) for own in mine
    }


def _blockers(record: Record, candidate: str | None) -> dict[str, Entry]:
    mine = [own for own in record.blockers if own.candidate == candidate]
    return {f"{own.suite}/{own.case}": Entry(own.outcome, own.reason) for own in mine}

"""Is a record accepted, and has anything that it rests on run out by today?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay import readiness
from assay.workflow.clauses import Clause
from assay.workflow.evidence import REHEARSALS_FILE
from assay.workflow.resting import resting_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.record import Record
    from assay.workflow.clauses import ClauseStatus
    from assay.workflow.evidence import Inputs

__all__ = ["expiry_clauses"]


def expiry_clauses(record: Record, then: Inputs, today: str) -> Iterator[Clause]:
    """Yield whether a person accepted it, whether that still holds, and each waiver, attestation and rehearsal it used.

    Args:
        record: the record, verified.
        then: its evidence.
        today: day in UTC, `YYYY-MM-DD`; what holds until a day holds on that day too.
    """
    yield _accepted(record)
    until = record.standing.valid_until
    if until is not None:
        yield _lasting("valid_until", until, today, resting_on(record, "valid_until"))
    for use in record.verdict.waivers:
        if use.status == "applies":
            name = f"waiver on {use.waiver.condition}"
            yield _lasting(name, use.waiver.expires, today, (f"condition {use.waiver.condition}",))
    said = {own.item for own in record.findings if own.status in {"met", "not_applicable"}}
    for attestation in then.attestations.attestations if then.attestations is not None else ():
        if attestation.item in said and attestation.expires >= record.date:
            rests = resting_on(record, "attestation", only=(f"readiness:{attestation.item}",))
            yield _lasting(f"attestation of {attestation.item}", attestation.expires, today, rests)
    yield from _rehearsals(record, then, today)


def _rehearsals(record: Record, then: Inputs, today: str) -> Iterator[Clause]:
    """Yield the rehearsal of a rollback that each candidate's readiness rests on."""
    for finding in record.findings:
        if finding.status != "met" or REHEARSALS_FILE not in finding.evidence:
            continue
        candidate = next(own for own in then.plan.candidates if own.id == finding.candidate)
        served = readiness.digests_served(candidate, then.facts[candidate.id])
        own = readiness.latest_from(readiness.rollbacks_of(then.rehearsals, candidate.id), served)
        until = readiness.last_day(own) if own is not None else None
        if until is not None:
            rests = resting_on(record, "rehearsal", candidate.id, only=(f"readiness:{finding.item}",))
            yield _lasting(f"rehearsal of a rollback of {candidate.id}", f"{until}", today, rests)


def _accepted(record: Record) -> Clause:
    """Return whether somebody accepted it: what nobody decided is unknown, what was decided against is void."""
    last = record.standing.decisions[-1] if record.standing.decisions else None
    by = f" by {last.by} on {last.on}" if last is not None else ""
    new = record.standing.superseded_by
    outcomes: dict[str, tuple[ClauseStatus, str | None]] = {
        "accepted": ("holds", None),
        "superseded": ("void", f"{last.outcome if last is not None else 'decided'}{by}: ask for the status of {new}"),
        "rejected": ("void", "there is nothing to roll out"),
        "deferred": ("unknown", "the decision was put off: decide with assay decide RECORD --accept --by NAME"),
        "proposed": ("unknown", "nobody has accepted it: decide with assay decide RECORD --accept --by NAME"),
    }
    status, why = outcomes[record.status]
    told = f"superseded by {new}" if new is not None else f"{record.status}{by}"
    rests = () if status == "holds" else resting_on(record, "accepted")
    # What the record says of itself is all that there is to see: nothing else is there now.
    return Clause(name="accepted", recorded=told, now=told, status=status, why=why, rests=rests)


def _lasting(name: str, until: str, today: str, rests: tuple[str, ...]) -> Clause:
    over = until < today
    return Clause(
        name=name,
        recorded=f"until {until}",
        now=f"today is {today}" if over else f"until {until}",
        status="void" if over else "holds",
        why="it has run out" if over else None,
        rests=rests if over else (),
    )

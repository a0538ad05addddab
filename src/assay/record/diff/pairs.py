"""Which candidate of one record is held against which of another?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.record.diff.changes import CandidatePair

if TYPE_CHECKING:
    from assay.schema.record import Record

__all__ = ["paired_candidates"]


def paired_candidates(a: Record, b: Record) -> tuple[CandidatePair, ...]:
    """Return the candidates of two records in pairs: by id; else by roles; else the only two left that are decided on.

    Roles pair only where one candidate of each side is left with them: of several none is guessed.
    """
    left = {own.candidate.id: own.candidate.roles for own in a.candidates}
    right = {own.candidate.id: own.candidate.roles for own in b.candidates}
    found = {name: CandidatePair(a=name, b=name, by="id") for name in left if name in right}
    for roles in sorted({frozenset(own) for own in left.values() if own}, key=sorted):
        ours = [name for name, own in left.items() if frozenset(own) == roles and name not in found]
        theirs = [name for name, own in right.items() if frozenset(own) == roles and name not in left]
        if len(ours) == len(theirs) == 1:
            found[ours[0]] = CandidatePair(a=ours[0], b=theirs[0], by="roles")
    taken = {pair.b for pair in found.values()}
    ours = [own.candidate for own in a.verdict.candidates if own.candidate in left and own.candidate not in found]
    theirs = [own.candidate for own in b.verdict.candidates if own.candidate in right and own.candidate not in taken]
    if len(ours) == len(theirs) == 1:
        found[ours[0]] = CandidatePair(a=ours[0], b=theirs[0], by="decided_on")
        taken.add(theirs[0])
    return (
        *(found.get(name, CandidatePair(a=name, b=None, by=None)) for name in left),
        *(CandidatePair(a=None, b=name, by=None) for name in right if name not in taken),
    )

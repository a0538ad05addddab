"""What is one clause of an acceptance, does it hold, and may the whole be called fresh?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from assay.schema._base import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Clause", "ClauseStatus", "Freshness", "freshness_of", "judged"]

ClauseStatus = Literal["void", "unknown", "warning", "holds"]
"""`void`: it is another than the record says; `unknown`: it cannot be seen now; `warning`: it differs, which alone
voids nothing."""
Freshness = Literal["fresh", "stale", "unreachable", "unknown"]
"""What all clauses together come to."""


class Clause(Noun):
    """One thing that an acceptance rests on, held against what is there now."""

    name: str
    """What it is about: a fact such as `context_in_force`, or a file such as `suite policy-qa`."""
    candidate: str | None = None
    """Candidate that it speaks of, or None when it speaks of the record or the plan."""
    recorded: str | None
    """What the record says, or None when it says nothing."""
    now: str | None
    """What is seen now, or None when nothing is."""
    status: ClauseStatus
    """Whether it holds."""
    why: str | None = None
    """Why it does not, or what to do so that it can be seen, without a full stop; None where both values say it all."""
    rests: tuple[str, ...] = ()
    """What of the record rests on it: conditions, checks, pins, sections."""


def judged(
    name: str,
    recorded: str | None,
    now: str | None,
    *,
    candidate: str | None = None,
    unseen: str = "it is not there any more",
    rests: tuple[str, ...] = (),
) -> Clause:
    """Return a clause that holds where both say the same, is unknown where nothing is seen, and is void otherwise.

    Args:
        name: what it is about.
        recorded: what the record says; None where it says nothing, so that whatever is there now is another.
        now: what is seen, or None.
        candidate: whom it speaks of.
        unseen: why nothing is seen, with what to do.
        rests: what rests on it.
    """
    status: ClauseStatus = "holds" if recorded == now else "unknown" if now is None else "void"
    why = unseen if status == "unknown" else None
    return Clause(name=name, candidate=candidate, recorded=recorded, now=now, status=status, why=why, rests=rests)


def freshness_of(clauses: Sequence[Clause], *, unreached: Sequence[str], unidentified: Sequence[str]) -> Freshness:
    """Return what clauses come to: fresh only where each holds or warns, and every candidate was told from another.

    Args:
        clauses: all of them.
        unreached: candidates that did not answer.
        unidentified: candidates of whom nothing that makes them this one was observed both then and now.
    """
    statuses = {clause.status for clause in clauses}
    if "void" in statuses:
        return "stale"
    if unreached:
        return "unreachable"
    return "unknown" if "unknown" in statuses or unidentified or "holds" not in statuses else "fresh"

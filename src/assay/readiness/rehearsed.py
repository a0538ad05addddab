"""Which rehearsal of a rollback speaks of what is served now, and until when?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from assay.schema.findings import Rehearsal, Rehearsals
    from assay.schema.provenance import CandidateFacts
    from assay.schema.suite import Candidate

__all__ = ["LASTS_DAYS", "bare", "digests_served", "last_day", "latest_from", "rollbacks_of"]

LASTS_DAYS: Final = 180
"""Days for which a rehearsal counts: half a year, as people, machines and configuration change."""


def rollbacks_of(rehearsals: Rehearsals | None, candidate: str) -> tuple[Rehearsal, ...]:
    """Return the rehearsed rollbacks that began with a candidate, as the log has them."""
    own = rehearsals.rehearsals if rehearsals is not None else ()
    return tuple(each for each in own if each.kind == "rollback" and each.candidate == candidate)


def digests_served(candidate: Candidate, facts: CandidateFacts) -> frozenset[str]:
    """Return what identifies the weights that are served now: what was seen, and only where nothing was, the pin."""
    seen = [facts.fact(name).value for name in ("weights_sha256", "revision")]
    known = [bare(value) for value in seen if isinstance(value, str)]
    pinned = candidate.pins.revision
    return frozenset(known or ([bare(pinned)] if pinned is not None else []))


def latest_from(rollbacks: Iterable[Rehearsal], digests: Collection[str]) -> Rehearsal | None:
    """Return the rollback that ended last among those that began with one of some digests; None without one.

    One without moments counts as the oldest: nobody knows when it was.
    """
    own = [each for each in rollbacks if bare(each.from_digest) in digests]
    return max(own, key=_ended_s, default=None)


def _ended_s(rehearsal: Rehearsal) -> float:
    moments = rehearsal.moments()
    return moments[1].timestamp() if moments is not None else float("-inf")


def last_day(rehearsal: Rehearsal) -> date | None:
    """Return the last day on which a rehearsal counts, by the zone in which its end is written; None without one."""
    moments = rehearsal.moments()
    if moments is None:
        return None
    # A log is written by hand, and the calendar has a last day.
    return date.fromordinal(min(moments[1].date().toordinal() + LASTS_DAYS, date.max.toordinal()))


def bare(digest: str) -> str:
    """Return a digest without the name of its algorithm."""
    return digest.removeprefix("sha256:").lower()

"""Was the way back from what is served now rehearsed, and how long did it take?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.rehearsed import LASTS_DAYS, bare, digests_served, last_day, latest_from, rollbacks_of
from assay.readiness.view import FACTS, PLAN, REHEARSALS, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.findings import Rehearsal

__all__ = ["check"]

_SHOWN: Final = 12
"""Digits of a digest that are shown."""


def check(view: View) -> Answer:
    """Return met when a rollback from what is served now passed its smoke set, half a year ago at most.

    A rehearsal with another model shows nothing of this one, and a rehearsal that failed is no way back.
    """
    if view.rehearsals is None:
        return unknown("no log of rehearsals is given: name one under readiness.rehearsals", PLAN)
    rollbacks = rollbacks_of(view.rehearsals, view.candidate.id)
    if not rollbacks:
        return unknown(f"no rollback of {view.candidate.id} is in the log of rehearsals", REHEARSALS)
    served = digests_served(view.candidate, view.facts)
    latest = latest_from(rollbacks, served)
    return _of_another(rollbacks[-1], served) if latest is None else _how_it_went(latest, view)


def _of_another(rehearsal: Rehearsal, served: frozenset[str]) -> Answer:
    """Return what a rehearsal says that did not begin with what is served: digests of two kinds cannot be compared."""
    began = bare(rehearsal.from_digest)
    like = [own for own in sorted(served) if len(own) == len(began)]
    if not like:
        return unknown(f"{_short(began)} was rehearsed with, and of what is served no such digest is known", REHEARSALS)
    now = " or ".join(_short(own) for own in like)
    return not_met(f"it was rehearsed with another model: {_short(began)}, where {now} is served", REHEARSALS, FACTS)


def _how_it_went(own: Rehearsal, view: View) -> Answer:
    moments, until = own.moments(), last_day(own)
    if moments is None or until is None:
        return unknown("the rehearsal has no moments that can be read", REHEARSALS)
    day, minutes = moments[1].date(), (moments[1] - moments[0]).total_seconds() / 60
    who = f"{day} by {clipped(own.by, 80)}"
    if bare(own.from_digest) == bare(own.to_digest):
        return not_met(f"the rollback of {who} ended with the model that it began with", REHEARSALS)
    if day > view.today:
        return unknown(f"the rehearsal of {who} is dated in the future", REHEARSALS)
    if until < view.today:
        return unknown(f"the rehearsal of {who} counted until {until}, {LASTS_DAYS} days", REHEARSALS)
    smoke, needed = f"{own.smoke.passed} of {own.smoke.asked} cases", view.plan.probes.smoke.min_pass_rate
    # A share that is written in decimals is met by the same share: 0.55 * 20 is more than 11.
    if not needed <= own.smoke.passed / own.smoke.asked <= 1:
        return not_met(f"after the rollback of {who} only {smoke} passed, and {needed:.0%} are needed", REHEARSALS)
    way = f"from {_short(own.from_digest)} to {_short(own.to_digest)}"
    return met(f"rolled back {way} on {who}, in {minutes:.3g} minutes; {smoke} passed", REHEARSALS, FACTS)


def _short(digest: str) -> str:
    return f"{bare(digest)[:_SHOWN]}…"

"""Can this checklist be decided, and do these attestations speak of it?"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Final, TypeAlias

from assay.errors import InputError, Problem
from assay.readiness.answer import calendar_day, provided
from assay.readiness.checks import CHECKS
from assay.readiness.frameworks import FRAMEWORKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assay.schema.findings import Attestation, Attestations, Checklist, ChecklistItem

__all__ = ["LONGEST_DAYS", "ONCE_ATTESTED", "Place", "nowhere", "validate", "validate_attestations"]

LONGEST_DAYS: Final = 400
"""Days for which an attestation may hold: a year, and a month in which to make it anew."""

Place: TypeAlias = Callable[[str], int | None]
"""Says on which line of its file an item, or the attestation of one, stands last; None where nobody knows."""

ONCE_ATTESTED: Final = frozenset({"prompts-not-logged", "rollback-rehearsed"})
"""Items that people attested before anything else could show them: a checklist that has them so keeps them so."""


def nowhere(_: str) -> None:
    """Return that nobody knows the line."""


def validate(checklist: Checklist, file: str, place: Place = nowhere) -> None:
    """Refuse a checklist in which an item is decided by nothing, twice, or by a person where evidence decides.

    Args:
        checklist: what was read.
        file: how the user calls the file; used in problems.
        place: on which line an item stands.

    Raises:
        InputError: one problem for each such item.
    """
    problems = [
        *_twice((item.id for item in checklist.items), "checklist item", file, place),
        *(problem.at(file, place(item.id)) for item in checklist.items for problem in _item_problems(item)),
    ]
    if problems:
        raise InputError(*problems)


def validate_attestations(attestations: Attestations, checklist: Checklist, file: str, place: Place = nowhere) -> None:
    """Refuse attestations that speak of no item, twice of one, of what evidence decides, of no real day, or by nobody.

    What was stored earlier is never held against this: an attestation that was good enough then stays so until it
    expires.

    Args:
        attestations: what was read.
        checklist: the checklist that they belong to.
        file: how the user calls the attestations file; used in problems.
        place: on which line the attestation of an item stands.

    Raises:
        InputError: one problem for each fault.
    """
    items = {item.id: item for item in checklist.items}
    said = attestations.attestations
    problems = [
        *_twice((own.item for own in said), "attestation of", file, place),
        *(problem.at(file, place(own.item)) for own in said for problem in _attestation_problems(own, items)),
    ]
    if problems:
        raise InputError(*problems)


def _twice(names: Iterable[str], what: str, file: str, place: Place) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem("duplicate-item", f"{what} {name!r} stands {count} times", "Keep one.", file, place(name))


def _item_problems(item: ChecklistItem) -> Iterator[Problem]:
    if item.shown_by != "attestation" and item.id not in CHECKS:
        near = difflib.get_close_matches(item.id, CHECKS, n=1)
        remedy = "Write `shown_by: attestation`" + (f", or did you mean {near[0]!r}?" if near else ".")
        yield Problem("unknown-check", f"no check decides item {item.id!r}", remedy)
    if item.shown_by == "attestation" and item.id in CHECKS and item.id not in ONCE_ATTESTED:
        remedy = "Write `shown_by: evidence` or `probe`, or give the item another id."
        yield Problem("not-attestable", f"item {item.id!r} is decided from evidence", remedy)
    if item.leave_out and not provided(item.leave_out):
        message = f"item {item.id!r} is left out without a reason: {item.leave_out!r} only holds its place"
        yield Problem("no-reason", message, "Say why this use does not need it.")
    for served in item.frameworks:
        yield from _framework_problems(item.id, served)


def _framework_problems(item: str, served: str) -> Iterator[Problem]:
    name, _, part = served.partition(":")
    framework = FRAMEWORKS.get(name)
    if framework is not None and part in framework.items:
        return
    known = [f"{key}:{own}" for key, one in FRAMEWORKS.items() for own in one.items]
    near = difflib.get_close_matches(served, known, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else f"Known are: {', '.join(FRAMEWORKS)}; see docs/checklist.md."
    yield Problem("unknown-framework", f"item {item!r} serves {served!r}, which no known framework has", remedy)


def _attestation_problems(said: Attestation, items: dict[str, ChecklistItem]) -> Iterator[Problem]:
    item = items.get(said.item)
    if item is None:
        near = difflib.get_close_matches(said.item, items, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else "Remove it, or add the item to the checklist."
        yield Problem("unknown-item", f"the checklist has no item {said.item!r}", remedy)
    elif item.shown_by != "attestation":
        remedy = "Remove the attestation: evidence beats it."
        yield Problem("not-attestable", f"item {said.item!r} is decided from evidence", remedy)
    elif item.leave_out:
        remedy = "Remove the attestation, or take the item back into the checklist."
        yield Problem("not-attestable", f"item {said.item!r} is left out of the checklist", remedy)
    for what, text in (("names no person", said.by), ("says nothing", said.statement)):
        if not provided(text):
            message = f"the attestation of {said.item!r} {what}: {text!r} only holds the place"
            yield Problem("empty-attestation", message, "Write who says it, and what with where it can be seen.")
    yield from _date_problems(said)


def _date_problems(said: Attestation) -> Iterator[Problem]:
    made, last = calendar_day(said.date), calendar_day(said.expires)
    if made is None or last is None:
        text = f"the attestation of {said.item!r} has a date that is no calendar day"
        yield Problem("bad-date", text, "Write a day as YYYY-MM-DD.")
    elif last < made:
        text = f"the attestation of {said.item!r} expires before it was made"
        yield Problem("bad-date", text, "Mend `date` or `expires`.")
    elif (days := (last - made).days) > LONGEST_DAYS:
        text = f"the attestation of {said.item!r} holds for {days} days, and {LONGEST_DAYS} are the most"
        yield Problem("bad-date", text, f"Let it expire by {_latest(made)}, and make it anew then.")


def _latest(made: date) -> date:
    return date.fromordinal(min(made.toordinal() + LONGEST_DAYS, date.max.toordinal()))

"""Can this checklist be decided, and do these attestations speak of it?"""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.readiness.checks import CHECKS
from assay.readiness.view import calendar_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assay.schema.findings import Attestation, Attestations, Checklist, ChecklistItem

__all__ = ["validate", "validate_attestations"]

_WERE_ATTESTED = frozenset({"prompts-not-logged", "rollback-rehearsed"})
"""Items that people attested before evidence could decide them: a checklist of old may still say so."""


def validate(checklist: Checklist, file: str) -> None:
    """Refuse a checklist in which an item is decided by nothing, twice, or by a person where evidence decides.

    Args:
        checklist: what was read.
        file: how the user calls the file; used in problems.

    Raises:
        InputError: one problem for each such item.
    """
    problems = [
        *_twice((item.id for item in checklist.items), "checklist item", file),
        *(problem for item in checklist.items for problem in _item_problems(item, file)),
    ]
    if problems:
        raise InputError(*problems)


def validate_attestations(attestations: Attestations, checklist: Checklist, file: str) -> None:
    """Refuse attestations that speak of no item, twice of one, of what evidence decides, or on no real day.

    Args:
        attestations: what was read.
        checklist: the checklist that they belong to.
        file: how the user calls the attestations file; used in problems.

    Raises:
        InputError: one problem for each fault.
    """
    items = {item.id: item for item in checklist.items}
    problems = [
        *_twice((said.item for said in attestations.attestations), "attestation of", file),
        *(problem for said in attestations.attestations for problem in _attestation_problems(said, items, file)),
    ]
    if problems:
        raise InputError(*problems)


def _twice(names: Iterable[str], what: str, file: str) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem("duplicate-item", f"{what} {name!r} stands {count} times", "Keep one.", file)


def _item_problems(item: ChecklistItem, file: str) -> Iterator[Problem]:
    if item.shown_by != "attestation" and item.id not in CHECKS:
        near = difflib.get_close_matches(item.id, CHECKS, n=1)
        remedy = "Write `shown_by: attestation`" + (f", or did you mean {near[0]!r}?" if near else ".")
        yield Problem("unknown-check", f"no check decides item {item.id!r}", remedy, file)
    if item.shown_by == "attestation" and item.id in CHECKS and item.id not in _WERE_ATTESTED:
        remedy = "Write `shown_by: evidence` or `probe`, or give the item another id."
        yield Problem("not-attestable", f"item {item.id!r} is decided from evidence", remedy, file)


def _attestation_problems(said: Attestation, items: dict[str, ChecklistItem], file: str) -> Iterator[Problem]:
    item = items.get(said.item)
    if item is None:
        near = difflib.get_close_matches(said.item, items, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else "Remove it, or add the item to the checklist."
        yield Problem("unknown-item", f"the checklist has no item {said.item!r}", remedy, file)
    elif item.shown_by != "attestation":
        remedy = "Remove the attestation: evidence beats it."
        yield Problem("not-attestable", f"item {said.item!r} is decided from evidence", remedy, file)
    made, last = calendar_day(said.date), calendar_day(said.expires)
    if made is None or last is None:
        text = f"the attestation of {said.item!r} has a date that is no calendar day"
        yield Problem("bad-date", text, "Write a day as YYYY-MM-DD.", file)
    elif last < made:
        text = f"the attestation of {said.item!r} expires before it was made"
        yield Problem("bad-date", text, "Mend `date` or `expires`.", file)

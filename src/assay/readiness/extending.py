"""Which checklist is the shipped one with what a team adds, changes and leaves out?"""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.readiness.validation import nowhere
from assay.schema.findings import Checklist, ChecklistItem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.readiness.validation import Place
    from assay.schema.findings import ChecklistExtension, ItemChange

__all__ = ["extended"]

_NEEDED = ("section", "question", "evidence", "remedy")
"""What only whoever adds an item can say of it."""


def extended(shipped: Checklist, own: ChecklistExtension, file: str, place: Place = nowhere) -> Checklist:
    """Return the shipped checklist with the keys that another file puts in the place of its own, then the new items.

    No shipped item is ever gone: one that is left out stays, with the reason. One whose severity is another keeps the
    shipped one beside it.

    Args:
        shipped: the checklist that comes with Assay.
        own: what is other here.
        file: how the user calls that file; used in problems.
        place: on which of its lines an item stands.

    Raises:
        InputError: one problem for each item that is changed twice, would be attested where evidence decides, or is new
            and lacks what it needs.
    """
    known = {item.id: item for item in shipped.items}
    problems = [problem.at(file, place(name)) for name, problem in _problems(own, known)]
    if problems:
        raise InputError(*problems)
    changes = {change.id: change for change in own.items}
    kept = (_changed(item, changes[item.id]) if item.id in changes else item for item in shipped.items)
    return Checklist(items=(*kept, *(_new(change) for change in own.items if change.id not in known)))


def _problems(own: ChecklistExtension, known: Mapping[str, ChecklistItem]) -> Iterator[tuple[str, Problem]]:
    """Yield what is wrong, each with the item that it is about."""
    for name, count in Counter(change.id for change in own.items).items():
        if count > 1:
            yield name, Problem("duplicate-item", f"checklist item {name!r} stands {count} times", "Keep one.")
    for change in own.items:
        before = known.get(change.id)
        if change.shown_by == "attestation" and before is not None and before.shown_by != "attestation":
            message = f"item {change.id!r} is decided from evidence"
            yield change.id, Problem("not-attestable", message, "Leave out `shown_by`: evidence beats what is said.")
        lacking = [key for key in _NEEDED if getattr(change, key) is None]
        if change.id not in known and lacking:
            near = difflib.get_close_matches(change.id, known, n=1)
            message = f"the shipped checklist has no item {change.id!r}, and a new one needs {', '.join(lacking)}"
            yield change.id, Problem("unknown-item", message, f"Did you mean {near[0]!r}?" if near else "Add them.")


def _changed(item: ChecklistItem, change: ItemChange) -> ChecklistItem:
    """Return an item with what a change says, and with its shipped severity where that is another."""
    said = _said(change)
    other = said.get("severity", item.severity) != item.severity
    return item.model_copy(update={**said, "shipped_severity": item.severity} if other else said)


def _new(change: ItemChange) -> ChecklistItem:
    return ChecklistItem.model_validate({"shown_by": "attestation", **_said(change)})


def _said(change: ItemChange) -> dict[str, object]:
    """Return what a change says, by key; a key that it does not name, or leaves empty, says nothing."""
    return {key: value for key in type(change).model_fields if (value := getattr(change, key)) is not None}

"""May a person decide so on a record, and if not, why not?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from assay.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from assay.schema.standing import DecisionWord
    from assay.schema.verdict import VerdictWord
    from assay.workflow.records import Stored

__all__ = ["Wish", "is_against", "problems_of"]

_FINAL: Final = ("accepted", "rejected", "superseded")
_MOST_NAME: Final = 200
_MOST_REASON: Final = 2_000


@dataclass(frozen=True)
class Wish:
    """What a person wants to decide."""

    outcome: DecisionWord
    """What is decided."""
    by: str
    """Who decides, by name."""
    reason: str | None = None
    """Why, in the person's words."""
    valid_until: str | None = None
    """Last day on which an acceptance holds, `YYYY-MM-DD`; None takes the plan's `valid_days`."""
    supersedes: tuple[Path, ...] = ()
    """Records that it replaces, each by one of its files or their stem."""


def is_against(outcome: DecisionWord, verdict: VerdictWord) -> bool:
    """Say whether a decision goes against the verdict: an acceptance of anything but GO, or a rejection of GO."""
    return (outcome == "accepted" and verdict != "GO") or (outcome == "rejected" and verdict == "GO")


def problems_of(
    own: Stored, wish: Wish, olds: Sequence[Stored], others: Sequence[Stored], today: str
) -> Iterator[Problem]:
    """Yield every reason against a decision; of a record that is decided on for good, that alone.

    Args:
        own: the record that is decided on.
        wish: what is decided.
        olds: the records that it is to replace.
        others: all other records of its folder.
        today: day of the decision, `YYYY-MM-DD` in UTC.
    """
    if own.record.status in _FINAL:
        message = f"this record is {own.record.status}, and that is final"
        remedy = f"Let a newer record replace it: assay decide NEW --accept --by NAME --supersedes {_path(own)}."
        yield Problem("already-decided", message, remedy, str(own.files.json))
        return
    yield from _words(own, wish)
    verdict = own.record.verdict.verdict
    if is_against(wish.outcome, verdict) and wish.reason is None:
        message = f"the verdict is {verdict}, and the decision goes against it without a reason"
        yield Problem("needs-reason", message, "Say why: --reason TEXT.", str(own.files.json))
    yield from _last_day(wish, today)
    if wish.supersedes and wish.outcome != "accepted":
        yield Problem("bad-usage", "only an accepted record replaces others", "Leave out --supersedes.")
        return
    for old in olds:
        yield from _replacing(own, wish, old)
    if wish.outcome == "accepted":
        yield from _two_accepted(own, olds, others)


def _words(own: Stored, wish: Wish) -> Iterator[Problem]:
    if not wish.by:
        yield Problem("bad-usage", "nobody is named who decides", "Write --by NAME.")
    if len(wish.by) > _MOST_NAME:
        yield Problem("bad-usage", f"the name has more than {_MOST_NAME} characters", "Write a shorter one.")
    if wish.reason is not None and len(wish.reason) > _MOST_REASON:
        message = f"the reason has more than {_MOST_REASON} characters"
        yield Problem("bad-usage", message, "Write a shorter one, and where to read on.", str(own.files.json))


def _last_day(wish: Wish, today: str) -> Iterator[Problem]:
    if wish.valid_until is None:
        return
    if wish.outcome != "accepted":
        yield Problem("bad-usage", "only an acceptance holds until a day", "Leave out --valid-until.")
        return
    try:
        sound = date.fromisoformat(wish.valid_until).isoformat() == wish.valid_until
    except ValueError:
        sound = False
    if not sound:
        yield Problem("bad-date", f"{wish.valid_until!r} is no day", "Write YYYY-MM-DD.")
    elif wish.valid_until < today:
        yield Problem("bad-date", f"the last day {wish.valid_until} has passed", "Write one that is still to come.")


def _replacing(own: Stored, wish: Wish, old: Stored) -> Iterator[Problem]:
    """Yield every reason against one record taking the place of another."""
    reasons = []
    if old.files.json.resolve() == own.files.json.resolve():
        reasons.append(("a record cannot replace itself", "Name an older one."))
    elif old.files.json.parent.resolve() != own.files.json.parent.resolve():
        reasons.append(("it lies in another folder", "Keep records that replace each other in one folder."))
    elif old.record.status == "superseded":
        by = old.record.standing.superseded_by
        reasons.append((f"it is superseded already, by {by}", f"Name {by} where that is what you replace."))
    elif old.record.status == "rejected":
        reasons.append(("it is rejected: it never held, and stays so", "Leave it out."))
    if old.record.use_case.id != own.record.use_case.id and wish.reason is None:
        message = f"it is about the use case {old.record.use_case.id}, this one about {own.record.use_case.id}"
        reasons.append((message, "Say why it is replaced all the same: --reason TEXT."))
    for message, remedy in reasons:
        yield Problem("bad-supersede", f"it cannot be replaced by {own.record.id}: {message}", remedy, _path(old))


def _two_accepted(own: Stored, olds: Sequence[Stored], others: Sequence[Stored]) -> Iterator[Problem]:
    replaced = {old.record.id for old in olds}
    for other in others:
        same = other.record.use_case.id == own.record.use_case.id
        if same and other.record.status == "accepted" and other.record.id not in replaced:
            message = f"{other.record.id} is accepted for the use case {own.record.use_case.id} already"
            remedy = f"Let this one replace it: --supersedes {_path(other)}."
            yield Problem("two-accepted", message, remedy, _path(own))


def _path(stored: Stored) -> str:
    return str(stored.files.markdown)

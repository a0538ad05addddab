"""What may a check answer, and how are several answers one?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema._base import Status

__all__ = [
    "Answer",
    "calendar_day",
    "clipped",
    "combined",
    "first_of",
    "met",
    "not_applicable",
    "not_met",
    "provided",
    "unknown",
]

_BADNESS: dict[Status, int] = {"not_applicable": 0, "met": 1, "unknown": 2, "not_met": 3}
_PLACEHOLDERS = frozenset(
    {"", "-", "?", "...", "…", "n/a", "none", "not provided", "tbd", "to be decided", "todo", "xxx"}
)


@dataclass(frozen=True)
class Answer:
    """What a check answers."""

    status: Status
    """How it came out."""
    reason: str
    """Why, with the figures it rests on, without a final full stop."""
    evidence: tuple[str, ...]
    """Files of the run that show it, as paths in the run folder."""


def met(reason: str, *evidence: str) -> Answer:
    """Return the answer that evidence shows it."""
    return Answer("met", reason, evidence)


def not_met(reason: str, *evidence: str) -> Answer:
    """Return the answer that evidence shows the contrary."""
    return Answer("not_met", reason, evidence)


def unknown(reason: str, *evidence: str) -> Answer:
    """Return the answer that evidence does not decide."""
    return Answer("unknown", reason, evidence)


def not_applicable(reason: str, *evidence: str) -> Answer:
    """Return the answer that the question does not arise."""
    return Answer("not_applicable", reason, evidence)


def combined(answers: Sequence[Answer]) -> Answer:
    """Return the worst status among answers with every reason for it; unknown when there are none."""
    if not answers:
        return unknown("there is nothing to decide it by")
    worst = max((answer.status for answer in answers), key=_BADNESS.__getitem__)
    reasons = dict.fromkeys(answer.reason for answer in answers if answer.status == worst)
    evidence = dict.fromkeys(path for answer in answers for path in answer.evidence)
    return Answer(worst, "; ".join(reasons), tuple(evidence))


def provided(text: str | None) -> bool:
    """Return whether a person wrote something, and not only a word that holds the place."""
    return text is not None and text.strip().strip(".<>[]()").strip().lower() not in _PLACEHOLDERS


def clipped(text: str, limit: int) -> str:
    """Return a text on one line, cut to a number of characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def calendar_day(text: str) -> date | None:
    """Return the day that `YYYY-MM-DD` means, or None when there is no such day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def first_of(names: Sequence[str], most: int) -> str:
    """Return the first names of a list, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"

"""Does the readiness checklist hold, whole or in one section?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.gate.question import ConditionError, Countless, Form, all_met

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.gate.evidence import Facts, Subjects
    from assay.gate.question import Answer
    from assay.schema._base import Status
    from assay.schema.findings import ChecklistItem, Finding

__all__ = ["FORM", "ReadinessQuestion"]

_WRITTEN = "readiness[.<section>] all met"
_TEXT = re.compile(r"readiness(?:\.(?P<section>\S+))? all met")


@dataclass(frozen=True)
class ReadinessQuestion(Countless):
    """Whether all items of severity block are met, in one section or in all."""

    section: str | None
    """Section of the checklist, or None for all."""
    threshold: None = None
    """There is no number."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return "readiness" if self.section is None else f"readiness.{self.section}"

    def answer(self, facts: Facts) -> Answer:
        """Answer from the findings; an item of the checklist without a finding is unknown."""
        statuses: list[tuple[str, Status]] = [(own.item, own.status) for own in facts.findings if self._asks(own)]
        found = {name for name, _ in statuses}
        due = {item.id for item in facts.checklist if self._asks(item)}
        statuses += [(item, "unknown") for item in due - found]
        return all_met(f"items of the {self.section or 'readiness'} checklist", statuses)

    def _asks(self, item: ChecklistItem | Finding) -> bool:
        return item.severity == "block" and self.section in {None, item.section}


def _read(text: str) -> ReadinessQuestion:
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ConditionError("cannot be read", f"Write it as `{_WRITTEN}`.")
    return ReadinessQuestion(match["section"])


def _metrics(subjects: Subjects) -> Iterable[str]:
    return ("readiness", *(f"readiness.{section}" for section in subjects.sections)) if subjects.sections else ()


FORM: Final = Form(_WRITTEN, _read, _metrics)

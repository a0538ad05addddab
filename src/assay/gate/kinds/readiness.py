"""Does the readiness checklist hold: whole, in one section, or in one item?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from assay.gate.question import Answer, ConditionError, Countless, Form, all_met, listed, not_one, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.gate.evidence import Facts, Subjects
    from assay.gate.question import AnswerStatus, Question
    from assay.schema._base import Status
    from assay.schema.findings import ChecklistItem, Finding, Section

__all__ = ["FORM", "ItemQuestion", "ReadinessQuestion"]

_WRITTEN = "readiness[.<section>] all met"
_REMEDY = f"Write it as `{_WRITTEN}` or `readiness:<item> met`."
_TEXT = re.compile(r"readiness(?:\.(?P<section>\S+))? all met")
_ITEM = re.compile(r"readiness:(?P<item>\S+) met")


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
        """Answer from the findings; an item of the checklist without a finding is unknown.

        Over several sections the answer is that of the weakest, which is named first: a section that is met makes up
        for nothing in another.
        """
        items: list[tuple[Section, str, Status]] = [
            (own.section, own.item, own.status) for own in facts.findings if self._asks(own)
        ]
        found = {name for _, name, _ in items}
        items += [
            (own.section, own.id, "unknown") for own in facts.checklist if self._asks(own) and own.id not in found
        ]
        what = f"items of the {self.section or 'readiness'} checklist"
        answer = all_met(what, [(name, status) for _, name, status in items])
        if answer.status == "met":
            left_out = {own.id for own in facts.checklist if self._asks(own) and own.leave_out}
            lowered = {own.id for own in facts.checklist if own.lowered and self.section in {None, own.section}}
            return _lowering(_without(answer, left_out, len(items)), lowered)
        if self.section is not None or not items:
            return answer
        head = answer.reason.partition(":")[0]
        return replace(answer, reason=f"{head}: {_by_section(items, answer.status)}.")

    def _asks(self, item: ChecklistItem | Finding) -> bool:
        return item.severity == "block" and self.section in {None, item.section}


def _without(answer: Answer, left_out: set[str], asked: int) -> Answer:
    """Return what is met with what the checklist leaves out of it; where that is all, nothing was shown."""
    if not left_out:
        return answer
    names = listed(sorted(left_out))
    if len(left_out) == asked:
        return unknown(f"The checklist leaves out all that is asked for: {names}.", n=asked)
    reason = answer.reason.removesuffix(".")
    return replace(answer, reason=f"{reason}; the checklist leaves out {len(left_out)} of them: {names}.")


def _lowering(answer: Answer, lowered: set[str]) -> Answer:
    """Return an answer with the items that the shipped checklist would have asked for too."""
    if not lowered:
        return answer
    told = f"the checklist only warns of {len(lowered)} that the shipped one demands: {listed(sorted(lowered))}"
    return replace(answer, reason=f"{answer.reason.removesuffix('.')}; {told}.")


def _by_section(items: Iterable[tuple[Section, str, Status]], status: AnswerStatus) -> str:
    """Return the items of a status by section, the section with the most of them first."""
    groups: dict[str, list[str]] = {}
    for section, name, own in sorted(items):
        if own == status:
            groups.setdefault(section, []).append(name)
    weakest_first = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return "; ".join(f"{section} ({listed(names)})" for section, names in weakest_first)


@dataclass(frozen=True)
class ItemQuestion(Countless):
    """Whether one item of the checklist is met, whatever its severity there."""

    item: str
    """Item of the checklist."""
    threshold: None = None
    """There is no number."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return f"readiness:{self.item}"

    def answer(self, facts: Facts) -> Answer:
        """Answer from the item's finding; one that does not apply is met, one without a finding unknown."""
        found = [own for own in facts.findings if own.item == self.item]
        if len(found) != 1:
            return not_one(self.metric, len(found))
        status, reason = found[0].status, f"The finding says: {found[0].reason.rstrip('.')}."
        if status == "not_met":
            return Answer("not_met", reason, n=1, failing=(self.item,))
        return unknown(reason, n=1) if status == "unknown" else Answer("met", reason, n=1)


def _read(text: str) -> Question:
    single = _ITEM.fullmatch(text)
    if single is not None:
        return ItemQuestion(single["item"])
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ConditionError("cannot be read", _REMEDY)
    return ReadinessQuestion(match["section"])


def _metrics(subjects: Subjects) -> Iterable[str]:
    if subjects.sections:
        yield "readiness"
    yield from (f"readiness.{section}" for section in subjects.sections)
    yield from (f"readiness:{item}" for item in subjects.items)


FORM: Final = Form(_WRITTEN, _read, _metrics)

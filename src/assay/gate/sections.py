"""How does each section of the readiness checklist stand, by the weakest of its items?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from assay.schema.findings import Section
from assay.schema.verdict import SectionResult

if TYPE_CHECKING:
    from assay.gate.evidence import Facts
    from assay.schema._base import Status

__all__ = ["sections_of"]

_WEAKEST_FIRST: Final[tuple[Status, ...]] = ("not_met", "unknown", "met", "not_applicable")
_SECTIONS: Final[tuple[Section, ...]] = get_args(Section)


def sections_of(facts: Facts) -> tuple[SectionResult, ...]:
    """Return each section with items of severity block, weakest first; an item without a finding is unknown.

    Nothing is averaged: one item that is not met outweighs any number of others (Breck et al. 2017, The ML Test Score,
    section VII: the score is the minimum over the sections).
    """
    found = {(own.section, own.item) for own in facts.findings}
    statuses: list[tuple[Section, Status]] = [
        *((own.section, own.status) for own in facts.findings if own.severity == "block"),
        *(
            (item.section, "unknown")
            for item in facts.checklist
            if item.severity == "block" and (item.section, item.id) not in found
        ),
    ]
    by_section = {name: [status for section, status in statuses if section == name] for name in _SECTIONS}
    results = [_section(name, own) for name, own in by_section.items() if own]
    return tuple(sorted(results, key=lambda own: _WEAKEST_FIRST.index(own.status)))


def _section(section: Section, statuses: list[Status]) -> SectionResult:
    return SectionResult(
        section=section,
        status=min(statuses, key=_WEAKEST_FIRST.index),
        met=sum(status in {"met", "not_applicable"} for status in statuses),
        not_met=statuses.count("not_met"),
        unknown=statuses.count("unknown"),
    )

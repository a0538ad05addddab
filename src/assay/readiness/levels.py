"""How far is a candidate from ready, section by section: at which level does the weakest item of each stand?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema._base import Noun
from assay.schema.findings import LEVELS, Level, Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assay.schema.findings import Finding

__all__ = ["ReadinessLevel", "SectionLevel", "readiness_level"]


class SectionLevel(Noun):
    """One section of the checklist, by its weakest item."""

    section: Section
    """Part of the checklist."""
    level: Level | None
    """That of its weakest item; None where no item counts: each is not applicable, or of severity warn."""
    weakest: tuple[str, ...]
    """Items of severity block that stand at that level, in the checklist's order; none where all are shown."""
    warned: tuple[str, ...]
    """Items of severity warn that are not met."""


class ReadinessLevel(Noun):
    """How one candidate stands."""

    candidate: str
    """Candidate id."""
    level: Level | None
    """That of the weakest section; None where no item counts."""
    sections: tuple[SectionLevel, ...]
    """Its sections in the checklist's order."""


def readiness_level(candidate: str, findings: Sequence[Finding]) -> ReadinessLevel:
    """Return how a candidate stands by its findings.

    Nothing is averaged or added up: the whole is as strong as its weakest section, and a section as its weakest item
    of severity block (after Breck et al. 2017, The ML Test Score, section VII, where the score is the least of the
    sections'). What is not applicable does not count.

    Args:
        candidate: whose findings count.
        findings: in the checklist's order; those of other candidates are passed over.
    """
    own = [finding for finding in findings if finding.candidate == candidate]
    names = dict.fromkeys(finding.section for finding in own)
    sections = tuple(_section(name, [finding for finding in own if finding.section == name]) for name in names)
    return ReadinessLevel(candidate=candidate, level=_weakest(own.level for own in sections), sections=sections)


def _section(name: Section, findings: Sequence[Finding]) -> SectionLevel:
    blocking = [finding for finding in findings if finding.severity == "block"]
    level = _weakest(finding.level for finding in blocking)
    return SectionLevel(
        section=name,
        level=level,
        weakest=tuple(own.item for own in blocking if own.level == level) if level not in {None, "shown"} else (),
        warned=tuple(own.item for own in findings if own.severity == "warn" and own.status == "not_met"),
    )


def _weakest(levels: Iterable[Level | None]) -> Level | None:
    counted = [level for level in levels if level is not None]
    return min(counted, key=LEVELS.index) if counted else None

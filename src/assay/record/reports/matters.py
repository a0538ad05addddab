"""Which parts of a record must a build show: what is not met, unknown or waived?"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from assay.record.text import asked, flip_told

if TYPE_CHECKING:
    from assay.schema.findings import Finding
    from assay.schema.record import Record
    from assay.schema.suite import Waiver
    from assay.schema.verdict import ConditionResult, WaiverUse

__all__ = ["LEVELS", "Level", "Matter", "bounded", "fingerprint", "is_waived", "matters_of", "waiver_told"]

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
"""From what blocks to what is only said."""
_MOST_MESSAGE = 1_000


@dataclass(frozen=True)
class Matter:
    """One thing that a reader acts on or keeps in sight."""

    rule: str
    """What was asked, the same in every run: `condition/`, `readiness/` or `waiver/` and an id."""
    asked: str
    """The same in words."""
    condition: str | None
    """Id of the condition, for its place; None where there is none."""
    candidate: str | None
    """Candidate id, or None where it is about no single one."""
    level: Level
    """`error` is not met and blocks; `warning` is unknown or waived, or not met without blocking; else `note`."""
    weight: Literal["block", "warn", "waived"]
    """Whether it decides the verdict, is only shown, or is kept from deciding by a waiver."""
    message: str
    """What was found, on one line, bounded; hostile text."""
    waiver: Waiver | None = None
    """The waiver that applies."""


def matters_of(record: Record) -> list[Matter]:
    """Return all matters of a record, the gravest first; a verdict other than GO has at least one."""
    found = [
        matter
        for own in record.verdict.candidates
        for result in own.conditions
        if (matter := _of_condition(own.candidate, result)) is not None
    ]
    found += [_of_waiver(use) for use in record.verdict.waivers if use.status not in {"applies", "not_needed"}]
    if record.verdict.verdict != "GO" and not any(matter.weight == "block" for matter in found):
        found.append(_of_verdict(record))
    found += [_of_finding(finding) for finding in record.findings if finding.status == "not_met"]
    return sorted(found, key=lambda matter: LEVELS.index(matter.level))


def is_waived(result: ConditionResult) -> bool:
    """Say whether a condition is not met and a waiver keeps it from deciding."""
    return result.status != "met" and result.waiver is not None and result.waiver.status == "applies"


def waiver_told(waiver: Waiver) -> str:
    """Return who accepted what until when, and why."""
    return f"until {waiver.expires}, approved by {waiver.approver}, owned by {waiver.owner}: {waiver.reason}"


def fingerprint(record: Record, matter: Matter) -> str:
    """Return 32 hexadecimal digits for use case, candidate and rule: the same in each run, whatever was measured."""
    named = json.dumps([record.use_case.id, matter.candidate, matter.rule])
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def bounded(text: str, most: int = _MOST_MESSAGE) -> str:
    """Return a text on one line, cut to a number of characters; what is cut off leaves `…`."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _of_condition(candidate: str, result: ConditionResult) -> Matter | None:
    if result.status == "met":
        return None
    named = f"condition/{result.id}", result.condition, result.id, candidate
    if result.waiver is not None and is_waived(result):
        waiver = result.waiver.waiver
        told = bounded(f"{candidate}: waived {waiver_told(waiver).rstrip('.')}. {_asked(result)}{result.reason}")
        return Matter(*named, "warning", "waived", told, waiver)
    level: Level
    if result.severity == "block":
        level = "error" if result.status == "not_met" else "warning"
    else:
        level = "warning" if result.status == "not_met" else "note"
    word = "not met" if result.status == "not_met" else "unknown"
    turned = flip_told(result)
    flip = f" {turned}" if turned is not None else ""
    told = bounded(f"{candidate}: {word}. {_asked(result)}{result.reason}{flip}")
    return Matter(*named, level, result.severity, told)


def _asked(result: ConditionResult) -> str:
    """Return what a condition asks, to stand before what was found; nothing where its name says it."""
    text = asked(result)
    return "" if text is None else f"Asked: {text}. "


def _of_finding(finding: Finding) -> Matter:
    return Matter(
        f"readiness/{finding.item}",
        finding.question,
        None,
        finding.candidate,
        "warning" if finding.severity == "block" else "note",
        "warn",  # the checklist decides only where a condition asks for it
        bounded(f"{finding.candidate}: not met. {finding.reason.rstrip('.')}. {finding.remedy}"),
    )


def _of_waiver(use: WaiverUse) -> Matter:
    waiver = use.waiver
    return Matter(
        f"waiver/{waiver.condition}",
        f"waiver of {waiver.condition}",
        waiver.condition,
        waiver.candidate,
        "warning",
        "block",
        bounded(f"waiver does not hold ({use.status.replace('_', ' ')}): {use.reason}"),
    )


def _of_verdict(record: Record) -> Matter:
    level: Level = "error" if record.verdict.verdict == "NO-GO" else "warning"
    told = bounded(f"{record.verdict.verdict}: {record.verdict.reason}")
    return Matter("verdict", "verdict", None, None, level, "block", told)

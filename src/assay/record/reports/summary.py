"""What does a person read of a verdict beside a change: first the verdict, then each condition, the rest folded away?

GitHub takes 1 MiB of summary for each step and shows nothing at all of a longer one (docs.github.com, "Workflow
commands"), and 65,536 characters of a comment. Its pages have large headings of their
own, so that these begin at the third level.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.record.inert import as_text
from assay.record.reports.fitting import Part, fitted
from assay.record.reports.matters import is_waived
from assay.record.text import asked, code, figure, flip_told, limits, short, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.record.reports.places import Places
    from assay.schema.record import Record
    from assay.schema.verdict import CandidateVerdict, ConditionResult

__all__ = ["MOST_COMMENT", "MOST_STEP", "marker", "write_comment", "write_step"]

MOST_STEP: Final = 500_000
"""Bytes: two commands may stand in one step."""
MOST_COMMENT: Final = 64_000
"""Bytes, and so no more characters."""
_RANKS = ("not met", "unknown", "waived", "not met, only a warning", "unknown, only a warning", "met")


def write_step(record: Record, places: Places) -> str:
    """Return the summary of a step."""
    return _page(record, places, MOST_STEP)


def write_comment(record: Record, places: Places) -> str:
    """Return a comment; its first line is the same for all records of a use case, so that a bot finds the last one."""
    first = f"{marker(record.use_case.id)}\n"
    return first + _page(record, places, MOST_COMMENT - len(first.encode()))


def marker(use_case: str) -> str:
    """Return the line that a comment begins with; it is not shown."""
    # `--` would end the remark in some readers, and `>` in others.
    return f"<!-- assay-gate {re.sub('[^A-Za-z0-9._]+', '-', use_case)} -->"


def _page(record: Record, places: Places, most: int) -> str:
    parts = [_head(record, places), *_conditions(record), *_flips(record), *_waivers(record), *_why(record)]
    parts += [*_readiness(record), *_stopped(record), _tail(record, places)]
    return fitted(parts, most, code(places.rest()))


def _head(record: Record, places: Places) -> Part:
    verdict = record.verdict
    against = record.policy.file
    policy = f", under the policy {code(against)}" if against is not None else ""
    digest = places.evidence_of(record)
    evidence = f"; evidence {short(digest)}" if digest is not None else ""
    what, on = ("Record", "of") if places.weighed is None else (f"The {places.weighed.kind}", "decided on again on")
    told = f"{what} {code(places.named(record))} {on} {as_text(record.date)}{policy}{evidence}."
    lines = [f"### {verdict.verdict}: {as_text(record.title)}", "", as_text(verdict.reason), "", told]
    return Part([*lines, "The verdict is computed from the evidence; the decision is made by people."])


def _conditions(record: Record) -> Iterator[Part]:
    rows = [
        (_RANKS.index(rank), _row(own, result, rank))
        for own in record.verdict.candidates
        for result in own.conditions
        for rank in [_rank(result)]
    ]
    yield Part(
        [row for _, row in sorted(rows, key=lambda ranked: ranked[0])],
        opening=[
            "",
            "| Result | Candidate | Condition | Observed | Interval compared | Threshold | Margin | n |",
            "|---|---|---|---|---|---|---|---|",
        ],
    )


def _row(own: CandidateVerdict, result: ConditionResult, rank: str) -> str:
    text = asked(result)
    cells = (
        f"**{word(rank.partition(',')[0])}**{' (warn)' if result.severity == 'warn' else ''}",
        code(own.candidate),
        code(result.id) if text is None else f"{code(result.id)}<br>{code(text)}",
        figure(result.observed),
        limits(result),
        figure(result.threshold),
        figure(result.margin),
        figure(result.n),
    )
    return f"| {' | '.join(cells)} |"


def _rank(result: ConditionResult) -> str:
    if is_waived(result):
        return "waived"
    told = result.status.replace("_", " ")
    return f"{told}, only a warning" if result.severity == "warn" and result.status != "met" else told


def _flips(record: Record) -> Iterator[Part]:
    rows = [f"- {code(own.candidate)}: {as_text(own.flip)}" for own in record.verdict.candidates if own.flip]
    yield Part(rows, opening=["", "What would flip it:", ""])


def _waivers(record: Record) -> Iterator[Part]:
    rows = [
        f"| **{word(use.status)}** | {code(use.waiver.condition)} | {as_text(use.waiver.expires)} "
        f"| {as_text(use.waiver.owner)} | {as_text(use.waiver.approver)} | {as_text(use.waiver.reason)} "
        f"| {as_text(use.reason)} |"
        for use in record.verdict.waivers
    ]
    if not rows:
        yield Part(["", "Nothing is waived."])
        return
    head = "| Waiver | Condition | Until | Owner | Approver | Why waived | What became of it |"
    yield Part(rows, opening=["", head, "|---|---|---|---|---|---|---|"])


def _why(record: Record) -> Iterator[Part]:
    rows = [
        f"- {code(own.candidate)}, {code(result.id)}: {as_text(result.reason)}{_more(result)}"
        for own in record.verdict.candidates
        for result in own.conditions
    ]
    yield _folded("Why, condition by condition", rows)


def _more(result: ConditionResult) -> str:
    listed = f" Not met: {', '.join(code(name) for name in result.failing)}." if result.failing else ""
    turned = flip_told(result)
    return listed + (f" {as_text(turned)}" if turned is not None else "")


def _readiness(record: Record) -> Iterator[Part]:
    counts = {
        status: sum(finding.status == status for finding in record.findings)
        for status in ("met", "not_met", "unknown", "not_applicable")
    }
    told = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts.items() if count)
    rows = [
        f"| **{word(finding.status)}** | {code(finding.candidate)} | {code(finding.item)} "
        f"| {as_text(finding.reason)} | {as_text(finding.remedy)} |"
        for status in ("not_met", "unknown")
        for finding in record.findings
        if finding.status == status
    ]
    head = ["| Result | Candidate | Item | Why | What to do |", "|---|---|---|---|---|"]
    yield _folded(f"Readiness checklist: {told}", rows, head)


def _stopped(record: Record) -> Iterator[Part]:
    rows = [
        f"- {code(own.candidate)}, {code(own.suite)}: {own.asked} of {own.due} trials asked. {as_text(own.why)}"
        for own in record.stopped
    ]
    yield _folded("Stopped early", rows)


def _folded(title: str, rows: list[str], head: list[str] | None = None) -> Part:
    opening = ["", f"<details><summary>{title}</summary>", "", *(head or [])]
    return Part(rows, opening=opening, closing=["", "</details>"])


def _tail(record: Record, places: Places) -> Part:
    if places.weighed is None:
        told = f"To check it: {code(f'assay verify {record.id}.md')}, offline, beside its JSON and its evidence."
    else:
        told = f"No record was written of this; for one: {code(f'assay decide {places.record} --out DIR')}."
        if places.weighed.kind == "record":
            told += f" To check what was decided on: {code(f'assay verify {places.record}')}, offline."
    return Part(["", told])

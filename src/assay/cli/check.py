"""How is it shown in the terminal how candidates stand by the checklist, and which exit code is it worth?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assay.cli.boundary import Exit
from assay.cli.command import AsJson, app, verb
from assay.cli.output import write_data
from assay.cli.show import hanging, write_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.readiness import SectionLevel
    from assay.schema._base import Status
    from assay.schema.findings import Finding, Level
    from assay.workflow.check import CandidateChecked, Checked, Outcome

__all__ = ["check", "check_lines"]

_CODES: Final[dict[Outcome, Exit]] = {"met": Exit.DONE, "not_met": Exit.NO_GO, "unknown": Exit.HOLD}
_WORDS: Final[dict[Status, str]] = {
    "met": "MET",
    "not_met": "NOT MET",
    "unknown": "UNKNOWN",
    "not_applicable": "NOT APPLICABLE",
}
_LEVELS: Final[dict[Level | None, str]] = {
    "not_met": "NOT MET",
    "unknown": "UNKNOWN",
    "attested": "ATTESTED",
    "shown": "SHOWN",
    None: "no item counts",
}
_ITEM: Final = 50
_LONGEST: Final = 400
"""Characters of a reason that are shown where not all is asked for."""
_INDENT: Final = " " * 12


@app.command(epilog="Example: assay check records/0001-policy-qa --section security")
@verb
def check(
    source: Annotated[Path, typer.Argument(metavar="RUN|RECORD", help="A run's id or folder, or a record.")],
    section: Annotated[list[str] | None, typer.Option("--section", help="Only this part, each item in full.")] = None,
    candidate: Annotated[list[str] | None, typer.Option("--candidate", help="Only this candidate.")] = None,
    is_open: Annotated[bool, typer.Option("--open", help="Only what is not met or unknown.")] = False,
    as_json: AsJson = False,
) -> int:
    """Show the readiness checklist with the evidence behind it.

    A section stands at the level of its weakest item of severity block:
    NOT MET, UNKNOWN, ATTESTED (a person says so), SHOWN (evidence shows it).
    The exit code is 0 where each of those shown is met or not applicable, 1
    where one is not met, 3 where one is unknown and none is not met, or where
    the checklist leaves all of them out. A run is looked at as of today, a
    record as of its own day.
    """
    from assay.record.run_folder import to_json
    from assay.workflow.check import Wanted
    from assay.workflow.check import check as look

    today = datetime.now(UTC).date().isoformat()  # noqa: TID251 - the roof is where the clock comes in
    found = look(source, Wanted(sections=tuple(section or ()), candidates=tuple(candidate or ())), today)
    if as_json:
        write_data(to_json(found))
    else:
        write_lines(check_lines(found, full=bool(section), only_open=is_open))
    return _CODES[found.outcome]


def check_lines(found: Checked, *, full: bool = False, only_open: bool = False) -> Iterator[str]:
    """Yield the checklist of each candidate in lines of at most 80 columns; only a path may be longer.

    Args:
        found: how the candidates stand.
        full: whether items that are met are told too, not only named, and long reasons whole.
        only_open: whether nothing is told of items that are met or not applicable.
    """
    yield f"{found.source}, attestations as of {found.date}"
    for own in found.candidates:
        yield ""
        level = _LEVELS[own.readiness.level]
        yield from hanging(f"{own.readiness.candidate}: {level}, by its weakest section", "", "  ")
        for section in own.readiness.sections:
            items = [finding for finding in own.findings if finding.section == section.section]
            failing = [finding for finding in items if finding.status in {"not_met", "unknown"}]
            if failing or not only_open:
                yield from _section_lines(found, section, failing, full=full)
            if not only_open:
                yield from _settled_lines(found, items, full=full)
        yield ""
        yield from hanging(_sum(own), "", "  ")
        if found.lowered:
            told = f"The checklist only warns of what the shipped one demands: {', '.join(found.lowered)}."
            yield from hanging(told, "", "  ")


def _section_lines(found: Checked, level: SectionLevel, failing: Sequence[Finding], *, full: bool) -> Iterator[str]:
    """Yield at which level a section stands, by which items, and all that fails in it."""
    yield ""
    weakest = f": {', '.join(level.weakest)}" if level.weakest else ""
    yield from hanging(f"{level.section}: {_LEVELS[level.level]}{weakest}", "", "  ")
    for finding in failing:
        yield from _item_lines(found, finding, full=full)


def _settled_lines(found: Checked, items: Sequence[Finding], *, full: bool) -> Iterator[str]:
    """Yield what is met, folded into a line of names unless all is to be told, and why the rest does not apply."""
    met = [finding for finding in items if finding.status == "met"]
    if full:
        for finding in met:
            yield from _item_lines(found, finding, full=True)
    elif met:
        yield from hanging(f"met: {', '.join(finding.item for finding in met)}", "  ", "       ")
    for finding in items:
        if finding.status == "not_applicable":
            yield from hanging(f"not applicable: {finding.item} ({finding.reason})", "  ", "    ")


def _item_lines(found: Checked, finding: Finding, *, full: bool) -> Iterator[str]:
    """Yield one item: its question, why it stands so, and for a failing one what that means and what to do."""
    word = _WORDS[finding.status] + ("  warn" if finding.severity == "warn" else "")
    yield f"  {finding.item:<{_ITEM}} {word}"
    yield from hanging(finding.question, "    ", "    ")
    cut = not full and len(finding.reason) > _LONGEST
    yield from _told("why", f"{finding.reason[:_LONGEST].rstrip()} … (--section tells all)" if cut else finding.reason)
    if finding.status == "not_met" and finding.item in found.meanings:
        yield from _told("means", found.meanings[finding.item])
    if finding.status != "met":
        yield from _told("do", finding.remedy)
    # One to a line and never broken, so that a terminal can open it.
    between = "!" if found.zipped else "/"
    for path in finding.evidence:
        if path in found.files:
            yield f"    see:    {_near(found.place)}{between}{path}"


def _told(what: str, text: str) -> Sequence[str]:
    return hanging(text, f"    {what + ':':<8}", _INDENT)


def _near(place: str) -> str:
    """Return a path as it is named from here, where it lies below."""
    path = Path(place)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else place


def _sum(own: CandidateChecked) -> str:
    blocking = [finding.status for finding in own.findings if finding.severity == "block"]
    counts = ", ".join(f"{blocking.count(status)} {_WORDS[status].lower()}" for status in _WORDS)
    warned = sum(len(section.warned) for section in own.readiness.sections)
    return f"Of the minimum: {counts}. Warnings: {warned}."

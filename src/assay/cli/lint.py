"""How is it shown what is wrong with a suite or a record, and which exit code is it worth?"""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.show import with_percents, write_lines
from assay.errors import InputError
from assay.record.run_folder import to_json
from assay.workflow.lint import lint_target, targets_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.errors import Problem
    from assay.scoring.lint import LintFinding
    from assay.workflow.lint import Linted

__all__ = ["lint", "linted_lines"]

_MOST_OF_A_KIND = 20
_ALWAYS_TOLD = frozenset({"answer-in-input", "power"})
"""Notes on what a suite is, which nobody can mend away."""


def lint(paths: Sequence[Path], *, strict: bool, as_json: bool) -> int:
    """Look at suites, at all suites of plans or at records, show what was found, and return the exit code.

    Args:
        paths: suites and records (folders, or files of theirs) and plans; what is named twice is looked at once.
        strict: whether notes count as well, but those that only say what the suite can show.
        as_json: whether the results are printed as stored, one JSON text behind the other.

    Raises:
        InputError: one of them cannot be read; all others are shown before.
    """
    today = datetime.now(UTC).date()  # noqa: TID251 - the roof is where the clock comes in
    found = False
    problems: list[Problem] = []
    for target in targets_of(paths):
        try:
            linted = lint_target(target, os.environ, today)
        except InputError as error:
            problems += error.problems
            continue
        if as_json:
            write_data(to_json(linted))
        else:
            write_lines(linted_lines(linted))
        records = linted.records.findings if linted.records is not None else ()
        findings = (*linted.gate, *(finding for own in linted.suites for finding in own.findings), *records)
        found = found or any(_counts(finding, strict=strict) for finding in findings)
    if problems:
        raise InputError(*problems)
    return Exit.NO_GO if found else Exit.DONE


def linted_lines(linted: Linted) -> Iterator[str]:
    """Yield each finding and a line of sums for each suite, at most 80 columns wide where words allow it."""
    for own in linted.suites:
        yield from _lines_of(own.name, _counted(own.cases, "case"), own.findings)
    for finding in linted.gate:
        yield from with_percents(_said(finding), "  ")
    if linted.records is not None:
        yield from _lines_of(linted.records.name, _counted(linted.records.records, "record"), linted.records.findings)
    if linted.labels is not None:
        own_labels = linted.labels
        counts = f"{own_labels.passed} passed and {own_labels.failed} failed answers"
        yield from with_percents(f"{own_labels.name}: sound, a labels file for `assay calibrate` with {counts}", "  ")


def _lines_of(name: str, looked_at: str, findings: Sequence[LintFinding]) -> Iterator[str]:
    told: Counter[str] = Counter()
    for finding in findings:
        told[finding.kind] += 1
        if told[finding.kind] <= _MOST_OF_A_KIND:
            yield from with_percents(_said(finding), "  ")
    for kind, count in told.items():
        if count > _MOST_OF_A_KIND:
            yield f"{count - _MOST_OF_A_KIND} more of {kind}: --json shows them all"
    levels = Counter(finding.level for finding in findings)
    counts = ", ".join(_counted(levels[level], level) for level in ("error", "warning", "note"))
    yield from with_percents(f"{name}: {looked_at}, {counts}", "  ")


def _said(finding: LintFinding) -> str:
    where = ""
    if finding.file is not None:
        where = f"{finding.file}:{finding.line}: " if finding.line is not None else f"{finding.file}: "
    case = f"case '{finding.case}': " if finding.case is not None else ""
    return f"{finding.level}[{finding.kind}]: {where}{case}{finding.message}. {finding.remedy}"


def _counts(finding: LintFinding, *, strict: bool) -> bool:
    return finding.level != "note" or (strict and finding.kind not in _ALWAYS_TOLD)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

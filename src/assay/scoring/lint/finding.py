"""What can be wrong with a suite, and how is it told?"""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun

__all__ = ["Level", "LintFinding", "LintKind"]

LintKind = Literal[
    "answer-in-input",
    "anything-passes",
    "bounded",
    "changed-body",
    "changed-page",
    "control-character",
    "contradiction",
    "decomposed-text",
    "duplicate",
    "expired",
    "few-cases",
    "invisible-character",
    "leaked-answer",
    "letter-bias",
    "mixed-scripts",
    "mojibake",
    "near-duplicate",
    "no-reason",
    "one-answer",
    "power",
    "record-files",
    "record-index",
    "record-links",
    "record-number",
    "replacement-character",
    "slow-pattern",
    "status-block",
    "two-accepted",
    "uneven-tags",
    "unfinished-change",
    "unprovable",
    "unreachable",
    "unsatisfiable-schema",
    "waiver",
]
"""What is wrong, one word for each rule: of suites, of a plan's gate, of records."""

Level = Literal["error", "warning", "note"]
"""`error`: the case or the condition cannot do its work. `warning`: it probably does not do what was meant.
`note`: what the suite can and cannot show."""


class LintFinding(Noun):
    """One thing to know about a suite or a record before it is trusted."""

    kind: LintKind
    """Which rule found it."""
    level: Level
    """How bad it is."""
    case: str | None = None
    """Case id, or None where it is about the whole suite or a condition."""
    file: str | None = None
    """File as the user named it, where it is known."""
    line: int | None = None
    """Line in that file, counted from 1, where it is known."""
    message: str
    """What was found, without a final full stop."""
    remedy: str
    """What to do about it: sentences with their full stop."""

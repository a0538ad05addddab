"""How does a pull request show that two records differ, in a comment that GitHub takes and that nothing breaks?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.record.diff.sections import figures_of, pairs_told, shown, side_told, told_last, words_of
from assay.record.inert import as_text
from assay.record.reports.fitting import Part, fitted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.record.diff.changes import Change, RecordDiff
    from assay.record.diff.sections import Figures, Words

__all__ = ["MOST_BYTES", "markdown_of"]

MOST_BYTES: Final = 60_000
"""A comment holds 65,536 characters; a longer one is refused whole."""
_MARKS: Final = {"new": "new", "gone": "gone", "changed": "changed", "reworded": "worded anew"}
_MOST_REASON: Final = 300
_MOST_VALUE: Final = 400


def markdown_of(diff: RecordDiff) -> str:
    """Return how two records differ as Markdown for a pull request, at most 60,000 bytes.

    Texts of the records are hostile and stand in it escaped; what is left out is counted.
    """
    head = [
        f"### {as_text(diff.b.record)} against {as_text(diff.a.record)}",
        "",
        f"- A: {as_text(side_told(diff.a))}",
        f"- B: {as_text(side_told(diff.b))}",
        *(f"- {as_text(line)}" for line in pairs_told(diff)),
    ]
    parts = [
        Part(head),
        *(_words(own) for own in words_of(diff, first=True)),
        *(_figures(own) for own in figures_of(diff)),
        *(_words(own) for own in words_of(diff, first=False)),
        Part([f"- {as_text(line)}" for line in told_last(diff)], opening=[""]),
    ]
    return fitted(parts, MOST_BYTES, "`assay diff --json`")


def _words(words: Words) -> Part:
    rows = [_row(change) for change in words.changes]
    return Part(rows, opening=["", f"#### {words.title}", "", *_table("", "what", "A", "B", "why")])


def _row(change: Change) -> str:
    subject = change.subject if change.candidate is None else f"{change.candidate}: {change.subject}"
    texts = (_cut(change.a, _MOST_VALUE), _cut(change.b, _MOST_VALUE), _cut(change.why, _MOST_REASON))
    return _cells(_MARKS[change.change], _cut(subject, _MOST_VALUE), *texts)


def _figures(figures: Figures) -> Part:
    rows = []
    for own in figures.shown:
        better = "" if own.better is None else f"{own.better.upper()} is better"
        doubts = [f"{side}: {one.doubt}" for side, one in (("A", own.a), ("B", own.b)) if one is not None and one.doubt]
        notes = _cut("; ".join(note for note in (better, own.note, *doubts) if note), _MOST_REASON)
        name = f"{own.candidate}: {own.group} {own.name}"
        rows.append(
            _cells(_cut(name, _MOST_VALUE), _cut(shown(own.a, own.unit), 80), _cut(shown(own.b, own.unit), 80), notes)
        )
    more = [_cells(f"{figures.left} more: `assay diff --json` has them", "", "", "")] if figures.left else []
    return Part([*rows, *more], opening=["", f"#### {as_text(figures.title)}", "", *_table("number", "A", "B", "")])


def _cut(text: str | None, most: int) -> str:
    """Return hostile text for a cell, cut before it is escaped so that no escape is cut in two."""
    if text is None:
        return ""
    return str(as_text(text if len(text) <= most else f"{text[: most - 1]}…"))


def _table(*names: str) -> Iterator[str]:
    yield _cells(*names)
    yield "|---" * len(names) + "|"


def _cells(*texts: str) -> str:
    return f"| {' | '.join(texts)} |"

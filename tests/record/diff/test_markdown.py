"""Is a comment on a pull request whole, short enough, and proof against what models and plans say?"""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from assay.gate.statistics import wilson
from assay.record.diff import RecordDiff, diff_of
from assay.record.diff.changes import Change
from assay.record.diff.markdown import MOST_BYTES, markdown_of
from tests.record.diff.two_records import two_records
from tests.record.evidence_files import HOSTILE

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.fixture(name="diff")
def _diff() -> RecordDiff:
    return diff_of(*two_records(), wilson)


def tokens(page: str) -> set[str]:
    """Return the kinds of tokens that a page is read as, those within lines too."""
    found = set()
    for token in MARKDOWN.parse(page):
        found |= {token.type, *(child.type for child in token.children or ())}
    return found


def test_tables_say_what_changed(diff: RecordDiff) -> None:
    """Each change is a row of five cells, the first heading the third level."""
    page = markdown_of(diff)
    assert page.startswith(
        "### 0002-small against 0001-small\n\n- A: 0001-small, 2026-01-02, NO-GO, proposed, not verified\n"
    )
    assert "| changed | one: license | mit (observed) | apache-2.0 (observed) |  |\n" in page
    assert "| one: sums pass rate | 33.3 % \\[6.1, 79.2\\] | 100.0 % \\[43.9, 100.0\\] |  |\n" in page
    assert "html_inline" not in tokens(page)


def test_hostile_text_makes_no_markup(diff: RecordDiff) -> None:
    """Whatever stands in any text, the page has the tokens of a harmless one, and its tables the same cells."""
    harmless, hostile = (
        diff.model_copy(update={"changes": tuple(own.model_copy(update=texts) for own in diff.changes)})
        for texts in (dict.fromkeys(("subject", "a", "b", "why", "candidate"), text) for text in ("x", HOSTILE))
    )
    page = markdown_of(hostile)
    assert tokens(page) == tokens(markdown_of(harmless))
    cells = [token.type for token in MARKDOWN.parse(page)].count("td_open")
    assert cells == [token.type for token in MARKDOWN.parse(markdown_of(harmless))].count("td_open")
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_a_long_page_is_cut_with_a_count(diff: RecordDiff) -> None:
    """GitHub refuses a longer comment whole: rows are left out and counted, the verdict stays."""
    many = tuple(
        Change(part="finding", candidate="one", subject=f"item {n} {HOSTILE}", change="changed", a="MET", b="UNKNOWN")
        for n in range(1_000)
    )
    page = markdown_of(diff.model_copy(update={"changes": (*diff.changes, *many)}))
    assert 50_000 < len(page.encode()) <= MOST_BYTES
    assert page.rstrip().endswith("more lines stand in `assay diff --json`.")

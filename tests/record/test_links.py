"""Do links lead to the files of a record from wherever its page lies?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.record.links import links_from

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (
    "[0001-small](0001-small.md) ![memory.svg](0001-small.plots/memory.svg) [gone](0002-none.md)\n"
    "`](0001-small.md)` [site](https://example.org) \\](0001-small.md)\n"
)


def test_a_page_elsewhere_leads_back(tmp_path: Path) -> None:
    """Links and pictures of files that lie there get the way to them; code, other links and what is gone stay."""
    records = tmp_path / "my records"
    (records / "0001-small.plots").mkdir(parents=True)
    for name in ("0001-small.md", "0001-small.plots/memory.svg"):
        (records / name).write_text("")
    assert links_from(PAGE, records, tmp_path / "pages") == (
        "[0001-small](../my%20records/0001-small.md) ![memory.svg](../my%20records/0001-small.plots/memory.svg) "
        "[gone](0002-none.md)\n`](0001-small.md)` [site](https://example.org) \\](0001-small.md)\n"
    )


def test_a_page_beside_its_record_stays(tmp_path: Path) -> None:
    """In the folder of the record not a byte changes."""
    (tmp_path / "0001-small.md").write_text("")
    assert links_from(PAGE, tmp_path, tmp_path / "x" / "..") == PAGE

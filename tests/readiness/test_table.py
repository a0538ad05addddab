"""The page on the checklist says what the checklist says, and every source item is served."""

from __future__ import annotations

from assay.readiness import CHECKS, checklist_table
from assay.readiness.table import SOURCES
from assay.schema.findings import Checklist, ChecklistItem
from tests.readiness.builders import ROOT, shipped_checklist

LESSON = [
    *(f"5.{number}" for number in range(1, 15)),
    *(f"9.{number}" for number in range(1, 6)),
    *(f"10.{number}" for number in range(1, 10)),
    *(f"10.n{number}" for number in range(1, 8)),
    *(f"gateway.{number}" for number in range(1, 9)),
]


def test_every_source_item_is_served() -> None:
    """Each item of the source checklists has at least one item here, and none is invented."""
    served = {source for item in shipped_checklist().items for source in item.lesson}
    assert served == set(LESSON)
    assert list(SOURCES) == LESSON


def test_every_check_stands_in_the_checklist() -> None:
    """The registry and the shipped checklist have the same checks, in the same order."""
    decided = {item.id for item in shipped_checklist().items if item.shown_by != "attestation"}
    assert decided == set(CHECKS)


def test_the_page_is_made_from_the_checklist() -> None:
    """`docs/checklist.md` is what the table function writes."""
    assert checklist_table(shipped_checklist()) == (ROOT / "docs" / "checklist.md").read_text("utf-8")


def test_cells_keep_their_bounds() -> None:
    """A bar inside a text does not open a new column, and an unknown source has a row."""
    item = ChecklistItem(
        id="x", section="model", question="a|b?", shown_by="attestation", evidence="e", remedy="r", lesson=("7.1",)
    )
    page = checklist_table(Checklist(items=(item,)))
    assert "| `x` | model | a\\|b? | attestation | e | block |\n" in page
    assert page.endswith("| 7.1 |  | `x` |\n")

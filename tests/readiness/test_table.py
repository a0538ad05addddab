"""The page on the checklist says what the checklist says, and every source item is served."""

from __future__ import annotations

from assay.readiness import CHECKS, checklist_table
from assay.readiness.frameworks import FRAMEWORKS
from assay.readiness.sources import SOURCE_LISTS, SOURCES
from assay.schema.findings import Checklist, ChecklistItem
from tests.readiness.builders import ROOT, shipped_checklist

LESSON = {
    "5.": 14,
    "8.": 9,
    "9.": 5,
    "9.m": 8,
    "10.": 9,
    "10.n": 7,
    "11.": 8,
    "gateway.": 8,
    "health.": 3,
    "pitfall.": 9,
}
"""How many items each list of the source material has."""


def test_every_source_item_is_served() -> None:
    """Each item of the source checklists has at least one item here, and none is invented."""
    wanted = [f"{name}{number}" for name, many in LESSON.items() for number in range(1, many + 1)]
    served = {source for item in shipped_checklist().items for source in item.lesson}
    assert served == set(wanted)
    assert list(SOURCES) == wanted
    assert [source for ids in SOURCE_LISTS.values() for source in ids] == wanted


def test_every_check_stands_in_the_checklist() -> None:
    """The registry and the shipped checklist have the same checks."""
    decided = {item.id for item in shipped_checklist().items if item.shown_by != "attestation"}
    assert decided == set(CHECKS)


def test_every_shipped_item_says_how_it_is_shown_and_what_failing_means() -> None:
    """Nobody is stopped by an item of the minimum without being told what it means; `check` is a word of old."""
    items = shipped_checklist().items
    assert [item.id for item in items if not item.meaning.endswith(".") or item.meaning == item.remedy] == []
    assert [item.id for item in items if item.shown_by == "check" or not item.question.endswith("?")] == []


def test_every_framework_is_served() -> None:
    """Each item of the minimum bears on a framework, and each framework is borne on."""
    items = shipped_checklist().items
    assert {served.partition(":")[0] for item in items for served in item.frameworks} == set(FRAMEWORKS)
    assert all(framework.link.startswith("https://") and framework.version for framework in FRAMEWORKS.values())


def test_the_page_is_made_from_the_checklist() -> None:
    """`docs/checklist.md` is what the table function writes."""
    assert checklist_table(shipped_checklist()) == (ROOT / "docs" / "checklist.md").read_text("utf-8")


def test_cells_keep_their_bounds() -> None:
    """A bar inside a text does not open a new column, and an unknown source has a row."""
    item = ChecklistItem(
        id="x",
        section="model",
        question="a|b?",
        shown_by="attestation",
        evidence="e",
        meaning="m",
        remedy="r",
        frameworks=("owasp-llm:LLM05",),
        lesson=("7.1", "5.2"),
    )
    page = checklist_table(Checklist(items=(item,)))
    assert page.partition("\n## Model\n\n")[2].partition("\n## ")[0] == (
        "| item | question | shown by | severity |\n"
        "| --- | --- | --- | --- |\n"
        "| `x` | a\\|b? | attestation | block |\n\n"
        "| item | evidence | when it is not met | what to do | frameworks |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| `x` | e | m | r | owasp-llm:LLM05 |\n"
    )
    assert "| 5.2 | licence and model card were read | `x` |\n" in page
    assert "### Others\n\n| source | asks | items |\n| --- | --- | --- |\n| 7.1 |  | `x` |\n" in page
    assert page.endswith(
        "| `owasp-llm:LLM05` | answers that are used unchecked | `x` |\n\n"
        "Nothing here serves LLM01, LLM02, LLM03, LLM04, LLM06, LLM07, LLM08, LLM09, LLM10.\n"
    )

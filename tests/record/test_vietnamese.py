"""Does the Vietnamese page say all that the English one says, and is it Vietnamese?"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from assay.record.render import page_of
from assay.schema.findings import Finding
from assay.schema.record import Record
from assay.workflow.verify import TEMPLATE_MEMBER, verify_record
from tests.record.evidence_files import small_evidence, write_record
from tests.record.filled import filled_record, with_texts
from tests.record.parsed import MARKDOWN, body_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.record.numbers import Page

ROOT = Path(__file__).resolve().parents[2]
ENGLISH, VIETNAMESE = "decision-record.md.j2", "decision-record.vi.md.j2"
ITEMS = yaml.safe_load((ROOT / "templates" / "checklist.yaml").read_text("utf-8"))["items"]
NUMERAL = re.compile(r"\d[\d.,\u202f]*")
SKELETON = {"h1", "h2", "h3", "th", "td", "tr", "li", "pre", "img"}


def _kept() -> Record:
    """Return the record that is kept in the repository, as one of the second format."""
    kept = json.loads((ROOT / "records" / "0001-policy-assistant.json").read_text("utf-8"))
    return Record.model_validate({**kept, "schema": "assay/record/v2"})


RECORDS = {"kept": _kept(), "full": filled_record(), "sparse": filled_record(known=False)}


def _page(record: Record, name: str) -> Page:
    return page_of(record, (ROOT / "templates" / name).read_text("utf-8"), name)


def _numerals(page: Page) -> Counter[str]:
    """Return all numerals of bound values; questions of the checklist are translated, numerals and all."""
    shown = (own.text for own in page.numbers if not own.path.endswith(".question"))
    return Counter(numeral for text in shown for numeral in NUMERAL.findall(text))


def _spans(page: Page) -> Counter[str]:
    blocks = MARKDOWN.parse(body_of(page.text))
    inline = [token for block in blocks for token in block.children or ()]
    return Counter(token.content for token in inline if token.type == "code_inline")


def _skeleton(page: Page) -> Iterator[str]:
    for block in MARKDOWN.parse(body_of(page.text)):
        if block.tag in SKELETON and block.nesting >= 0:
            yield block.tag
        yield from (child.attrGet("src") for child in block.children or () if child.type == "image")


@pytest.mark.parametrize("name", RECORDS)
def test_both_pages_show_the_same_values(name: str) -> None:
    """Every value of the English page stands in the Vietnamese one, as often, and no number comes from nowhere."""
    english, vietnamese = (_page(RECORDS[name], own) for own in (ENGLISH, VIETNAMESE))
    assert vietnamese.loose == ()
    assert _numerals(vietnamese) == _numerals(english)
    assert _spans(vietnamese) == _spans(english)


@pytest.mark.parametrize("name", RECORDS)
def test_both_pages_have_the_same_parts(name: str) -> None:
    """Headings, lists, rows, cells and pictures follow each other in the same order."""
    english, vietnamese = (_page(RECORDS[name], own) for own in (ENGLISH, VIETNAMESE))
    assert [*_skeleton(vietnamese)] == [*_skeleton(english)]


@pytest.mark.parametrize("name", ["full", "sparse"])
def test_no_word_of_assay_stays_english(name: str) -> None:
    """Where values say nothing, no English word for a status, a gap or a joint between values is left."""
    record = with_texts(RECORDS[name], lambda old: f"x{NUMERAL.findall(old)[-1]}" if NUMERAL.search(old) else "x")
    words = set(re.findall(r"\w+", body_of(_page(record, VIETNAMESE).text).replace("\\_", "_")))
    english = (
        "None a and asked by declared each is met no none not observed of on or provided seen tested the unknown yes"
    )
    assert words & set(english.split()) == set()


def _with_questions(questions: dict[str, str]) -> dict[str, str]:
    """Return what the Vietnamese page asks, by item, where a checklist asks these questions."""
    findings = tuple(
        Finding(
            item=item,
            candidate="candidate 0",
            section="model",
            question=question,
            severity="block",
            status="met",
            reason="So.",
            evidence=(),
            remedy="None.",
        )
        for item, question in questions.items()
    )
    page = _page(RECORDS["full"].model_copy(update={"findings": findings}), VIETNAMESE).text
    return dict(re.findall(r"^\| `([a-z-]+)` \| ([^|]*) \| \*\*ĐẠT\*\* \| So\. \|", page, re.MULTILINE))


def test_every_item_of_the_checklist_is_asked_in_vietnamese() -> None:
    """No shipped item falls back to English; a question that was reworded must be translated anew."""
    asked = _with_questions({item["id"]: item["question"] for item in ITEMS})
    assert [*asked] == [item["id"] for item in ITEMS]
    english = {item["question"] for item in ITEMS}
    assert [item for item, question in asked.items() if question in english or question[-1] != "?"] == []
    assert len(set(asked.values())) == len(ITEMS)


def test_a_question_of_your_own_stays() -> None:
    """An item of another checklist is asked in its own words, also where it has the name of a shipped one."""
    own = {"pins": "Is it nailed down?", "moon": "Is it full?"}
    assert _with_questions(own) == own


def test_a_vietnamese_record_verifies(tmp_path: Path) -> None:
    """A record whose evidence holds the Vietnamese template is derived and rendered again to the same bytes."""
    template = (ROOT / "templates" / VIETNAMESE).read_bytes()
    files = write_record(tmp_path, {**small_evidence(), TEMPLATE_MEMBER: template})
    assert "\n## Điều kiện bắt buộc\n" in files.markdown.read_text("utf-8")
    assert verify_record(files.markdown).differences == ()

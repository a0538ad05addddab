"""Is a section of the checklist as good as its weakest item?"""

from __future__ import annotations

from itertools import permutations

import pytest

from assay.gate.sections import sections_of
from tests.gate.build import facts, finding, item


@pytest.mark.parametrize("worst", ["not_met", "unknown", "met"])
def test_one_weak_item_outweighs_any_number_of_others(worst: str) -> None:
    """However many items are met, the section has the status of the weakest."""
    findings = [finding(f"i{number}", "met") for number in range(50)] + [finding("weak", worst)]
    (section,) = sections_of(facts(findings=findings))
    assert section.status == worst


def test_weakest_section_comes_first_in_any_order_of_findings() -> None:
    """Sections stand from not met over unknown to met, and count what they hold; items that only warn do not count."""
    findings = [
        finding("a", "met", "operations"),
        finding("b", "not_applicable", "operations"),
        finding("c", "unknown", "security"),
        finding("d", "not_met", "quality"),
        finding("e", "not_met", "operations", severity="warn"),
    ]
    checklist = [item("f", "quality"), item("g", "model", "warn")]
    for order in permutations(findings):
        sections = sections_of(facts(findings=order, checklist=checklist))
        assert [(own.section, own.status, own.met, own.not_met, own.unknown) for own in sections] == [
            ("quality", "not_met", 0, 1, 1),
            ("security", "unknown", 0, 0, 1),
            ("operations", "met", 2, 0, 0),
        ]


def test_without_a_checklist_there_is_no_section() -> None:
    """Nothing is made up where nothing was due."""
    assert sections_of(facts()) == ()

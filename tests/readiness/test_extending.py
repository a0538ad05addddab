"""A team keeps the shipped checklist, adds to it, changes keys of it, and leaves nothing out without a word."""

from __future__ import annotations

import pytest

from assay.errors import InputError
from assay.readiness import extended, find, validate
from assay.schema.findings import Checklist, ChecklistExtension
from tests.readiness.builders import shipped_checklist, view

SHIPPED = shipped_checklist()
NEW = {"section": "governance", "question": "Agreed?", "evidence": "The day.", "remedy": "Ask."}


def merged(*items: dict[str, object]) -> Checklist:
    own = ChecklistExtension.model_validate({"extends": "shipped", "items": items})
    return extended(SHIPPED, own, "mine.yaml", {"risks": 5, "risk": 6}.get)


def test_single_keys_take_the_place_of_shipped_ones() -> None:
    """What a change does not name stays, and so does the order."""
    own = merged({"id": "risks", "severity": "block"})
    (before,) = (item for item in SHIPPED.items if item.id == "risks")
    assert own.items == (
        *SHIPPED.items[:-1],
        before.model_copy(update={"severity": "block", "shipped_severity": "warn"}),
    )
    validate(own, "mine.yaml")


@pytest.mark.parametrize(
    ("name", "severity", "noted", "lowered"),
    [("pins", "warn", "block", True), ("pins", "block", None, False), ("risks", "block", "warn", False)],
)
def test_another_severity_is_noted(name: str, severity: str, noted: str | None, lowered: bool) -> None:
    """The shipped severity stands beside one that differs, so that nothing leaves the minimum without a trace."""
    (own,) = (item for item in merged({"id": name, "severity": severity}).items if item.id == name)
    assert (own.severity, own.shipped_severity, own.lowered) == (severity, noted, lowered)


def test_new_items_stand_behind_and_are_attested() -> None:
    """An item that nobody ships is said by a person, and belongs to the minimum."""
    own = merged({"id": "works-council", **NEW})
    assert own.items[:-1] == SHIPPED.items
    assert (own.items[-1].shown_by, own.items[-1].severity) == ("attestation", "block")
    validate(own, "mine.yaml")


def test_what_is_left_out_stays_in_the_record_with_its_reason() -> None:
    """Neither an attestation nor what evidence decides is gone silently."""
    own = merged(
        {"id": "pins", "leave_out": "It is a trial of a day."}, {"id": "team", "leave_out": "Somebody else serves it."}
    )
    validate(own, "mine.yaml")
    found = {one.item: (one.status, one.reason, one.evidence) for one in find(own, view(facts=view().facts))}
    assert found["pins"] == (
        "not_applicable",
        "left out of the checklist: It is a trial of a day",
        ("evidence/checklist.json",),
    )
    assert found["team"][:2] == ("not_applicable", "left out of the checklist: Somebody else serves it")
    assert len(found) == len(SHIPPED.items)


def test_all_problems_are_said_with_their_lines() -> None:
    """No item twice, and no new item without what only its author can say; a slip names the nearest item."""
    with pytest.raises(InputError) as caught:
        merged({"id": "risks"}, {"id": "risks"}, {"id": "risk", "severity": "block"}, {"id": "zzz", "question": "?"})
    assert str(caught.value).splitlines() == [
        "error[duplicate-item]: mine.yaml:5: checklist item 'risks' stands 2 times. Keep one.",
        (
            "error[unknown-item]: mine.yaml:6: the shipped checklist has no item 'risk', "
            "and a new one needs section, question, evidence, remedy. Did you mean 'risks'?"
        ),
        (
            "error[unknown-item]: mine.yaml: the shipped checklist has no item 'zzz', "
            "and a new one needs section, evidence, remedy. Add them."
        ),
    ]


def test_what_evidence_decides_stays_so() -> None:
    """No file makes an attestation of it, nor evidence of an attestation; and a word is no reason."""
    for name in ("error-rate", "prompts-not-logged"):
        with pytest.raises(InputError) as caught:
            merged({"id": name, "shown_by": "attestation"})
        assert str(caught.value) == (
            f"error[not-attestable]: mine.yaml: item {name!r} is decided from evidence. "
            "Leave out `shown_by`: evidence beats what is said."
        )
    own = merged(
        {"id": "team", "shown_by": "evidence"},
        {"id": "canary", "leave_out": "n/a"},
        {"id": "rollout", "frameworks": ["owasp:LLM01", "owasp-llm:LLM03"]},
    )
    with pytest.raises(InputError) as caught:
        validate(own, "mine.yaml", {"team": 5, "canary": 6, "rollout": 7}.get)
    assert [str(problem).partition(": ")[0] + f" {problem.line}" for problem in caught.value.problems] == [
        "error[unknown-framework] 7",
        "error[no-reason] 6",
        "error[unknown-check] 5",
    ]
    assert "which no known framework has. Did you mean 'owasp-llm:LLM01'?" in str(caught.value)

"""Checklists and attestations that cannot be decided by are refused, with every problem at once."""

from __future__ import annotations

import pytest

from assay.errors import InputError
from assay.readiness import validate, validate_attestations
from assay.schema.findings import Checklist, ChecklistItem
from tests.readiness.builders import attestation, attested, shipped_checklist


def item(name: str, shown_by: str) -> ChecklistItem:
    return ChecklistItem.model_validate(
        {"id": name, "section": "model", "question": "?", "shown_by": shown_by, "evidence": "e", "remedy": "r"}
    )


def test_the_shipped_checklist_is_valid() -> None:
    """The checklist in `templates/` can be decided."""
    validate(shipped_checklist(), "templates/checklist.yaml")


def test_a_checklist_of_ones_own_may_add_attestations() -> None:
    """An item that nobody knows is fine when a person says it."""
    validate(Checklist(items=(item("pins", "check"), item("legal-signed", "attestation"))), "mine.yaml")


def test_what_people_attested_before_they_may_attest_still() -> None:
    """A checklist of one's own keeps as an attestation what evidence decides in the shipped one since."""
    old = Checklist(items=(item("rollback-rehearsed", "attestation"),))
    validate(old, "mine.yaml")
    validate_attestations(attested(attestation("rollback-rehearsed")), old, "a.yaml")


def test_all_problems_of_a_checklist_are_said() -> None:
    """No item without a check, none twice, and none attested that evidence decides."""
    own = Checklist(
        items=(item("error-rates", "check"), item("moon", "check"), item("pins", "attestation"), item("pins", "check"))
    )
    with pytest.raises(InputError) as caught:
        validate(own, "mine.yaml")
    assert str(caught.value).splitlines() == [
        "error[duplicate-item]: mine.yaml: checklist item 'pins' stands 2 times. Keep one.",
        (
            "error[unknown-check]: mine.yaml: no check decides item 'error-rates'. "
            "Write `shown_by: attestation`, or did you mean 'error-rate'?"
        ),
        "error[unknown-check]: mine.yaml: no check decides item 'moon'. Write `shown_by: attestation`.",
        (
            "error[not-attestable]: mine.yaml: item 'pins' is decided from evidence. "
            "Write `shown_by: evidence` or `probe`, or give the item another id."
        ),
    ]


def test_good_attestations_pass() -> None:
    """What a person may say of an item of the checklist is accepted, expired or not."""
    validate_attestations(
        attested(
            attestation("team", expires="2027-07-10"),
            attestation("canary", expires="2026-06-05"),
            attestation("audit-log", date="9999-12-30", expires="9999-12-31"),
        ),
        shipped_checklist(),
        "a.yaml",
    )


def test_all_problems_of_attestations_are_said() -> None:
    """No unknown item, no item twice, none that evidence decides, no day that is none or comes too early."""
    said = attested(
        attestation("teams"),
        attestation("zzz"),
        attestation("canary"),
        attestation("canary"),
        attestation("error-rate"),
        attestation("gateway", expires="2026-02-30"),
        attestation("audit-log", expires="2026-06-04"),
        attestation("team", by=" ", statement="TBD"),
        attestation("retention", expires="2027-07-11"),
    )
    with pytest.raises(InputError) as caught:
        validate_attestations(said, shipped_checklist(), "a.yaml", {"teams": 3, "canary": 9}.get)
    assert str(caught.value).splitlines() == [
        "error[duplicate-item]: a.yaml:9: attestation of 'canary' stands 2 times. Keep one.",
        "error[unknown-item]: a.yaml:3: the checklist has no item 'teams'. Did you mean 'team'?",
        "error[unknown-item]: a.yaml: the checklist has no item 'zzz'. Remove it, or add the item to the checklist.",
        (
            "error[not-attestable]: a.yaml: item 'error-rate' is decided from evidence. "
            "Remove the attestation: evidence beats it."
        ),
        (
            "error[bad-date]: a.yaml: the attestation of 'gateway' has a date that is no calendar day. "
            "Write a day as YYYY-MM-DD."
        ),
        "error[bad-date]: a.yaml: the attestation of 'audit-log' expires before it was made. Mend `date` or `expires`.",
        (
            "error[empty-attestation]: a.yaml: the attestation of 'team' names no person: ' ' only holds the place. "
            "Write who says it, and what with where it can be seen."
        ),
        (
            "error[empty-attestation]: a.yaml: the attestation of 'team' says nothing: 'TBD' only holds the place. "
            "Write who says it, and what with where it can be seen."
        ),
        (
            "error[bad-date]: a.yaml: the attestation of 'retention' holds for 401 days, and 400 are the most. "
            "Let it expire by 2027-07-10, and make it anew then."
        ),
    ]

"""A section is as strong as its weakest item of the minimum, and the whole as its weakest section."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.readiness import find, readiness_level
from assay.schema._base import Status
from assay.schema.findings import ATTESTATIONS, LEVELS, Finding, Section
from tests.readiness.builders import attestation, attested, facts, licence, shipped_checklist, view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.findings import Level

SAID = (ATTESTATIONS,)


def finding(item: str, status: Status, **changes: object) -> Finding:
    whole = Finding(
        item=item,
        candidate="small",
        section="model",
        question="?",
        severity="block",
        status=status,
        reason="so",
        evidence=("evidence/facts.json",),
        remedy="Mend it.",
    )
    return whole.model_copy(update=changes)


@pytest.mark.parametrize(
    ("status", "evidence", "level"),
    [
        ("met", ("evidence/facts.json",), "shown"),
        ("met", ("evidence/facts.json", ATTESTATIONS), "attested"),
        ("met", (), "unknown"),
        ("met", SAID, "attested"),
        ("unknown", SAID, "unknown"),
        ("not_met", SAID, "not_met"),
        ("not_met", (), "not_met"),
        ("not_applicable", SAID, None),
    ],
)
def test_the_level_of_an_item(status: Status, evidence: tuple[str, ...], level: Level | None) -> None:
    """A person's word in it makes it attested, evidence alone makes it shown; what names nothing shows nothing."""
    assert finding("a", status, evidence=evidence).level == level


def test_the_weakest_item_counts_and_is_named() -> None:
    """Any number of shown items does not outweigh one that is open; warnings are told beside, and count nothing."""
    own = readiness_level(
        "small",
        [
            finding("a", "met"),
            finding("b", "unknown"),
            finding("c", "unknown", section="security"),
            finding("d", "not_met", section="security"),
            finding("e", "not_met", section="security"),
            finding("f", "not_met", severity="warn"),
            finding("g", "met", evidence=SAID, section="operations"),
            finding("h", "not_met", section="operations", candidate="large"),
            finding("i", "not_applicable", section="governance"),
            finding("j", "unknown", section="governance", severity="warn"),
            finding("k", "met", section="quality"),
        ],
    )
    assert own.level == "not_met"
    assert [(one.section, one.level, one.weakest, one.warned) for one in own.sections] == [
        ("model", "unknown", ("b",), ("f",)),
        ("security", "not_met", ("d", "e"), ()),
        ("operations", "attested", ("g",), ()),
        ("governance", None, (), ()),
        ("quality", "shown", (), ()),
    ]


def test_nothing_that_counts_has_no_level() -> None:
    """Without findings, or with none that counts, nothing is said to be shown."""
    assert readiness_level("small", []).level is None
    assert (
        readiness_level("small", [finding("a", "not_applicable"), finding("b", "met", severity="warn")]).level is None
    )


@st.composite
def findings(draw: st.DrawFn) -> Sequence[Finding]:
    return [
        finding(
            f"i{number}",
            draw(st.sampled_from(get_args(Status))),
            section=draw(st.sampled_from(get_args(Section))),
            severity=draw(st.sampled_from(["block", "warn"])),
            evidence=draw(st.sampled_from([(), SAID, ("plan.json",)])),
        )
        for number in range(draw(st.integers(0, 8)))
    ]


@given(findings(), findings())
def test_more_items_never_raise_a_level(some: Sequence[Finding], more: Sequence[Finding]) -> None:
    """An item can only weaken what it is added to, unless nothing counted before."""
    few, many = readiness_level("small", some), readiness_level("small", [*some, *more])
    if few.level is not None:
        assert many.level is not None
        assert LEVELS.index(many.level) <= LEVELS.index(few.level)
    levels = [own.level for own in many.sections if own.level is not None]
    assert many.level == (min(levels, key=LEVELS.index) if levels else None)


def test_a_licence_that_rests_on_a_word_is_attested() -> None:
    """Nobody's reading of the conditions is evidence: the finding cites both, and stands as attested."""
    stated = licence(identifier="llama3.1", commercial="conditional", conditions=("Say that it is Llama.",))
    known = view(facts=facts(licence=stated), attestations=attested(attestation("licence-read")))
    (own,) = (one for one in find(shipped_checklist(), known) if one.item == "licence-allows")
    assert (own.status, own.level) == ("met", "attested")

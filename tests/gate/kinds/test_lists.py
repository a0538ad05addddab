"""Are blockers, readiness, pins and licence met only when something was there to meet?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gate.build import ask, blocker, facts, finding, item, licence, pin

if TYPE_CHECKING:
    from assay.schema.provenance import Licence
    from assay.schema.record import BlockerFailure


@pytest.mark.parametrize(
    ("total", "failures", "status", "reason"),
    [
        (0, [], "unknown", "No case of severity blocker was due."),
        (3, [], "met", "All blocker cases (3) passed."),
        (3, [blocker("b2"), blocker("b1")], "not_met", "Blocker cases that failed, 2 of 3: qa/b1, qa/b2."),
        (3, [blocker("b1", "unscored")], "unknown", "Blocker cases without a score, 1 of 3: qa/b1."),
        (3, [blocker("b1", "unscored"), blocker("b2")], "not_met", "Blocker cases that failed, 1 of 3: qa/b2."),
    ],
)
def test_blockers(total: int, failures: list[BlockerFailure], status: str, reason: str) -> None:
    """One failed blocker is not met, one without a score is unknown, and so are no blockers at all."""
    result = ask(facts(blockers=(total, failures)), "blockers all passed")
    assert (result.status, result.reason, result.n) == (status, reason, total)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ([], "unknown"),
        (["met"], "met"),
        (["met", "not_applicable"], "met"),
        (["met", "unknown"], "unknown"),
        (["met", "not_met"], "not_met"),
        (["unknown", "not_met"], "not_met"),
    ],
)
def test_truth_table_of_readiness_and_pins(statuses: list[str], status: str) -> None:
    """Not met outweighs unknown, unknown outweighs met, and nothing at all is unknown."""
    findings = [finding(f"i{number}", own) for number, own in enumerate(statuses)]
    pins = [pin(f"i{number}", own) for number, own in enumerate(statuses)]
    known = facts(findings=findings, pins=pins)
    for text in ("readiness all met", "readiness.security all met", "pins all met"):
        assert ask(known, text).status == status


def test_sections_are_judged_apart() -> None:
    """A condition on one section hears nothing of another; one on readiness hears all."""
    known = facts(findings=[finding("a", "met"), finding("b", "not_met", "operations")])
    assert ask(known, "readiness.security all met").status == "met"
    assert ask(known, "readiness.operations all met").status == "not_met"
    assert ask(known, "readiness all met").status == "not_met"
    assert ask(known, "readiness.quality all met").reason == "There are no items of the quality checklist."


def test_only_items_that_block_count() -> None:
    """An item of severity warn neither fails nor makes a section ready."""
    warned = finding("w", "not_met", severity="warn")
    assert ask(facts(findings=[finding("a", "met"), warned]), "readiness.security all met").status == "met"
    alone = finding("w", "met", severity="warn")
    assert ask(facts(findings=[alone]), "readiness.security all met").status == "unknown"


def test_an_item_without_a_finding_is_unknown() -> None:
    """A check that never ran is missed, although all findings that are there are met."""
    result = ask(facts(findings=[finding("a", "met")], checklist=[item("a"), item("b")]), "readiness all met")
    assert (result.status, result.n) == ("unknown", 2)
    assert result.reason == "1 of 2 items of the readiness checklist is unknown: b."


def test_names_are_listed_in_order_and_at_most_five() -> None:
    """A long list of unknown items is cut, and says by how much."""
    known = facts(findings=[finding(f"i{number}", "unknown") for number in (6, 3, 1, 2, 5, 4, 0)])
    result = ask(known, "readiness.security all met")
    assert result.reason == "7 of 7 items of the security checklist are unknown: i0, i1, i2, i3, i4 and 2 more."
    pins = facts(pins=[pin("revision", "met"), pin("license", "not_met")])
    assert ask(pins, "pins all met").reason == "1 of 2 pins is not met: license."
    assert ask(facts(pins=[pin("revision", "met")]), "pins all met").reason == "All pins (1) are met or not applicable."


@pytest.mark.parametrize(
    ("terms", "status", "reason"),
    [
        (licence("yes"), "met", "The licence apache-2.0 (Apache License 2.0) allows commercial use."),
        (licence("no"), "not_met", "The licence apache-2.0 (Apache License 2.0) does not allow commercial use."),
        (
            licence("conditional", "Show the name.", "At most 700 million users."),
            "unknown",
            (
                "The licence apache-2.0 (Apache License 2.0) allows commercial use on conditions that a person must "
                "weigh. Conditions: Show the name; At most 700 million users."
            ),
        ),
        (
            licence("conditional", "At most 700 million users.", missing=("monthly_active_users",)),
            "unknown",
            (
                "The licence apache-2.0 (Apache License 2.0) allows commercial use on conditions that a person must "
                "weigh. Conditions: At most 700 million users. The plan's organization does not say: "
                "monthly_active_users."
            ),
        ),
        *(
            (
                licence(commercial, outcome="prohibited"),
                "not_met",
                "The licence apache-2.0 (Apache License 2.0) prohibits the use: commercial_use is true.",
            )
            for commercial in ("yes", "conditional", "no", "unknown")
        ),
        (
            licence("unknown", identifier=None),
            "unknown",
            "It is not known whether commercial use is allowed: no statement was found.",
        ),
    ],
)
def test_licence(terms: Licence, status: str, reason: str) -> None:
    """Only a plain yes is met, what is prohibited is not, and conditions are for a person to weigh."""
    result = ask(facts(terms=terms), "licence allows commercial use")
    assert (result.status, result.reason) == (status, reason)

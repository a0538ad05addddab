"""Are blockers, readiness, pins and evidence met only when something was there to meet?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.gate.build import answer, ask, blocker, facts, finding, item, pin

if TYPE_CHECKING:
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
    assert result.reason == "1 of 2 items of the readiness checklist is unknown: security (b)."


def test_names_are_listed_in_order_and_at_most_five() -> None:
    """A long list of unknown items is cut, and says by how much."""
    known = facts(findings=[finding(f"i{number}", "unknown") for number in (6, 3, 1, 2, 5, 4, 0)])
    result = ask(known, "readiness.security all met")
    assert result.reason == "7 of 7 items of the security checklist are unknown: i0, i1, i2, i3, i4 and 2 more."
    pins = facts(pins=[pin("revision", "met"), pin("license", "not_met")])
    assert ask(pins, "pins all met").reason == "1 of 2 pins is not met: license."
    assert ask(facts(pins=[pin("revision", "met")]), "pins all met").reason == "All pins (1) are met or not applicable."


def test_the_weakest_section_comes_first_and_nothing_is_averaged_away() -> None:
    """Over several sections the reason names the section with the most failures first, and the answer has all names."""
    known = facts(
        findings=[
            *(finding(f"o{number}", "met", "operations") for number in range(9)),
            finding("o9", "not_met", "operations"),
            *(finding(f"s{number}", "not_met") for number in (7, 1, 3, 2, 4, 6)),
            finding("m1", "not_met", "model"),
            finding("q1", "unknown", "quality"),
        ]
    )
    result = ask(known, "readiness all met")
    assert (result.status, result.n, result.observed) == ("not_met", 18, None)
    assert result.reason == (
        "8 of 18 items of the readiness checklist are not met: security (s1, s2, s3, s4, s6 and 1 more); model (m1); "
        "operations (o9)."
    )
    assert answer(known, "readiness all met").failing == ("m1", "o9", "s1", "s2", "s3", "s4", "s6", "s7")


def test_an_item_that_is_found_twice_counts_twice() -> None:
    """Of two findings for one item the worse one counts, in whichever order they come."""
    for findings in ([finding("a", "met"), finding("a", "not_met")], [finding("a", "not_met"), finding("a", "met")]):
        assert ask(facts(findings=findings), "readiness all met").status == "not_met"
        assert ask(facts(findings=findings), "readiness:a met").status == "unknown"


@pytest.mark.parametrize(
    ("status", "expected"), [("met", "met"), ("not_applicable", "met"), ("unknown", "unknown"), ("not_met", "not_met")]
)
def test_a_single_item(status: str, expected: str) -> None:
    """One item is asked by its name, also where the checklist only warns of it; without a finding it is unknown."""
    known = facts(findings=[finding("rollback", status, "reliability", severity="warn"), finding("other", "not_met")])
    result = ask(known, "readiness:rollback met")
    assert (result.status, result.reason, result.n) == (expected, "The finding says: Seen.", 1)
    missing = ask(facts(checklist=[item("rollback")]), "readiness:rollback met")
    assert (missing.status, missing.reason) == ("unknown", "There is no measurement of readiness:rollback.")


def test_all_that_is_not_met_is_named() -> None:
    """The answer over a list has every name that is not met, the reason at most five; an unknown fails nothing."""
    names = [f"i{number}" for number in range(7)]
    pins = facts(pins=[pin(name, "not_met") for name in reversed(names)])
    assert answer(pins, "pins all met").failing == tuple(names)
    failed = facts(blockers=(9, [*(blocker(name) for name in names), blocker("open", "unscored")]))
    assert answer(failed, "blockers all passed").failing == tuple(f"qa/{name}" for name in names)
    assert answer(facts(pins=[pin("a", "unknown")]), "pins all met").failing == ()
    assert answer(facts(blockers=(1, [blocker("a", "unscored")])), "blockers all passed").failing == ()


def test_evidence_is_there_or_unknown() -> None:
    """A kind of evidence that is missing is unknown, never a failure of the candidate."""
    known = replace(facts(), present=frozenset({"answers", "licence-text"}))
    there, absent = ask(known, "evidence:licence-text present"), ask(known, "evidence:weights present")
    assert (there.status, there.reason) == ("met", "Evidence of the kind licence-text is there.")
    assert (absent.status, absent.reason) == ("unknown", "There is no evidence of the kind weights.")


def test_what_the_checklist_leaves_out_is_named_and_shows_nothing() -> None:
    """A checklist that leaves out all that is asked for is unknown; one that leaves out a part says which."""
    findings = [finding("a", "not_applicable"), finding("b", "met", "operations")]
    due = [item("a").model_copy(update={"leave_out": "Nobody needs it."}), item("b", "operations")]
    known = facts(findings=findings, checklist=due)
    whole = ask(known, "readiness all met")
    assert (whole.status, whole.n) == ("met", 2)
    assert whole.reason == (
        "All items of the readiness checklist (2) are met or not applicable; the checklist leaves out 1 of them: a."
    )
    part = ask(known, "readiness.security all met")
    assert (part.status, part.reason) == ("unknown", "The checklist leaves out all that is asked for: a.")


def test_what_the_checklist_lowers_is_named() -> None:
    """An item of the shipped minimum that is only warned of is no part of what is met, and the reason says so."""
    findings = [finding("a", "not_met", severity="warn"), finding("b", "met", "operations"), finding("c", "met")]
    lowered = item("a", severity="warn").model_copy(update={"shipped_severity": "block"})
    raised = item("c").model_copy(update={"shipped_severity": "warn"})
    known = facts(findings=findings, checklist=[lowered, item("b", "operations"), raised])
    whole = ask(known, "readiness all met")
    assert (whole.status, whole.n) == ("met", 2)
    assert whole.reason == (
        "All items of the readiness checklist (2) are met or not applicable; "
        "the checklist only warns of 1 that the shipped one demands: a."
    )
    assert "only warns of 1" in ask(known, "readiness.security all met").reason
    assert "only warns" not in ask(known, "readiness.operations all met").reason

"""Does a comparison of two records find every part that changed, in the order of what matters?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.gate.statistics import wilson
from assay.record.diff import RecordDiff, diff_of
from assay.record.diff.changes import PARTS
from assay.record.text import word
from assay.schema.standing import Decision, Standing
from assay.schema.suite import Waiver
from assay.schema.verdict import WaiverUse
from tests.record.diff.two_records import two_records

if TYPE_CHECKING:
    from assay.schema.record import Record


@pytest.fixture(name="old")
def _old() -> Record:
    return two_records()[0]


def changed(record: Record, **parts: object) -> Record:
    """Return the record with other parts."""
    return record.model_copy(update=parts)


def found(a: Record, b: Record) -> list[tuple[str, str, str, str | None, str | None]]:
    """Return each change in a row."""
    return [(own.part, own.subject, own.change, own.a, own.b) for own in diff_of(a, b, wilson).changes]


def test_a_record_does_not_differ_from_itself(old: Record) -> None:
    """Nothing changed, every number is the same, and the text says so."""
    diff = diff_of(old, old, wilson)
    assert (diff.changes, {own.status for own in diff.figures}, diff.differs) == ((), {"same"}, False)
    assert len(diff.figures) > 20


def test_changes_stand_in_the_order_of_what_matters() -> None:
    """Verdicts and conditions come first; the diff survives its file."""
    diff = diff_of(*two_records(), wilson)
    places = [PARTS.index(own.part) for own in diff.changes]
    assert places == sorted(places)
    wanted = {"condition", "blocker", "policy", "candidate", "pin", "fact", "licence", "people", "untested", "evidence"}
    assert {own.part for own in diff.changes if own.change != "reworded"} == wanted
    assert RecordDiff.model_validate_json(diff.model_dump_json(by_alias=True)) == diff
    assert diff.differs


def test_what_people_decided_is_a_change(old: Record) -> None:
    """An acceptance, its day and what it replaces are told."""
    decision = Decision(
        outcome="accepted", by="An", on="2026-02-03", verdict="NO-GO", reason="for now", body_sha256="0"
    )
    standing = Standing(decisions=(decision,), valid_until="2026-05-01", supersedes=("0000-first",))
    assert found(old, changed(old, status="accepted", standing=standing)) == [
        ("decision", "status", "changed", "proposed", "accepted"),
        ("decision", "decided", "new", None, "accepted by An on 2026-02-03"),
        ("decision", "valid_until", "new", None, "2026-05-01"),
        ("decision", "supersedes", "new", None, "0000-first"),
    ]


@pytest.mark.parametrize("said", [{"reason": "for another reason"}, {"value": 0.4}, {"granted": "2026-01-02"}])
def test_whatever_people_said_in_a_waiver_is_a_change(old: Record, said: dict[str, object]) -> None:
    """Why it was granted, at what number and when are the people's words, and no other wording of the gate's."""
    people = {"owner": "Ada", "approver": "Grace", "granted": "2026-01-01", "expires": "2026-12-31"}
    waiver = Waiver(condition="gate", reason="so", value=0.5, **people)

    def waived(own: Waiver) -> Record:
        use = WaiverUse(waiver=own, status="applies", reason="It was granted.")
        return changed(old, verdict=old.verdict.model_copy(update={"waivers": (use,)}))

    told = found(waived(waiver), waived(waiver.model_copy(update=said)))
    assert [own[0] for own in told] == ["waiver"]


def test_a_finding_that_turned_is_a_change_and_another_reason_is_none(old: Record) -> None:
    """Findings are told by item; the reason alone makes no difference."""
    first, second, *rest = old.findings
    assert second.status != "met"
    worded = first.model_copy(update={"reason": "in other words"})
    assert not diff_of(old, changed(old, findings=(worded, second, *rest)), wilson).differs
    turned = second.model_copy(update={"status": "met", "reason": "it is"})
    rows = [
        (own.subject, own.change, own.b)
        for own in diff_of(old, changed(old, findings=(worded, turned, *rest)), wilson).changes
    ]
    assert rows[:2] == [(first.item, "reworded", word(first.status)), (second.item, "changed", "MET")]


def test_a_suite_of_other_cases_is_noted_beside_its_rates(old: Record) -> None:
    """Rates of a suite whose digest changed are not of the same thing."""
    (suite,) = old.suites
    other = changed(old, suites=(suite.model_copy(update={"digest": "f" * 64}),))
    diff = diff_of(old, other, wilson)
    assert [own.subject for own in diff.changes] == ["sums"]
    assert {own.note for own in diff.figures if own.name == "pass rate"} == {"other cases"}
    assert {own.note for own in diff.figures if own.unit == "s"} == {None}


def test_another_host_is_noted_beside_latencies(old: Record) -> None:
    """The load of the moment makes no other host; a processor does."""
    busy = changed(old, host=old.host.model_copy(update={"load_1m": 9.0}))
    assert not diff_of(old, busy, wilson).differs
    moved = changed(old, host=old.host.model_copy(update={"cores": 64}))
    diff = diff_of(old, moved, wilson)
    assert [(own.subject, own.a, own.b) for own in diff.changes] == [("cores", "2", "64")]
    assert {own.note for own in diff.figures if own.group == "short@1"} == {"another host"}


def test_a_lost_candidate_is_gone_with_its_numbers(old: Record) -> None:
    """It is named once, and nothing of it is compared."""
    diff = diff_of(old, changed(old, candidates=old.candidates[:1], runtimes=()), wilson)
    assert [(own.subject, own.change, own.a) for own in diff.changes if own.part == "candidate"] == [
        ("two", "gone", "model not named on ollama, fallback")
    ]
    assert {own.candidate for own in diff.figures} == {"one"}


def test_records_of_both_formats_are_compared(old: Record) -> None:
    """A record of the first format is compared with a later one; that it has another format is told."""
    first = changed(old, schema_name="assay/record/v1")
    assert found(first, old) == [("evidence", "format", "changed", "assay/record/v1", "assay/record/v2")]

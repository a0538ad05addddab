"""Findings: one for each item, attestations that hold or do not, and nothing gained by losing evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.readiness import CHECKS, find
from assay.schema.findings import Checklist, ChecklistItem
from tests.readiness.builders import (
    PINS,
    access,
    attestation,
    attested,
    canary,
    capacity,
    cell,
    fact,
    facts,
    hit,
    licence,
    metric,
    pin,
    rehearsal,
    rehearsed,
    shipped_checklist,
    sink,
    smoke_set,
    surface,
    view,
)
from tests.readiness.seen_limits import SEEN_LIMITS
from tests.readiness.seen_load import SEEN_LOAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.readiness import View
    from assay.schema._base import Status
    from assay.schema.findings import Attestation

ItemT = TypeVar("ItemT")
CHECKLIST = shipped_checklist()
PROBED = (*access(), *surface(), *SEEN_LIMITS, *SEEN_LOAD)
"""What deep probes show of a good server."""
GOOD = {"met", "not_applicable"}
ATTESTED = [item.id for item in CHECKLIST.items if item.shown_by == "attestation"]


def team(*said: Attestation) -> tuple[Status, str]:
    """Return what the item `team` came to, and why."""
    found = {one.item: one for one in find(CHECKLIST, view(attestations=attested(*said)))}["team"]
    return found.status, found.reason


NOT_ASKED = {"schema-enforced", "accelerator-used"}
"""Items that do not arise for a candidate without schemas on a host without accelerators."""


def ready(**changes: object) -> View:
    """Return a view with all that shows readiness: deep probes, a smoke set of the fallback, a rehearsed rollback."""
    return view(probes=(*PROBED, smoke_set(*["passed"] * 5)), rehearsals=rehearsed(rehearsal()), **changes)


def test_one_finding_for_each_item_in_order() -> None:
    """Each item has one finding about the candidate, with the item's own words."""
    found = find(CHECKLIST, view())
    copied = [(f.item, f.candidate, f.section, f.question, f.severity, f.remedy) for f in found]
    assert copied == [(i.id, "small", i.section, i.question, i.severity, i.remedy) for i in CHECKLIST.items]


def test_a_ready_candidate_is_met_throughout() -> None:
    """With whole evidence and every attestation nothing is left open."""
    whole = ready(attestations=attested(*(attestation(item) for item in ATTESTED)))
    found = find(CHECKLIST, whole)
    assert {finding.item for finding in found if finding.status != "met"} == NOT_ASKED
    assert {finding.status for finding in found} == {"met", "not_applicable"}


def test_without_attestations_only_checks_are_met() -> None:
    """Nobody's word is not a yes."""
    found = find(CHECKLIST, ready())
    assert {f.item for f in found if f.status == "met"} == set(CHECKS) - NOT_ASKED
    assert {(f.status, f.reason, f.evidence) for f in found if f.item in ATTESTED} == {
        ("unknown", "nobody has attested this", ())
    }


@pytest.mark.parametrize("status", ["met", "not_met", "not_applicable"])
def test_an_attestation_says_what_the_person_says(status: Status) -> None:
    """A valid attestation gives its own status, with who said it and until when."""
    assert team(attestation(status=status)) == (
        status,
        "attested by Ana on 2026-06-05, valid until 2026-06-25: See the wiki",
    )


def test_an_attestation_holds_on_its_last_day() -> None:
    """The day of expiry is still valid."""
    assert team(attestation(expires="2026-06-15"))[0] == "met"


@pytest.mark.parametrize("status", ["met", "not_met", "not_applicable"])
def test_an_expired_attestation_is_unknown(status: Status) -> None:
    """The day after the last, whatever was said is unknown."""
    assert team(attestation(status=status, expires="2026-06-14")) == (
        "unknown",
        "the attestation by Ana on 2026-06-05 expired on 2026-06-14",
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ((attestation(date="2026-06-16"),), "is dated in the future"),
        ((attestation(expires="2026-99-99"),), "no calendar day"),
        ((attestation(), attestation(status="not_met")), "more than once"),
    ],
)
def test_a_doubtful_attestation_is_unknown(said: Sequence[Attestation], reason: str) -> None:
    """What cannot be held against a day, or is said twice, says nothing."""
    status, why = team(*said)
    assert (status, reason in why) == ("unknown", True)


def test_a_check_cannot_be_attested_away() -> None:
    """Evidence beats attestation, even where the files were not validated."""
    spoilt = view(cells=(), attestations=attested(attestation("latency-measured"), attestation("error-rate")))
    found = {one.item: one.status for one in find(CHECKLIST, spoilt)}
    assert (found["latency-measured"], found["error-rate"]) == ("unknown", "unknown")


def test_a_check_that_is_not_there_is_unknown() -> None:
    """An item that names no check of this version does not pass."""
    item = ChecklistItem(
        id="moon-phase", section="model", question="?", shown_by="check", evidence="none", remedy="Wait."
    )
    (found,) = find(Checklist(items=(item,)), view(attestations=attested(attestation("moon-phase"))))
    assert (found.status, found.reason) == ("unknown", "there is no check of this name")


def test_text_of_others_is_cut() -> None:
    """A statement without end does not fill the record."""
    _, reason = team(attestation(statement="yes\n" * 10_000))
    assert len(reason) < 400
    assert "\n" not in reason


def some(draw: st.DrawFn, items: Sequence[ItemT]) -> tuple[ItemT, ...]:
    """Draw a part of a sequence, in its order."""
    kept = draw(st.lists(st.booleans(), min_size=len(items), max_size=len(items)))
    return tuple(item for item, keep in zip(items, kept, strict=True) if keep)


@st.composite
def views(draw: st.DrawFn) -> View:
    """Draw a view from good to bad."""
    cells = tuple(
        cell(
            profile,
            concurrency,
            n=draw(st.sampled_from([60, 60, 30])),
            failed=draw(st.sampled_from([0, 0, 3, 40, 60])),
            p95_s=draw(st.sampled_from([1.5, 1.5, 20.0, None])),
            validity=draw(st.sampled_from(["VALID", "VALID", "DEGRADED", "INVALID"])),
        )
        for profile in ("short", "long")
        for concurrency in (1, 4)
    )
    metrics = tuple(
        metric(
            one.candidate,
            one.suite,
            scorer=one.scorer,
            passed=draw(st.sampled_from([95, 95, 60, 0])),
            failed=draw(st.sampled_from([0, 0, 5])),
            unscored=draw(st.sampled_from([0, 0, 50])),
            trusted=draw(st.sampled_from([True, True, False])),
        )
        for one in view().metrics
    )
    known = facts(
        facts=(
            fact("runtime", draw(st.sampled_from(["llama.cpp", "llama.cpp", "lm-studio"]))),
            fact("metrics_endpoint", draw(st.sampled_from(["open", "closed"]))),
            fact("health_endpoint", draw(st.sampled_from(["open", "closed"]))),
            fact("authentication", draw(st.sampled_from(["required", "not required"]))),
            fact("cors", draw(st.sampled_from(["none", "any origin"]))),
        ),
        pins=tuple(pin(name, draw(st.sampled_from(["met", "met", "met", "unknown", "not_met"]))) for name in PINS),
        licence=licence(
            commercial=draw(st.sampled_from(["yes", "conditional", "no"])), agreed=draw(st.sampled_from([True, False]))
        ),
    )
    said = tuple(
        attestation(
            item,
            status=draw(st.sampled_from(["met", "not_met"])),
            expires=draw(st.sampled_from(["2026-06-14", "2026-06-25"])),
        )
        for item in ("licence-read", "team")
    )
    return view(
        cells=cells,
        metrics=metrics,
        facts=known,
        completed=draw(st.sampled_from([200, 195, 100])),
        attestations=attested(*said),
    )


@st.composite
def poorer(draw: st.DrawFn, rich: View) -> View:
    """Draw the same view with a part of its evidence lost."""
    cells = tuple(
        one
        if draw(st.booleans())
        else one.model_copy(
            update={"memory": None, "counters": None, "server": None, "e2e": (), "prompt_tokens_p50": None}
        )
        for one in some(draw, rich.cells)
    )
    known = rich.facts.model_copy(update={"facts": some(draw, rich.facts.facts), "pins": some(draw, rich.facts.pins)})
    if draw(st.booleans()):
        unidentified = licence(identifier=None, commercial="unknown", statements=(), agreed=None)
        nothing = capacity(weights_bytes=None, kv_bytes_in_force=None, need_low_bytes=None, need_high_bytes=None)
        known = known.model_copy(update={"licence": unidentified, "capacity": nothing})
    said = rich.attestations.attestations if rich.attestations else ()
    return replace(
        rich,
        cells=cells,
        metrics=some(draw, rich.metrics),
        facts=known,
        completed=draw(st.integers(0, rich.completed)),
        attestations=draw(st.sampled_from([None, attested(*some(draw, said))])),
    )


@settings(max_examples=150)
@given(st.data())
def test_losing_evidence_never_meets_an_item(data: st.DataObject) -> None:
    """What is met with less evidence was met with more: law 1."""
    rich = data.draw(views())
    poor = data.draw(poorer(rich))
    before = {finding.item: finding.status for finding in find(CHECKLIST, rich)}
    gained = [f.item for f in find(CHECKLIST, poor) if f.status in GOOD and before[f.item] not in GOOD]
    assert gained == []


@pytest.mark.parametrize(
    ("item", "seen", "status"),
    [
        ("prompts-not-logged", {"canary": canary(sink(hits=(hit(),)))}, "not_met"),
        ("prompts-not-logged", {"canary": canary(sink(control=False))}, "met"),
        ("prompts-not-logged", {"canary": None}, "met"),
        ("rollback-rehearsed", {"rehearsals": rehearsed(rehearsal(to_digest=rehearsal().from_digest))}, "not_met"),
        ("rollback-rehearsed", {"rehearsals": None}, "met"),
    ],
)
def test_nobodys_word_outweighs_what_was_seen(item: str, seen: dict[str, object], status: Status) -> None:
    """A checklist of old asks a person for these; where evidence shows the contrary, the word is not taken."""
    old = next(own for own in CHECKLIST.items if own.id == item).model_copy(update={"shown_by": "attestation"})
    (found,) = find(Checklist(items=(old,)), view(attestations=attested(attestation(item)), **seen))
    assert found.status == status

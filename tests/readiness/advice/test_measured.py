"""Do measurements speak for a candidate only where they show what its context asks, and against it where they do?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.readiness.advice import advise
from assay.schema.bench import Reason
from assay.schema.findings import Finding
from tests.readiness.advice.contexts import plan_with
from tests.readiness.advice.records import record_of
from tests.readiness.builders import cell

if TYPE_CHECKING:
    from assay.readiness.advice.advice import Advice, AdvisedCandidate
    from assay.schema.bench import BenchCell

SLO = {"use_case": {"id": "qa", "slo": {"short": {"e2e_p95_s": 5}}}}
SMALL = {"id": "small", "runtime": "llama.cpp", "base_url": "http://127.0.0.1:1/v1", "roles": ["production"]}


def _advice(*cells: BenchCell, context: dict | None = None, findings: tuple = (), **changes: object) -> Advice:
    plan = plan_with(
        {"peak_requests_at_once": 4} if context is None else context, **{**SLO, "candidates": [SMALL], **changes}
    )
    return advise(plan, record_of(plan, cells=cells, findings=findings), "r1")


def _own(*cells: BenchCell, **changes: object) -> AdvisedCandidate:
    return _advice(*cells, **changes).candidates[0]


def _doubted(leans: str, p95_s: float) -> BenchCell:
    return cell(concurrency=4, p95_s=p95_s, validity="DEGRADED", reasons=(Reason(code="x", text="x", leans=leans),))


def test_a_level_that_is_kept_at_the_peak_speaks_for_it() -> None:
    """At the context's own load a p95 within the level is a reason, with its figures and its evidence."""
    advice = _advice(cell(concurrency=1), cell(concurrency=4, p95_s=3.1))
    (own,) = advice.candidates
    assert own.fit == "fits"
    assert own.unknown == ()
    level, errors = own.reasons
    assert level.text == "p95 latency of short prompts, 4 at once is 3.1 s over 60 requests, and 5 s are asked"
    assert errors.text == "0 of 60 requests failed with short prompts, 4 at once"
    assert [advice.sources[number - 1].title for number in level.sources] == ["r1: requests.jsonl"]


def test_a_level_that_is_missed_rules_it_out() -> None:
    """A p95 beyond the level at the peak, or below it, does not fit; so does one that falls on a failed request."""
    assert _own(cell(concurrency=4, p95_s=5.1)).fit == "does_not_fit"
    assert _own(cell(concurrency=2, p95_s=5.1)).fit == "does_not_fit"
    assert _own(cell(concurrency=4, p95_s=None, failed=9)).fit == "does_not_fit"


@pytest.mark.parametrize(
    ("measured", "says"),
    [
        (cell(concurrency=2, p95_s=3), "it was not measured at 4 at once"),
        (cell(concurrency=8, p95_s=6), "more than 4 at once, which was not measured"),
        (cell(concurrency=4, n=20), "rests on 20 requests: 39 more are needed"),
        (cell(concurrency=4, validity="INVALID"), "cannot be believed"),
        (_doubted("for", 3), "the doubts in it could turn that"),
        (_doubted("either", 3), "the doubts in it could turn that"),
        (_doubted("against", 6), "the doubts in it could turn that"),
        (cell("long", 4), "short prompts were not measured"),
        (cell(concurrency=4, cache="warm"), "short prompts were not measured"),
    ],
)
def test_what_does_not_show_it_leaves_it_open(measured: BenchCell, says: str) -> None:
    """A lower load that is borne, a higher one that is not, too few requests and doubts are no answer."""
    own = _own(measured)
    assert own.fit == "not_spoken_for"
    assert says in own.unknown[0]
    assert not [reason for reason in own.reasons if reason.rule == "service-level"]


def test_a_higher_load_that_is_borne_shows_it() -> None:
    """Who keeps the level under more than the peak keeps it at the peak; doubts that lean against it change nothing."""
    assert _own(cell(concurrency=8, p95_s=4)).fit == "fits"
    assert _own(_doubted("against", 3)).fit == "fits"
    assert _own(_doubted("for", 6)).fit == "does_not_fit"


def test_without_a_peak_what_was_measured_is_the_condition() -> None:
    """Where nobody says how many come at once, the level is kept as long as no more do than were measured."""
    own = _own(cell(concurrency=1), cell(concurrency=4), context={})
    assert own.fit == "fits_with_conditions"
    assert own.reasons[0].conditions == ("a peak of at most 4 requests at once: the plan names none",)


def test_every_level_of_the_plan_must_be_shown() -> None:
    """One profile that keeps its level does not speak for another that was not measured."""
    levels = {"use_case": {"id": "qa", "slo": {"short": {"e2e_p95_s": 5, "ttft_p95_s": 2}, "long": {"e2e_p95_s": 12}}}}
    assert _own(cell(concurrency=4), **levels).fit == "not_spoken_for"
    assert _own(cell(concurrency=4), cell("long", 4, p95_s=11), **levels).fit == "fits"
    assert _own(cell(concurrency=4), cell("long", 4, p95_s=13), **levels).fit == "does_not_fit"
    own = _own(cell(concurrency=4, p95_s=3), cell("long", 4), **levels)
    assert [reason.text[:22] for reason in own.reasons if reason.fit == "does_not_fit"] == [
        "p95 time to first token"[:22]
    ]


def test_a_plan_without_levels_shows_nothing() -> None:
    """Without a service level there is nothing that a latency could keep."""
    own = _own(cell(concurrency=4), use_case={"id": "qa"})
    assert (own.fit, own.unknown) == ("not_spoken_for", ("the plan names no service level (use_case.slo)",))


def test_other_settings_of_the_same_name_do_not_count() -> None:
    """A run in which the name stood for another server says nothing of this one; another role is no other setting."""
    plan = plan_with({"peak_requests_at_once": 4}, **SLO, candidates=[SMALL])
    record = record_of(plan, cells=(cell(concurrency=4),))
    other = plan_with({"peak_requests_at_once": 4}, **SLO, candidates=[{**SMALL, "model": "larger"}])
    own = advise(other, record, "r1").candidates[0]
    assert own.unknown == ("the run asked it with other settings: its figures are not counted",)
    fallback = plan_with({"peak_requests_at_once": 4}, **SLO, candidates=[{**SMALL, "roles": ["dev", "production"]}])
    assert advise(fallback, record, "r1").candidates[0].fit == "fits"
    stranger = plan_with(None, candidates=[{**SMALL, "id": "new"}])
    assert advise(stranger, record, "r1").candidates[0].unknown == ("the run did not ask it",)


def _finding(item: str, status: str) -> Finding:
    return Finding.model_validate(
        {
            "item": item,
            "candidate": "small",
            "section": "security",
            "question": "?",
            "severity": "block",
            "status": status,
            "reason": "as seen",
            "evidence": ["evidence/facts.json"],
            "remedy": "Mend it.",
        }
    )


def test_findings_count_where_the_context_asks_for_them() -> None:
    """A missing key matters where others use it, and then it is a condition; to a learner it is none of these."""
    findings = (_finding("authentication", "not_met"),)
    internal = _own(cell(concurrency=4), context={"purpose": "internal", "peak_requests_at_once": 4}, findings=findings)
    assert internal.fit == "fits_with_conditions"
    (own,) = [reason for reason in internal.reasons if reason.rule == "finding"]
    assert (own.speaks, own.conditions) == ("against", ("Mend it",))
    learning = _own(cell(concurrency=4), context={"purpose": "learning", "peak_requests_at_once": 4}, findings=findings)
    assert (learning.fit, learning.unknown) == ("fits", ())
    nobody = _own(cell(concurrency=4), context={"peak_requests_at_once": 4}, findings=findings)
    assert nobody.unknown == (
        "authentication is not met, which matters if purpose is internal or public (context.purpose)",
    )


@pytest.mark.parametrize("item", ["memory-headroom", "authentication", "overload-refused", "executed-here"])
def test_findings_that_are_met_or_unknown_are_told(item: str) -> None:
    """What is met speaks for the candidate, what is unknown is left open, and neither makes up for a latency."""
    context = {"purpose": "internal", "peak_requests_at_once": 4, "data_may_leave": False}
    met = _own(context=context, findings=(_finding(item, "met"),))
    assert met.fit == "not_spoken_for"
    assert [reason.text for reason in met.reasons] == [f"{item}: as seen"]
    left = _own(cell(concurrency=4), context=context, findings=(_finding(item, "unknown"),))
    assert f"{item}: as seen" in left.unknown


def test_a_model_executed_elsewhere_rules_it_out() -> None:
    """Where prompts must not leave, a model that was seen to run elsewhere fits under no condition."""
    findings = (_finding("executed-here", "not_met"),)
    kept = {"peak_requests_at_once": 4}
    assert _own(cell(concurrency=4), context={**kept, "data_may_leave": False}, findings=findings).fit == "does_not_fit"
    assert _own(cell(concurrency=4), context={**kept, "data_may_leave": True}, findings=findings).fit == "fits"


def test_many_failures_rule_it_out() -> None:
    """More than one failed request in twenty does not fit, however fast the others are."""
    own = _own(cell(concurrency=4, failed=4))
    assert own.fit == "does_not_fit"
    assert [reason.rule for reason in own.reasons if reason.fit == "does_not_fit"] == ["errors"]


def test_the_verdict_is_quoted_and_left_alone() -> None:
    """Advice names the run's verdict, whatever fits; the record is as it was."""
    plan = plan_with({"peak_requests_at_once": 4}, **SLO, candidates=[SMALL])
    record = record_of(plan, cells=(cell(concurrency=4),))
    before = record.model_dump_json()
    advice = advise(plan, record, "r1")
    assert (advice.run, advice.verdict) == ("r1", record.verdict.verdict)
    assert record.model_dump_json() == before

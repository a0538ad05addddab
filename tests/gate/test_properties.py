"""Can order, lost evidence or more failures ever turn a verdict towards GO?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gate.build import blocker, cell, facts, finding, judge, licence, metric, pin, reason, seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from assay.gate import Facts
    from assay.schema.score import Metric
    from assay.schema.verdict import CandidateVerdict

T = TypeVar("T")

HIGH = (
    "suite:qa.pass_rate >= 0.5",
    "suite:qa.pass_rate >= 0.8 with 95% confidence",
    "suite:qa#vi.pass_rate > 0.25 with 90% confidence",
    "blockers all passed",
    "bench:short@1.e2e_p50_s < 5",
    "bench:short@1.e2e_p95_s <= 9 with 80% confidence",
    "bench:short@1.ttft_p50_s < 2 with 95% confidence",
    "bench:short@1.error_rate <= 0.25",
    "bench:short@1.error_rate < 0.5 with 95% confidence",
    "bench:short@1.good_share >= 0.5",
    "bench:short@1.good_share > 0.5 with 90% confidence",
    "bench:short@1.tpot_p50_s < 1",
    "readiness all met",
    "readiness.security all met",
    "pins all met",
    "licence allows commercial use",
)
"""Conditions under which a failure is bad."""
ALL = (
    *HIGH,
    "suite:qa.coverage >= 0.75",
    "suite:qa/exact.pass_rate <= 0.5",
    "suite:qa/exact.pass_rate < 0.75 with 95% confidence",
    "bench:short@1.requests_per_s >= 2",
)
BETTER = {"not_met": 0, "unknown": 1, "met": 2, "NO-GO": 0, "HOLD": 1, "GO": 2}

few = st.integers(0, 4)
many = st.one_of(few, st.integers(20, 60))
latency = st.sampled_from([1.0, 1.0, 1.0, 6.0, None])
status = st.sampled_from(["met", "met", "met", "not_applicable", "not_met", "unknown"])
texts = st.lists(st.sampled_from(ALL), min_size=1, max_size=5, unique=True)
high_texts = st.lists(st.sampled_from(HIGH), min_size=1, max_size=5, unique=True)


@st.composite
def known(draw: st.DrawFn) -> Facts:
    """Draw facts with good and bad evidence of every kind, each measurement at most once."""
    tags: list[tuple[str | None, str | None]] = [(None, None), ("vi", None), (None, "exact")]
    total = draw(few)
    return facts(
        *(metric(draw(many), draw(few), draw(few), tag=tag, scorer=scorer) for tag, scorer in tags),
        rows=seconds(*draw(st.lists(latency, max_size=70))),
        findings=[
            finding(f"i{number}", own, "security" if number % 2 else "operations")
            for number, own in enumerate(draw(st.lists(status, max_size=4)))
        ],
        pins=[pin(f"p{number}", own) for number, own in enumerate(draw(st.lists(status, max_size=3)))],
        terms=licence(draw(st.sampled_from(["yes", "yes", "no", "conditional"]))),
        blockers=(
            total,
            [blocker(f"b{n}", draw(st.sampled_from(["failed", "unscored"]))) for n in range(draw(few)) if n < total],
        ),
    )


def sound(rows: int = 70) -> Facts:
    """Return facts under which every condition in ALL is met."""
    return facts(
        metric(60),
        metric(60, tag="vi"),
        metric(0, 60, scorer="exact"),
        rows=seconds(*[1.0] * rows),
        findings=[finding("i0", "met", "operations"), finding("i1", "met")],
        pins=[pin("revision", "met")],
        terms=licence("yes"),
        blockers=(2, ()),
    )


def change_metrics(own: Facts, change: Callable[[Metric], Metric]) -> Facts:
    return replace(own, metrics=tuple(change(one) for one in own.metrics))


def lost_score(which: str) -> Callable[[Metric], Metric]:
    """Return the loss of one score among the trials that passed or that failed."""

    def change(one: Metric) -> Metric:
        held: int = getattr(one, which)
        return one.model_copy(update={which: held - 1, "unscored": one.unscored + 1}) if held else one

    return change


def new_failure(one: Metric) -> Metric:
    return one.model_copy(update={"passed": one.passed - 1, "failed": one.failed + 1}) if one.passed else one


LOSSES: dict[str, Callable[[Facts], Facts]] = {
    "a metric": lambda own: replace(own, metrics=own.metrics[1:]),
    "all metrics": lambda own: replace(own, metrics=()),
    "a pass": lambda own: change_metrics(own, lost_score("passed")),
    "a failure": lambda own: change_metrics(own, lost_score("failed")),
    "trust": lambda own: change_metrics(own, lambda one: one.model_copy(update={"trusted": False})),
    "the cell": lambda own: replace(own, cells=()),
    "validity": lambda own: replace(
        own, cells=tuple(one.model_copy(update={"validity": "INVALID"}) for one in own.cells)
    ),
    "certainty": lambda own: replace(
        own,
        cells=tuple(
            one.model_copy(update={"validity": "DEGRADED", "reasons": (reason("client_loses", "either"),)})
            for one in own.cells
        ),
    ),
    "a percentile": lambda own: replace(
        own, cells=tuple(one.model_copy(update={"e2e": one.e2e[1:], "ttft": ()}) for one in own.cells)
    ),
    "latencies": lambda own: replace(own, latencies={}),
    "a latency": lambda own: replace(own, latencies={key: rows[:-1] for key, rows in own.latencies.items()}),
    "a finding": lambda own: replace(own, findings=own.findings[1:]),
    "all findings": lambda own: replace(own, findings=()),
    "a finding's answer": lambda own: replace(
        own, findings=tuple(one.model_copy(update={"status": "unknown"}) for one in own.findings)
    ),
    "a pin's answer": lambda own: replace(
        own, pins=tuple(one.model_copy(update={"status": "unknown"}) for one in own.pins)
    ),
    "all pins": lambda own: replace(own, pins=()),
    "a blocker's score": lambda own: replace(
        own, blockers_failed=tuple(one.model_copy(update={"outcome": "unscored"}) for one in own.blockers_failed)
    ),
    "all blockers": lambda own: replace(own, blockers_total=0, blockers_failed=()),
    "the licence": lambda own: replace(own, licence=licence("unknown")),
}


def one_request_fails(own: Facts) -> Facts:
    rows = own.latencies["short@1"]
    worse = [(None, None) if number == 0 else row for number, row in enumerate(sorted(rows, key=lambda r: r[0] or 1e9))]
    return replace(own, latencies={"short@1": tuple(worse)}, cells=(cell(worse),))


FAILURES: dict[str, Callable[[Facts], Facts]] = {
    "a trial": lambda own: change_metrics(own, new_failure),
    "a request": one_request_fails,
    "a finding": lambda own: replace(
        own, findings=tuple(one.model_copy(update={"status": "not_met"}) for one in own.findings[:1]) + own.findings[1:]
    ),
    "a pin": lambda own: replace(
        own, pins=tuple(one.model_copy(update={"status": "not_met"}) for one in own.pins[:1]) + own.pins[1:]
    ),
    "a blocker": lambda own: replace(own, blockers_failed=(*own.blockers_failed, blocker("new"))),
    "the licence": lambda own: replace(own, licence=licence("no")),
}


def statuses(decided: CandidateVerdict) -> list[str]:
    return [one.status for one in decided.conditions]


@settings(deadline=None, max_examples=60)
@given(known(), texts, st.randoms(use_true_random=False))
def test_order_of_evidence_never_matters(own: Facts, asked: list[str], chance: Random) -> None:
    """The same evidence in another order gives the same verdict, word for word."""

    def mixed(things: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(chance.sample(things, len(things)))

    other = replace(
        own,
        metrics=mixed(own.metrics),
        blockers_failed=mixed(own.blockers_failed),
        latencies={key: mixed(rows) for key, rows in own.latencies.items()},
        checklist=mixed(own.checklist),
        findings=mixed(own.findings),
        pins=mixed(own.pins),
    )
    assert judge(other, *asked) == judge(own, *asked)


@settings(deadline=None, max_examples=150)
@given(known(), texts, st.lists(st.sampled_from(sorted(LOSSES)), min_size=1, max_size=6))
def test_lost_evidence_only_ever_makes_answers_unknown(own: Facts, asked: list[str], losses: list[str]) -> None:
    """Whatever is lost, an answer stays or becomes unknown, so nothing that was not GO becomes GO."""
    before = judge(own, *asked)
    for loss in losses:
        own = LOSSES[loss](own)
    after = judge(own, *asked)
    assert all(new in {old, "unknown"} for old, new in zip(statuses(before), statuses(after), strict=True))
    assert after.verdict != "GO" or before.verdict == "GO"


@settings(deadline=None, max_examples=150)
@given(known(), high_texts, st.lists(st.sampled_from(sorted(FAILURES)), min_size=1, max_size=6))
def test_more_failures_never_improve(own: Facts, asked: list[str], failures: list[str]) -> None:
    """Whatever fails in addition, no answer and no verdict gets better."""
    before = judge(own, *asked)
    for failure in failures:
        own = FAILURES[failure](own)
    after = judge(own, *asked)
    assert all(BETTER[new] <= BETTER[old] for old, new in zip(statuses(before), statuses(after), strict=True))
    assert BETTER[after.verdict] <= BETTER[before.verdict]


def test_from_sound_evidence_each_loss_that_matters_holds_and_each_failure_is_seen() -> None:
    """The properties above are not empty: sound evidence says GO, and losses and failures take that away."""
    assert judge(sound(), *ALL).verdict == "GO"
    harmless = {"a pass", "a failure", "a blocker's score"}
    for loss, lose in LOSSES.items():
        assert judge(lose(sound()), *ALL).verdict == ("GO" if loss in harmless else "HOLD"), loss
    for failure, fail in FAILURES.items():
        worse = judge(fail(sound()), *ALL).verdict
        assert worse == ("GO" if failure in {"a trial", "a request"} else "NO-GO"), failure

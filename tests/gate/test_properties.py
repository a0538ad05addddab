"""Can order, lost evidence or more failures ever turn a verdict towards GO?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.gate import overall
from tests.gate.build import (
    blocker,
    capacity,
    cell,
    facts,
    finding,
    judge,
    licence,
    metric,
    pin,
    reason,
    seconds,
    trust,
    waiver,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from assay.gate import Facts
    from assay.schema.score import Metric
    from assay.schema.suite import Waiver
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
    "readiness:i0 met",
    "pins all met",
    "licence allows commercial use",
    "licence allows internal evaluation",
    "licence allows this organization",
    "licence identified",
    "bench:short@1.vram_headroom_gib >= 50",
    "bench:short@1 valid",
    "bench all valid",
    "memory.need_gib <= 20",
    "memory.requests_that_fit >= 4",
    "judges all trusted",
    "judge:helpful.kappa > 0.5",
    "judge:helpful.agreement >= 0.75 with 95% confidence",
    "evidence:answers present",
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
doubts = st.sampled_from([(), (), ("judges itself: c is the same model",)])
terms = st.builds(
    lambda commercial, outcome, agreed: licence(commercial, outcome=outcome, agreed=agreed),
    st.sampled_from(["yes", "yes", "no", "conditional"]),
    st.sampled_from(["allowed", "allowed", "conditional", "prohibited", "unknown"]),
    st.sampled_from([True, True, False, None]),
)
texts = st.lists(st.sampled_from(ALL), min_size=1, max_size=5, unique=True)
alone = st.sampled_from(ALL).map(lambda text: [text])
"""One condition, so that all depends on it: of several the others mostly hide what becomes of one."""
high_texts = st.lists(st.sampled_from(HIGH), min_size=1, max_size=5, unique=True)


DAYS = {
    "now": {},
    "expired": {"granted": "2026-05-01", "expires": "2026-06-14"},
    "not yet": {"granted": "2026-06-16", "expires": "2026-06-30"},
}
STRAY = "suite:nowhere.pass_rate >= 0.9"


@st.composite
def granted(draw: st.DrawFn, own: Facts, asked: list[str], days: tuple[str, ...] = tuple(DAYS)) -> list[Waiver]:
    """Draw waivers on some conditions, granted for what they come to or a little off it, within their days or not."""
    given = []
    for result in judge(own, *asked).conditions:
        if draw(st.booleans()):
            value: float | tuple[str, ...] = result.failing[draw(st.integers(0, 1)) :] or ("i0",)
            if result.observed is not None:
                value = result.observed + draw(st.sampled_from([0.0, 0.1, -0.1, -0.02]))
            given.append(waiver(result.id, value, **DAYS[draw(st.sampled_from(days))]))
    return given


@st.composite
def known(draw: st.DrawFn) -> Facts:
    """Draw facts with good and bad evidence of every kind, each measurement at most once."""
    tags: list[tuple[str | None, str | None]] = [(None, None), ("vi", None), (None, "exact")]
    total = draw(few)
    drawn = facts(
        *(metric(draw(many), draw(few), draw(few), tag=tag, scorer=scorer) for tag, scorer in tags),
        rows=seconds(*draw(st.lists(latency, max_size=70))),
        findings=[
            finding(f"i{number}", own, "security" if number % 2 else "operations")
            for number, own in enumerate(draw(st.lists(status, max_size=4)))
        ],
        pins=[pin(f"p{number}", own) for number, own in enumerate(draw(st.lists(status, max_size=3)))],
        terms=draw(terms),
        blockers=(
            total,
            [blocker(f"b{n}", draw(st.sampled_from(["failed", "unscored"]))) for n in range(draw(few)) if n < total],
        ),
        judges=[trust("helpful", *draw(doubts)), *([trust("polite", *draw(doubts))] if draw(st.booleans()) else [])],
        room=draw(st.sampled_from([capacity(), capacity(), capacity(20, 24, 2), capacity(None, None, None)])),
    )
    return replace(drawn, present=frozenset({"answers"} if draw(st.booleans()) else ()), loads=("short@1",))


def sound(rows: int = 70) -> Facts:
    """Return facts under which every condition in ALL is met."""
    good = facts(
        metric(60),
        metric(60, tag="vi"),
        metric(0, 60, scorer="exact"),
        rows=seconds(*[1.0] * rows),
        findings=[finding("i0", "met", "operations"), finding("i1", "met")],
        pins=[pin("revision", "met")],
        terms=licence("yes", outcome="allowed", agreed=True),
        blockers=(2, ()),
        judges=[trust("helpful")],
        room=capacity(),
    )
    return replace(good, present=frozenset({"answers"}), loads=("short@1",))


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
    "the licence": lambda own: replace(own, licence=licence("unknown", identifier=None)),
    "all judges": lambda own: replace(own, judges=()),
    "a calibration": lambda own: replace(
        own, judges=(trust("helpful", "no calibration on file", calibrated=False), *own.judges[1:])
    ),
    "the arithmetic": lambda own: replace(own, capacity=None),
    "a bound of the arithmetic": lambda own: replace(own, capacity=capacity(None, None, None)),
    "all evidence": lambda own: replace(own, present=frozenset()),
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
    "the licence": lambda own: replace(
        own, licence=licence("no", outcome="prohibited", internal_evaluation="no", agreed=False)
    ),
    "a judge": lambda own: replace(
        own, judges=tuple(trust(one.judge, *one.reasons, "its labels contradict another's") for one in own.judges)
    ),
    "memory": lambda own: replace(own, capacity=capacity(30, 40, 0)),
}


def statuses(decided: CandidateVerdict) -> list[str]:
    return [one.status for one in decided.conditions]


@settings(deadline=None, max_examples=80)
@given(known(), texts, st.randoms(use_true_random=False), st.data())
def test_order_never_matters(own: Facts, asked: list[str], chance: Random, data: st.DataObject) -> None:
    """The same evidence and waivers in another order give the same verdict, word for word; so do the conditions."""
    given = data.draw(granted(own, asked))

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
        judges=mixed(own.judges),
    )
    before = judge(own, *asked, waivers=given)
    assert judge(other, *asked, waivers=given[::-1]) == before
    turned = judge(own, *asked[::-1], waivers=given)
    assert (turned.verdict, turned.conditions[::-1]) == (before.verdict, before.conditions)


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


@settings(deadline=None, max_examples=200)
@given(known(), alone, st.lists(st.sampled_from(sorted(LOSSES)), min_size=1, max_size=6), st.data())
def test_lost_evidence_never_makes_a_go_under_waivers(
    own: Facts, asked: list[str], losses: list[str], data: st.DataObject
) -> None:
    """Whatever is lost and whatever is waived, nothing that was not GO becomes GO."""
    given = data.draw(granted(own, asked))
    before = judge(own, *asked, waivers=given)
    for loss in losses:
        own = LOSSES[loss](own)
    assert judge(own, *asked, waivers=given).verdict != "GO" or before.verdict == "GO"


NAMES = ["i0", "i1", "i2", "i3"]


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.sampled_from(["met", "not_met", "not_met", "unknown"]), min_size=1, max_size=4),
    st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    st.sets(st.sampled_from(NAMES), min_size=1),
    st.sampled_from(["readiness all met", "pins all met", "blockers all passed"]),
)
def test_no_waiver_of_a_list_lifts_what_is_lost_from_it(
    before: list[str], named: list[str], lost: set[str], text: str
) -> None:
    """A failure that is not waived does not go through once it is unknown, whichever others are waived."""
    after = ["unknown" if name in lost else own for name, own in zip(NAMES, before, strict=False)]
    go = []
    for statuses in (before, after):
        pairs = list(zip(NAMES, statuses, strict=False))
        fates = {"not_met": "failed", "unknown": "unscored"}
        known = facts(
            findings=[finding(*pair) for pair in pairs],
            pins=[pin(*pair) for pair in pairs],
            blockers=(9, [blocker(name, fates[own]) for name, own in pairs if own != "met"]),
        )
        value = tuple(f"qa/{name}" for name in named) if text.startswith("blockers") else tuple(named)
        go.append(judge(known, text, waivers=[waiver(text, value)]).verdict == "GO")
    assert go[0] or not go[1]


@settings(deadline=None, max_examples=300)
@given(
    st.tuples(many, many, few),
    st.tuples(few, few),
    st.integers(0, 2),
    st.sampled_from([text for text in ALL if text.startswith("suite:")]),
)
def test_no_waiver_of_a_rate_lifts_what_is_lost_from_it(
    counts: tuple[int, int, int], lost: tuple[int, int], half: int, text: str
) -> None:
    """A rate that was worse than a waiver allows is no better once some of its trials have no score."""
    passed, failed, unscored = counts
    gone = min(lost[0], passed), min(lost[1], failed)
    value = (passed - gone[0] * half / 2) / (sum(counts) or 1)
    go = []
    for p, f, u in (counts, (passed - gone[0], failed - gone[1], unscored + sum(gone))):
        known = facts(
            *(metric(p, f, u, tag=tag, scorer=own) for tag, own in ((None, None), ("vi", None), (None, "exact")))
        )
        go.append(judge(known, text, waivers=[waiver(text, value)]).verdict == "GO")
    assert go[0] or not go[1]


@settings(deadline=None, max_examples=200)
@given(known(), texts, st.data())
def test_a_waiver_lifts_failures_of_its_own_condition_alone(own: Facts, asked: list[str], data: st.DataObject) -> None:
    """With waivers and without, every condition comes to the same; an unknown is lifted by none, nor what has none."""
    given = data.draw(granted(own, asked))
    bare, waived = judge(own, *asked), judge(own, *asked, waivers=given)
    assert [one.model_copy(update={"waiver": None}) for one in waived.conditions] == list(bare.conditions)
    on = {one.condition for one in given}
    lifted = [one for one in waived.conditions if one.waiver is not None and one.waiver.status == "applies"]
    assert all(one.status == "not_met" and one.id in on for one in lifted)
    left = [one for one in waived.conditions if one not in lifted]
    if any(one.status != "met" for one in left):
        assert waived.verdict != "GO"


@settings(deadline=None, max_examples=100)
@given(known(), texts, st.data())
def test_expired_and_unmatched_waivers_never_make_a_go(own: Facts, asked: list[str], data: st.DataObject) -> None:
    """A waiver out of its days makes no GO of what was none, and one that speaks of nothing leaves no GO at all."""
    before = judge(own, *asked)
    late = data.draw(granted(own, asked, ("expired", "not yet")))
    assert judge(own, *asked, waivers=late).verdict != "GO" or before.verdict == "GO"
    assert judge(own, *asked, waivers=[*late, waiver(STRAY, 0.5)]).verdict != "GO"
    assert overall([before], [waiver(asked[0], 0.5, candidate="nobody")]).verdict != "GO"


@settings(deadline=None, max_examples=150)
@given(known(), high_texts, st.lists(st.sampled_from(sorted(FAILURES)), min_size=1, max_size=6), st.data())
def test_more_failures_never_improve(own: Facts, asked: list[str], failures: list[str], data: st.DataObject) -> None:
    """Whatever fails in addition, no answer and no verdict gets better, under waivers too: they are a ratchet."""
    given = data.draw(granted(own, asked))
    before = judge(own, *asked, waivers=given)
    for failure in failures:
        own = FAILURES[failure](own)
    after = judge(own, *asked, waivers=given)
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

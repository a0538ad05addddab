"""Does a waiver lift one failure that two persons have seen, and nothing else?"""

from __future__ import annotations

import pytest

from assay.gate import judge_candidate, overall
from assay.schema.score import Correction
from tests.gate.build import blocker, by_case, facts, finding, judge, licence, metric, seconds, tried, trust, waiver

RATE, LIST, FAST = "suite:qa.pass_rate >= 0.9", "readiness all met", "bench:short@1.e2e_p50_s < 5"
LOW, SURE = "suite:qa.pass_rate <= 0.1", "suite:qa.pass_rate >= 0.9 with 95% confidence"
FEW = facts(
    metric(passed=80, failed=20),
    rows=seconds(*[6.0] * 60),
    findings=[finding("a", "not_met"), finding("b", "not_met"), finding("c", "met")],
)
EARLIER = {"granted": "2026-05-01", "expires": "2026-06-14"}
LATER = {"granted": "2026-06-16", "expires": "2026-06-30"}


@pytest.mark.parametrize(
    ("text", "value", "days", "status", "verdict", "reason"),
    [
        (RATE, 0.8, {}, "applies", "GO", "It was granted at 0.8; now it is 0.8, which is no worse."),
        (RATE, 0.75, {}, "applies", "GO", "It was granted at 0.75; now it is 0.8, which is no worse."),
        (RATE, 0.81, {}, "exceeded", "NO-GO", "It was granted at 0.81; now it is 0.8, which is worse."),
        (RATE, 0.8, {"expires": "2026-06-15"}, "applies", "GO", None),
        (RATE, 0.8, {"granted": "2026-06-15"}, "applies", "GO", None),
        (RATE, 0.8, LATER, "not_yet", "NO-GO", "It holds from 2026-06-16 on."),
        (
            RATE,
            0.8,
            EARLIER,
            "expired",
            "HOLD",
            "It expired on 2026-06-14: the waiver must be renewed, or the condition mended.",
        ),
        (RATE, 0.81, EARLIER, "exceeded", "NO-GO", None),
        (
            RATE,
            ("a",),
            {},
            "exceeded",
            "NO-GO",
            "It was granted for names, and this condition names nothing that fails.",
        ),
        (FAST, 6, {}, "applies", "GO", None),
        (FAST, 7, {}, "applies", "GO", None),
        (FAST, 5.9, {}, "exceeded", "NO-GO", "It was granted at 5.9; now it is 6, which is worse."),
        (LIST, ("a", "b"), {}, "applies", "GO", "It was granted for a, b; no other fails."),
        (LIST, ("z", "b", "a"), {}, "applies", "GO", None),
        (LIST, ("a",), {}, "exceeded", "NO-GO", "It was granted for a; b fails as well."),
        (LIST, ("a", "b"), EARLIER, "expired", "HOLD", None),
        (LIST, 0.5, {}, "exceeded", "NO-GO", "It was granted at a number, and this condition compares none."),
    ],
)
def test_what_becomes_of_a_waiver_on_a_failure(
    text: str, value: float | tuple[str, ...], days: dict[str, str], status: str, verdict: str, reason: str | None
) -> None:
    """A failure is lifted within the waiver's days and while it is no worse; one day later it is held back."""
    decided = judge(FEW, text, waivers=[waiver(text, value, **days)])
    (result,) = decided.conditions
    assert result.waiver is not None
    assert (result.status, result.waiver.status, decided.verdict) == ("not_met", status, verdict)
    assert reason is None or result.waiver.reason == reason


def test_a_verdict_says_what_is_waived_and_what_has_expired() -> None:
    """GO names what is waived and until when; HOLD names what has run out beside what is unknown."""
    waived = judge(FEW, RATE, LIST, waivers=[waiver(RATE, 0.8), waiver(LIST, ("a", "b"), expires="2026-06-20")])
    assert waived.reason == (
        "All blocking conditions (2) are met, but 2 that are waived until 2026-06-20: "
        "suite:qa.pass_rate >= 0.9; readiness all met."
    )
    one = judge(FEW, RATE, "bench:short@1.error_rate <= 0.1", waivers=[waiver(RATE, 0.8)])
    assert one.reason.startswith("All blocking conditions (2) are met, but 1 that is waived until 2026-06-30: suite:qa")
    held = judge(FEW, RATE, "pins all met", waivers=[waiver(RATE, 0.8, **EARLIER)])
    assert held.verdict == "HOLD"
    assert held.reason == (
        "1 of 2 blocking conditions is unknown: pins all met. "
        "1 of 2 blocking conditions is not met under a waiver that has expired: suite:qa.pass_rate >= 0.9."
    )


def test_what_is_met_needs_no_waiver() -> None:
    """A waiver on a condition that is met changes nothing, whatever its days; it is shown."""
    for days in ({}, EARLIER, LATER):
        decided = judge(facts(metric(passed=95, failed=5)), RATE, waivers=[waiver(RATE, 0.8, **days)])
        (result,) = decided.conditions
        assert result.waiver is not None
        assert (result.waiver.status, decided.verdict) == ("not_needed", "GO")
        assert decided.reason == "All blocking conditions (1) are met."


@pytest.mark.parametrize(
    ("known", "text", "value", "verdict"),
    [
        pytest.param(facts(), RATE, 0.0, "HOLD", id="no evidence"),
        pytest.param(facts(metric(80, 5, 15)), RATE, 0.5, "HOLD", id="unscored trials"),
        pytest.param(
            facts(findings=[finding("a", "not_met"), finding("b", "unknown")]),
            LIST,
            ("a",),
            "NO-GO",
            id="unknown beside",
        ),
        pytest.param(
            facts(findings=[finding("a", "not_met"), finding("b", "unknown")]),
            LIST,
            ("a", "b"),
            "NO-GO",
            id="both named",
        ),
        pytest.param(
            facts(blockers=(3, [blocker("x"), blocker("y", "unscored")])),
            "blockers all passed",
            ("qa/x", "qa/y"),
            "NO-GO",
            id="a blocker without a score",
        ),
        pytest.param(
            facts(metric(6, 2, 2, scorer="exact")), "suite:qa/exact.pass_rate <= 0.5", 0.9, "NO-GO", id="worse, maybe"
        ),
        pytest.param(
            facts(judges=[trust("a", "it judges itself"), trust("b", "no calibration", calibrated=False)]),
            "judges all trusted",
            ("a",),
            "NO-GO",
            id="a judge that nobody looked at",
        ),
        pytest.param(
            facts(metric(39, 11, 50).model_copy(update={"stopped": 50})), RATE, 0.75, "NO-GO", id="not asked any more"
        ),
        pytest.param(
            by_case(tried("1", "1", "?", "?")), "suite:qa.mean_grade <= 0.4", 0.5, "NO-GO", id="a worse grade, maybe"
        ),
        pytest.param(
            by_case(tried(*["11"] * 10, *["??"] * 10)), f"{LOW} with 95% confidence", 0.5, "NO-GO", id="worse trials"
        ),
        pytest.param(
            facts(
                metric(40, 0, 10).model_copy(
                    update={
                        "correction": Correction(
                            judged_passed=40,
                            judged_n=40,
                            pass_labels=40,
                            pass_labels_passed=36,
                            fail_labels=0,
                            fail_labels_passed=0,
                            value=0.9,
                            low=None,
                            high=None,
                            worth=None,
                        )
                    }
                )
            ),
            LOW,
            0.8,
            "NO-GO",
            id="worse verdicts",
        ),
        pytest.param(
            by_case(tried(*["1"] * 10, *["0"] * 10, *["-"] * 80), looks=5), SURE, 0.45, "NO-GO", id="after a look"
        ),
    ],
)
def test_what_is_unknown_cannot_be_waived(known: object, text: str, value: object, verdict: str) -> None:
    """No waiver lifts an unknown, not even one that hides behind a failure."""
    decided = judge(known, text, waivers=[waiver(text, value)])
    (result,) = decided.conditions
    assert result.waiver is not None
    assert (result.waiver.status, decided.verdict) == ("not_waivable", verdict)
    assert result.waiver.reason.endswith("missing evidence cannot be waived.")


@pytest.mark.parametrize(("value", "status", "verdict"), [(0.45, "exceeded", "NO-GO"), (0.1, "applies", "GO")])
def test_a_failure_that_a_look_saw_is_held_to_all_that_was_asked(value: float, status: str, verdict: str) -> None:
    """Half of the first 20 passed, but a tenth of all 100: a waiver that holds down to 0.45 is exceeded."""
    known = by_case(tried(*["1"] * 10, *["0"] * 90), looks=5)
    decided = judge(known, SURE, waivers=[waiver(SURE, value)])
    (result,) = decided.conditions
    assert result.waiver is not None
    assert (result.observed, result.waiver.status, decided.verdict) == (0.5, status, verdict)
    told = "worse" if status == "exceeded" else "no worse"
    assert result.waiver.reason == (
        f"It was granted at {value}; now it is 0.1 over all that was asked, which is {told}."
    )


def test_a_difference_that_a_look_saw_is_held_to_all_that_was_asked() -> None:
    """Of the first 20 pairs half were lost, of all 100 nine tenths."""
    text = "suite:qa.pass_rate not worse than baseline by 0.05"
    known = by_case(tried(*["1"] * 10, *["0"] * 90), tried(*["1"] * 100), looks=5)
    for value, verdict in ((-0.5, "NO-GO"), (-0.9, "GO")):
        assert judge(known, text, waivers=[waiver(text, value)]).verdict == verdict


def test_a_licence_that_forbids_cannot_be_waived_by_names() -> None:
    """A licence's prohibition stays NO-GO under any waiver."""
    text = "licence allows commercial use"
    for value in (0.0, ("licence",)):
        assert judge(facts(terms=licence("no")), text, waivers=[waiver(text, value)]).verdict == "NO-GO"


def test_a_waiver_of_nothing_holds_all_back() -> None:
    """While a waiver names no condition, or a candidate that is not decided on, nothing is GO, and NO-GO stays."""
    good = facts(metric(passed=95, failed=5))
    stray = waiver("suite:qa.pass_rat >= 0.9", 0.8)
    decided = judge(good, RATE, waivers=[stray])
    assert decided.verdict == "HOLD"
    assert decided.reason == (
        "A waiver on suite:qa.pass_rat >= 0.9 is unmatched. "
        "The policy has no condition of this id: mend or remove the waiver."
    )
    assert judge(FEW, RATE, waivers=[stray]).verdict == "NO-GO"
    other = waiver(RATE, 0.8, candidate="d")
    alone = judge(good, RATE, waivers=[other])
    assert (alone.verdict, alone.conditions[0].waiver) == ("GO", None)
    whole = overall([alone], [other])
    assert (whole.verdict, whole.candidates[0].verdict) == ("HOLD", "HOLD")
    assert whole.reason == (
        "c: A waiver on suite:qa.pass_rate >= 0.9 is unmatched. "
        "No candidate d is decided on: mend or remove the waiver."
    )
    assert whole.candidates[0].flip == "To go it needs the waiver on suite:qa.pass_rate >= 0.9 to be mended or removed."
    assert overall([judge(FEW, RATE)], [other]).verdict == "NO-GO"


def test_a_waiver_speaks_of_its_candidate_alone() -> None:
    """A waiver for one candidate leaves the failure of another as it is; one for all lifts both."""
    for candidate, lifted in (("c", True), (None, True), ("d", False)):
        decided = judge(FEW, RATE, waivers=[waiver(RATE, 0.8, candidate=candidate)])
        assert (decided.verdict == "GO") is lifted


def test_all_waivers_are_shown_those_that_hold_back_first() -> None:
    """The verdict lists every waiver once, expired and unmatched ones before those that apply or are not needed."""
    texts = (RATE, LIST, FAST, "bench:short@1.error_rate <= 0.1")
    given = [
        waiver(texts[3], 0.0),
        waiver(RATE, 0.8),
        waiver("nothing", 0.8),
        waiver(LIST, ("a",)),
        waiver(FAST, 6, **EARLIER),
    ]
    whole = overall([judge(FEW, *texts, waivers=given)], given)
    assert [(use.waiver.condition, use.status) for use in whole.waivers] == [
        (FAST, "expired"),
        ("nothing", "unmatched"),
        (LIST, "exceeded"),
        (RATE, "applies"),
        (texts[3], "not_needed"),
    ]


def test_of_two_waivers_the_one_that_helps_least_counts() -> None:
    """Where evidence has two waivers on one condition, which a file cannot have, neither order nor number helps."""
    for other in (waiver(RATE, 0.8), waiver(RATE, 0.8, **EARLIER)):
        given = [other, waiver(RATE, 0.9)]
        for order in (given, given[::-1]):
            assert judge(FEW, RATE, waivers=order).verdict == "NO-GO"


def test_a_warning_is_waived_without_weight() -> None:
    """A condition of severity warn decides nothing, with an expired waiver or without."""
    from assay.gate import parse
    from assay.schema.suite import ConditionSpec
    from tests.gate.build import TODAY

    conditions = [
        parse(ConditionSpec(condition="bench:short@1.error_rate <= 0.1")),
        parse(ConditionSpec(condition=RATE, severity="warn")),
    ]
    decided = judge_candidate("c", conditions, FEW, [waiver(RATE, 0.8, **EARLIER)], TODAY)
    assert (decided.verdict, decided.reason) == ("GO", "All blocking conditions (1) are met.")


def test_waivers_need_a_day() -> None:
    """Without the day of the verdict no waiver is weighed, and none is passed over."""
    with pytest.raises(ValueError, match=r"^without a day nobody knows whether a waiver holds$"):
        judge_candidate("c", [], FEW, [waiver(RATE, 0.8)])

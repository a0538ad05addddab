"""Are pass rates and coverage judged with every trial that was due?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from assay.schema.score import Correction
from tests.gate.build import answer, ask, by_case, counted, facts, metric, tried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.gate import Facts
    from assay.gate.question import Answer

SURE = " with 95% confidence"


@pytest.mark.parametrize(
    ("counts", "text", "status"),
    [
        # without confidence: unscored trials count both ways
        ((9, 1, 0), ">= 0.9", "met"),
        ((27, 3, 0), ">= 0.9", "met"),
        ((9, 1, 0), "> 0.9", "not_met"),
        ((8, 2, 0), ">= 0.9", "not_met"),
        ((9, 0, 1), ">= 0.9", "met"),
        ((8, 1, 1), ">= 0.9", "unknown"),
        ((8, 0, 2), ">= 0.9", "unknown"),
        ((7, 2, 1), ">= 0.9", "not_met"),
        ((0, 0, 9), ">= 0.9", "unknown"),
        ((0, 0, 0), ">= 0.9", "unknown"),
        # the mirror
        ((1, 9, 0), "<= 0.1", "met"),
        ((1, 9, 0), "< 0.1", "not_met"),
        ((0, 9, 1), "<= 0.1", "met"),
        ((1, 8, 1), "<= 0.1", "unknown"),
        ((2, 7, 1), "<= 0.1", "not_met"),
        # with confidence: 29 passes prove 0.9, 28 do not
        ((29, 0, 0), ">= 0.9" + SURE, "met"),
        ((28, 0, 0), ">= 0.9" + SURE, "unknown"),
        ((29, 0, 1), ">= 0.9" + SURE, "unknown"),
        ((10, 20, 0), ">= 0.9" + SURE, "not_met"),
        ((10, 0, 20), ">= 0.9" + SURE, "unknown"),
        ((0, 0, 30), ">= 0.9" + SURE, "unknown"),
        ((0, 0, 0), ">= 0.9" + SURE, "unknown"),
        # the mirror
        ((0, 29, 0), "<= 0.1" + SURE, "met"),
        ((0, 28, 0), "<= 0.1" + SURE, "unknown"),
        ((0, 29, 1), "<= 0.1" + SURE, "unknown"),
        ((20, 10, 0), "<= 0.1" + SURE, "not_met"),
    ],
)
def test_truth_table_of_a_pass_rate(counts: tuple[int, int, int], text: str, status: str) -> None:
    """A rate is met or not met only when no outcome of its unscored trials could change that."""
    assert ask(facts(metric(*counts)), f"suite:qa.pass_rate {text}").status == status


@pytest.mark.parametrize(
    ("counts", "text", "reason"),
    [
        ((9, 1, 0), ">= 0.9", "9 of 10 trials passed."),
        ((8, 1, 1), ">= 0.9", "8 of 10 trials passed; 1 of 10 trials has no score and decides it."),
        ((8, 0, 2), ">= 0.9", "8 of 10 trials passed; 2 of 10 trials have no score and decide it."),
        ((0, 0, 0), ">= 0.9", "No trials were due."),
        (
            (10, 20, 0),
            ">= 0.9" + SURE,
            "10 of 30 trials passed: at most 0.499439 with 95% confidence.",
        ),
        (
            (27, 1, 2),
            ">= 0.9" + SURE,
            "27 of 30 trials passed (2 of 30 trials have no score): 46 more passing trials needed for 95% confidence.",
        ),
        ((0, 29, 0), "<= 0.1" + SURE, "0 of 29 trials passed: at most 0.0981446 with 95% confidence."),
        (
            (0, 27, 3),
            "<= 0.1" + SURE,
            "0 of 30 trials passed (3 of 30 trials have no score): 46 more failing trials needed for 95% confidence.",
        ),
        (
            (0, 28, 0),
            "<= 0.1" + SURE,
            (
                "0 of 28 trials passed: 1 more failing trial needed for 95% confidence; "
                "it cannot be met with 28 trials, even at best: 29 needed."
            ),
        ),
        (
            (10, 0, 0),
            ">= 0.99999999" + SURE,
            "10 of 10 trials passed: over ten million more passing trials needed for 95% confidence.",
        ),
    ],
)
def test_reasons_say_what_was_counted_and_what_is_missing(counts: tuple[int, int, int], text: str, reason: str) -> None:
    """The reason is the count, and beside an unknown what would decide it."""
    assert ask(facts(metric(*counts)), f"suite:qa.pass_rate {text}").reason == reason


def test_figures_of_a_rate_without_confidence() -> None:
    """Without a confidence there are no limits; the margin of an unknown is what is missing."""
    met = ask(facts(metric(19, 1)), "suite:qa.pass_rate >= 0.9")
    assert (met.observed, met.low, met.high, met.n, met.margin) == (0.95, None, None, 20, 0.05)
    open_ = ask(facts(metric(16, 1, 3)), "suite:qa.pass_rate >= 0.9")
    assert (open_.observed, open_.margin) == (0.8, -0.1)
    failed = ask(facts(metric(14, 5, 1)), "suite:qa.pass_rate >= 0.9")
    assert (failed.observed, failed.margin) == (0.7, -0.15)


def test_a_rate_on_which_all_trials_agree_has_an_interval() -> None:
    """Ten passes out of ten are no proof: the limits are apart and the rate stays unknown."""
    result = ask(facts(metric(10)), "suite:qa.pass_rate >= 0.95 with 95% confidence")
    assert (result.status, result.low, result.high) == ("unknown", 0.741134, 1.0)


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ((30, 0, 0), "met"),
        ((0, 30, 0), "met"),
        ((29, 0, 1), "unknown"),
        ((0, 0, 30), "unknown"),
        ((0, 0, 0), "unknown"),
    ],
)
def test_coverage_counts_scored_trials_and_a_gap_is_unknown(counts: tuple[int, int, int], status: str) -> None:
    """A trial without a score could still get one: short coverage holds and never says NO-GO."""
    assert ask(facts(metric(*counts)), "suite:qa.coverage >= 1").status == status


def test_the_metric_is_the_one_that_is_named() -> None:
    """Tag and scorer select their own metric, and a broader one never stands in for it."""
    known = facts(metric(10), metric(0, 10, tag="vi"), metric(5, 5, scorer="exact"))
    assert ask(known, "suite:qa.pass_rate >= 0.9").status == "met"
    assert ask(known, "suite:qa#vi.pass_rate >= 0.9").status == "not_met"
    assert ask(known, "suite:qa/exact.pass_rate >= 0.5").status == "met"
    absent = ask(known, "suite:qa#vi/exact.pass_rate >= 0.5")
    assert (absent.status, absent.reason) == ("unknown", "There is no measurement of suite:qa#vi/exact.pass_rate.")


def test_two_metrics_of_one_name_are_unknown() -> None:
    """Where two measurements compete, neither is chosen."""
    result = ask(facts(metric(10), metric(0, 10)), "suite:qa.pass_rate >= 0.9")
    assert result.status == "unknown"
    assert result.reason == "There are 2 measurements of suite:qa.pass_rate, and nothing says which one counts."


def test_an_untrusted_judge_says_nothing() -> None:
    """Neither passes nor failures of a judge without calibration decide."""
    for counts in ((30, 0), (0, 30)):
        result = ask(facts(metric(*counts, trusted=False)), "suite:qa.pass_rate >= 0.9")
        assert (result.status, result.n) == ("unknown", 30)
        assert result.reason == "A judge without trust took part."


def test_counts_that_contradict_each_other_are_unknown() -> None:
    """More passes than trials prove that the file is wrong, not that the model is good."""
    broken = metric(10).model_copy(update={"n": 5})
    assert ask(facts(broken), "suite:qa.pass_rate >= 0.9").reason == "The counts of trials contradict each other."


def test_a_confidence_names_its_test_and_what_would_turn_it() -> None:
    """A rate that is compared as it is has no test; beside an unknown stands how many passes prove it."""
    plain = answer(facts(metric(19, 1)), "suite:qa.pass_rate >= 0.9")
    assert (plain.method, plain.needed, plain.flip) == (None, None, "2 more failing trials of the same 20")
    sure = answer(facts(metric(27, 1, 2)), "suite:qa.pass_rate >= 0.9" + SURE)
    assert (sure.method, sure.needed, sure.flip) == ("exact binomial", 46, "3 more passing trials of the same 30")
    short = answer(facts(metric(10, 20)), "suite:qa.pass_rate >= 0.9" + SURE)
    assert (short.status, short.needed, short.flip) == ("not_met", None, "20 more passing trials of the same 30")
    covered = answer(facts(metric(9, 0, 1)), "suite:qa.coverage >= 1")
    assert (covered.needed, covered.flip) == (1, "1 more scored trial of the same 10")


def test_a_suite_whose_cases_share_sources_is_no_longer_a_count() -> None:
    """The same 60 passes prove 0.9 of independent cases, and not of 20 sources."""
    rate = "suite:qa.pass_rate >= 0.9" + SURE
    assert ask(by_case(tried(*"1" * 60)), rate).status == "met"
    assert ask(by_case(tried(*"1" * 60, sources=[f"s{number % 20}" for number in range(60)])), rate).status == "unknown"


def test_labels_give_a_confidence_for_independent_single_trials_only() -> None:
    """Post-stratified limits count every answer as independent of the others."""
    correction = Correction(
        judged_passed=60,
        judged_n=60,
        pass_labels=60,
        pass_labels_passed=60,
        fail_labels=0,
        fail_labels_passed=0,
        value=1.0,
        low=0.9,
        high=1.0,
        worth=None,
    )

    def judged(*trials: str, sources: Sequence[str] = ()) -> Facts:
        cases = tried(*trials, sources=sources)
        return by_case(cases, None, counted(cases).model_copy(update={"correction": correction}))

    sure = answer(judged(*"1" * 60), "suite:qa.pass_rate >= 0.9" + SURE)
    assert (sure.status, sure.method) == ("met", "post-stratified, MOVER-Wilson")
    assert answer(judged(*"1" * 60), "suite:qa.pass_rate >= 0.9").method is None
    shared = answer(judged(*"1" * 60, sources=["a", "b"] * 30), "suite:qa.pass_rate >= 0.9" + SURE)
    assert shared.reason == "Cases share sources: labels give a confidence for independent cases only."
    lost = answer(replace(judged(*"1" * 60, sources=["a", "b"] * 30), cases=()), "suite:qa.pass_rate >= 0.9" + SURE)
    assert (lost.status, lost.reason) == ("unknown", "The single cases are needed for this, and are not there.")
    several = answer(judged(*["11"] * 30), "suite:qa.pass_rate >= 0.9" + SURE)
    assert several.reason == "Each case was tried several times: labels give a confidence for one trial a case."


def test_beside_an_unknown_judged_rate_stands_how_many_labels_it_takes() -> None:
    """Further labels that agree as often narrow it, until every answer has one."""

    def judged(labels: int, threshold: str) -> Answer:
        correction = Correction(
            judged_passed=500,
            judged_n=500,
            pass_labels=labels,
            pass_labels_passed=labels,
            fail_labels=0,
            fail_labels_passed=0,
            value=1.0,
            low=0.9,
            high=1.0,
            worth=None,
        )
        known = metric(500).model_copy(update={"correction": correction})
        return answer(facts(known), f"suite:qa.pass_rate >= {threshold}" + SURE)

    few = judged(40, "0.95")
    assert few.needed is not None
    assert few.reason.endswith(f"; about {few.needed} more labels needed.")
    assert judged(40 + few.needed, "0.95").status == "met"
    assert judged(39 + few.needed, "0.95").status == "unknown"
    never = judged(40, "0.9999")
    assert (never.needed, never.reason.endswith("; more labels of them cannot tell.")) == (None, True)

"""Is a pass rate proven with the right statistics for its design, and by no more than was asked?"""

from __future__ import annotations

import pytest

from assay.gate import exact_lower
from assay.gate.means import mean_limits
from tests.gate.build import answer, by_case, counted, facts, tried

RATE = "suite:qa.pass_rate >= 0.9 with 95% confidence"
LOW = "suite:qa.pass_rate <= 0.1 with 95% confidence"
SOURCES = [f"s{number // 3}" for number in range(60)]


def test_independent_single_trials_are_tested_by_the_binomial_with_and_without_their_cases() -> None:
    """Cases that stand alone say no more than their counts do, and a source that is named once is none."""
    cases = tried(*"1" * 57 + "000")
    alone = tried(*"1" * 57 + "000", sources=[f"s{number}" for number in range(60)])
    assert answer(by_case(cases), RATE) == answer(by_case(alone), RATE) == answer(facts(counted(cases)), RATE)
    assert answer(by_case(cases), RATE).method == "exact binomial"


def test_several_trials_are_weighed_by_case_means() -> None:
    """Sixty cases of two trials are sixty figures, not a hundred and twenty."""
    cases = tried(*["11"] * 57, *["10"] * 3)
    found = answer(by_case(cases), RATE)
    means = [1.0] * 57 + [0.5] * 3
    assert found.low == mean_limits(means, None, null=0.9, confidence=0.95, scale=(0, 1)).low
    assert (found.status, found.n, found.observed) == ("met", 120, 0.975)
    assert found.low < exact_lower(117, 120, 0.95)
    assert found.reason == "117 of 120 trials passed, over 60 cases: at least 0.919767 with 95% confidence."
    assert found.method == "t over cases with two pseudo-cases; Gaffke"


def test_cases_of_one_source_are_one_cluster() -> None:
    """Sixty cases of twenty sources prove less than sixty of sixty, and a case without a source stands for itself."""
    scattered = tried(*"1" * 57 + "000", sources=[f"s{number % 20}" for number in range(60)])
    clumped = tried(*"1" * 57 + "000", sources=SOURCES)
    mixed = tried(*"1" * 57 + "000", sources=[*SOURCES[:57], None, None, None])
    found = answer(by_case(clumped), RATE.replace("0.9", "0.7"))
    assert (found.status, found.method) == ("met", "CR1 over sources, t; Gaffke; exact binomial")
    assert found.reason == "57 of 60 trials passed, over 20 sources: at least 0.783894 with 95% confidence."
    assert found.low is not None
    assert found.low < (answer(by_case(scattered), RATE).low or 0)
    assert "over 22 sources" in answer(by_case(mixed), RATE).reason


def test_sources_never_make_a_proof_easier_than_independent_cases_would() -> None:
    """Where sources are all alike the binomial limit is the worse one, and holds."""
    alternating = tried(*"110" * 40, sources=[f"s{number // 3}" for number in range(120)])
    rate = "suite:qa.pass_rate >= 0.6 with 95% confidence"
    assert answer(by_case(alternating), rate).low == exact_lower(80, 120, 0.95)


@pytest.mark.parametrize(
    ("trials", "sources", "reason", "needed"),
    [
        (
            "1",
            ["a", "b", "c", "d"] * 3,
            "12 of 12 trials passed, over 4 sources: a confidence needs 10 sources, has 4.",
            6,
        ),
        ("11", [], "24 of 24 trials passed, over 12 cases: 17 more passing cases needed for 95% confidence.", 17),
    ],
)
def test_few_clusters_prove_nothing(trials: str, sources: list[str], reason: str, needed: int) -> None:
    """Under ten sources there is no confidence at all; beyond that the reason says how many cases are missing."""
    found = answer(by_case(tried(*[trials] * 12, sources=sources)), RATE)
    assert (found.status, found.reason, found.needed) == ("unknown", reason, needed)


def test_fewer_than_ten_cases_of_several_trials_prove_nothing() -> None:
    """Nine cases are nine figures, however often each was tried."""
    found = answer(by_case(tried(*["1" * 50] * 9)), RATE)
    assert found.reason == "450 of 450 trials passed, over 9 cases: a confidence needs 10 cases, has 9."


def test_what_is_needed_is_enough_and_no_more() -> None:
    """With as many further passing cases as the reason names it is met, with one fewer it is not."""
    cases = tried(*["11"] * 30, *["10"] * 3)
    needed = answer(by_case(cases), RATE).needed
    assert needed is not None
    enough = tried(*["11"] * 30, *["10"] * 3, *["11"] * needed)
    assert answer(by_case(enough), RATE).status == "met"
    assert answer(by_case(enough[:-1]), RATE).status == "unknown"


def test_trials_without_a_score_are_taken_both_ways() -> None:
    """They fail for the lower limit and pass for the upper one."""
    found = answer(by_case(tried(*["11"] * 57, *["??"] * 3)), RATE)
    fails, passes = [1.0] * 57 + [0.0] * 3, [1.0] * 60
    assert found.low == mean_limits(fails, None, null=0.9, confidence=0.95, scale=(0, 1)).low
    assert found.high == min(1.0, mean_limits(passes, None, null=0.9, confidence=0.95, scale=(0, 1)).high)
    assert found.reason.startswith("114 of 120 trials passed (6 of 120 trials have no score), over 60 cases: ")
    assert answer(by_case(tried(*["??"] * 60)), RATE).reason == "Not one of 120 trials has a score."


def test_the_low_side_is_the_mirror() -> None:
    """A rate that must be low is proven by failures as a high one is by passes."""
    high, low = by_case(tried(*["11"] * 57, *["10"] * 3)), by_case(tried(*["00"] * 57, *["01"] * 3))
    up, down = answer(high, RATE), answer(low, LOW)
    assert (down.status, down.high) == (up.status, round(1 - (up.low or 0), 12))
    missing = answer(by_case(tried(*["00"] * 12)), LOW)
    assert missing.reason.endswith("over 12 cases: 17 more failing cases needed for 95% confidence.")


def test_agreement_is_no_certainty() -> None:
    """Where all cases agree, the interval has a width all the same."""
    found = answer(by_case(tried(*["11"] * 20)), RATE)
    assert found.low is not None
    assert (found.low < 0.96, found.high) == (True, 1.0)


def test_cases_that_do_not_add_up_to_the_counts_are_unknown() -> None:
    """A forged count is seen, and so are cases that are not there."""
    cases = tried(*["11"] * 20)
    forged = counted(tried(*["10"] * 20)).model_copy(update={"passed": 40, "failed": 0})
    assert (
        answer(by_case(tried(*["10"] * 20), None, forged), RATE).reason == "The cases contradict the counts of trials."
    )
    assert answer(by_case(cases[:-1], None, counted(cases)), RATE).status == "unknown"
    assert answer(by_case((), None, counted(cases)), RATE).reason == (
        "The single cases are needed for this, and are not there."
    )
    impossible = tuple(own.model_copy(update={"asked": 1}) for own in cases)
    assert answer(by_case(impossible), RATE).status == "unknown"


def test_the_first_look_that_decides_ends_it() -> None:
    """What was asked beyond a look that decides is not weighed, however it came out."""
    rate = "suite:qa.pass_rate >= 0.8 with 95% confidence"
    found = answer(by_case(tried(*"1" * 40 + "0" * 11 + "-" * 49), looks=5), rate)
    assert (found.status, found.n, found.observed) == ("met", 40, 1.0)
    assert found.reason == (
        "Look 2 of 5, after 40 of 100 cases: 40 of 40 trials passed: at least 0.863464 with 99.7183% confidence."
    )
    assert found.method == "exact binomial, look 2 of 5 (O'Brien-Fleming)"
    failed = answer(by_case(tried(*"0" * 40 + "1" * 11 + "-" * 49), looks=5), rate)
    assert (failed.status, failed.n) == ("not_met", 20)


def test_only_looks_whose_cases_were_all_asked_are_taken() -> None:
    """A case that was not asked ends what can be looked at, whatever came after it."""
    rate = "suite:qa.pass_rate >= 0.9 with 95% confidence"
    found = answer(by_case(tried(*"1" * 39 + "-" + "1" * 60), looks=5), rate)
    assert (found.status, found.n, found.needed) == ("unknown", 20, 1)
    assert found.reason == (
        "Look 1 of 5, after 20 of 100 cases: 20 of 20 trials passed: at least 0.606391 with 99.9955% "
        "confidence. The next look is after 40 cases: 1 more case needed."
    )
    none = answer(by_case(tried(*"1" * 19 + "-" * 81), looks=5), rate)
    assert (none.status, none.reason) == (
        "unknown",
        "The first of 5 looks is after 20 cases; 19 were asked: 1 more case needed.",
    )
    one = answer(by_case(tried("1", *"-" * 99), looks=5), rate)
    assert (one.needed, one.reason) == (
        19,
        "The first of 5 looks is after 20 cases; 1 was asked: 19 more cases needed.",
    )


def test_a_run_that_ended_at_a_look_needs_the_cases_up_to_the_next() -> None:
    """Held against a stricter condition, such a run gives one number, and no other of trials at this look."""
    rate = "suite:qa.pass_rate >= 0.9 with 95% confidence"
    found = answer(by_case(tried(*"1" * 55 + "0" * 8 + "-" * 37), looks=5), rate)
    assert (found.status, found.n, found.needed, found.flip) == ("unknown", 60, 17, None)
    assert found.reason == (
        "Look 3 of 5, after 60 of 100 cases: 55 of 60 trials passed: at least 0.799629 with 98.81% confidence. "
        "The next look is after 80 cases: 17 more cases needed."
    )
    silent = answer(by_case(tried(*"?" * 20 + "1" * 10 + "-" * 70), looks=5), rate)
    assert silent.reason.startswith("Look 1 of 5, after 20 of 100 cases: Not one of 20 trials has a score.")


def test_a_request_that_failed_was_asked() -> None:
    """A trial without a score has its place in the look, and fails for the lower limit."""
    rate = "suite:qa.pass_rate >= 0.8 with 95% confidence"
    assert answer(by_case(tried(*"1" * 39 + "?" + "-" * 60), looks=5), rate).n == 40


def test_the_last_look_is_a_little_stricter_than_a_single_test() -> None:
    """29 passes of 29 prove 0.9 at once; with looks in between they do not, and 33 do."""
    assert answer(by_case(tried(*"1" * 29)), RATE).status == "met"
    last = answer(by_case(tried(*"1" * 29), looks=5), RATE)
    assert (last.status, last.method) == ("unknown", "exact binomial, look 5 of 5 (O'Brien-Fleming)")
    assert answer(by_case(tried(*"1" * 33), looks=5), RATE).status == "met"


def test_a_threshold_at_the_end_of_the_scale_has_looks_too() -> None:
    """That anything passes at all is proven by the first look with a pass."""
    found = answer(by_case(tried(*"1" * 20 + "-" * 80), looks=5), "suite:qa.pass_rate > 0 with 95% confidence")
    assert (found.status, found.n) == ("met", 20)


def test_clusters_and_several_trials_are_weighed_once_at_the_end() -> None:
    """Under looks a mean over clusters counts what was not asked both ways."""
    cases = tried(*["11"] * 40, *["--"] * 20)
    found = answer(by_case(cases, looks=5), "suite:qa.pass_rate >= 0.5 with 95% confidence")
    assert (found.status, found.n, found.method) == ("met", 120, "t over cases with two pseudo-cases; Gaffke")
    assert answer(by_case(cases, looks=5), RATE).status == "unknown"


@pytest.mark.parametrize(
    ("trials", "sources", "text", "flip"),
    [
        (["11"] * 60, [], RATE, "2 more failing cases of the same 60"),
        (["11"] * 50 + ["00"] * 10, [], RATE, "9 more passing cases of the same 60"),
        (["11"] * 50 + ["??"] * 10, [], RATE, "9 more passing cases of the same 60"),
        (["10"] * 60, [], RATE, "56 more passing cases of the same 60"),
        (["11"] * 20, [], RATE, None),
        (["00"] * 60, [], LOW, "2 more passing cases of the same 60"),
        (["00"] * 50 + ["11"] * 10, [], LOW, "9 more failing cases of the same 60"),
        (["1"] * 60, SOURCES, "suite:qa.pass_rate >= 0.8 with 95% confidence", "3 more failing cases of the same 60"),
    ],
)
def test_how_many_cases_turn_a_mean(trials: list[str], sources: list[str], text: str, flip: str | None) -> None:
    """Best cases turn what is met, and worst ones what is not, until it is the other way."""
    assert answer(by_case(tried(*trials, sources=sources)), text).flip == flip


def test_what_turns_a_mean_does_turn_it() -> None:
    """With one case fewer it stays."""
    found = answer(by_case(tried(*["11"] * 100)), RATE)
    count = int((found.flip or "").split()[0])
    assert answer(by_case(tried(*["11"] * (101 - count), *["00"] * (count - 1))), RATE).status == "met"
    assert answer(by_case(tried(*["11"] * (100 - count), *["00"] * count)), RATE).status == "unknown"

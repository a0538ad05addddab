"""Is a comparison with the baseline proven on the same cases, and refused wherever they are not?"""

from __future__ import annotations

import random

import pytest

from assay.gate.kept import kept_confidence
from assay.gate.means import mean_limits
from assay.gate.paired import PairedTable, tango_limits
from assay.schema.score import Correction
from tests.gate.build import answer, ask, baseline, by_case, counted, metric, tried

NOT_WORSE = "suite:qa.pass_rate not worse than baseline by 0.05"
BETTER = "suite:qa.pass_rate better than baseline"
GRADE = "suite:qa.mean_grade not worse than baseline by 0.1"


def test_not_worse_is_tangos_test() -> None:
    """The lower limit of the paired difference reaches minus the margin, or it is not proven."""
    own, other = tried(*"1" * 196 + "0011"), tried(*"1" * 196 + "1100")
    found = answer(by_case(own, other), NOT_WORSE)
    table = PairedTable(196, 2, 2, 0)
    kept = kept_confidence(200, 0.05, 0.95)
    assert (found.low, found.high) == (tango_limits(table, kept)[0], tango_limits(table, 0.95)[1])
    assert (found.status, found.n, found.observed, found.method) == ("met", 200, 0.0, "Tango score, exact level")
    assert found.reason == (
        "200 pairs of cases, 2 gained and 2 lost: the difference is at least -0.0220409 with 95% confidence."
    )
    assert found.margin == pytest.approx((found.low or 0) + 0.05)
    assert found.flip == "5 more failing cases of the same 200"


def test_merely_not_significant_is_not_enough() -> None:
    """Fifty pairs of which the baseline alone passed two are no proof of anything."""
    found = answer(by_case(tried(*"1" * 48 + "00"), tried(*"1" * 50)), NOT_WORSE)
    assert (found.status, found.needed) == ("unknown", 101)
    assert found.reason == (
        "50 pairs of cases, 0 gained and 2 lost: 101 more pairs, 151 in all where 4% come out differently, needed "
        "for 95% confidence."
    )
    assert found.flip is None


def test_a_difference_beyond_the_margin_is_no_matter_of_more_such_cases() -> None:
    """More cases like these would fail it, so no number of them is named."""
    own, other = "1" * 36 + "0" * 4, "1" * 40
    found = answer(by_case(tried(*own), tried(*other)), NOT_WORSE)
    assert (found.status, found.observed, found.needed) == ("unknown", -0.1, None)
    assert found.reason == (
        "40 pairs of cases, 0 gained and 4 lost: the observed difference of -0.1 lies beyond the margin, and more "
        "cases like these would show that it is not met."
    )
    assert answer(by_case(tried(*own * 5), tried(*other * 5)), NOT_WORSE).status == "not_met"


def test_a_difference_that_lies_beyond_the_margin_for_want_of_scores_says_so() -> None:
    """What has no score counts as lost; more cases like those that were seen would show nothing of the kind."""
    found = answer(by_case(tried(*"1" * 90 + "?" * 10), tried(*"1" * 100)), NOT_WORSE)
    assert (found.status, found.needed, found.flip) == ("unknown", None, "9 more passing cases of the same 100")
    assert found.reason == (
        "100 pairs of cases, 0 gained and 10 lost (10 of the pairs have no score on a side): the difference of -0.1, "
        "with what has no score as lost, lies beyond the margin."
    )


def test_a_difference_that_is_proven_too_large_is_not_met() -> None:
    """Forty lost of a hundred are worse than any that the margin allows."""
    found = answer(by_case(tried(*"1" * 60 + "0" * 40), tried(*"1" * 100)), NOT_WORSE)
    assert (found.status, found.needed, found.flip) == ("not_met", None, "39 more passing cases of the same 100")
    assert found.reason == (
        "100 pairs of cases, 0 gained and 40 lost: the difference is at most -0.323078 with 95% confidence."
    )


def test_pairs_that_all_agree_prove_nothing_below_the_floor() -> None:
    """58 identical cases cannot show a margin of 0.05, 59 can."""
    few = answer(by_case(tried(*"1" * 58), tried(*"1" * 58)), NOT_WORSE)
    assert (few.status, few.needed) == ("unknown", 1)
    assert few.reason.endswith("1 more pair, 59 in all where 0% come out differently, needed for 95% confidence.")
    assert answer(by_case(tried(*"1" * 59), tried(*"1" * 59)), NOT_WORSE).status == "met"


def test_enough_cases_that_came_out_badly_need_ones_that_come_out_alike() -> None:
    """Where the planned number is there already, the reason says how many even pairs would prove it."""
    own, other = tried(*"1" * 285 + "0" * 15), tried(*"1" * 295 + "0" * 5)
    found = answer(by_case(own, other), NOT_WORSE)
    assert found.status == "unknown"
    assert found.reason.endswith(f": {found.needed} more pairs that come out alike needed for 95% confidence.")
    enough = by_case(tried(*"1" * 285 + "0" * 15 + "1" * (found.needed or 0)), tried(*"1" * 295 + "0" * 5 + "1" * 999))
    assert answer(enough, NOT_WORSE).status == "met"


def test_cases_are_paired_by_digest_in_any_order() -> None:
    """A shuffled baseline gives the same answer; position never counts."""
    names = [f"n{number}" for number in range(100)]
    marks = "1" * 90 + "0" * 10
    mixed = random.Random(6).sample(list(zip(names, marks, strict=True)), 100)
    shuffled = tried(*[mark for _, mark in mixed], names=[name for name, _ in mixed])
    straight = answer(by_case(tried(*marks, names=names), tried(*marks, names=names)), NOT_WORSE)
    assert answer(by_case(tried(*marks, names=names), shuffled), NOT_WORSE) == straight
    assert "0 gained and 0 lost" in straight.reason


def test_cases_without_a_partner_are_left_out_and_too_many_of_them_are_unknown() -> None:
    """A few changed cases are said; with more than one in ten nothing is compared."""
    own = tried(*"1" * 100, names=[f"n{number}" for number in range(100)])
    few = answer(by_case(own, tried(*"1" * 100, names=[f"n{number}" for number in range(10, 110)])), NOT_WORSE)
    assert (few.status, few.n) == ("met", 90)
    assert few.reason.startswith("90 pairs of cases (without a partner: 10 of the candidate's, 10 of the baseline's), ")
    many = answer(by_case(own, tried(*"1" * 100, names=[f"n{number}" for number in range(11, 111)])), NOT_WORSE)
    assert (many.status, many.needed) == ("unknown", 1)
    assert many.reason == (
        "There are only 89 pairs of cases (without a partner: 11 of the candidate's, 11 of the baseline's): a "
        "comparison needs 90."
    )


def test_unscored_trials_are_taken_both_ways_on_both_sides() -> None:
    """They stand against the candidate in a proof that it is not worse, and for it in one that it is."""
    own, other = tried(*"1" * 99 + "?"), tried(*"1" * 98 + "?1")
    found = answer(by_case(own, other), NOT_WORSE)
    assert found.low == tango_limits(PairedTable(99, 0, 1, 0), kept_confidence(100, 0.05, 0.95))[0]
    assert found.high == tango_limits(PairedTable(99, 1, 0, 0), 0.95)[1]
    assert "0 gained and 1 lost (2 of the pairs have no score on a side): " in found.reason
    silent = answer(by_case(tried(*"?" * 60 + "1" * 40), tried(*"1" * 100)), NOT_WORSE)
    assert silent.status == "unknown"


def test_several_trials_and_sources_are_compared_by_case_means() -> None:
    """Each pair is one difference, and pairs of one source are one cluster."""
    own, other = tried(*["11"] * 55, *["10"] * 5), tried(*["11"] * 60)
    found = answer(by_case(own, other), NOT_WORSE.replace("0.05", "0.2"))
    limits = mean_limits([0.0] * 55 + [-0.5] * 5, None, null=-0.2, confidence=0.95, scale=(-1, 1))
    assert (found.status, found.low, found.high) == ("met", limits.low, limits.high)
    assert found.reason == "60 pairs of cases: the mean difference is at least -0.10018 with 95% confidence."
    assert found.method == "t over cases with two pseudo-cases; Gaffke"
    sources = [f"s{number // 3}" for number in range(60)]
    clumped = answer(by_case(tried(*"1" * 60, sources=sources), tried(*"1" * 60, sources=sources)), NOT_WORSE)
    assert (clumped.status, clumped.method) == ("unknown", "CR1 over sources, t; Gaffke; Tango score")
    assert clumped.reason.startswith("60 pairs of cases, over 20 sources: ")
    few = answer(by_case(tried(*"1" * 9, sources=["a"] * 9), tried(*"1" * 9, sources=["a"] * 9)), NOT_WORSE)
    assert few.reason == "9 pairs of cases, over 1 source: a confidence needs 10 sources, has 1."


def test_sources_never_make_a_comparison_easier() -> None:
    """Single trials of sources that differ little must pass Tango's test as well."""
    sources = [f"s{number // 2}" for number in range(120)]
    marks = "10" * 60
    found = answer(by_case(tried(*marks, sources=sources), tried(*marks[1:] + "1", sources=sources)), NOT_WORSE)
    assert found.low is not None
    assert found.low <= tango_limits(PairedTable(0, 60, 60, 0), 0.95)[0]


def test_grades_are_compared_by_their_differences() -> None:
    """Pairs of grades need as many cases as a mean does."""
    own, other = tried(*"1" * 100, grades=[0.8] * 100), tried(*"1" * 100, grades=[0.8, 0.82] * 50)
    found = answer(by_case(own, other), GRADE)
    assert (found.status, found.observed) == ("met", -0.01)
    few = answer(by_case(own[:29], other[:29]), GRADE)
    assert few.reason == "29 pairs of cases: a confidence needs 30 cases, has 29."
    another = tried(*"1" * 100, grades=[0.8] * 100, scorer="fuzzy")
    assert answer(by_case(own, another), GRADE).reason == "The cases have no scorer in common that grades them."


def test_better_is_mcnemars_mid_p_in_one_direction() -> None:
    """Four gained and none lost are better at 95 %, three are not, and as many lost are worse."""
    four = answer(by_case(tried(*"1" * 60), tried(*"1" * 56 + "0" * 4)), BETTER)
    assert (four.status, four.method, four.flip) == (
        "met",
        "McNemar mid-p, exact level",
        "1 more failing case of the same 60",
    )
    assert four.reason == "60 pairs of cases, 4 gained and 0 lost: p is 0.0312."
    three = answer(by_case(tried(*"1" * 60), tried(*"1" * 57 + "0" * 3)), BETTER)
    assert (three.status, three.needed) == ("unknown", 1)
    assert three.reason == (
        "60 pairs of cases, 3 gained and 0 lost: p is 0.0791; 1 more case that the candidate alone passes needed for "
        "95% confidence."
    )
    worse = answer(by_case(tried(*"1" * 40 + "0" * 20), tried(*"1" * 60)), BETTER)
    assert (worse.status, worse.method) == ("not_met", "Tango score")
    assert worse.reason == (
        "60 pairs of cases, 0 gained and 20 lost: p is 1; the difference is at most -0.242342 with 95% confidence."
    )
    even = answer(by_case(tried(*"1" * 60), tried(*"1" * 60)), BETTER)
    assert (even.status, even.needed) == ("unknown", 4)


def test_of_several_candidates_the_best_must_win_by_more() -> None:
    """Holm counts every other candidate that is decided on, also one without a pair; the baseline is none of them."""
    own, other = tried(*"1" * 60), tried(*"1" * 56 + "0" * 4)
    rivals = {"d": tried(*"1" * 56 + "0" * 4), "e": ()}
    found = answer(by_case(own, other, rivals=rivals), BETTER)
    assert (found.status, found.method) == ("unknown", "McNemar mid-p, exact level, Holm over 3")
    assert found.reason.startswith("60 pairs of cases, 4 gained and 0 lost: p is 0.0938 after Holm over 3 candidates; ")
    ahead = {"d": own, "e": own}
    assert answer(by_case(own, tried(*"1" * 55 + "0" * 5), rivals=ahead), BETTER).status == "met"
    assert answer(by_case(own, other, rivals={"b": other}), BETTER).method == "McNemar mid-p, exact level"
    assert answer(by_case(own, baseline(other, record="0001-old"), rivals={"b": other}), BETTER).method == (
        "McNemar mid-p, exact level, Holm over 2"
    )


def test_means_are_better_at_a_level_that_rivals_share() -> None:
    """Limits cannot be ordered by Holm: the level is divided by the number of candidates."""
    own, other = tried(*["11"] * 60), tried(*["10"] * 20, *["11"] * 40)
    alone = answer(by_case(own, other), BETTER)
    shared = answer(by_case(own, other, rivals={"d": other, "e": other}), BETTER)
    assert alone.status == shared.status == "met"
    assert shared.method == "t over cases with two pseudo-cases; Gaffke, Bonferroni over 3"
    assert "with 98.3333% confidence" in shared.reason
    assert (shared.low or 0) < (alone.low or 0)
    even = answer(by_case(tried(*["11"] * 60), tried(*["11"] * 60)), BETTER)
    assert even.status == "unknown"
    assert even.reason.endswith("in which only the candidate is right needed for 95% confidence.")


def test_the_first_look_that_decides_a_comparison_ends_it() -> None:
    """Pairs of which both sides were asked are looked at in the candidate's order; later ones are not weighed."""
    text = "suite:qa.pass_rate not worse than baseline by 0.1"
    own, other = tried(*"1" * 80 + "0" * 10 + "-" * 110), tried(*"1" * 200)
    found = answer(by_case(own, other, looks=5), text)
    assert (found.status, found.n) == ("met", 80)
    assert found.method == "Tango score, exact level, look 2 of 5 (O'Brien-Fleming)"
    assert found.reason == (
        "Look 2 of 5, after 80 of 200 cases: 80 pairs of cases, 0 gained and 0 lost: the difference is at least "
        "-0.0894969 with 99.7183% confidence."
    )
    behind = answer(by_case(tried(*"1" * 200), tried(*"1" * 79 + "-" * 121), looks=5), text)
    assert (behind.status, behind.n, behind.needed) == ("unknown", 40, 1)
    assert behind.reason.endswith(" The next look is after 80 cases: 1 more case needed.")


def test_without_anything_to_compare_with_it_is_unknown() -> None:
    """No baseline, the candidate itself, no cases, no metric and no trust are each said."""
    cases = tried(*"1" * 60)
    assert answer(by_case(cases), NOT_WORSE).reason == "There is no baseline."
    itself = answer(by_case(cases, baseline(cases, candidate="c")), NOT_WORSE)
    assert itself.reason == "The candidate is the baseline: it cannot be compared with itself."
    earlier = baseline(cases, candidate="c", record="0001-old")
    assert answer(by_case(cases, earlier), NOT_WORSE).status == "met"
    nothing = baseline(cases, metric(3, tag="vi"))
    assert answer(by_case(cases, nothing), NOT_WORSE).reason == (
        "There is no measurement of suite:qa.pass_rate of the baseline b."
    )
    untrusted = baseline(cases, counted(cases, "b").model_copy(update={"trusted": False}))
    assert answer(by_case(cases, untrusted), NOT_WORSE).reason == (
        "A judge without trust took part. This is said of the baseline b."
    )
    forged = baseline(cases[:-1], counted(cases, "b"))
    assert answer(by_case(cases, forged), NOT_WORSE).reason == (
        "The cases contradict the counts of trials. They are those of the baseline b."
    )
    unscored = answer(by_case(cases, tried(*"?" * 60)), NOT_WORSE)
    assert unscored.reason == "Not one of 60 trials of the baseline b has a score."


def test_a_judged_rate_that_labels_correct_is_not_compared() -> None:
    """Labels correct a rate as a whole: they do not say which case a judge got wrong."""
    cases = tried(*"1" * 60)
    correction = Correction(
        judged_passed=60,
        judged_n=60,
        pass_labels=40,
        pass_labels_passed=40,
        fail_labels=0,
        fail_labels_passed=0,
        value=1.0,
        low=0.9,
        high=1.0,
        worth=None,
    )
    judged = counted(cases).model_copy(update={"correction": correction})
    assert answer(by_case(cases, cases, judged), NOT_WORSE).reason == (
        "Human labels correct each judged rate, not each case."
    )
    other = baseline(cases, counted(cases, "b").model_copy(update={"correction": correction}))
    assert answer(by_case(cases, other), NOT_WORSE).status == "unknown"


def test_tags_and_scorers_are_compared_alone() -> None:
    """Only the cases of the tag, and only the scorer's own outcomes, make the pairs."""
    plain = tried(*"0" * 10, names=[f"p{number}" for number in range(10)])
    tagged = tried(*"1" * 60, tags=["vi"], scorer="fuzzy")
    own = by_case(
        (*plain, *tagged), baseline((*plain, *tagged), counted(tagged, "b", tag="vi")), counted(tagged, tag="vi")
    )
    assert answer(own, "suite:qa#vi.pass_rate not worse than baseline by 0.05").n == 60
    scored = by_case(
        (*plain, *tagged),
        baseline((*plain, *tagged), counted(tagged, "b", scorer="fuzzy")),
        counted(tagged, scorer="fuzzy"),
    )
    assert answer(scored, "suite:qa/fuzzy.pass_rate not worse than baseline by 0.05").n == 60


def test_a_comparison_is_stored_with_what_it_is_compared_with() -> None:
    """The threshold is minus the margin, or nothing at all."""
    known = by_case(tried(*"1" * 60), tried(*"1" * 60))
    assert ask(known, NOT_WORSE).threshold == -0.05
    assert ask(known, BETTER).threshold == 0.0

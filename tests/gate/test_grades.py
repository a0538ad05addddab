"""Is a mean grade proven by two methods at once, and never by grades that are not there?"""

from __future__ import annotations

from assay.gate.means import LEAST_CASES_FOR_A_MEAN, bca_limits, mean_limits
from assay.schema.score import Correction
from tests.gate.build import answer, by_case, counted, tried

GRADES = [1.0, 0.9, 0.8, 0.3] * 25
GRADE = "suite:qa.mean_grade >= 0.7"
SURE = "suite:qa.mean_grade >= 0.65 with 95% confidence"


def test_a_mean_grade_is_compared_as_it_is_without_a_confidence() -> None:
    """The mean over all trials is held against the threshold; one on the threshold holds."""
    cases = tried(*"1" * 100, grades=GRADES)
    found = answer(by_case(cases), GRADE)
    assert (found.status, found.observed, found.low, found.method) == ("met", 0.75, None, None)
    assert found.reason == "The mean grade over 100 cases is 0.75."
    assert answer(by_case(cases), "suite:qa.mean_grade >= 0.75").status == "met"
    assert answer(by_case(cases), "suite:qa.mean_grade > 0.75").status == "not_met"
    assert answer(by_case(tried("1", grades=[0.8])), GRADE).reason == "The mean grade over 1 case is 0.8."


def test_trials_without_a_grade_may_have_any() -> None:
    """They count as 0 for the lower and as 1 for the upper mean."""
    found = answer(by_case(tried(*"1" * 8 + "??", grades=[0.8] * 8 + [0.0] * 2)), GRADE)
    assert (found.status, found.observed) == ("unknown", 0.64)
    assert found.reason == "The mean grade over 10 cases is 0.64 to 0.84, for 2 of 10 trials have no grade."
    assert answer(by_case(tried(*"1" * 9 + "?", grades=[0.5] * 9 + [0.0])), GRADE).status == "not_met"
    assert answer(by_case(tried("1", "?", grades=[1.0, 0.0])), "suite:qa.mean_grade >= 0.5").status == "met"
    none = answer(by_case(tried(*"???")), GRADE)
    assert (none.status, none.reason) == ("unknown", "Not one of 3 trials has a grade.")


def test_a_proof_needs_both_methods() -> None:
    """The wider one of the t limits and the bootstrap's counts, on either side."""
    found = answer(by_case(tried(*"1" * 100, grades=GRADES)), SURE)
    plain, boot = (
        mean_limits(GRADES, None, null=0.65, confidence=0.95, scale=(0, 1)),
        bca_limits(sorted(GRADES), 0.95),
    )
    assert boot is not None
    assert (found.low, found.high) == (min(plain.low, boot[0]), max(plain.high, boot[1]))
    assert (found.status, found.method) == ("met", "t over cases with two pseudo-cases; Gaffke; BCa as a check")
    assert found.reason == f"The mean grade over 100 cases is 0.75: at least {found.low:.6g} with 95% confidence."


def test_one_of_the_two_methods_alone_proves_nothing() -> None:
    """A threshold between the two lower limits stays unknown."""
    plain = mean_limits(GRADES, None, null=0.7, confidence=0.95, scale=(0, 1))
    boot = bca_limits(sorted(GRADES), 0.95)
    assert boot is not None
    between = (plain.low + boot[0]) / 2
    cases = by_case(tried(*"1" * 100, grades=GRADES))
    assert answer(cases, f"suite:qa.mean_grade >= {between:.6f} with 95% confidence").status == "unknown"


def test_few_cases_prove_nothing_about_a_mean() -> None:
    """Below the least number of cases, or sources, the reason says how many there must be."""
    few = answer(by_case(tried(*"1" * 20, grades=[1.0] * 20)), SURE)
    assert (few.status, few.needed) == ("unknown", LEAST_CASES_FOR_A_MEAN - 20)
    assert few.reason == "The mean grade over 20 cases is 1: a confidence needs 30 cases, has 20."
    sources = [f"s{number % 20}" for number in range(100)]
    clumped = answer(by_case(tried(*"1" * 100, grades=[1.0] * 100, sources=sources)), SURE)
    assert clumped.reason == "The mean grade over 100 cases is 1: a confidence needs 30 sources, has 20."


def test_beside_an_unknown_stands_how_many_best_grades_it_takes() -> None:
    """The number is a floor: the bootstrap may want more."""
    found = answer(by_case(tried(*"1" * 100, grades=GRADES)), "suite:qa.mean_grade >= 0.75 with 95% confidence")
    assert found.needed is not None
    assert found.reason == (
        f"The mean grade over 100 cases is 0.75: at least {found.needed} more cases of grade 1 needed "
        "for 95% confidence."
    )


def test_grades_that_all_agree_have_a_width() -> None:
    """A hundred best grades prove 0.95, and no more than a hundred passes would."""
    cases = by_case(tried(*"1" * 100, grades=[1.0] * 100))
    assert answer(cases, "suite:qa.mean_grade >= 0.95 with 95% confidence").status == "met"
    assert answer(cases, "suite:qa.mean_grade >= 0.98 with 95% confidence").status == "unknown"


def test_grades_are_those_of_one_scorer() -> None:
    """A named scorer's grades are its own; cases graded by different ones have no mean, and nor has nothing."""
    cases = tried(*"1" * 40, grades=[0.9] * 40, scorer="fuzzy")
    named = by_case(cases, None, counted(cases, scorer="fuzzy"))
    assert answer(named, "suite:qa/fuzzy.mean_grade >= 0.9").status == "met"
    other = tried(*"1" * 40, grades=[0.9] * 40, scorer="exact")
    mixed = answer(by_case((*cases[:20], *other[20:])), GRADE)
    assert mixed.reason == "Its cases have no scorer in common that grades them."
    assert answer(by_case((), None, counted(())), GRADE).reason == "No trials were due."


def test_labels_carry_no_grades() -> None:
    """A judge whose pass rate labels correct has grades that nobody checked."""
    cases = tried(*"1" * 40, grades=[0.9] * 40)
    correction = Correction(
        judged_passed=40,
        judged_n=40,
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
    found = answer(by_case(cases, None, judged), GRADE)
    assert (found.status, found.reason) == (
        "unknown",
        "Human labels speak of a judge's verdicts, not of its grades.",
    )
    untrusted = counted(cases).model_copy(update={"trusted": False, "doubt": "no calibration"})
    assert answer(by_case(cases, None, untrusted), GRADE).reason == "No calibration."


def test_a_forged_grade_is_seen() -> None:
    """A case whose grades exceed its trials is none."""
    cases = tried(*"1" * 40, grades=[2.0] * 40)
    assert answer(by_case(cases), GRADE).reason == "The cases contradict the counts of trials."

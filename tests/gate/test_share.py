"""Does a share say how it was decided, what would prove it and what would turn it?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from assay.gate.comparison import Comparison
from assay.gate.share import PartShare, Share, answer_share

SURE = 0.95


def share(hits: int, undecided: int, n: int) -> Share:
    return Share(hits, undecided, n, "requests", "within", more_hits="request within", more_misses="request outside")


@pytest.mark.parametrize(
    ("counts", "comparison", "needed", "flip"),
    [
        # without a confidence the same number of trials turns it
        ((9, 0, 10), Comparison(">=", 0.9), None, "1 more request outside of the same 10"),
        ((10, 0, 10), Comparison(">=", 0.7), None, "4 more requests outside of the same 10"),
        ((5, 0, 10), Comparison(">=", 0.7), None, "2 more requests within of the same 10"),
        ((5, 0, 10), Comparison("<=", 0.7), None, "3 more requests within of the same 10"),
        ((9, 0, 10), Comparison("<=", 0.7), None, "2 more requests outside of the same 10"),
        # those without a score decide it: so many of them must be good ones
        ((5, 3, 10), Comparison(">=", 0.7), 2, "2 more requests within of the same 10"),
        ((5, 3, 10), Comparison("<=", 0.7), 1, "1 more request outside of the same 10"),
        # with one, 29 of 29 prove 0.9
        ((29, 0, 29), Comparison(">=", 0.9, SURE), None, "1 more request outside of the same 29"),
        ((28, 0, 28), Comparison(">=", 0.9, SURE), 1, None),
        ((58, 0, 60), Comparison(">=", 0.9, SURE), 1, "1 more request within of the same 60"),
        ((20, 0, 60), Comparison(">=", 0.9, SURE), None, "39 more requests within of the same 60"),
        ((0, 0, 28), Comparison("<=", 0.1, SURE), 1, None),
    ],
)
def test_what_proves_and_what_turns_a_share(
    counts: tuple[int, int, int], comparison: Comparison, needed: int | None, flip: str | None
) -> None:
    """Beside an unknown stands how many more prove it, and beside each answer how many of the same turn it."""
    answer = answer_share(share(*counts), comparison)
    expected = None if answer.status == "not_met" else needed
    assert (answer.needed, answer.flip) == (expected, flip)
    assert answer.method == ("exact binomial" if comparison.confidence else None)


def test_words_count_one_and_many() -> None:
    """One more request, but two more requests, wherever in the phrase the word stands."""
    few = answer_share(share(44, 0, 45), Comparison(">=", 0.9, SURE))
    assert few.reason == "44 of 45 requests within: 1 more request within needed for 95% confidence."
    fewer = answer_share(share(43, 0, 44), Comparison(">=", 0.9, SURE))
    assert fewer.reason == "43 of 44 requests within: 2 more requests within needed for 95% confidence."


@pytest.mark.parametrize(
    ("counts", "comparison", "reason"),
    [
        (
            (12, 0, 12),
            Comparison(">=", 0.8, SURE),
            (
                "12 of 12 requests within: 2 more requests within needed for 95% confidence; "
                "it cannot be met with 12 requests, even at best: 14 needed."
            ),
        ),
        (
            (3, 0, 12),
            Comparison(">=", 0.8, SURE),
            (
                "3 of 12 requests within: at most 0.527327 with 95% confidence; "
                "it cannot be met with 12 requests, even at best: 14 needed."
            ),
        ),
        (
            (0, 0, 1),
            Comparison("<=", 0.1, SURE),
            (
                "0 of 1 requests within: 28 more requests outside needed for 95% confidence; "
                "it cannot be met with 1 request, even at best: 29 needed."
            ),
        ),
        ((0, 0, 14), Comparison(">=", 0.8, SURE), "0 of 14 requests within: at most 0.192636 with 95% confidence."),
    ],
)
def test_a_share_that_no_result_can_prove_says_how_many_it_takes(
    counts: tuple[int, int, int], comparison: Comparison, reason: str
) -> None:
    """Where not even a perfect result would do there is nothing to turn, and the fewest that prove it are named."""
    answer = answer_share(share(*counts), comparison)
    assert (answer.reason, answer.flip is None) == (reason, "at best" in reason)


def test_a_flip_turns_it() -> None:
    """One turned trial fewer than the flip says leaves the answer as it was."""
    comparison = Comparison(">=", 0.9, SURE)
    assert answer_share(share(99, 0, 100), comparison).flip == "4 more requests outside of the same 100"
    assert answer_share(share(96, 0, 100), comparison).status == "met"
    assert answer_share(share(95, 0, 100), comparison).status == "unknown"


def test_what_was_not_asked_is_told_from_what_has_no_score() -> None:
    """The figure shown is that of what was asked; the limits still take what was not both ways."""
    whole = {"more_hits": "passing trial", "more_misses": "failing trial"}
    share = PartShare(30, 45, 100, "trials", "passed", **whole, left=43)
    answer = answer_share(share, Comparison(">=", 0.9))
    assert (answer.status, answer.observed) == ("not_met", 30 / 57)
    assert answer.reason == "30 of 57 trials passed (2 of 100 trials have no score and 43 were not asked)."
    one = PartShare(1, 1, 3, "trials", "passed", **whole, left=1)
    assert one.counted == "1 of 2 trials passed (1 of 3 trials was not asked)"
    sure = answer_share(one, Comparison(">=", 0.5))
    assert sure.reason == "1 of 2 trials passed; 1 of 3 trials was not asked and decides it."


@pytest.mark.parametrize(
    ("counts", "comparison", "needed", "said"),
    [
        ((90, 7, 100, 7), Comparison(">=", 0.9, SURE), 6, "6 more passing trials, of the 7 that were not asked,"),
        ((3, 90, 100, 90), Comparison("<=", 0.1, SURE), 89, "89 more failing trials, of the 90 that were not asked,"),
        ((28, 1, 29, 1), Comparison(">=", 0.9, SURE), 1, "1 more passing trial, of the 1 that was not asked,"),
        # all of them are too few
        ((27, 1, 28, 1), Comparison(">=", 0.9, SURE), 2, "2 more passing trials, with the 1 that was not asked,"),
        ((50, 8, 60, 6), Comparison(">=", 0.9, SURE), 35, "35 more passing trials, with all 6 that were not asked,"),
        ((9, 1, 10, 1), Comparison(">=", 0.9999999, SURE), None, "over ten million more passing trials"),
    ],
)
def test_what_was_not_asked_comes_before_any_further_case(
    counts: tuple[int, int, int, int], comparison: Comparison, needed: int | None, said: str
) -> None:
    """So many of the trials that were not asked prove it as are said, and further ones only where all are too few."""
    hits, undecided, n, left = counts
    words = {"more_hits": "passing trial", "more_misses": "failing trial"}
    own = PartShare(hits, undecided, n, "trials", "passed", **words, left=left)
    answer = answer_share(own, comparison)
    assert (answer.status, answer.needed) == ("unknown", needed)
    assert f": {said} needed for 95% confidence" in answer.reason
    if needed is None:
        return
    for more, status in ((needed - 1, "unknown"), (needed, "met")):
        asked, good = min(more, left), more if comparison.wants_high else 0
        done = replace(own, hits=hits + good, undecided=undecided - asked, n=n + more - asked, left=left - asked)
        assert answer_share(done, comparison).status == status

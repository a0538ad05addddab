"""Do claims about pairs keep their error rate, whatever share of the cases comes out differently?"""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.gate.kept import exact_p, kept_confidence, least_pairs
from assay.gate.paired import mcnemar_mid_p
from assay.gate.planning import noninferiority_power
from tests.gate.build import answer, by_case, tried

margins = st.sampled_from([0.02, 0.05, 0.1, 0.2])


def largest(n: int, margin: float, confidence: float) -> float:
    """Return the largest chance of a wrong pass over many more shares than the gate looks at."""
    shares = [margin * 1.005**step for step in range(1000) if margin * 1.005**step < 1]
    return max(noninferiority_power(n, share, margin, confidence, -margin) for share in (*shares, 1.0))


@settings(deadline=None, max_examples=10)
@given(n=st.integers(1, 120), margin=margins, confidence=st.sampled_from([0.9, 0.95, 0.99]))
def test_a_wrong_pass_is_as_rare_as_is_written(n: int, margin: float, confidence: float) -> None:
    """The chance stays within the level, also between the shares that the gate looks at."""
    assert largest(n, margin, kept_confidence(n, margin, confidence)) <= (1 - confidence) * 1.001


@pytest.mark.parametrize(("n", "margin", "alone"), [(30, 0.1, 0.0714), (52, 0.05, 0.0694), (300, 0.02, 0.0602)])
def test_the_test_alone_would_pass_too_often(n: int, margin: float, alone: float) -> None:
    """Without it a wrong pass is likelier than 5 %: these are the exact chances."""
    assert largest(n, margin, 0.95) == pytest.approx(alone, abs=6e-4)
    assert kept_confidence(n, margin, 0.95) > 0.95


@given(n=st.integers(0, 100_000), margin=margins)
@settings(deadline=None, max_examples=20)
def test_it_never_asks_for_less(n: int, margin: float) -> None:
    """The confidence is at least the one that is written, and can be reached."""
    n = n if n > 2_000 else n % 100
    assert 0.95 <= kept_confidence(n, margin, 0.95) < 1


def test_fewer_pairs_prove_no_margin() -> None:
    """Without a differing case it takes a few more pairs than Tango's test alone: 52 for 0.05, 133 for 0.02."""
    assert [least_pairs(margin, 0.95) for margin in (0.02, 0.05, 0.1)] == [150, 59, 29]


def wrongly_better(n: int, level: float) -> float:
    """Return the largest chance that a candidate which is no better is shown to be, over many shares that differ."""

    def hidden(pairs: int, losses: int) -> bool:
        return exact_p(n, mcnemar_mid_p(pairs - losses, losses) / 2) > level

    few = [bisect_left(range((own + 1) // 2), 1, key=partial(hidden, own)) for own in range(n + 1)]
    chances = [sum(math.comb(pairs, own) for own in range(few[pairs])) / 2**pairs for pairs in range(n + 1)]
    return max(
        math.fsum(math.comb(n, m) * share**m * (1 - share) ** (n - m) * chances[m] for m in range(n + 1))
        for share in (step / 200 for step in range(1, 201))
    )


@pytest.mark.parametrize("n", [5, 12, 22, 36, 61])
@pytest.mark.parametrize("level", [0.05, 0.1])
def test_a_candidate_that_is_no_better_is_seldom_shown_to_be(n: int, level: float) -> None:
    """The mid-p alone shows it in up to 7.3 % of runs at 5 %; made exact it stays within the level."""
    assert wrongly_better(n, level) <= level


def test_a_run_counts_itself_among_those_with_so_small_a_mid_p() -> None:
    """15 of 22 gained: their mid-p ends in a 5 behind the decimals that are compared, and rounds either way."""
    as_few_losses = sum(math.comb(22, losses) for losses in range(8)) / 2**22
    assert exact_p(22, mcnemar_mid_p(15, 7) / 2) >= as_few_losses > 0.05


@pytest.mark.parametrize(("n", "level"), [(1005, 0.05), (1077, 0.01), (1122, 0.001)])
def test_where_very_many_cases_all_differ_as_few_wrongly_show_it(n: int, level: float) -> None:
    """Nothing evens out the steps there, so that a twentieth to spare is too little."""
    few = [losses for losses in range(n // 2) if exact_p(n, mcnemar_mid_p(n - losses, losses) / 2) <= level]
    assert sum(math.comb(n, losses) for losses in few) / 2**n <= level


@given(n=st.integers(1, 3000), gained=st.integers(0, 60), lost=st.integers(0, 60))
@settings(deadline=None, max_examples=30)
def test_an_exact_p_is_no_smaller_than_the_mid_p(n: int, gained: int, lost: int) -> None:
    """And never beyond 1."""
    mid_p = mcnemar_mid_p(gained, lost) / 2
    assert mid_p <= exact_p(n, mid_p) <= 1


@pytest.mark.parametrize("confidence", ["99.9", "99.99", "99.9999"])
def test_a_very_sure_claim_has_looks_too(confidence: str) -> None:
    """The first look of so strict a test has a level that no decimals tell: it decides nothing, and nothing breaks."""
    text = f"suite:qa.pass_rate not worse than baseline by 0.1 with {confidence}% confidence"
    found = answer(by_case(tried(*["1"] * 400), tried(*["1"] * 400), looks=5), text)
    assert found.status == "met"
    assert not found.reason.startswith("Look 1")

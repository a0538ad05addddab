"""Are two benchmarks compared round by round, with an error rate that is kept?"""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random
from statistics import stdev
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.gate.rounds import FIGURES, LEAST_ROUNDS, ratio_limits
from assay.schema.baseline import Baseline
from tests.gate.build import answer, ask, cell, facts, reason, rounds, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.gate import Facts
    from assay.schema.bench import Repeat, Validity

ROWS = seconds(*[1.0] * 20)
STEADY = (1.0, 1.02, 0.99, 1.01, 0.98)
P95 = "bench:short@1.e2e_p95_s"
TOKENS = "bench:short@1.output_tokens_per_s"


def pair(
    own: Sequence[Repeat], other: Sequence[Repeat], *, validity: tuple[Validity, Validity] = ("VALID",) * 2
) -> Facts:
    """Return facts with rounds of the candidate and of the baseline."""
    doubt = reason("unsteady", "either", "its rounds differ")
    mine, its = (
        cell(ROWS, judged, *([] if judged == "VALID" else [doubt]), repeats=tuple(one))
        for one, judged in zip((own, other), validity, strict=True)
    )
    return replace(facts(cells=[mine]), baseline_cells=(its.model_copy(update={"candidate": "today"}),))


def times(factor: float) -> tuple[Repeat, ...]:
    return rounds(*(factor * own for own in STEADY))


@pytest.mark.parametrize(
    ("factor", "text", "status"),
    [
        (1.0, f"{P95} not worse than baseline by 10%", "met"),
        (1.08, f"{P95} not worse than baseline by 10%", "met"),
        (1.095, f"{P95} not worse than baseline by 10%", "unknown"),
        (1.2, f"{P95} not worse than baseline by 10%", "not_met"),
        (0.5, f"{P95} not worse than baseline by 10%", "met"),
        (0.9, f"{P95} better than baseline", "met"),
        (1.0, f"{P95} better than baseline", "unknown"),
        (1.1, f"{P95} better than baseline", "not_met"),
        (1.0, f"{P95} not worse than baseline by 0.5%", "unknown"),
        (0.9, f"{TOKENS} not worse than baseline by 5%", "not_met"),
        (0.97, f"{TOKENS} not worse than baseline by 5%", "met"),
        (1.5, f"{TOKENS} not worse than baseline by 5%", "met"),
        (1.1, f"{TOKENS} better than baseline", "met"),
        (0.9, f"{TOKENS} better than baseline", "not_met"),
        (1.2, "bench:short@1.e2e_p50_s not worse than baseline by 10%", "not_met"),
        (1.2, "bench:short@1.ttft_p50_s not worse than baseline by 25%", "met"),
    ],
)
def test_truth_table(factor: float, text: str, status: str) -> None:
    """Against a baseline a factor away, a claim is met, not met or unknown on the side that is good for the figure."""
    assert ask(pair(times(factor), times(1)), text).status == status


@pytest.mark.parametrize(
    ("factor", "text", "reason"),
    [
        (
            1.05,
            f"{P95} not worse than baseline by 10%",
            "e2e_p95_s is 5% higher than the baseline's over 5 rounds: at most 6.01% higher with 95% confidence.",
        ),
        (
            0.9,
            f"{P95} better than baseline",
            "e2e_p95_s is 10% lower than the baseline's over 5 rounds: at least 9.14% lower with 95% confidence.",
        ),
        (
            1.2,
            f"{P95} not worse than baseline by 10%",
            "e2e_p95_s is 20% higher than the baseline's over 5 rounds: at least 18.9% higher with 95% confidence.",
        ),
        (
            1.1,
            f"{TOKENS} better than baseline with 90% confidence",
            (
                "output_tokens_per_s is 10% higher than the baseline's over 5 rounds: at least 9.25% higher with 90% "
                "confidence."
            ),
        ),
        (
            0.995,
            f"{P95} better than baseline",
            (
                "e2e_p95_s is 0.5% lower than the baseline's over 5 rounds: at most 1.44% lower and at most 0.453% "
                "higher, each with 95% confidence; about 8 more rounds like these needed."
            ),
        ),
        (
            1.02,
            f"{P95} not worse than baseline by 1.5%",
            (
                "e2e_p95_s is 2% higher than the baseline's over 5 rounds: at least 1.03% higher and at most 2.98% "
                "higher, each with 95% confidence."
            ),
        ),
    ],
)
def test_reasons_say_how_far_apart_they_are(factor: float, text: str, reason: str) -> None:
    """The reason has the difference, the limit that decides, and beside an unknown the rounds that would."""
    assert ask(pair(times(factor), times(1)), text).reason == reason


def test_figures_are_shares_of_the_baseline() -> None:
    """Number, limits, threshold and margin are relative differences; n counts rounds."""
    slow = ask(pair(times(1.05), times(1)), f"{P95} not worse than baseline by 10%")
    assert (slow.observed, slow.threshold, slow.n) == (0.05, 0.1, 5)
    assert slow.high == pytest.approx(0.0601, abs=1e-4)
    assert slow.high is not None
    assert slow.margin == pytest.approx(0.1 - slow.high, abs=1e-6)
    fewer = ask(pair(times(0.97), times(1)), f"{TOKENS} not worse than baseline by 5%")
    assert (fewer.observed, fewer.threshold) == (-0.03, -0.05)
    assert fewer.low is not None
    assert fewer.margin == pytest.approx(fewer.low + 0.05, abs=1e-6)
    assert ask(pair(times(1), times(1)), f"{P95} better than baseline").threshold == 0


@pytest.mark.parametrize(
    ("own", "other", "reason", "needed"),
    [
        (times(1)[:4], times(1)[:4], "4 of the 5 rounds that a comparison needs: 1 more round needed", 1),
        (times(1)[:1], times(1)[:1], "1 of the 5 rounds that a comparison needs: 4 more rounds needed", 4),
        ((), (), "0 of the 5 rounds that a comparison needs: 5 more rounds needed", 5),
        (times(1), times(1)[:4], "Some rounds were measured of only one of the two.", None),
        (times(1)[1:], times(1)[:4], "Some rounds were measured of only one of the two.", None),
        (
            rounds(1, 1, None, 1, None),
            times(1),
            "Without a figure of both over at least 20 requests in rounds 3, 5.",
            None,
        ),
        (times(1), rounds(1, 1, 1, 1, None), "Without a figure of both over at least 20 requests in round 5.", None),
        (rounds(1, 1, 1, 1, 0), times(1), "Without a figure of both over at least 20 requests in round 5.", None),
        (
            rounds(1, 1, 1, 1, 1, n=19),
            times(1),
            "Without a figure of both over at least 20 requests in",
            None,
        ),
    ],
)
def test_rounds_that_are_not_there_are_not_made_up(
    own: Sequence[Repeat], other: Sequence[Repeat], reason: str, needed: int | None
) -> None:
    """Too few rounds, a round of one alone, or one without its figure leaves the comparison open."""
    known = pair(own, other)
    result = ask(known, f"{P95} not worse than baseline by 50%")
    assert result.status == "unknown"
    assert result.reason.startswith(reason)
    assert answer(known, f"{P95} not worse than baseline by 50%").needed == needed


def test_rounds_are_paired_by_number() -> None:
    """Rounds in another order are the same rounds: what rose for both did not rise for one."""
    warming = rounds(1.0, 1.2, 1.4, 1.6, 1.8)
    same = pair(warming[::-1], warming)
    assert ask(same, f"{P95} not worse than baseline by 2%").status == "met"


@pytest.mark.parametrize("judged", ["DEGRADED", "INVALID"])
def test_only_sound_measurements_are_compared(judged: Validity) -> None:
    """Whatever can have made a figure can have made a difference, on either side."""
    text = f"{P95} not worse than baseline by 10%"
    own = ask(pair(times(1), times(1), validity=(judged, "VALID")), text)
    other = ask(pair(times(1), times(1), validity=("VALID", judged)), text)
    assert (own.status, own.reason) == ("unknown", f"The measurement is {judged}: its rounds differ.")
    assert (other.status, other.reason) == (
        "unknown",
        f"The measurement of the baseline is {judged}: its rounds differ.",
    )


def test_another_run_is_no_comparison() -> None:
    """Without a measurement of the baseline in the same run there is nothing to compare, whatever an old one says."""
    text = f"{P95} not worse than baseline by 10%"
    alone = replace(pair(times(1), times(1)), baseline_cells=())
    assert ask(alone, text).reason == f"There is no measurement of {P95} of the baseline."
    assert ask(replace(pair(times(1), times(1)), cells=()), text).reason == f"There is no measurement of {P95}."
    earlier = Baseline(candidate="today", record="0007", evidence_sha256="0" * 64, metrics=(), cases=())
    assert ask(replace(pair(times(1), times(1)), baseline=earlier), text).reason == (
        "The baseline was measured in another run: another time or machine is no comparison."
    )


def test_a_candidate_is_not_compared_with_itself() -> None:
    """Where the candidate is the baseline, its own rounds prove nothing."""
    known = pair(times(1), times(1))
    result = ask(replace(known, baseline_cells=known.cells), f"{P95} not worse than baseline by 10%")
    assert (result.status, result.reason) == (
        "unknown",
        "The candidate is the baseline: it cannot be compared with itself.",
    )


def test_rounds_that_agree_to_the_last_digit_prove_nothing_finer_than_a_percent() -> None:
    """No interval has zero width: five equal rounds are as far apart as one percent spreads."""
    _, low, high = ratio_limits([0.0] * 5, 0.95)
    half = stats.t.ppf(0.95, 4) * 0.01 / math.sqrt(5)
    assert (low, high) == (pytest.approx(math.exp(-half)), pytest.approx(math.exp(half)))
    assert ask(pair(times(1), times(1)), f"{P95} not worse than baseline by 0.9%").status == "unknown"
    assert ask(pair(times(1), times(1)), f"{P95} not worse than baseline by 1%").status == "met"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-1, 1), min_size=2, max_size=12), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_limits_are_those_of_the_paired_t_test(differences: list[float], confidence: float) -> None:
    """Where rounds spread by more than one percent, the limits of the ratio are those of scipy's test on logarithms."""
    ratio, low, high = ratio_limits(differences, confidence)
    assert low < ratio < high
    if stdev(differences) > 0.01:
        below = stats.ttest_1samp(differences, 0, alternative="less").confidence_interval(confidence).high
        above = stats.ttest_1samp(differences, 0, alternative="greater").confidence_interval(confidence).low
        assert low == pytest.approx(math.exp(above), rel=1e-9, abs=1e-12)
        assert high == pytest.approx(math.exp(below), rel=1e-9)


def test_a_confidence_that_nothing_reaches_is_no_error() -> None:
    """However sure one asks to be, the limits are numbers."""
    _, low, high = ratio_limits([0.0, 9.0, -9.0, 5.0, 1.0], 1 - 1e-12)
    assert low == 0
    assert math.isfinite(high)


def test_one_round_or_no_confidence_has_no_limits() -> None:
    """What cannot be computed is refused."""
    with pytest.raises(ValueError, match="one round does not show how rounds differ"):
        ratio_limits([0.1], 0.95)
    with pytest.raises(ValueError, match=r"0\.5 does not lie between 0\.5 and 1"):
        ratio_limits([0.1, 0.2], 0.5)


@pytest.mark.parametrize("spread", [0.001, 0.02, 0.2])
def test_a_candidate_on_the_margin_is_seldom_let_through(spread: float) -> None:
    """Of 2,000 candidates that are exactly as much worse as the margin allows, at most about 5 % are proven better."""
    chance = Random(6)
    wrong = 0
    for _ in range(2000):
        differences = [math.log(1.1) + chance.gauss(0, spread) for _ in range(LEAST_ROUNDS)]
        wrong += ratio_limits(differences, 0.95)[2] < 1.1
    assert wrong <= 2000 * 0.05 + 3 * math.sqrt(2000 * 0.05 * 0.95)


def test_more_rounds_like_these_decide() -> None:
    """The rounds that are said to be needed are those with which the same mean and spread prove it, and no fewer."""
    known = pair(times(0.995), times(1))
    more = answer(known, f"{P95} better than baseline").needed
    assert more is not None
    for extra, status in ((more - 1, "unknown"), (more, "met")):
        own, other = (rounds(*(factor for _ in range(5 + extra))) for factor in (0.995, 1.0))
        assert ask(pair(own, other), f"{P95} better than baseline").status == status


def test_each_figure_of_a_round_can_be_compared() -> None:
    """Every figure that rounds keep is one that conditions know, with its good side."""
    for measure, figure in FIGURES.items():
        better = times(2.0 if figure.good == "high" else 0.5)
        assert ask(pair(better, times(1)), f"bench:short@1.{measure} better than baseline").status == "met"
        assert ask(pair(times(1), better), f"bench:short@1.{measure} better than baseline").status == "not_met"
    assert answer(pair(times(1), times(2)), f"{P95} better than baseline").method == "paired t over rounds"

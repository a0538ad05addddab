"""Is it said beforehand what a run cannot prove, and is that what the gate says afterwards?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.gate.conditions import Condition
from assay.gate.foresight import Cases, Due, Forecast, foresee
from assay.gate.kept import exact_p, kept_confidence
from assay.gate.kinds.pins import PinsQuestion
from assay.gate.means import mean_limits
from assay.gate.paired import PairedTable, mcnemar_mid_p, tango_limits
from assay.gate.statistics import exact_lower

CONFIDENT = " with 95% confidence"


def forecasts(due: Due, *texts: str) -> tuple[Forecast, ...]:
    """Return the forecasts of conditions; what their questions are does not matter."""
    return foresee([Condition(text, text, "block", PinsQuestion()) for text in texts], due)


def of_cases(n: int, text: str, *, groups: int | None = None, trials: int = 1, looks: int = 0) -> Forecast:
    """Return the forecast of one condition on a suite with so many cases, all of which the baseline has too."""
    own = {"suite:qa": Cases(n, n if groups is None else groups)}
    (found,) = forecasts(Due(cases=own, pairs=own, trials=trials, looks=looks), text)
    return found


def of_requests(n: int, text: str) -> Forecast:
    (found,) = forecasts(Due(requests={"short@4": n}), text)
    return found


def test_a_gate_that_cannot_pass_says_how_many_it_takes() -> None:
    """With 16 cases even a perfect result is no proof of 95 %."""
    found = of_cases(16, f"suite:qa.pass_rate >= 0.95{CONFIDENT}")
    assert (found.can, found.floor, found.brief) == ("never", 59, "16 cases, 59 needed")
    assert found.message == "cannot be met with 16 cases, even if all of them pass"
    assert found.remedy == "It takes 59 cases."


@given(st.integers(1, 400), st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]), st.sampled_from([0.8, 0.9, 0.95]))
def test_never_is_what_the_exact_test_says_of_a_perfect_result(n: int, threshold: float, confidence: float) -> None:
    """Below the floor no result proves the rate; from it on all passes do."""
    found = of_cases(n, f"suite:qa.pass_rate >= {threshold} with {100 * confidence:g}% confidence")
    assert (found.can == "never") == (exact_lower(n, n, confidence) < threshold) == (n < (found.floor or 0))


@pytest.mark.parametrize(("n", "can"), [(59, "seldom"), (300, "seldom"), (1000, "well")])
def test_a_rate_that_only_a_better_candidate_reaches_is_weak(n: int, can: str) -> None:
    """Halfway between threshold and perfect must be proven in four of five runs."""
    found = of_cases(n, f"suite:qa.pass_rate >= 0.95{CONFIDENT}")
    assert found.can == can


def test_a_rate_says_how_many_failures_it_bears() -> None:
    """And how good the candidate must truly be."""
    found = of_cases(100, f"suite:qa.pass_rate >= 0.9{CONFIDENT}")
    assert found.message == (
        "allows at most 4 failures in 100 cases; to be proven with 80 % chance a candidate must truly pass 96.9 %, "
        "6.9 points above the threshold"
    )
    assert found.brief == "96.9 % needed for 80 % power"


def test_a_rate_that_must_be_low_is_turned_around() -> None:
    """Refusals of what should be answered: all of them must fail to be proven rare."""
    found = of_cases(58, f"suite:qa.pass_rate <= 0.05{CONFIDENT}")
    assert (found.can, found.message) == ("never", "cannot be met with 58 cases, even if all of them fail")


@pytest.mark.parametrize(
    ("percent", "allowed", "n"), [(95, 0, 59), (95, 1, 93), (95, 2, 124), (99, 0, 299), (99, 1, 473), (50, 0, 5)]
)
def test_percentiles_take_the_requests_of_wilks(percent: int, allowed: int, n: int) -> None:
    """59 requests without a violation for p95, 93 with one, 124 with two; 299 and 473 for p99."""
    text = f"bench:short@4.e2e_p{percent}_s < 5{CONFIDENT}"
    assert f"allows at most {allowed} request" in of_requests(n, text).message
    before = of_requests(n - 1, text)
    assert before.can == "never" if allowed == 0 else f"allows at most {allowed - 1} request" in before.message


def test_a_percentile_of_the_sample_needs_one_request_beyond_it() -> None:
    """A p95 of ten requests is their slowest one; the gate calls that unknown."""
    found = of_requests(10, "bench:short@4.ttft_p95_s < 5")
    assert (found.can, found.floor) == ("never", 20)
    assert forecasts(Due(requests={"short@4": 20}), "bench:short@4.ttft_p95_s < 5") == ()


def test_errors_are_counted_from_the_other_end() -> None:
    """An error rate below 5 % takes 59 requests without an error."""
    assert of_requests(58, f"bench:short@4.error_rate < 0.05{CONFIDENT}").message.endswith("even if none of them fails")
    assert (
        "at most 0 failed requests in 59 requests"
        in of_requests(59, f"bench:short@4.error_rate < 0.05{CONFIDENT}").message
    )


@pytest.mark.parametrize("more", [-1, 0, 5])
@pytest.mark.parametrize(("margin", "floor"), [(0.02, 150), (0.05, 59), (0.1, 29), (0.2, 14)])
def test_not_worse_takes_the_floor_of_tango(margin: float, floor: int, more: int) -> None:
    """It is never met exactly where a table without a discordant pair is no proof: 59 cases for 5 points."""
    n = floor + more
    found = of_cases(n, f"suite:qa.pass_rate not worse than baseline by {margin}")
    low, _ = tango_limits(PairedTable(n, 0, 0, 0), kept_confidence(n, margin, 0.95))
    assert (found.can == "never") == (low < -margin) == (more < 0)
    assert found.floor == floor


def test_a_comparison_says_its_power_and_what_it_assumes() -> None:
    """With 100 cases five points are shown less than every other time."""
    found = of_cases(100, "suite:qa.pass_rate not worse than baseline by 0.05")
    assert (found.can, found.brief) == ("seldom", "41 % power, 276 cases for 80 %")
    assert found.message == (
        "is proven of an equally good candidate with a chance of 41 %; 100 cases show a margin of 8.9 points with "
        "80 %. Assumed: 10 % of the cases come out differently"
    )
    assert of_cases(300, "suite:qa.pass_rate not worse than baseline by 0.05").can == "well"


def test_better_takes_as_many_wins_as_the_test_does() -> None:
    """Of four cases not even four wins are proof at 95 %, for the mid-p is made exact; five of five are."""
    assert mcnemar_mid_p(4, 0) / 2 <= 0.05 < exact_p(4, mcnemar_mid_p(4, 0) / 2)
    assert of_cases(4, "suite:qa.pass_rate better than baseline").can == "never"
    assert of_cases(5, "suite:qa.pass_rate better than baseline").can == "well"


@pytest.mark.parametrize("settings", [{"trials": 3}, {"groups": 40}])
def test_repeated_or_related_cases_are_counted_by_group(settings: dict[str, int]) -> None:
    """Trials of a case, and cases of a source, are no cases of their own."""
    text = f"suite:qa.pass_rate >= 0.95{CONFIDENT}"
    found = of_cases(60, text, **settings)
    groups = settings.get("groups", 60)
    low = mean_limits([1.0] * groups, None, null=0.95, confidence=0.95, scale=(0, 1)).low
    assert (found.can == "never") == (low < 0.95) == (groups < (found.floor or 0))
    if "groups" in settings:
        assert found.message.startswith("cannot be met with 40 sources, even if ")


@pytest.mark.parametrize(
    ("text", "floor"),
    [(f"suite:qa.pass_rate >= 0.95{CONFIDENT}", 59), ("suite:qa.pass_rate not worse than baseline by 0.05", 59)],
)
def test_looks_cost_a_few_cases(text: str, floor: int) -> None:
    """What is just enough for one test is not for the last of five looks, which keeps less of the error rate."""
    assert of_cases(floor, text).can != "never"
    assert of_cases(floor, text, looks=5).can == "never"
    assert of_cases(floor + 10, text, looks=5).can != "never"


def test_what_rests_on_no_sample_has_no_forecast() -> None:
    """Nor has what is not due."""
    due = Due(cases={"suite:qa": Cases(30, 30)}, requests={"short@4": 30})
    assert (
        forecasts(
            due,
            "readiness all met",
            "suite:qa.pass_rate >= 0.9",
            "suite:qa.coverage >= 0.9",
            "bench:short@4.requests_per_s > 3",
            "bench:long@4.e2e_p95_s < 3",
            f"suite:other.pass_rate >= 0.9{CONFIDENT}",
            "suite:qa.pass_rate not worse than baseline by 0.05",
            "suite:qa.pass_rate >= 0.9 with 20% confidence",
        )
        == ()
    )

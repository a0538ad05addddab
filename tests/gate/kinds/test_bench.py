"""Are latencies judged with every failed request, and only as far as n and validity carry?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.schema.bench import Memory
from tests.gate.build import ask, cell, facts, seconds

SURE = " with 95% confidence"


@pytest.mark.parametrize(
    ("values", "text", "status"),
    [
        # without confidence: the sample percentile, where n can hold it
        ([1.0] * 20, "e2e_p95_s < 5", "met"),
        ([1.0] * 19, "e2e_p95_s < 5", "unknown"),
        ([1.0] * 19 + [9.0], "e2e_p95_s < 5", "met"),
        ([1.0] * 18 + [9.0] * 2, "e2e_p95_s < 5", "not_met"),
        ([1.0] * 18 + [None] * 2, "e2e_p95_s < 5", "not_met"),
        ([5.0] * 20, "e2e_p95_s < 5", "not_met"),
        ([5.0] * 20, "e2e_p95_s <= 5", "met"),
        ([1.0] * 99, "e2e_p99_s < 5", "unknown"),
        ([1.0] * 100, "e2e_p99_s < 5", "met"),
        ([1.0], "e2e_p50_s < 5", "unknown"),
        ([1.0] * 2, "e2e_p50_s < 5", "met"),
        ([None] * 30, "e2e_p50_s < 5", "not_met"),
        ([], "e2e_p50_s < 5", "unknown"),
        ([4.0] * 20, "ttft_p95_s < 3", "met"),
        ([4.0] * 20, "ttft_p95_s < 1", "not_met"),
        # with confidence: 59 clean requests, or 93 with one violation
        ([1.0] * 59, "e2e_p95_s < 5" + SURE, "met"),
        ([1.0] * 58, "e2e_p95_s < 5" + SURE, "unknown"),
        ([1.0] * 58 + [9.0], "e2e_p95_s < 5" + SURE, "unknown"),
        ([1.0] * 92 + [9.0], "e2e_p95_s < 5" + SURE, "met"),
        ([1.0] * 92 + [None], "e2e_p95_s < 5" + SURE, "met"),
        ([1.0] * 91 + [None] * 2, "e2e_p95_s < 5" + SURE, "unknown"),
        ([1.0] * 20 + [9.0] * 10, "e2e_p95_s < 5" + SURE, "not_met"),
        ([1.0] * 20 + [None] * 10, "e2e_p95_s < 5" + SURE, "not_met"),
        ([4.0] * 59, "ttft_p95_s < 3" + SURE, "met"),
        ([1.0] * 299, "e2e_p99_s < 5" + SURE, "met"),
        ([1.0] * 298, "e2e_p99_s < 5" + SURE, "unknown"),
        ([], "e2e_p95_s < 5" + SURE, "unknown"),
        # failed requests as a rate
        ([1.0] * 99 + [None], "error_rate <= 0.01", "met"),
        ([1.0] * 98 + [None] * 2, "error_rate <= 0.01", "not_met"),
        ([1.0] * 29, "error_rate < 0.1" + SURE, "met"),
        ([1.0] * 28, "error_rate < 0.1" + SURE, "unknown"),
        ([None] * 28, "error_rate < 0.1" + SURE, "not_met"),
        # single figures
        ([1.0] * 9, "tpot_p50_s <= 0.02", "met"),
        ([1.0] * 9, "output_tokens_per_s >= 45.5", "met"),
        ([1.0] * 9, "output_tokens_per_s > 45.5", "not_met"),
        ([1.0] * 9, "requests_per_s >= 3", "not_met"),
        ([1.0] * 9, "memory_peak_gib <= 3", "met"),
        ([1.0] * 9, "memory_peak_gib < 3", "not_met"),
    ],
)
def test_truth_table_of_a_measurement(values: list[float | None], text: str, status: str) -> None:
    """Each measure is met, not met or unknown as its sample says; a failed request is infinitely slow."""
    assert ask(facts(rows=seconds(*values)), f"bench:short@1.{text}").status == status


@pytest.mark.parametrize(
    ("values", "text", "reason"),
    [
        ([1.0] * 20, "e2e_p95_s < 5", "p95 of 20 requests is 1 s."),
        (
            [1.0] * 30,
            "e2e_p99_s < 5",
            "p99 of 30 requests is 1 s; they are too few to hold it: 70 more requests needed.",
        ),
        ([1.0] * 18 + [None] * 2, "e2e_p95_s < 5", "p95 of 20 requests falls on a failed one."),
        (
            [1.0] * 30,
            "e2e_p95_s < 5" + SURE,
            "p95 of 30 requests is 1 s: 29 more requests within the limit needed for 95% confidence.",
        ),
        ([1.25] * 59, "e2e_p95_s < 5" + SURE, "p95 of 59 requests is 1.25 s: at most 1.25 s with 95% confidence."),
        (
            [1.0] * 20 + [9.5] * 10,
            "e2e_p95_s < 5" + SURE,
            "p95 of 30 requests is 9.5 s: at least 9.5 s with 95% confidence.",
        ),
        (
            [1.0] * 20 + [None] * 10,
            "e2e_p95_s < 5" + SURE,
            "p95 of 30 requests falls on a failed one: a failed one with 95% confidence.",
        ),
        (
            [1.0] * 28,
            "error_rate < 0.1" + SURE,
            "0 of 28 requests failed: 1 more answered request needed for 95% confidence.",
        ),
        ([1.0] * 9, "memory_peak_gib < 4", "3 GiB at most over 9 requests."),
    ],
)
def test_reasons_say_the_figure_and_what_is_missing(values: list[float | None], text: str, reason: str) -> None:
    """The reason is the figure, and beside an unknown what would decide it."""
    assert ask(facts(rows=seconds(*values)), f"bench:short@1.{text}").reason == reason


def test_figures_of_a_percentile_are_in_seconds() -> None:
    """Observed figure, limits and margin have the unit of the threshold; an infinite one is None."""
    met = ask(facts(rows=seconds(*[n / 100 for n in range(1, 101)])), "bench:short@1.e2e_p95_s < 5" + SURE)
    assert (met.observed, met.low, met.high, met.threshold, met.margin, met.n) == (0.95, 0.91, 0.99, 5.0, 4.01, 100)
    failed = ask(facts(rows=seconds(*[None] * 30)), "bench:short@1.e2e_p95_s < 5")
    assert (failed.status, failed.observed, failed.margin) == ("not_met", None, None)


latency = st.one_of(st.none(), st.floats(0.1, 10, allow_nan=False))


@settings(deadline=None, max_examples=80)
@given(st.lists(latency, min_size=1, max_size=130), st.sampled_from([50, 95]), st.floats(0.5, 9.5))
def test_a_percentile_is_proven_exactly_when_a_binomial_test_is_significant(
    values: list[float | None], percent: int, limit: float
) -> None:
    """The order-statistic limits decide as exact tests on the share of requests within the limit do."""
    limit = round(limit, 3)
    rows = seconds(*values)
    kept = sum(own is not None and own / 1e6 <= limit for own, _ in rows)
    better = stats.binomtest(kept, len(rows), percent / 100, alternative="greater").pvalue
    worse = stats.binomtest(kept, len(rows), percent / 100, alternative="less").pvalue
    status = ask(facts(rows=rows), f"bench:short@1.e2e_p{percent}_s <= {limit}{SURE}").status
    significant = 0.05 + 1e-9  # on the border itself, one failure of one request, the last bit must not decide
    assert status == ("met" if better <= significant else "not_met" if worse <= significant else "unknown")


def test_an_invalid_measurement_says_nothing() -> None:
    """Neither a good nor a bad figure of an INVALID measurement decides."""
    rows = seconds(*[1.0] * 60)
    known = facts(rows=rows, cells=[cell(rows, "INVALID", "the server answered nothing", "no warm-up")])
    for text in ("e2e_p95_s < 5", "e2e_p95_s < 0.5", "error_rate < 0.5", "requests_per_s > 1"):
        result = ask(known, f"bench:short@1.{text}")
        assert result.status == "unknown"
        assert result.reason == "The measurement is INVALID: the server answered nothing; no warm-up."


def test_a_degraded_measurement_decides_and_says_so() -> None:
    """A DEGRADED measurement keeps its status and adds its reasons."""
    rows = seconds(*[1.0] * 20)
    result = ask(facts(rows=rows, cells=[cell(rows, "DEGRADED", "the client lagged")]), "bench:short@1.e2e_p95_s < 5")
    assert result.status == "met"
    assert result.reason == "p95 of 20 requests is 1 s. The measurement is DEGRADED: the client lagged."


def test_survivors_alone_prove_nothing() -> None:
    """Where latencies of some requests are absent, the others decide nothing with confidence."""
    rows = seconds(*[1.0] * 59)
    result = ask(facts(rows=rows, cells=[cell([*rows, (None, None)])]), "bench:short@1.e2e_p95_s < 5" + SURE)
    assert (result.status, result.low, result.high) == ("unknown", None, None)
    assert result.reason == "p95 of 60 requests is 1 s: the latencies of all of them are needed, 59 are there."


def test_another_load_never_stands_in() -> None:
    """A measurement at one concurrency says nothing of another, and two of the same name compete."""
    rows = seconds(*[1.0] * 20)
    known = facts(rows=rows)
    assert ask(known, "bench:short@4.e2e_p95_s < 5").reason == "There is no measurement of bench:short@4.e2e_p95_s."
    assert ask(known, "bench:long@1.e2e_p95_s < 5").status == "unknown"
    assert ask(facts(rows=rows, cells=[cell(rows), cell(rows)]), "bench:short@1.e2e_p95_s < 5").status == "unknown"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"tpot_p50_us": None}, "tpot_p50_s < 1"),
        ({"output_tokens_per_s": None}, "output_tokens_per_s > 1"),
        ({"output_tokens_per_s": float("nan")}, "output_tokens_per_s > 1"),
        ({"requests_per_s": float("inf")}, "requests_per_s > 1"),
        ({"memory": None}, "memory_peak_gib < 4"),
        (
            {"memory": Memory(rss_peak_bytes=0, anonymous_peak_bytes=None, host_available_min_bytes=0, samples=0)},
            "memory_peak_gib < 4",
        ),
        ({"n": 0}, "requests_per_s > 1"),
        ({"e2e": ()}, "e2e_p95_s < 5"),
        ({"failed": 21}, "error_rate < 0.5"),
    ],
)
def test_a_figure_that_could_not_be_had_is_unknown(change: dict[str, object], text: str) -> None:
    """An absent, infinite or impossible figure is neither zero nor a pass."""
    rows = seconds(*[1.0] * 20)
    broken = cell(rows).model_copy(update=change)
    assert ask(facts(rows=rows, cells=[broken]), f"bench:short@1.{text}").status == "unknown"

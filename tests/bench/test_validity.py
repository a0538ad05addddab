"""A measurement that its client, a cache or too little load made is told from one that can be believed."""

from __future__ import annotations

import dataclasses

import pytest

from assay.bench.validity import Signals, judged

GOOD = Signals(
    profile="long",
    concurrency=4,
    n=100,
    warmup=2,
    answered=100,
    faults=(),
    e2e_p50_us=2_000_000,
    ttft_p50_us=200_000,
    lag_p99_us=3_000,
    cached_share=0.04,
    in_flight=3.8,
)


def test_good() -> None:
    """A measurement with nothing against it is VALID."""
    assert judged(GOOD) == ("VALID", ())


def test_unknown_signals_stand_against_nothing() -> None:
    """A server that does not count cached tokens is not blamed for it."""
    assert judged(dataclasses.replace(GOOD, cached_share=None)) == ("VALID", ())


@pytest.mark.parametrize(
    ("change", "validity", "reason"),
    [
        ({"n": 0, "answered": 0, "e2e_p50_us": None, "ttft_p50_us": None}, "INVALID", "no request was measured"),
        (
            {"answered": 0, "faults": ("timeout",) * 60 + ("loading",) * 40, "e2e_p50_us": None, "ttft_p50_us": None},
            "INVALID",
            "none of 100 requests was answered (60 timeout, 40 loading)",
        ),
        (
            {"lag_p99_us": 400_001, "ttft_p50_us": None},
            "INVALID",
            "the client itself was up to 400 ms late (p99), more than 20% of the median latency of 2e+03 ms",
        ),
        (
            {"lag_p99_us": 10_001},
            "DEGRADED",
            "the client itself was up to 10 ms late (p99), more than 5% of the median time to first token of 200 ms",
        ),
        ({"answered": 94, "faults": ("timeout",) * 6}, "DEGRADED", "6 of 100 requests failed (6 timeout)"),
        ({"answered": 94}, "DEGRADED", "6 of 100 requests failed (without a token)"),
        ({"cached_share": 0.101}, "DEGRADED", "10.1% of the prompt tokens came from the server's prefix cache"),
        ({"in_flight": 1.99}, "DEGRADED", "1.99 requests were in flight on average, not 4"),
        ({"warmup": 0}, "DEGRADED", "no warm-up request was sent before"),
    ],
)
def test_what_stands_against_it(change: dict[str, object], validity: str, reason: str) -> None:
    """Each fault alone lowers the validity and is named with its numbers."""
    assert judged(dataclasses.replace(GOOD, **change)) == (validity, (reason,))


@pytest.mark.parametrize(
    "change",
    [
        {"lag_p99_us": 10_000},
        {"lag_p99_us": 5_000, "ttft_p50_us": 1_000, "e2e_p50_us": 2_000},
        {"answered": 95, "faults": ("timeout",) * 5},
        {"cached_share": 0.1},
        {"cached_share": 0.75, "profile": "short"},
        {"in_flight": 2.0},
    ],
    ids=["lag", "lag within the client's allowance", "failed", "cached", "cached short", "in flight"],
)
def test_borders_are_still_valid(change: dict[str, object]) -> None:
    """A figure on its threshold is still good."""
    assert judged(dataclasses.replace(GOOD, **change)) == ("VALID", ())


def test_all_reasons_are_given() -> None:
    """The reasons of an INVALID measurement come first, the weaker ones after them."""
    validity, reasons = judged(dataclasses.replace(GOOD, lag_p99_us=500_000, warmup=0))
    assert (validity, len(reasons)) == ("INVALID", 3)
    assert "median latency" in reasons[0]
    assert "warm-up" in reasons[2]

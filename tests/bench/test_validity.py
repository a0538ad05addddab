"""A measurement that its client, a cache or too little load made is told from one that can be believed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.bench import validity
from assay.bench.signals import Signals
from assay.bench.validity import judged
from assay.schema.bench import ClientError, LoadKey, Reason

if TYPE_CHECKING:
    from typing import Literal

    from assay.schema.bench import Validity

CLOSED = LoadKey(candidate="a", profile="long", concurrency=4)
WARM = LoadKey(candidate="a", profile="long", concurrency=4, cache="warm")
OPEN = LoadKey(candidate="a", profile="long", arrivals="poisson", rate_per_s=2)
CLIENT = ClientError(
    concurrency=4,
    n=100,
    tokens_per_s=200.0,
    ttft_p50_us=300,
    ttft_p99_us=2_000,
    tpot_p50_us=1,
    tpot_p99_us=30,
    lag_p99_us=2_000,
    lost=0,
)
GOOD = Signals(
    load=CLOSED,
    n=100,
    warmup=2,
    answered=100,
    faults=(),
    e2e_p50_us=2_000_000,
    ttft_p50_us=200_000,
    lag_p99_us=3_000,
    cached_share=0.04,
    in_flight=3.8,
    behind_p99_us=1_000,
    rate_share=1.0,
    growth=(2_000_000, 2_100_000),
    other_cpu_share=0.02,
    spread=0.1,
    length=(32, 32),
    client=CLIENT,
)
NOTHING: dict[str, object] = {"e2e_p50_us": None, "ttft_p50_us": None}
SELF_TEST = "in its self-test the client was 10 ms off (p99), more than 5% of the median time to first token of 200 ms"
FELL_BEHIND = (
    "the server fell behind: median latency grew from 100 ms in the first third of the requests to {} in the last; "
    "had the load lasted, it would be higher"
)

WORDS: list[tuple[str, Literal["against", "for", "either"], dict[str, object], str]] = [
    # INVALID
    ("no_request", "either", {"n": 0, "answered": 0, **NOTHING}, "no request was measured"),
    (
        "no_answer",
        "either",
        {"answered": 0, "faults": ("timeout",) * 60 + ("loading",) * 40, **NOTHING},
        "none of 100 requests was answered (60 timeout, 40 loading)",
    ),
    (
        "client_spoiled",
        "against",
        {"lag_p99_us": 400_001, "ttft_p50_us": None},
        "the client itself was up to 400 ms late (p99), more than 20% of the median latency of 2e+03 ms",
    ),
    (
        "client_far_behind",
        "against",
        {"behind_p99_us": 400_001},
        "the client took requests up 400 ms after they were due (p99), more than 20% of the median latency of 2e+03 ms",
    ),
    (
        "client_loses",
        "either",
        {"client": CLIENT.model_copy(update={"lost": 3})},
        "the client lost 3 of the tokens or requests of its self-test",
    ),
    # DEGRADED
    ("failures", "for", {"answered": 94, "faults": ("timeout",) * 6}, "6 of 100 requests failed (6 timeout)"),
    ("failures", "for", {"answered": 94}, "6 of 100 requests failed (without a token)"),
    (
        "client_late",
        "against",
        {"lag_p99_us": 10_001},
        "the client itself was up to 10 ms late (p99), more than 5% of the median time to first token of 200 ms",
    ),
    (
        "client_behind",
        "against",
        {"behind_p99_us": 100_001},
        "the client took requests up 100 ms after they were due (p99), more than 5% of the median latency of 2e+03 ms",
    ),
    ("client_error", "against", {"client": CLIENT.model_copy(update={"ttft_p99_us": 10_001})}, SELF_TEST),
    (
        "cached",
        "for",
        {"cached_share": 0.101},
        "10.1% of the prompt tokens came from the server's prefix cache",
    ),
    (
        "not_warm",
        "against",
        {"load": WARM, "cached_share": 0.7},
        "only 70.0% of the prompt tokens came from the prefix cache that should be warm",
    ),
    (
        "warm_unseen",
        "either",
        {"load": WARM, "cached_share": None},
        "the server does not say how much of a prompt came from its cache: whether it was warm is not known",
    ),
    ("idle", "for", {"in_flight": 1.99}, "1.99 requests were in flight on average, not 4"),
    ("idle", "for", {"n": 3, "answered": 3}, "3 requests cannot keep 4 in flight at once"),
    (
        "rate_missed",
        "for",
        {"load": OPEN, "rate_share": 0.949},
        "requests were sent at 94.9% of the rate at which they were due",
    ),
    (
        "overloaded",
        "for",
        {"load": OPEN, "growth": (100_000, 200_001)},
        FELL_BEHIND.format("200 ms"),
    ),
    (
        "overloaded",
        "for",
        {"load": OPEN, "growth": (100_000, None)},
        FELL_BEHIND.format("endless"),
    ),
    (
        "other_load",
        "against",
        {"other_cpu_share": 0.11},
        "other programs took 11% of the machine's processor time",
    ),
    (
        "other_requests",
        "against",
        {"others": 1},
        "the server answered 1 more requests than were sent to it: it has other users",
    ),
    ("unsteady", "either", {"spread": 0.26}, "the median latencies of its rounds differ by 26%"),
    (
        "length_missed",
        "either",
        {"length": (100, 89)},
        "answers have 89 tokens (median), not the 100 that were asked for",
    ),
    (
        "length_missed",
        "either",
        {"length": (100, 111)},
        "answers have 111 tokens (median), not the 100 that were asked for",
    ),
    ("cold", "against", {"warmup": 0}, "no warm-up request was sent before"),
]
INVALID = ("no_request", "no_answer", "client_spoiled", "client_far_behind", "client_loses")
# What spoils figures is also more than what degrades them.
ALSO = {"client_far_behind": ["client_behind"]}


def test_good() -> None:
    """A measurement with nothing against it is VALID."""
    assert judged(GOOD) == ("VALID", ())


def test_unknown_signals_stand_against_nothing() -> None:
    """A server that does not count cached tokens is not blamed for it, and neither is what nobody measured."""
    untold = ("cached_share", "in_flight", "behind_p99_us", "rate_share", "growth", "other_cpu_share", "spread")
    changes = dict.fromkeys((*untold, "length", "client", "lag_p99_us"))
    assert judged(dataclasses.replace(GOOD, **changes)) == ("VALID", ())  # type: ignore[arg-type]  # all may be None


@pytest.mark.parametrize(("code", "leans", "change", "text"), WORDS, ids=[f"{own[0]}-{own[3][:20]}" for own in WORDS])
def test_what_stands_against_it(code: str, leans: str, change: dict[str, object], text: str) -> None:
    """Each fault alone lowers the validity, says whom it favours, and is named with its numbers."""
    found, reasons = judged(dataclasses.replace(GOOD, **change))  # type: ignore[arg-type]  # names of fields
    assert found == ("INVALID" if code in INVALID else "DEGRADED")
    assert reasons[0] == Reason.model_validate({"code": code, "leans": leans, "text": text})
    assert [own.code for own in reasons[1:]] == ALSO.get(code, [])


def test_every_check_is_shown() -> None:
    """No check is left without a measurement that it lowers."""
    checks = (*validity._INVALID, *validity._DEGRADED)  # nothing else says which ones there are
    assert {own.code for own in checks} == {own[0] for own in WORDS}


@pytest.mark.parametrize(
    "change",
    [
        {"lag_p99_us": 10_000},
        {"lag_p99_us": 5_000, "ttft_p50_us": 1_000, "e2e_p50_us": 2_000},
        {"behind_p99_us": 100_000},
        {"behind_p99_us": 5_000, "e2e_p50_us": 2_000},
        {"client": CLIENT.model_copy(update={"ttft_p99_us": 10_000})},
        {"client": CLIENT.model_copy(update={"ttft_p99_us": 5_000}), "ttft_p50_us": 1_000},
        {"answered": 95, "faults": ("timeout",) * 5},
        {"cached_share": 0.1},
        {"cached_share": 0.75, "load": CLOSED.model_copy(update={"profile": "short"})},
        {"cached_share": 0.99, "load": CLOSED.model_copy(update={"profile": "suite:qa"})},
        {"cached_share": 0.99, "load": WARM},
        {"cached_share": 0.75, "load": WARM},
        {"cached_share": 0.2, "load": WARM.model_copy(update={"profile": "short"})},
        {"in_flight": 2.0},
        {"in_flight": 0.1, "load": OPEN},
        {"rate_share": 0.95},
        {"growth": (100_000, 200_000)},
        {"growth": (None, None)},
        {"growth": (1_000, 90_000_000), "n": 19, "answered": 19},
        {"other_cpu_share": 0.1},
        {"spread": 0.25},
        {"length": (100, 90)},
        {"length": (100, 110)},
    ],
    ids=str,
)
def test_borders_are_still_valid(change: dict[str, object]) -> None:
    """A figure on its threshold is still good, and no threshold is held against what it does not fit."""
    assert judged(dataclasses.replace(GOOD, **change)) == ("VALID", ())  # type: ignore[arg-type]  # names of fields


def test_all_reasons_are_given() -> None:
    """The reasons of an INVALID measurement come first, the weaker ones after them."""
    found, reasons = judged(dataclasses.replace(GOOD, lag_p99_us=500_000, warmup=0))
    assert (found, [own.code for own in reasons]) == ("INVALID", ["client_spoiled", "client_late", "cold"])


US = st.none() | st.integers(0, 10**9)
SHARE = st.none() | st.floats(0, 1)


@given(
    load=st.sampled_from([CLOSED, WARM, OPEN]),
    n=st.integers(1, 50),
    warmup=st.integers(0, 2),
    answered=st.integers(0, 50),
    faults=st.just(("timeout",)),
    e2e_p50_us=US,
    ttft_p50_us=US,
    lag_p99_us=US,
    cached_share=SHARE,
    in_flight=st.none() | st.floats(0, 100),
    behind_p99_us=US,
    rate_share=SHARE,
    growth=st.none() | st.tuples(US, US),
    other_cpu_share=SHARE,
    spread=SHARE,
    length=st.none() | st.tuples(st.integers(1, 99), st.integers(0, 99)),
    client=st.none() | st.just(CLIENT),
)
def test_validity_follows_from_the_reasons(**signals: object) -> None:
    """Whatever is seen, what is not VALID has a reason, and only what is not has one."""
    found: Validity
    found, reasons = judged(Signals(**signals))  # type: ignore[arg-type]  # drawn above
    assert (found == "VALID") == (not reasons)
    assert (found == "INVALID") == any(own.code in INVALID for own in reasons)
    assert len({own.code for own in reasons}) == len(reasons)

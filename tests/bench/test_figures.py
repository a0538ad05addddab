"""Figures follow from the events alone, failures count as infinite, and only the last series counts."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.bench.figures import cells_of, latencies_of, n_needed, nearest_rank
from assay.schema.bench import Memory, Percentile
from tests.bench.events import FAILED, SAMPLE, S, event, events

QUANTILES = st.sampled_from([0.07, 0.5, 0.55, 0.95, 0.99])
LATENCIES = st.lists(st.none() | st.integers(0, 10**12), min_size=1, max_size=300)


def _no_ranks(_n: int, _q: float) -> tuple[None, None]:
    return None, None


def _finite(value: int | None) -> float:
    return math.inf if value is None else value


@given(LATENCIES, QUANTILES)
def test_nearest_rank_is_its_definition(values: list[int | None], q: float) -> None:
    """A percentile is the least member that at least a share q of all members does not exceed."""
    share = Fraction(str(q))
    reached = [a for a in values if sum(_finite(b) <= _finite(a) for b in values) >= share * len(values)]
    assert nearest_rank(values, q) == min(reached, key=_finite)


@given(LATENCIES, QUANTILES, st.integers(1, 50))
def test_failures_never_improve_a_percentile(values: list[int | None], q: float, failures: int) -> None:
    """Requests that fail beside those that were answered raise a percentile or leave it."""
    assert _finite(nearest_rank([*values, *[None] * failures], q)) >= _finite(nearest_rank(values, q))


@given(LATENCIES, QUANTILES, st.randoms())
def test_order_does_not_matter(values: list[int | None], q: float, chance: object) -> None:
    """A percentile does not depend on the order of the requests."""
    mixed = list(values)
    chance.shuffle(mixed)
    assert nearest_rank(mixed, q) == nearest_rank(values, q)


@pytest.mark.parametrize(
    ("q", "n", "rank"), [(0.95, 1, 1), (0.95, 19, 19), (0.95, 20, 19), (0.95, 100, 95), (0.55, 100, 55), (0.07, 100, 7)]
)
def test_ranks_at_whole_products(q: float, n: int, rank: int) -> None:
    """Where q times n is whole, that is the rank, whatever q is in binary."""
    assert nearest_rank(list(range(1, n + 1)), q) == rank


@pytest.mark.parametrize(("q", "n"), [(0.5, 5), (0.95, 59), (0.99, 299)])
def test_requests_that_a_percentile_needs(q: float, n: int) -> None:
    """The published counts (Wilks), and the smallest ones that satisfy the formula."""
    assert n_needed(q) == n
    assert 1 - q**n >= 0.95 > 1 - q ** (n - 1)


def test_whole_cell() -> None:
    """Ten requests a second apart, one of them failed, come to these figures."""
    own = events(10)
    own[5] = event(**{**own[5].model_dump(), **FAILED})
    (cell,) = cells_of(own, [], lambda n, _q: (2, n))
    assert cell.model_dump() == {
        "candidate": "a",
        "profile": "short",
        "concurrency": 1,
        "n": 10,
        "failed": 1,
        "warmup": 1,
        "e2e": (
            {"q": 0.5, "value_us": S, "low_us": S, "high_us": None, "n": 10, "n_needed": 5, "supported": True},
            {"q": 0.95, "value_us": None, "low_us": S, "high_us": None, "n": 10, "n_needed": 59, "supported": False},
            {"q": 0.99, "value_us": None, "low_us": S, "high_us": None, "n": 10, "n_needed": 299, "supported": False},
        ),
        "ttft": (
            {
                "q": 0.5,
                "value_us": S // 10,
                "low_us": S // 10,
                "high_us": None,
                "n": 10,
                "n_needed": 5,
                "supported": True,
            },
            {
                "q": 0.95,
                "value_us": None,
                "low_us": S // 10,
                "high_us": None,
                "n": 10,
                "n_needed": 59,
                "supported": False,
            },
            {
                "q": 0.99,
                "value_us": None,
                "low_us": S // 10,
                "high_us": None,
                "n": 10,
                "n_needed": 299,
                "supported": False,
            },
        ),
        "tpot_p50_us": 90_000,
        "output_tokens_per_s": 9.9,
        "requests_per_s": 0.9,
        "prompt_tokens_p50": 60,
        "output_tokens_p50": 11,
        "cached_share": None,
        "truncated": 0,
        "memory": None,
        "validity": "DEGRADED",
        "reasons": ("1 of 10 requests failed (1 timeout)",),
    }


def test_interval_limits_are_members() -> None:
    """The ranks that are given choose the limits; a rank that n cannot give leaves its limit open."""
    own = [event(seq=n, last_us=n * S) for n in range(1, 11)]
    asked: list[tuple[int, float]] = []

    def ranks(n: int, q: float) -> tuple[int | None, int | None]:
        asked.append((n, q))
        return (3, 9) if q == 0.5 else (7, None)

    (cell,) = cells_of(own, [], ranks)
    assert asked[:3] == [(10, 0.5), (10, 0.95), (10, 0.99)]
    assert cell.e2e[0] == Percentile(
        q=0.5, value_us=5 * S, low_us=3 * S, high_us=9 * S, n=10, n_needed=5, supported=True
    )
    assert (cell.e2e[1].value_us, cell.e2e[1].low_us, cell.e2e[1].high_us) == (10 * S, 7 * S, None)


def test_only_the_last_series_of_each_repeat_counts() -> None:
    """A series that was broken off is left out, its warm-up too; repeats are taken together."""
    broken, again, second = events(3, series=1, **FAILED), events(5, series=4), events(7, series=2, repeat=2)
    (cell,) = cells_of([*broken, *second, *again], [], _no_ranks)
    assert (cell.n, cell.failed, cell.warmup) == (12, 0, 2)
    assert len(latencies_of([*broken, *second, *again])["short", 1]) == 12


def test_rates_add_up_the_time_of_the_repeats() -> None:
    """Each repeat has a clock of its own: their times are added, the time between them is not there."""
    (cell,) = cells_of([*events(10), *events(10, series=2, repeat=2)], [], _no_ranks)
    assert (cell.requests_per_s, cell.output_tokens_per_s) == (1.0, 11.0)


def test_cells_in_order_of_first_appearance() -> None:
    """Candidate, profile and concurrency make a cell; cells keep the order of the events."""
    keys = [("b", "long", 4), ("a", "long", 4), ("b", "short", 1), ("b", "long", 1)]
    own = [event(candidate=c, profile=p, concurrency=n, seq=seq) for seq in range(3) for c, p, n in keys]
    assert [(cell.candidate, cell.profile, cell.concurrency) for cell in cells_of(own, [], _no_ranks)] == keys


def test_latencies() -> None:
    """Latencies come by profile and concurrency, whole answer before first token, None where the request failed."""
    own = [*events(2), event(profile="long", sent_us=5, concurrency=8), event(profile="long", concurrency=8, **FAILED)]
    assert latencies_of(own) == {
        ("short", 1): ((S, S // 10), (S, S // 10)),
        ("long", 8): ((S - 5, S // 10 - 5), (None, None)),
    }


def test_nothing_measured() -> None:
    """A measurement that was broken off in its warm-up has no figures: unknown, not zero."""
    (cell,) = cells_of([event(phase="warmup")], [], lambda n, _q: (n, n))
    assert (cell.n, cell.warmup, cell.validity, cell.reasons) == (0, 1, "INVALID", ("no request was measured",))
    assert {figure.value_us for figure in (*cell.e2e, *cell.ttft)} == {None}
    assert (cell.tpot_p50_us, cell.output_tokens_per_s, cell.requests_per_s, cell.cached_share) == (None,) * 4
    assert cells_of([], [SAMPLE], _no_ranks) == ()


def test_all_failed() -> None:
    """When every request failed, nothing is zero and nothing can be believed."""
    (cell,) = cells_of(events(10, **FAILED), [], _no_ranks)
    assert (cell.n, cell.failed, cell.validity) == (10, 10, "INVALID")
    assert (cell.requests_per_s, cell.output_tokens_per_s, cell.tpot_p50_us, cell.prompt_tokens_p50) == (None,) * 4


def test_answer_without_a_token_is_infinite() -> None:
    """A request without fault and without token was not measured: it counts as failed."""
    (cell,) = cells_of(events(10, first_us=None, last_us=None), [], _no_ranks)
    assert (cell.failed, cell.e2e[0].value_us) == (10, None)


@pytest.mark.parametrize("change", [{"output_tokens": 1}, {"output_tokens": None}, {"chunks": 1}])
def test_time_per_token_needs_two_tokens_in_two_chunks(change: dict[str, object]) -> None:
    """One token has no gap, one chunk hides them all, and chunks are not counted as tokens."""
    assert cells_of(events(3, **change), [], _no_ranks)[0].tpot_p50_us is None


def test_tokens_that_one_answer_does_not_count() -> None:
    """Where the server did not count one answer, the rate of tokens is unknown."""
    own = events(3)
    own[2] = own[2].model_copy(update={"output_tokens": None})
    (cell,) = cells_of(own, [], _no_ranks)
    assert (cell.output_tokens_per_s, cell.requests_per_s, cell.output_tokens_p50) == (None, 1.0, 11)


def test_cached_share_and_truncated() -> None:
    """The share is over the requests that the server counted; answers at the token limit are counted."""
    own = [event(cached_tokens=30), event(cached_tokens=0), event(finish_reason="length")]
    (cell,) = cells_of(own, [], _no_ranks)
    assert (cell.cached_share, cell.truncated) == (0.25, 1)


def test_memory() -> None:
    """The peak of what is held and the least of what is left, from the samples of the same measurement."""
    samples = [
        SAMPLE,
        SAMPLE.model_copy(update={"rss_bytes": 300, "anonymous_bytes": None, "host_available_bytes": 700}),
        SAMPLE.model_copy(update={"rss_bytes": 200, "anonymous_bytes": 90, "host_available_bytes": 800}),
        SAMPLE.model_copy(update={"profile": "long", "rss_bytes": 9000}),
    ]
    assert cells_of(events(3), samples, _no_ranks)[0].memory == Memory(
        rss_peak_bytes=300, anonymous_peak_bytes=90, host_available_min_bytes=700, samples=3
    )
    assert cells_of(events(3), [samples[1]], _no_ranks)[0].memory == Memory(
        rss_peak_bytes=300, anonymous_peak_bytes=None, host_available_min_bytes=700, samples=1
    )


def test_signals_reach_the_validity() -> None:
    """Lateness, cache and load of the events decide the validity."""
    assert cells_of(events(20), [], _no_ranks)[0].validity == "VALID"
    assert cells_of(events(20, lag_us=300_000), [], _no_ranks)[0].validity == "INVALID"
    assert cells_of(events(20, lag_us=6_000), [], _no_ranks)[0].validity == "DEGRADED"
    assert cells_of(events(20, cached_tokens=59), [], _no_ranks)[0].validity == "DEGRADED"
    assert cells_of(events(20, concurrency=4), [], _no_ranks)[0].reasons == (
        "1 requests were in flight on average, not 4",
    )

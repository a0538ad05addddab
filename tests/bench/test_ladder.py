"""A ladder says where throughput stops to grow and up to where service levels hold, from what can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.bench import ladders_of
from assay.bench.ladder import knee_of, saturation_of
from assay.schema.bench import Ladder
from assay.schema.suite import Slo
from tests.bench.events import S, cell, percentiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.bench import BenchCell

SLO = {"short": Slo(e2e_p95_s=3)}


def _step(concurrency: int, tokens: float | None, p95_us: int | None = S, **changes: object) -> BenchCell:
    latencies = percentiles(p95_us, p95_us, p95_us, n=60)
    return cell(
        **{
            "concurrency": concurrency,
            "output_tokens_per_s": tokens,
            "requests_per_s": 0.5 * concurrency,
            "e2e": latencies,
            "ttft": latencies,
            **changes,
        }
    )


def _steps(*tokens: float, p95_us: Sequence[int | None] = ()) -> list[BenchCell]:
    """Return steps at 1, 2, 4, 8 ... at once with these throughputs."""
    return [_step(2**n, rate, p95_us[n] if p95_us else S) for n, rate in enumerate(tokens)]


def test_whole_ladder() -> None:
    """Throughput bends at 8 and is nearly all there; the level is passed from there on."""
    steps = _steps(20.0, 40.0, 76.0, 98.0, 100.0, p95_us=(S, S, 3 * S, 4 * S, 9 * S))
    assert ladders_of(reversed(steps), SLO) == (
        Ladder(
            candidate="a",
            profile="short",
            cache="cold",
            concurrencies=(1, 2, 4, 8, 16),
            unit="tokens",
            throughput=(20.0, 40.0, 76.0, 98.0, 100.0),
            e2e_p95_us=(S, S, 3 * S, 4 * S, 9 * S),
            saturation=8,
            knee=8,
            within_slo=4,
        ),
    )


def test_each_candidate_profile_and_cache_has_its_own() -> None:
    """Ladders are not mixed, open loops are no steps, and one step is no ladder."""
    keys: list[dict[str, object]] = [
        {"candidate": "b"},
        {"candidate": "a"},
        {"candidate": "a", "cache": "warm"},
        {"candidate": "a", "profile": "long"},
    ]
    steps = [_step(at, 10.0 * at, S, **key) for at in (1, 4) for key in keys]
    single = _step(1, 10.0, candidate="c")
    rates = [cell(concurrency=None, arrivals="poisson", rate_per_s=rate) for rate in (1, 2)]
    found = ladders_of([*steps, single, *rates], {})
    assert [(own.candidate, own.profile, own.cache, own.concurrencies) for own in found] == [
        ("b", "short", "cold", (1, 4)),
        ("a", "short", "cold", (1, 4)),
        ("a", "short", "warm", (1, 4)),
        ("a", "long", "cold", (1, 4)),
    ]
    assert ladders_of([], SLO) == ()


def test_what_cannot_be_believed_is_no_step() -> None:
    """INVALID measurements and those without an answer are left out; DEGRADED ones count."""
    steps = _steps(20.0, 40.0, 60.0, 61.0)
    steps[1] = _step(2, 40.0, validity="INVALID")
    steps[2] = _step(4, None, requests_per_s=None)
    assert [own.concurrencies for own in ladders_of(steps, {})] == [(1, 8)]
    assert ladders_of(steps[:3], {}) == ()


def test_requests_where_tokens_are_not_counted() -> None:
    """One step without a token count turns the whole ladder to requests: two units make no curve."""
    (found,) = ladders_of([_step(1, 20.0), _step(4, None)], {})
    assert (found.unit, found.throughput) == ("requests", (0.5, 2.0))


@pytest.mark.parametrize(
    ("slo", "p95_us", "within"),
    [
        (Slo(e2e_p95_s=3), (S, S, S), 4),
        (Slo(e2e_p95_s=3), (3 * S, 3 * S + 1, S), 1),
        (Slo(e2e_p95_s=3), (4 * S, S, S), None),
        (Slo(e2e_p95_s=3), (S, None, S), 1),
        (Slo(e2e_p95_s=3, ttft_p95_s=1), (S, 2 * S, S), 1),
        (Slo(ttft_p95_s=1), (S, S, 2 * S), 2),
        (Slo(), (S, S, S), None),
        (None, (S, S, S), None),
    ],
)
def test_within_service_levels(slo: Slo | None, p95_us: tuple[int | None, ...], within: int | None) -> None:
    """It is the highest step below which none passes a level; without any level there is none."""
    (found,) = ladders_of(_steps(10.0, 20.0, 30.0, p95_us=p95_us), {} if slo is None else {"short": slo})
    assert found.within_slo == within


def test_too_few_requests_keep_no_level() -> None:
    """A p95 that its requests do not carry shows nothing."""
    few = percentiles(S, S, S, n=58)
    (found,) = ladders_of([_step(1, 10.0), _step(2, 20.0, e2e=few)], SLO)
    assert found.within_slo == 1


def test_a_first_token_that_was_not_seen_keeps_no_level() -> None:
    """What was not measured does not keep a level."""
    steps = [_step(at, 10.0, ttft=percentiles(None, None, None)) for at in (1, 2)]
    assert ladders_of(steps, {"short": Slo(ttft_p95_s=1)})[0].within_slo is None


@pytest.mark.parametrize(
    ("concurrencies", "throughput", "saturation", "knee"),
    [
        ((1, 2, 4, 8), (10.0, 20.0, 40.0, 80.0), None, None),  # it grows to the end
        ((1, 2, 4, 8), (10.0, 20.0, 22.0, 22.0), 4, 2),
        ((1, 2, 4, 8), (10.0, 20.0, 21.0, 22.0), 4, 2),
        ((1, 2, 4, 8), (10.0, 30.0, 25.0, 20.0), 2, 2),  # it falls again
        ((1, 2, 4, 8), (10.0, 10.0, 10.0, 10.0), 1, None),  # it never grew
        ((1, 2, 4, 8), (40.0, 30.0, 20.0, 10.0), 1, None),
        ((1, 8), (10.0, 20.0), None, None),
        ((1, 8), (20.0, 20.0), 1, None),
        ((1, 2, 3), (10.0, 15.4, 20.0), None, None),  # a bend of less than a tenth is noise
        ((1, 2, 4), (10.0, 10.3, 10.4), 1, None),  # and so is a rise of less than a tenth
    ],
)
def test_saturation_and_knee(
    concurrencies: tuple[int, ...], throughput: tuple[float, ...], saturation: int | None, knee: int | None
) -> None:
    """Saturation is the first step with nearly all throughput, the knee where gains fall behind."""
    assert (saturation_of(concurrencies, throughput), knee_of(concurrencies, throughput)) == (saturation, knee)


curves = st.dictionaries(st.integers(1, 4096), st.floats(0, 1e9), min_size=2, max_size=9)


@given(curves)
def test_any_curve_has_a_step_or_none(curve: dict[int, float]) -> None:
    """No curve raises; saturation is a step other than the last that has nearly all throughput, the knee is a step."""
    concurrencies = sorted(curve)
    throughput = [curve[own] for own in concurrencies]
    saturation, knee = saturation_of(concurrencies, throughput), knee_of(concurrencies, throughput)
    assert saturation is None or saturation in concurrencies[:-1]
    if saturation is not None:
        assert curve[saturation] >= 0.95 * max(throughput)
        assert all(curve[own] < 0.95 * max(throughput) for own in concurrencies if own < saturation)
    assert knee is None or (knee in concurrencies[1:-1] and len(concurrencies) > 2)

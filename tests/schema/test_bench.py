"""Do loads have one name each, and does a plan ask only for loads that can be sent?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assay.schema.bench import LoadKey, SeriesKey
from assay.schema.suite import BenchSettings, load_label

RATES = st.floats(0.0001, 10_000)


@pytest.mark.parametrize(
    ("load", "label"),
    [
        ({"concurrency": 4}, "short@4"),
        ({"concurrency": 4, "cache": "warm"}, "short@4:warm"),
        ({"arrivals": "poisson", "rate_per_s": 2}, "short@2/s"),
        ({"arrivals": "constant", "rate_per_s": 0.25, "cache": "warm"}, "short@0.25/s:warm"),
        ({"arrivals": "poisson", "rate_per_s": 10_000}, "short@10000/s"),
        ({"arrivals": "poisson", "rate_per_s": 0.0001}, "short@0.0001/s"),
        ({"arrivals": "poisson", "rate_per_s": 1 / 3}, "short@0.333333333333/s"),
    ],
)
def test_name_of_a_load(load: dict[str, object], label: str) -> None:
    """Profile, concurrency or rate, and a warm cache make the name; which candidate, series and round do not."""
    key = SeriesKey.model_validate({"candidate": "a", "profile": "short", "series": 7, "repeat": 2, **load})
    assert (key.label, key.key) == (label, ("a", label))


@given(RATES, RATES)
def test_no_two_rates_share_a_name(one: float, other: float) -> None:
    """Rates that differ by more than the twelfth digit have two names, without an exponent."""
    labels = [load_label("short", None, rate) for rate in (one, other)]
    assert (labels[0] == labels[1]) == (f"{one:.12g}" == f"{other:.12g}")
    assert "e" not in labels[0].removeprefix("short@")


def test_loads_of_a_plan_in_order() -> None:
    """Concurrencies come before rates, each with every state of the cache, for one profile after the other."""
    bench = BenchSettings(profiles=("short", "suite:qa"), concurrency=(1, 4), rates=(0.5,), cache=("cold", "warm"))
    loads = ("1", "1:warm", "4", "4:warm", "0.5/s", "0.5/s:warm")
    assert bench.labels() == tuple(f"{profile}@{load}" for profile in ("short", "suite:qa") for load in loads)
    assert BenchSettings().labels() == ("short@1", "short@4", "json@1", "json@4", "long@1", "long@4")
    assert BenchSettings(profiles=("suites",), concurrency=()).labels() == ()


def test_what_is_asked_of_each_profile() -> None:
    """One number holds for all profiles; of a mapping each takes its own, and one that it lacks gets nothing."""
    alike = BenchSettings(requests=7, output_tokens=64)
    assert (alike.requests_of("short"), alike.output_tokens_of("short")) == (7, 64)
    apart = BenchSettings(requests={"short": 59, "suite:qa": 3}, output_tokens={"long": 128})
    assert [apart.requests_of(own) for own in ("short", "suite:qa", "long")] == [59, 3, 0]
    assert [apart.output_tokens_of(own) for own in ("short", "long")] == [None, 128]
    assert BenchSettings().output_tokens_of("short") is None


@pytest.mark.parametrize(
    "settings",
    [
        {"profiles": ["medium"]},
        {"profiles": ["suite:"]},
        {"profiles": ["suite:../a"]},
        {"profiles": ["suite:a\n"]},
        {"rates": [0]},
        {"rates": [-1]},
        {"rates": [0.00001]},
        {"rates": [10_001]},
        {"rates": [float("nan")]},
        {"rates": [float("inf")]},
        {"arrivals": "closed"},
        {"arrivals": "gamma"},
        {"cache": ["hot"]},
        {"requests": {"medium": 5}},
        {"output_tokens": 0},
        {"output_tokens": {"short": -1}},
        {"output_tokens": {"medium": 5}},
        {"warmup": -1},
        {"repeats": 0},
        {"repeats": 21},
        {"max_seconds": 0},
    ],
    ids=str,
)
def test_what_cannot_be_sent_is_refused(settings: dict[str, object]) -> None:
    """Profiles, rates, lengths and times that make no load are refused when the plan is read."""
    with pytest.raises(ValidationError):
        BenchSettings.model_validate(settings)


@pytest.mark.parametrize("load", [{"concurrency": 0}, {"rate_per_s": 0}, {"profile": "medium"}, {"cache": "hot"}])
def test_no_line_has_such_a_load(load: dict[str, object]) -> None:
    """A stored line with a load that cannot be is refused."""
    with pytest.raises(ValidationError):
        LoadKey.model_validate({"candidate": "a", "profile": "short", **load})

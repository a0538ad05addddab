"""Do values stand where they belong, between ticks that people can read?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.bench.plots.scales import duration, linear, short_number, size, times

US = st.integers(min_value=0, max_value=10**13)


def test_ticks_of_a_linear_axis() -> None:
    """Ticks are round numbers from zero to beyond the largest value."""
    assert [label for _, label in linear([33], 0, 100).ticks] == ["0", "10", "20", "30", "40"]


def test_times_far_apart_are_logarithmic() -> None:
    """From a twentieth on the axis multiplies, with ticks at 1, 2 and 5; its unit follows the largest time."""
    axis = times([40_000, 900_000], 0, 100)
    assert axis.log
    assert (axis.unit, [label for _, label in axis.ticks]) == ("ms", ["20", "50", "100", "200", "500", "1000"])
    assert [label for _, label in times([900, 9_000_000], 0, 1).ticks] == ["0.0001", "0.001", "0.01", "0.1", "1", "10"]


def test_times_close_together_are_not_shown_from_zero() -> None:
    """A distribution needs no zero; where lengths are compared it is asked for."""
    assert times([8_000_000, 11_000_000], 0, 1).ticks[0] == (8_000_000, "8")
    assert times([8_000_000, 11_000_000], 0, 1, zero=True).ticks[0] == (0, "0")


@given(values=st.lists(US, max_size=6), zero=st.booleans())
def test_every_value_has_a_place_and_order_is_kept(values: list[int], zero: bool) -> None:
    """All values stand on the axis, in their order, and ticks rise within it."""
    axis = times(values, 10, 200, zero=zero)
    places = [axis.at(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(10 <= place <= 200 for place in places)
    ticks = [axis.at(value) for value, _ in axis.ticks]
    assert ticks == sorted(set(ticks))
    assert 2 <= len(ticks) <= 16
    assert len({label for _, label in axis.ticks}) == len(ticks)


@pytest.mark.parametrize(
    ("value_us", "text"),
    [(0, "0 ms"), (1_234, "1.23 ms"), (999_400, "999 ms"), (1_000_000, "1 s"), (1_234_567_000, "1235 s"), (None, "∞")],
)
def test_durations(value_us: int | None, text: str) -> None:
    """Milliseconds below a second, seconds from there, infinity where a request failed."""
    assert duration(value_us) == text


def test_numbers_and_sizes() -> None:
    """Three digits, and no exponent where a number is large."""
    assert [short_number(value) for value in (0.12345, 12.345, 999.7, 123456.0)] == ["0.123", "12.3", "1000", "123456"]
    assert [size(value) for value in (2**19, 2**30, 5 * 2**29)] == ["0.5 MiB", "1 GiB", "2.5 GiB"]

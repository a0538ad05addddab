"""Where on an axis does a value stand, where are its ticks, and in which unit is it told?

Logarithms are rounded to nine decimals before they are used: mathematics libraries differ in the last one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Axis", "duration", "linear", "short_number", "size", "times"]

_MS = 1_000
_S = 1_000_000
_MIB = 2**20
_GIB = 2**30
_LOG_FROM = 20.0
"""Largest over smallest value from which an axis of times is logarithmic."""
_FROM_ZERO = 0.3
"""Smallest over largest value below which a linear axis of times begins at zero."""
_MOST_FINE_DECADES = 3.0
_COUNT = 5
_THREE_DIGITS = 999.5
_LEAST_SPAN = 1e-9


@dataclass(frozen=True)
class Axis:
    """One axis: from data to pixels."""

    low: float
    """Value at its start."""
    high: float
    """Value at its end."""
    start: float
    """Pixel of its start."""
    end: float
    """Pixel of its end."""
    ticks: tuple[tuple[float, str], ...]
    """Values with what is written at them."""
    unit: str = ""
    """Unit of what is written."""
    log: bool = False
    """Whether equal steps multiply."""

    def at(self, value: float) -> float:
        """Return the pixel of a value; what lies outside stands at the nearer end."""
        inside = min(max(value, self.low), self.high)
        if self.log:
            share = (_log10(inside) - _log10(self.low)) / (_log10(self.high) - _log10(self.low))
        else:
            share = (inside - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def _log10(value: float) -> float:
    return round(math.log10(value), 9)


def linear(values: Iterable[float], start: float, end: float, *, per: float = 1, unit: str = "") -> Axis:
    """Return an axis from zero to a round number no value lies beyond.

    Args:
        values: finite; none at all make an axis up to one unit.
        start: pixel of zero.
        end: pixel of its other end.
        per: how much of a value one unit is.
        unit: what is written of the unit.
    """
    return _linear(0, max(values, default=0), start, end, per=per, unit=unit)


def _linear(low: float, high: float, start: float, end: float, *, per: float, unit: str) -> Axis:
    low, high = low / per, high / per
    if high - low < _LEAST_SPAN:
        high = low + (abs(low) or 1)
    step = _step((high - low) / _COUNT)
    first, last = math.floor(round(low / step, 9)), math.ceil(round(high / step, 9))
    marks = [round(number * step, 12) for number in range(first, last + 1)]
    ticks = tuple((mark * per, f"{mark:.10g}") for mark in marks)
    return Axis(low=ticks[0][0], high=ticks[-1][0], start=start, end=end, ticks=ticks, unit=unit)


def _step(least: float) -> float:
    power = math.floor(_log10(least))
    return next(
        step for step in (float(f"{digit}e{power}") for digit in (1, 2, 2.5, 5, 10, 20)) if step >= least * (1 - 1e-9)
    )


def times(values_us: Iterable[float], start: float, end: float, *, zero: bool = False) -> Axis:
    """Return an axis of times, logarithmic where they lie far apart, in milliseconds or in seconds.

    Args:
        values_us: microseconds, finite; none at all make an axis of one second.
        start: pixel of its start.
        end: pixel of its end.
        zero: whether a linear axis begins at zero however close together the values are.
    """
    values = sorted(max(value, 0) for value in values_us) or [0, _S]
    low, high = values[0], values[-1]
    per, unit = (_MS, "ms") if high < _S else (_S, "s")
    least = max(low, 1)
    if high / least >= _LOG_FROM:
        return _logarithmic(least / per, high / per, start, end, per=per, unit=unit)
    if zero or low == high or low < _FROM_ZERO * high:
        low = 0
    return _linear(low, high, start, end, per=per, unit=unit)


def _logarithmic(low: float, high: float, start: float, end: float, *, per: float, unit: str) -> Axis:
    digits = (1, 2, 5) if _log10(high / low) <= _MOST_FINE_DECADES else (1,)
    powers = range(math.floor(_log10(low)), math.floor(_log10(high)) + 2)
    steps = [float(f"{digit}e{power}") for power in powers for digit in digits]
    below = max(step for step in steps if step <= low * (1 + 1e-9))
    above = min(step for step in steps if step >= high * (1 - 1e-9))
    ticks = tuple((step * per, f"{step:.10g}") for step in steps if below <= step <= above)
    return Axis(low=ticks[0][0], high=ticks[-1][0], start=start, end=end, ticks=ticks, unit=unit, log=True)


def short_number(value: float) -> str:
    """Return a number with three significant digits and no exponent where it is large."""
    return f"{value:.0f}" if abs(value) >= _THREE_DIGITS else f"{value:.3g}"


def duration(value_us: float | None) -> str:
    """Return microseconds as milliseconds below a second and as seconds from there; None is `∞`."""
    if value_us is None:
        return "∞"
    return f"{short_number(value_us / _MS)} ms" if value_us < _S else f"{short_number(value_us / _S)} s"


def size(value_bytes: float) -> str:
    """Return bytes as MiB below one GiB and as GiB from there."""
    if value_bytes < _GIB:
        return f"{short_number(value_bytes / _MIB)} MiB"
    return f"{short_number(value_bytes / _GIB)} GiB"

"""When may a run look at its results before the end, and how sure must each look be, so that all keep one error rate?

Looking ten times at 5 % each makes 15 to 25 %. The bounds of O'Brien and Fleming are strict at first, and at the end
hardly stricter than a single test. No library that is kept up offers them, so they are computed here.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from assay.gate.statistics import exact_lower

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]

__all__ = ["binomial_look_levels", "look_levels", "look_sizes", "obrien_fleming_constant", "overall_level"]

_MOST_LOOKS: Final = 100
"""More would cost time and show nothing: the first ones of so many can hardly ever end a run."""

_DIGITS: Final = 12
"""Decimals to which probabilities are compared: on the border itself the last bits differ between machines."""

_LEAST_LEVEL: Final = 1e-15
"""Levels are no smaller, so that 1 less a level is a number below 1."""

_NEVER: Final = 1e-20
"""Chances below this are left out of a sum."""

_STEPS: Final = 40
"""Halvings of an interval: enough for twelve decimals."""


def look_sizes(n: int, looks: int) -> tuple[int, ...]:
    """Return after how many of n cases each look takes place: equally spaced, the last one at n.

    Fewer looks where there are fewer cases; none without cases.

    Raises:
        ValueError: n is negative, or looks are not within 1 and 100.
    """
    _check_looks(looks)
    if n < 0:
        raise ValueError(f"{n} is no number of cases")
    count = min(n, looks)
    return tuple(-(-look * n // count) for look in range(1, count + 1))


@cache
def obrien_fleming_constant(looks: int, level: float) -> float:
    """Return the constant C: look k of K is significant where z is at least C sqrt(K / k).

    1.751 for 5 looks at 5 %, one-sided. It is found by integrating, look after look, the density of a random walk that
    has not crossed the bound so far: scaled by sqrt(k), these bounds are one and the same height.

    Args:
        looks: Looks in all, equally spaced.
        level: One-sided error rate over all of them.

    Source: O'Brien & Fleming 1979, Biometrics 35:549-556, for the shape; Armitage, McPherson & Rowe 1969, J. R. Stat.
    Soc. A 132:235-244, for the integration; Jennison & Turnbull 2000, table 2.3, prints the same constants.

    Raises:
        ValueError: looks are not within 1 and 100, or the level not between 0 and 0.5.
    """
    _check_looks(looks)
    _check_level(level)
    # One look alone needs the lower end; the upper end would do if the looks had nothing in common.
    low, high = NormalDist().inv_cdf(1 - level), NormalDist().inv_cdf(1 - level / looks)
    if looks == 1:
        return round(low, _DIGITS)
    crossing = _Walk(looks, high * math.sqrt(looks))
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if crossing.chance(middle * math.sqrt(looks)) > level:
            low = middle
        else:
            high = middle
    return round(high, 9)


def look_levels(looks: int, level: float) -> tuple[float, ...]:
    """Return the one-sided level at which each look tests, so that all together keep `level`.

    For statistics that are nearly normal, such as `tango_z`; for rates see `binomial_look_levels`.

    Source: as for `obrien_fleming_constant`.

    Raises:
        ValueError: looks are not within 1 and 100, or the level not between 0 and 0.5.
    """
    constant = obrien_fleming_constant(looks, level)
    return (level,) if looks == 1 else _levels(looks, constant)


@cache
def binomial_look_levels(n: int, looks: int, threshold: float, level: float) -> tuple[float, ...]:
    """Return the levels of the looks at a rate, tightened where `look_levels` would not keep `level` exactly.

    Each look tests by `exact_lower` and `exact_upper` at 1 - its level. Both the chance to show "at least the
    threshold" and the chance to show "below it", at some look and with the true rate on the threshold, stay within the
    level. Where they would not, which is rare, as with 158 cases and five looks at 0.9, the constant of the bounds is
    raised until they do.

    Returns:
        One level for each of `look_sizes(n, looks)`.

    Raises:
        ValueError: n is negative, looks are not within 1 and 100, the threshold not between 0 and 1, or the level not
            between 0 and 0.5.
    """
    sizes = look_sizes(n, looks)
    if not sizes:
        return ()

    def kept(levels: tuple[float, ...]) -> bool:
        """Return whether both claims keep the level."""
        claims = (threshold, round(1 - threshold, _DIGITS))
        return all(overall_level(sizes, levels, claim) <= level for claim in claims)

    levels = look_levels(len(sizes), level)
    if kept(levels):
        return levels
    # Twice the constant is so strict that the looks keep any level even if their chances are added up.
    low, high = (factor * obrien_fleming_constant(len(sizes), level) for factor in (1, 2))
    for _ in range(_STEPS // 2):
        middle = (low + high) / 2
        low, high = (low, middle) if kept(_levels(len(sizes), middle)) else (middle, high)
    return _levels(len(sizes), high)


def overall_level(sizes: Sequence[int], levels: Sequence[float], threshold: float) -> float:
    """Return the exact chance to show at some look that a rate is at least the threshold, when it is just that.

    A look after n cases shows it when `exact_lower(passes, n, 1 - level)` reaches the threshold. No smaller true rate
    has a larger chance. For the claim that a rate is below the threshold, ask about 1 - threshold: the failures.

    It is the sum over all paths: how many passes there can be after each look that has not ended the run.

    Raises:
        ValueError: the sizes do not rise, or the threshold does not lie between 0 and 1.
    """
    if list(sizes) != sorted(set(sizes)) or not 0 < threshold < 1:
        raise ValueError(f"no looks at {list(sizes)} against {threshold}")
    import numpy as np

    first, alive = 0, np.ones(1)  # chances of `first` passes and of each more, of the paths that go on
    done, shown = 0, 0.0
    for size, level in zip(sizes, levels, strict=True):
        least, chances = _likely(size - done, threshold)
        first, alive, done = first + least, np.convolve(alive, chances), size
        stop = max(0, _least_passes(size, threshold, level) - first)
        shown += math.fsum(alive[stop:])
        alive = alive[:stop]
        if not alive.size:
            break
    return round(shown, _DIGITS)


def _levels(looks: int, constant: float) -> tuple[float, ...]:
    """Return the one-sided level of each look for a constant of the bounds."""
    bounds = [constant * math.sqrt(looks / look) for look in range(1, looks + 1)]
    return tuple(max(_LEAST_LEVEL, math.erfc(bound / math.sqrt(2)) / 2) for bound in bounds)


class _Walk:
    """Chances of a random walk with steps of a standard normal to cross a height; the grid is made once."""

    def __init__(self, steps: int, highest: float) -> None:
        import numpy as np

        self._steps = steps
        length = highest + 9 * math.sqrt(steps)  # far below the height nothing is left to integrate
        points, weights = np.polynomial.legendre.leggauss(8 * math.ceil(length) + 40)
        self._below = (points + 1) * length / 2  # how far below the height
        self._weights = weights * length / 2
        self._kernel = self._normal(self._below[:, None] - self._below[None, :]) * self._weights

    def chance(self, height: float) -> float:
        """Return the chance that the walk is at or above the height after one of its steps."""
        density = self._normal(height - self._below)
        for _ in range(self._steps - 1):
            density = self._kernel @ density
        return 1 - float(self._weights @ density)

    @staticmethod
    def _normal(values: Numbers) -> Numbers:
        """Return the standard normal density."""
        import numpy as np

        return np.exp(-values * values / 2) / math.sqrt(2 * math.pi)


def _least_passes(n: int, threshold: float, level: float) -> int:
    """Return the fewest passes of n that show the threshold at a level; n + 1 where none do."""
    return bisect_left(range(n + 1), threshold, key=lambda passes: exact_lower(passes, n, 1 - level))


def _likely(n: int, rate: float) -> tuple[int, Numbers]:
    """Return the least number of passes of n that can happen at all, and the chances of it and of each more."""
    import numpy as np
    from scipy.special import bdtr

    below = np.concatenate(([0.0], bdtr(np.arange(n + 1), n, rate)))
    chances = np.diff(below)
    possible = np.flatnonzero(chances > _NEVER)
    return int(possible[0]), chances[possible[0] : possible[-1] + 1]


def _check_looks(looks: int) -> None:
    """Raise ValueError unless looks are within 1 and 100."""
    if not 1 <= looks <= _MOST_LOOKS:
        raise ValueError(f"{looks} is no number of looks from 1 to {_MOST_LOOKS}")


def _check_level(level: float) -> None:
    """Raise ValueError unless the level lies between 0 and 0.5."""
    if not 0 < level < 0.5:  # noqa: PLR2004 - a coin is no test
        raise ValueError(f"{level} does not lie between 0 and 0.5")

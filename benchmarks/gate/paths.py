"""With what exact chance does a run with looks show what it asks, summed over all that can happen?"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtr, gammaln, xlogy

from assay.gate.kept import kept_confidence
from assay.gate.paired import PairedTable, tango_z

if TYPE_CHECKING:
    from collections.abc import Sequence

    Array = np.ndarray

NEVER = 1e-15
"""Chances below this are left out: the sums by Fourier transforms are no finer."""

DIGITS = 12
"""Decimals to which statistics are compared, as the gate does."""


def tango_bounds(sizes: Sequence[int], levels: Sequence[float]) -> list[tuple[float, float]]:
    """Return for each look what Tango's statistic must reach for "met", and fall below for "not met", by itself."""
    z = [NormalDist().inv_cdf(1 - level) for _, level in zip(sizes, levels, strict=True)]
    return [(own, -own) for own in z]


def kept_bounds(sizes: Sequence[int], levels: Sequence[float], margin: float) -> list[tuple[float, float]]:
    """Return the same as the gate has it: "met" at the confidence at which a wrong one is as rare as the level."""
    inverse = NormalDist().inv_cdf
    return [
        (inverse(kept_confidence(size, margin, 1 - level)), -inverse(1 - level))
        for size, level in zip(sizes, levels, strict=True)
    ]


def scores(gained: Array, lost: Array, n: Array | int, margin: float) -> Array:
    """Return `tango_z` against -margin for many tables at once; for a sample it is compared with that."""
    linear = (2 * n - lost + gained) * margin - lost - gained
    constant = -gained * margin * (1 - margin)
    root = np.sqrt(linear**2 - 8 * n * constant)
    loss = np.where(linear > 0, -2 * constant / np.where(linear > 0, linear + root, 1), (root - linear) / (4 * n))
    found = -(lost - gained - n * margin) / np.sqrt(n * (2 * loss + margin * (1 - margin)))
    size = np.broadcast_to(n, found.shape)
    for index in list(np.ndindex(found.shape))[:: max(1, found.size // 50)]:
        won, gone = int(gained[index]), int(lost[index])
        one = tango_z(PairedTable(int(size[index]) - won - gone, won, gone, 0), -margin)
        if not math.isclose(one, float(found[index]), abs_tol=1e-9):
            raise AssertionError(f"{one} is not {found[index]}")
    rounded: Array = np.round(found, DIGITS)
    return rounded


def pairs_met(
    sizes: Sequence[int],
    bounds: Sequence[tuple[float, float]],
    *,
    margin: float,
    discordance: float,
    difference: float,
) -> float:
    """Return the chance that some look at pairs shows the candidate to be not worse by more than the margin.

    Args:
        sizes: Pairs at each look.
        bounds: What Tango's statistic must reach at each for "met", and fall below for "not met"; both end the run.
        margin: How much worse is still good enough.
        discordance: True share of pairs that come out differently.
        difference: True rate of the candidate less the baseline's.
    """
    chances = ((discordance + difference) / 2, (discordance - difference) / 2)
    alive, done, shown = np.ones((1, 1)), 0, 0.0  # by how many were gained and lost, of the paths that go on
    for size, (enough, too_few) in zip(sizes, bounds, strict=True):
        alive, done = _convolved(alive, _trinomial(size - done, *chances)), size
        gained, lost = np.nonzero(alive > NEVER)
        possible = gained + lost <= size
        gained, lost = gained[possible], lost[possible]
        z = scores(gained, lost, size, margin)
        met = z >= round(enough, DIGITS)
        shown += math.fsum(alive[gained[met], lost[met]])
        ended = met | (z < round(too_few, DIGITS))
        going = np.zeros_like(alive)
        going[gained[~ended], lost[~ended]] = alive[gained[~ended], lost[~ended]]
        alive = _cut(going)
        if not alive.size:
            break
    return shown


def rate_met(sizes: Sequence[int], bounds: Sequence[tuple[int, int]], rate: float) -> float:
    """Return the chance that some look at single cases shows their rate to be high enough.

    Args:
        sizes: Cases at each look.
        bounds: Fewest passes for "met" and most passes for "not met" at each; both end the run.
        rate: True rate.
    """
    alive, done, shown = np.ones(1), 0, 0.0  # by how many passed, of the paths that go on
    for size, (enough, too_few) in zip(sizes, bounds, strict=True):
        step = size - done
        chances = np.diff(np.concatenate(([0.0], bdtr(np.arange(step + 1), step, rate))))
        alive, done = np.convolve(alive, chances), size
        shown += math.fsum(alive[enough:])
        alive[enough:] = 0
        alive[: too_few + 1] = 0
    return shown


def _trinomial(n: int, gain: float, loss: float) -> Array:
    """Return the chances of n pairs by how many are gained and lost."""
    won, gone = np.ogrid[: n + 1, : n + 1]
    rest = np.maximum(n - won - gone, 0)
    ways = gammaln(n + 1) - gammaln(won + 1) - gammaln(gone + 1) - gammaln(rest + 1)
    # A chance that is nothing but for the last bits of a sum must not become negative.
    logs = ways + xlogy(won, max(gain, 0)) + xlogy(gone, max(loss, 0)) + xlogy(rest, max(1 - gain - loss, 0))
    return _cut(np.where(won + gone <= n, np.exp(logs), 0))


def _cut(chances: Array) -> Array:
    """Return chances without the last rows and columns, in which nothing can happen."""
    rows, columns = np.nonzero(chances > NEVER)
    return chances[: rows.max(initial=-1) + 1, : columns.max(initial=-1) + 1]


def _convolved(one: Array, other: Array) -> Array:
    """Return the chances of sums of counts."""
    rows, columns = (own + more - 1 for own, more in zip(one.shape, other.shape, strict=True))
    product = np.fft.rfft2(one, (rows, columns)) * np.fft.rfft2(other, (rows, columns))
    found: Array = np.fft.irfft2(product, (rows, columns))
    return found

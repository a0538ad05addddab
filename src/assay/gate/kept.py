"""At which level must the tests of pairs be made so that a wrong pass is as rare as the condition says?

Both are approximations. By Tango's, summed over all that can happen, a candidate that is worse by just the margin
passes at 95 % confidence in up to 7.1 % of runs of 30 cases and 6.0 % of 300; by the mid-p of McNemar's, one that is no
better in up to 7.3 % of runs of 12 cases and 6.6 % of 36. So the gate makes them at a stricter level: the one at which
no share of differing cases lets a wrong pass be likelier than was asked for.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from assay.gate.planning import losses_borne, noninferiority_floor
from assay.gate.power import likely_counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["exact_p", "kept_confidence", "least_pairs"]

_MOST_SUMMED: Final = 2_000
"""Above so many cases the sums take seconds, and the test is off by a few hundredths of its level alone."""

_MOST_WINS: Final = 1_000
"""Above so many cases the mid-p is exact to a fiftieth, unless nearly all differ, and a condition asks for many."""

_BEYOND: Final = 0.95
"""Share of the level that is used above that number: the sums for 2,000 to 5,000 cases exceed it by at most 4 %."""

_FINER: Final = 1.04
"""Ratio of two shares of differing cases that are looked at."""

_BETWEEN: Final = 0.98
"""Share of the level that the largest of these sums may reach: those between them, looked at ten times as closely, are
larger by up to 2 %."""

_STEP: Final = 0.99
"""By how much the level is lowered at a time."""

_NEVER: Final = 1e-10
"""Levels below this, as at the first looks of a very sure test, are left as they are: sums of twelve decimals tell
nothing of them, and whatever the test is off by is nothing beside the level of all looks together."""

_DIGITS: Final = 12
"""Decimals to which probabilities are compared: on the border itself the last bits differ between machines."""

_CLOSER: Final = 1.15
"""Ratio of two numbers of cases that come out alike, where nearly all differ."""

_MOST_ALIKE: Final = 120
"""More cases than so many cannot come out alike where 40 do on average."""

_ALIKE: Final = 2e-12
"""Mid-p values that differ by no more are one and the same: each is rounded, one of them before it is halved."""


@lru_cache(maxsize=512)
def kept_confidence(n: int, margin: float, confidence: float) -> float:
    """Return the confidence at which Tango's test of n pairs keeps the chance of a wrong pass.

    The chance is that of a candidate which is truly worse by just the margin, whatever share of the cases comes out
    differently.

    Args:
        n: Cases that both tried.
        margin: How much worse is still good enough, between 0 and 1.
        confidence: One-sided, above 0.5 and below 1.

    Returns:
        At least the confidence, below 1, as far as decimals tell; 0.953 for 30 pairs, a margin of 0.1 and 0.95.

    Source: the exact size of the test, as in Sidik 2003, Stat. Med. 22:265-278, for matched pairs; the sum itself is
    `noninferiority_power` at a difference of minus the margin.

    Raises:
        ValueError: n is negative, or a share is out of its range.
    """
    if 1 - confidence < _NEVER:
        return confidence
    level = round(1 - confidence, _DIGITS)
    if n > _MOST_SUMMED:
        return round(1 - level * _BEYOND, _DIGITS)
    tried = level
    while _wrong_passes(n, margin, 1 - tried) > level * _BETWEEN:
        tried *= _STEP
    return round(1 - tried, _DIGITS)


@lru_cache(maxsize=64)
def least_pairs(margin: float, confidence: float) -> int:
    """Return with how many pairs a margin is just proven if none of them comes out differently: fewer cannot prove it.

    59 for 0.05 at 0.95, where Tango's test alone would take 52.

    Raises:
        ValueError: a share is out of its range.
    """
    n = noninferiority_floor(margin, confidence)
    while (floor := noninferiority_floor(margin, kept_confidence(n, margin, confidence))) > n:
        n = min(floor, n + 1)
    return n


def _wrong_passes(n: int, margin: float, confidence: float) -> float:
    """Return the largest chance of a wrong pass over shares of differing cases, from the margin, the least, to all.

    It is `noninferiority_power` at a difference of minus the margin for each of them, summed for all at once: how many
    losses can be borne does not hang on the share.
    """
    import numpy as np
    from scipy.special import bdtr, gammaln, xlog1py, xlogy

    pairs = np.arange(n + 1)
    z = NormalDist().inv_cdf(confidence)
    borne = np.fromiter(losses_borne(n, margin, z, range(n + 1)), dtype=float, count=n + 1)
    some = borne >= 0
    ways = gammaln(n + 1) - gammaln(pairs + 1) - gammaln(n - pairs + 1)

    def chance(share: float) -> float:
        """Return it where such a share differs."""
        likely = np.exp(ways + xlogy(pairs, share) + xlog1py(n - pairs, -share))
        shown = bdtr(borne[some], pairs[some], min(1.0, (1 + margin / share) / 2))
        return float(np.sum(likely[some] * shown))

    steps = math.ceil(math.log(1 / margin) / math.log(_FINER))
    return max(chance(min(1.0, margin * _FINER**step)) for step in range(steps + 1))


def exact_p(n: int, mid_p: float) -> float:
    """Return the chance that a candidate which is no better has a mid-p as small as this, whatever share differs.

    Args:
        n: Cases that both tried.
        mid_p: One-sided mid-p of McNemar's test in favour of the candidate.

    Returns:
        At least the mid-p, at most 1.

    Source: the exact unconditional p-value for the statistic that is given, as in Suissa & Shuster 1991, Biometrics
    47:361-372, for matched pairs.
    """
    from scipy.special import bdtr

    few = n <= _MOST_WINS
    border, chances = mid_p + _ALIKE, {}
    first = 0 if few else n - _MOST_ALIKE
    most = bisect_right(range((first + 1) // 2), border, key=lambda losses: _mid_p(first, losses)) - 1
    for pairs in range(first, n + 1):
        # With a further differing case at most one more loss can be borne.
        while 2 * (most + 1) < pairs and _mid_p(pairs, most + 1) <= border:
            most += 1
        while most >= 0 and _mid_p(pairs, most) > border:
            most -= 1
        chances[pairs] = float(bdtr(most, pairs, 0.5)) if most >= 0 else 0.0
    shares = (*_shares(n), *_high_shares(n)) if few else _high_shares(n)
    likeliest = max(_mixed(n, share, chances) for share in shares)
    return min(1.0, max(mid_p if few else mid_p / _BEYOND, likeliest / _BETWEEN))


def _mid_p(pairs: int, losses: int) -> float:
    """Return the one-sided mid-p of so few losses among differing cases."""
    from scipy.special import bdtr

    below = float(bdtr(losses - 1, pairs, 0.5)) if losses else 0.0
    return round((below + float(bdtr(losses, pairs, 0.5))) / 2, _DIGITS)


def _shares(n: int) -> Iterator[float]:
    """Yield shares of cases that differ, from one in n to all."""
    share = 1 / n if n else 1.0
    while share < 1:
        yield share
        share *= _FINER
    yield 1.0


def _high_shares(n: int) -> Iterator[float]:
    """Yield shares at which nearly all cases differ, so that on average few are alike, from 40 to a twentieth of one.

    There the number of differing cases varies by a few only, and one case more or less makes the test another one.
    """
    alike = 40.0
    while alike > 1 / 20:
        if alike < n:
            yield 1 - alike / n
        alike /= _CLOSER
    yield 1.0


def _mixed(n: int, share: float, chances: Mapping[int, float]) -> float:
    """Return a chance that is known for each number of differing cases, when a share of n cases differs."""
    return math.fsum(chance * chances[pairs] for pairs, chance in likely_counts(n, share))

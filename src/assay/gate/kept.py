"""At which confidence must Tango's test be made so that a wrong pass is as rare as the condition says?

The test is an approximation. Summed over all that can happen, a candidate that is worse by just the margin passes at
95 % confidence in up to 7.1 % of runs of 30 cases and 6.0 % of 300. So the gate makes it at a higher confidence: the
least at which no share of differing cases lets a wrong pass be likelier than was asked for.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from assay.gate.planning import noninferiority_floor, noninferiority_power

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["kept_confidence", "least_pairs"]

_MOST_SUMMED: Final = 2_000
"""Above so many cases the sums take seconds, and the test is off by a few hundredths of its level alone."""

_BEYOND: Final = 0.95
"""Share of the level that is used above that number: the sums for 2,000 to 5,000 cases exceed it by at most 4 %."""

_FINER: Final = 1.04
"""Ratio of two shares of differing cases that are looked at."""

_BETWEEN: Final = 0.98
"""Share of the level that the largest of these sums may reach: those between them, looked at ten times as closely, are
larger by up to 2 %."""

_STEP: Final = 0.99
"""By how much the level is lowered at a time."""

_DIGITS: Final = 12
"""Decimals to which probabilities are compared: on the border itself the last bits differ between machines."""


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
        At least the confidence, below 1; 0.953 for 30 pairs, a margin of 0.1 and 0.95.

    Source: the exact size of the test, as in Sidik 2003, Stat. Med. 22:265-278, for matched pairs; the sum itself is
    `noninferiority_power` at a difference of minus the margin.

    Raises:
        ValueError: n is negative, or a share is out of its range.
    """
    level = round(1 - confidence, _DIGITS)
    if n > _MOST_SUMMED:
        return round(1 - level * _BEYOND, _DIGITS)
    tried = level
    while max(_wrong_passes(n, margin, 1 - tried)) > level * _BETWEEN:
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


def _wrong_passes(n: int, margin: float, confidence: float) -> Iterator[float]:
    """Yield the chance of a wrong pass for shares of differing cases, from the margin, the least possible, to all."""
    share = margin
    while share < 1:
        yield noninferiority_power(n, share, margin, confidence, -margin)
        share *= _FINER
    yield noninferiority_power(n, 1.0, margin, confidence, -margin)

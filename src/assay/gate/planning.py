"""With what chance will a run show that a candidate is good enough, and how many cases does that take?

It is for planning, before anything is asked; `assay.gate.power` has the floors and margins of single rates. All figures
are exact sums over what can happen, not approximations, and take well under a second up to some thousand cases.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from assay.gate.paired import PairedTable, tango_z
from assay.gate.power import likely_counts, most_failures
from assay.gate.statistics import passes_needed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = [
    "losses_borne",
    "noninferiority_floor",
    "noninferiority_n",
    "noninferiority_power",
    "rate_n",
    "rate_power",
    "smallest_provable_margin",
]

_POWER: Final = 0.8
"""The usual chance of success to plan for."""

_MOST_CASES: Final = 100_000
"""More cases than this are no advice to anybody."""

_MOST_SCANNED: Final = 5_000
"""Above so many cases the chance hardly wavers from one number to the next, and looking at each would take seconds."""

_STEPS: Final = 40
"""Halvings of an interval within 0 and 1: enough for twelve decimals."""

_DIGITS: Final = 12
"""Decimals to which statistics are compared: on the border itself the last bits differ between machines."""


def noninferiority_floor(margin: float, confidence: float) -> int:
    """Return how many cases it takes to show "not worse by more than the margin" if no case comes out differently.

    Fewer cannot show it at any result: 52 for 0.05 at confidence 0.95, 268 for 0.01.

    Source: Tango 1998, Stat. Med. 17:891-908: without discordant pairs z is sqrt(n d / (1 - d)).

    Raises:
        ValueError: the margin does not lie between 0 and 1, or the confidence not between 0.5 and 1.
    """
    z = _quantile(margin, confidence)
    return max(1, math.ceil(round(z * z * (1 - margin) / margin, 9)))


def noninferiority_power(
    n: int, discordance: float, margin: float, confidence: float, difference: float = 0.0
) -> float:
    """Return the chance that n cases show the candidate to be not worse by more than the margin.

    Tango's test decides; the chance is summed over all numbers of discordant and of lost cases. With a difference of
    -margin it is the chance of a wrong pass.

    Args:
        n: Cases that both try.
        discordance: True share of cases that come out differently, 0 to 1.
        margin: How much worse is still good enough.
        confidence: One-sided.
        difference: True rate of the candidate less the baseline's; at most the discordance either way.

    Source: Tango 1998, Stat. Med. 17:891-908, for the test.

    Raises:
        ValueError: n is negative, or a share is out of its range.
    """
    z = _quantile(margin, confidence)
    _check_paired(n, discordance)
    if abs(difference) > discordance:
        raise ValueError(f"a difference of {difference} is impossible when a share of {discordance} differs")
    return _paired_power(n, discordance, margin, z, difference)


def smallest_provable_margin(n: int, discordance: float, confidence: float, power: float = _POWER) -> float | None:
    """Return the least margin that n cases show with the given chance for a candidate that is as good as the baseline.

    0.06 with 200 cases of which 10 % come out differently. None where no margin below 1 can be shown.

    Raises:
        ValueError: n is negative, or a share is out of its range.
    """
    z = _quantile(power, confidence)  # checks them both
    _check_paired(n, discordance)

    def short(margin: float) -> bool:
        """Return whether a margin is shown too seldom."""
        return _paired_power(n, discordance, margin, z, 0.0) < power

    low, high = 0.0, 1 - 0.5**_STEPS
    if n == 0 or short(high):
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if short(middle) else (low, middle)
    return high


def noninferiority_n(discordance: float, margin: float, confidence: float, power: float = _POWER) -> int | None:
    """Return the least number of cases that show the margin with the given chance for an equally good candidate.

    158 for a margin of 0.05 when 5 % come out differently, 263 when 10 % do. A few more cases can have a slightly
    smaller chance, because counts are whole; above 5,000 it is a number with that chance but not surely the least.
    None when more than 100,000 are needed.

    Source: the first guess is (z_a + z_b)^2 discordance / margin^2, the usual approximation; then exact.

    Raises:
        ValueError: a share is out of its range.
    """
    z = _quantile(margin, confidence)
    _check_share(power)
    _check_paired(0, discordance)
    z_power = NormalDist().inv_cdf(power)
    floor = noninferiority_floor(margin, confidence)
    guess = min(_MOST_CASES, max(floor, math.ceil((z + z_power) ** 2 * discordance / margin**2)))
    # A loss more can be borne about every 1 / margin cases: over that stretch the chance rises and falls.
    return _least(lambda n: _paired_power(n, discordance, margin, z, 0.0) >= power, floor, guess, math.ceil(2 / margin))


def rate_power(n: int, threshold: float, true_rate: float, confidence: float) -> float:
    """Return the chance that n trials show a rate to be at least the threshold, by the exact binomial test.

    0.44 for 100 trials of a true 0.95 against 0.9; with a true rate on the threshold it is the chance of a wrong pass.

    Raises:
        ValueError: n is negative, the true rate not within 0 and 1, or the confidence not between them.
    """
    if not 0 <= true_rate <= 1:
        raise ValueError(f"{true_rate} does not lie within 0 and 1")
    failures = most_failures(n, threshold, confidence)
    if failures is None:
        return 0.0
    from scipy.special import bdtr

    return float(bdtr(failures, n, 1 - true_rate))


def rate_n(threshold: float, true_rate: float, confidence: float, power: float = _POWER) -> int | None:
    """Return the least number of trials that show the threshold with the given chance, when the rate is truly higher.

    None when the true rate does not exceed the threshold, or more than 100,000 are needed. A few more trials can have a
    slightly smaller chance, because failures are whole.

    Raises:
        ValueError: a share does not lie between 0 and 1.
    """
    _check_share(power)
    if not 0 <= threshold <= 1 or not 0 <= true_rate <= 1:
        raise ValueError(f"{threshold} and {true_rate} are not both rates")
    if true_rate <= threshold:
        return None

    def least(failures: int) -> int:
        """Return with how many trials so many failures can just be borne; nothing between two of these is better."""
        more = passes_needed(0, failures, threshold, confidence)
        return _MOST_CASES + 1 if more is None else failures + more

    def enough(failures: int) -> bool:
        """Return whether the chance is large enough there."""
        n = least(failures)
        return n > _MOST_CASES or rate_power(n, threshold, true_rate, confidence) >= power

    failures = bisect_left(range(_MOST_CASES), 1, key=enough)
    n = least(failures)
    return n if n <= _MOST_CASES else None


def losses_borne(n: int, margin: float, z: float, discordant: Iterable[int]) -> Iterator[int]:
    """Yield with how many losses each number of discordant pairs still shows the margin by Tango's test; -1: with none.

    Args:
        n: Cases that both tried.
        margin: How much worse is still good enough.
        z: What the statistic must reach.
        discordant: Numbers of pairs that come out differently, each one more than the last.
    """
    bound, most = round(z, _DIGITS), n
    for pairs in discordant:
        # With a further discordant pair at most one more can be borne, so the search goes on where it was.
        most = min(most + 1, pairs)
        while most >= 0 and round(tango_z(PairedTable(n - pairs, pairs - most, most, 0), -margin), _DIGITS) < bound:
            most -= 1
        yield most


def _paired_power(n: int, discordance: float, margin: float, z: float, difference: float) -> float:
    """Return the chance that Tango's statistic against -margin reaches z."""
    from scipy.special import bdtr

    loss = (1 - difference / discordance) / 2 if discordance else 0.5
    likely = list(likely_counts(n, discordance))
    borne = losses_borne(n, margin, z, (pairs for pairs, _ in likely))
    shown = (
        chance * float(bdtr(most, pairs, loss))
        for (pairs, chance), most in zip(likely, borne, strict=True)
        if most >= 0
    )
    return min(1.0, math.fsum(shown))


def _least(enough: Callable[[int], bool], floor: int, guess: int, period: int) -> int | None:
    """Return the least number that is enough, of a chance that rises on the whole but falls within a period."""
    high = guess
    while not enough(high):
        if high >= _MOST_CASES:
            return None
        high = min(_MOST_CASES, high + max(1, high // 8))
    found = floor + bisect_left(range(floor, high), 1, key=enough)
    while found <= _MOST_SCANNED:
        earlier = next((n for n in range(max(floor, found - period), found) if enough(n)), found)
        if earlier == found:
            break
        found = earlier
    return found


def _quantile(share: float, confidence: float) -> float:
    """Return the normal quantile of a one-sided confidence, once it and the share are known to be sound."""
    _check_share(share)
    if not 0.5 < confidence < 1:  # noqa: PLR2004 - a coin is no confidence
        raise ValueError(f"{confidence} does not lie between 0.5 and 1")
    return NormalDist().inv_cdf(confidence)


def _check_share(share: float) -> None:
    """Raise ValueError unless a share lies strictly within 0 and 1."""
    if not 0 < share < 1:
        raise ValueError(f"{share} does not lie between 0 and 1")


def _check_paired(n: int, discordance: float) -> None:
    """Raise ValueError unless n is a number of cases and the discordance a share."""
    if n < 0:
        raise ValueError(f"{n} is no number of cases")
    if not 0 <= discordance <= 1:
        raise ValueError(f"{discordance} does not lie within 0 and 1")

"""In which way does a judge err: too mild, too harsh, by whim, by the order of answers, or by their length?

True is a pass, False a fail. What was not measured is None, never 0.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from statistics import correlation, fmean
from typing import TYPE_CHECKING

from assay.schema._base import rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

__all__ = [
    "JudgeErrors",
    "LengthBias",
    "PositionFlips",
    "Rate",
    "SelfConsistency",
    "length_bias",
    "position_flips",
    "self_consistency",
    "sensitivity_specificity",
]


@dataclass(frozen=True)
class Rate:
    """How often something holds, with the limits of the interval that was asked for."""

    hits: int
    """Items for which it holds."""
    n: int
    """Items for which it could hold."""
    value: float | None
    """hits / n; None without items."""
    low: float | None
    """Lower limit; None without items."""
    high: float | None
    """Upper limit; None without items."""


@dataclass(frozen=True)
class JudgeErrors:
    """What a judge says where people pass, and where people fail; neither rate moves with the share of passes."""

    both_passed: int
    """Items that judge and human pass."""
    only_judge_passed: int
    """Items that the judge passes and the human fails: the costly error before a release."""
    only_human_passed: int
    """Items that the judge fails and the human passes."""
    both_failed: int
    """Items that judge and human fail."""
    sensitivity: Rate
    """Of the items that humans pass, those that the judge passes too."""
    specificity: Rate
    """Of the items that humans fail, those that the judge fails too."""


@dataclass(frozen=True)
class SelfConsistency:
    """How steadily a judge says the same of the same item."""

    items: int
    """Items with at least two verdicts; others are left out."""
    steady: int
    """Of these, items whose verdicts are all the same."""
    share: float | None
    """steady / items; None without items. It falls as repeats are added, so compare it at one number of them."""
    pairwise: float | None
    """Mean over items of the share of pairs of verdicts that agree; None without items. Repeats do not move it."""


@dataclass(frozen=True)
class PositionFlips:
    """How often the order in which answers were shown decided."""

    items: int
    """Items judged in both orders; those with a verdict missing are left out."""
    flips: int
    """Of these, items whose verdict changed with the order."""
    share: float | None
    """flips / items; None without items."""


@dataclass(frozen=True)
class LengthBias:
    """Whether a judge is milder with longer answers than people are.

    The error of an item is 1 where only the judge passes it, -1 where only the human does, and 0 where they agree.
    """

    n: int
    """Items with a length and both verdicts."""
    longer: int
    """Items in the longer half. Equal lengths stay together, so the halves may differ in size."""
    difference: float | None
    """Mean error in the longer half less that in the shorter, -2 to 2; positive says that length is rewarded.

    None where all lengths are the same.
    """
    correlation: float | None
    """Point-biserial correlation of the error with the logarithm of 1 + length, -1 to 1.

    None where lengths or errors do not vary. A judge without errors thus has a difference of 0 and no correlation.
    """


def sensitivity_specificity(
    judge: Sequence[bool], human: Sequence[bool], interval: Callable[[int, int], tuple[float, float]]
) -> JudgeErrors:
    """Return how often a judge passes what people pass, and fails what they fail.

    Args:
        judge: The judge's verdicts.
        human: The human verdicts on the same items, in the same order.
        interval: Gives the limits of a rate of k in n; Wilson's is meant. It is not asked about n = 0.

    Source: Cicchetti & Feinstein 1990, J. Clin. Epidemiol. 43:551-558, for why both are told and not kappa alone.

    Raises:
        ValueError: the two lists are not equally long.
    """
    cells = Counter((bool(j), bool(h)) for j, h in zip(judge, human, strict=True))

    def rate(hits: int, n: int) -> Rate:
        if n == 0:
            return Rate(0, 0, None, None, None)
        low, high = interval(hits, n)
        return Rate(hits, n, rounded(hits / n), rounded(low), rounded(high))

    passed, failed = cells[True, True], cells[False, False]
    mild, harsh = cells[True, False], cells[False, True]
    return JudgeErrors(passed, mild, harsh, failed, rate(passed, passed + harsh), rate(failed, failed + mild))


def self_consistency(repeats: Mapping[str, Sequence[Hashable | None]]) -> SelfConsistency:
    """Return how often a judge repeats itself.

    Args:
        repeats: Item to the verdicts on it, each asked for anew; None is a verdict that could not be read, and is
            left out.
    """
    counts = [Counter(v for v in verdicts if v is not None) for verdicts in repeats.values()]
    items = [own for own in counts if own.total() > 1]
    if not items:
        return SelfConsistency(0, 0, None, None)
    steady = sum(len(own) == 1 for own in items)
    pairwise = math.fsum(
        sum(m * (m - 1) for m in own.values()) / (own.total() * (own.total() - 1)) for own in items
    ) / len(items)
    return SelfConsistency(len(items), steady, rounded(steady / len(items)), rounded(pairwise))


def position_flips(pairs: Mapping[str, tuple[Hashable | None, Hashable | None]]) -> PositionFlips:
    """Return how often a verdict changes when the answers change places.

    Args:
        pairs: Item to its verdicts in the one order and in the other. A verdict names the answer that it prefers, or
            a tie, not the place where that answer stood; None is one that could not be read.

    Source: Zheng et al. 2023, arXiv:2306.05685, section 3.3, whose "consistency" is 1 less this share.
    """
    items = [pair for pair in pairs.values() if None not in pair]
    flips = sum(first != second for first, second in items)
    return PositionFlips(len(items), flips, rounded(flips / len(items)) if items else None)


def length_bias(lengths: Sequence[int], judge: Sequence[bool], human: Sequence[bool]) -> LengthBias:
    """Return how the judge's error moves with the length of the answer.

    Args:
        lengths: Length of each answer, in characters or tokens.
        judge: The judge's verdicts on these answers.
        human: The human verdicts on them.

    Source: the comparison of judge with human at equal quality, of which length is the best known confounder:
    Dubois et al. 2024, arXiv:2404.04475. The correlation is Pearson's with a coded verdict: Tate 1954, Ann. Math.
    Stat. 25:603-607.

    Raises:
        ValueError: the lists are not equally long, or a length is negative.
    """
    if any(length < 0 for length in lengths):
        raise ValueError("a length is negative")
    items = sorted((length, bool(j) - bool(h)) for length, j, h in zip(lengths, judge, human, strict=True))
    n = len(items)
    # A cut between equal lengths would depend on the order of the items; the cut nearest to the middle does not.
    cuts = [index for index in range(1, n) if items[index - 1][0] < items[index][0]]
    if not cuts:
        return LengthBias(n, 0, None, None)
    cut = min(cuts, key=lambda index: (abs(n - 2 * index), index))
    errors = [error for _, error in items]
    link = correlation([math.log1p(length) for length, _ in items], errors) if len(set(errors)) > 1 else None
    return LengthBias(
        n,
        n - cut,
        rounded(fmean(errors[cut:]) - fmean(errors[:cut])),
        None if link is None else rounded(link),
    )

"""Which cases did candidate and baseline both have, and how differently did they come out?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from assay.gate.by_case import CaseFigures, cautious_limits, clusters_of, proves
from assay.gate.paired import PairedTable, mcnemar_mid_p, newcombe_interval
from assay.gate.power import smallest_paired_difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.score import CaseResult

    Pair = tuple[CaseResult, CaseResult]

__all__ = ["LEAST_DISCORDANCE", "PairedDifference", "Pairing", "difference_of", "pair_by_digest", "share_passed"]

LEAST_DISCORDANCE: Final = 0.1
"""Share of the cases that is taken to come out differently at least, where fewer did: what two like models show."""

_CONFIDENCE: Final = 0.95
_POWER: Final = 0.8
_STEPS: Final = 40
"""Halvings of a p-value within 0 and 1: enough for twelve decimals."""


@dataclass(frozen=True)
class Pairing:
    """Cases of two candidates, put together where they are the same case."""

    pairs: tuple[tuple[CaseResult, CaseResult], ...]
    """Candidate's and baseline's result at each shared case, in the candidate's order."""
    only_candidate: tuple[CaseResult, ...]
    """Cases of the candidate that the baseline does not have, in the candidate's order."""
    only_baseline: tuple[CaseResult, ...]
    """Cases of the baseline that the candidate does not have, in the baseline's order."""


@dataclass(frozen=True)
class PairedDifference:
    """How differently candidate and baseline came out at the cases that both were asked; all shares 0 to 1."""

    table: PairedTable
    """Cases by who did better; where a case was tried several times, `both` is all trials passed by both, and `neither`
    any other tie."""
    candidate: float
    """Mean share of a case's trials that the candidate passed."""
    baseline: float
    """Mean share that the baseline passed."""
    difference: float
    """The candidate's less the baseline's, -1 to 1."""
    low: float
    """Lower limit of its two-sided 95 % interval."""
    high: float
    """Upper limit."""
    p: float
    """Two-sided p-value of no difference, this comparison taken alone."""
    smallest: float | None
    """Least true difference that so many cases, or sources where cases share one, show with 80 % power at 95 %
    confidence; None where none shows."""
    counted: bool
    """True for single independent trials: McNemar mid-p and the interval of Newcombe; False where limits of the mean
    difference are asked too, by source where cases share one."""
    groups: int
    """Cases, or where some share a source, sources and cases without one: what can be taken as independent."""


def pair_by_digest(candidate: Sequence[CaseResult], baseline: Sequence[CaseResult]) -> Pairing:
    """Put the cases of two candidates together by the digest of the case, never by position or name.

    A case whose text, expectation or scorers changed has another digest, and so no partner: what the two did at it
    cannot be compared. Nor has one of another suite, whose settings apply to it. No case has two partners.
    """
    waiting: dict[tuple[str, str], list[CaseResult]] = {}
    for case in reversed(baseline):
        waiting.setdefault((case.suite, case.digest), []).append(case)
    pairs, alone = [], []
    for case in candidate:
        own = waiting.get((case.suite, case.digest))
        if own:
            pairs.append((case, own.pop()))
        else:
            alone.append(case)
    left = {id(case) for own in waiting.values() for case in own}
    return Pairing(tuple(pairs), tuple(alone), tuple(case for case in baseline if id(case) in left))


def share_passed(case: CaseResult) -> float:
    """Return the share of a case's asked trials that passed; one that was asked and has no score did not pass.

    Raises:
        ValueError: it was not asked at all.
    """
    if case.asked == 0:
        raise ValueError(f"the case {case.suite}/{case.case} was not asked")
    return case.whole.passed / case.asked


def difference_of(pairs: Sequence[Pair]) -> PairedDifference:
    """Compare candidate and baseline at the cases that both were asked.

    Single trials of independent cases are counted: McNemar mid-p, and Newcombe's interval. Several trials of a case are
    alike, and so are cases of one source: then the limits of the mean difference decide, as in the gate, over cases and
    over sources; a p-value is the least level at which they keep clear of 0. Of all that applies the worst holds: the
    widest interval, the largest p-value, the largest of the smallest differences. So cases that share sources never
    seem to show more than the same cases without.

    What single trials show is computed for as many cases as there are sources, as if all cases of a source came out
    alike: no less is sure beforehand.

    Source: `mcnemar_mid_p`, `newcombe_interval`, `smallest_paired_difference` and `cautious_limits`; (z_a + z_b)
    standard errors is the usual smallest difference of a mean, Miller 2024 (arXiv 2411.00640), section 5.

    Args:
        pairs: candidate's and baseline's result at each case; each was asked at least once.

    Raises:
        ValueError: there are none, or one was not asked.
    """
    if not pairs:
        raise ValueError("there is no difference without cases")
    shares = [(share_passed(candidate), share_passed(baseline)) for candidate, baseline in pairs]
    n = len(pairs)
    table = PairedTable(
        both=sum(one == other == 1 for one, other in shares),
        gained=sum(one > other for one, other in shares),
        lost=sum(one < other for one, other in shares),
        neither=sum(one == other < 1 for one, other in shares),
    )
    values = tuple(one - other for one, other in shares)
    figures = CaseFigures(values, values, clusters_of([candidate for candidate, _ in pairs]), least=-1.0)
    once = all(case.due == 1 for pair in pairs for case in pair)
    found = [_by_counts(table, figures.groups)] if once else [_by_mean(replace(figures, clusters=None))]
    if figures.clusters is not None:
        found.append(_by_mean(figures))
    candidate_share, baseline_share = sum(one for one, _ in shares) / n, sum(other for _, other in shares) / n
    shown = [own.smallest for own in found if own.smallest is not None]
    return PairedDifference(
        table=table,
        candidate=candidate_share,
        baseline=baseline_share,
        difference=candidate_share - baseline_share,
        low=min(own.low for own in found),
        high=max(own.high for own in found),
        p=max(own.p for own in found),
        smallest=max(shown) if len(shown) == len(found) else None,
        counted=once and figures.clusters is None,
        groups=figures.groups,
    )


@dataclass(frozen=True)
class _Told:
    """What one method tells of a difference."""

    low: float
    high: float
    p: float
    smallest: float | None


def _by_counts(table: PairedTable, groups: int) -> _Told:
    """Return what single trials tell as if they were independent, and what so many groups of them show."""
    low, high = newcombe_interval(table, _CONFIDENCE)
    discordance = min(max(table.discordance, LEAST_DISCORDANCE), 1 - 1e-9)
    smallest = smallest_paired_difference(groups, discordance, _CONFIDENCE)
    return _Told(low, high, mcnemar_mid_p(table.gained, table.lost), smallest)


def _by_mean(figures: CaseFigures) -> _Told:
    """Return what the mean of the cases' differences tells."""
    low, high = cautious_limits(figures, null=0.0, confidence=(1 + _CONFIDENCE) / 2)
    return _Told(low, high, _level(figures), _shown((high - low) / 2))


def _level(figures: CaseFigures) -> float:
    """Return the least two-sided level at which the interval of a mean keeps clear of 0; 1 where none does."""
    total = sum(figures.low)
    if not total:
        return 1.0
    outside, inside = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (outside + inside) / 2
        if proves(figures, null=0.0, confidence=min(1 - middle / 2, 1 - 1e-15), above=total > 0):
            inside = middle
        else:
            outside = middle
    return round(inside, 12)


def _shown(half: float) -> float | None:
    """Return the difference that shows with 80 % power, from half the width of a 95 % interval."""
    normal = NormalDist()
    z = normal.inv_cdf((1 + _CONFIDENCE) / 2)
    smallest = half * (z + normal.inv_cdf(_POWER)) / z
    return smallest if smallest < 1 else None

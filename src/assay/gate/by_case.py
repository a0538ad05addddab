"""What did each case come to, as one figure, and how sure are we of the mean of such figures?"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from assay.gate.bounded import bounded_p_value
from assay.gate.means import mean_limits
from assay.gate.question import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.gate.question import Answer
    from assay.gate.scope import Scope
    from assay.schema.score import CaseResult, CaseTally

    Cluster = tuple[str, str]

__all__ = [
    "LEAST_CLUSTERS",
    "CaseFigures",
    "cautious_limits",
    "clusters_of",
    "differences",
    "further",
    "graded",
    "passed",
    "proves",
]

LEAST_CLUSTERS: Final = 10
"""Fewer groups of cases tell too little of how much groups differ: the t limits of a mean over clusters keep their
error rate from about ten on (Cameron & Miller 2015, J. Hum. Resour. 50:317-372, section VI)."""


_DIGITS: Final = 9
"""Decimals to which probabilities are compared, as those of the limits that they stand for."""
_MOST_FURTHER: Final = 10_000
"""More cases than this are no advice to anybody."""


@dataclass(frozen=True)
class CaseFigures:
    """One figure for each case, with what is not known of it taken both ways."""

    low: tuple[float, ...]
    """At least this much: trials without a score count as nothing."""
    high: tuple[float, ...]
    """At most this much: trials without a score count as passed, with the best grade."""
    clusters: tuple[Cluster, ...] | None
    """What each case belongs to, a source or itself; None where no two cases share a source."""
    least: float = 0.0
    """The least that a figure can be: 0, or -1 for a difference of two."""

    @property
    def groups(self) -> int:
        """Cases, or groups of them that can be taken as independent."""
        return len(self.low) if self.clusters is None else len(set(self.clusters))

    @property
    def noun(self) -> str:
        """What the groups are, in the plural."""
        return "cases" if self.clusters is None else "sources"

    @property
    def counted(self) -> str:
        """How many groups there are, in words."""
        return f"{self.groups} {self.noun if self.groups != 1 else self.noun.removesuffix('s')}"

    @property
    def method(self) -> str:
        """How the limits of the mean are found."""
        t = "t over cases with two pseudo-cases" if self.clusters is None else "CR1 over sources, t"
        return f"{t}; Gaffke"

    def too_few(self, said: str, least: int = LEAST_CLUSTERS) -> Answer | None:
        """Return the answer where there are too few cases, or groups of them, for a confidence; None where enough."""
        if self.groups >= least:
            return None
        reason = f"{said}: a confidence needs {least} {self.noun}, has {self.groups}."
        return replace(unknown(reason, n=len(self.low)), needed=least - self.groups)

    def with_more(self, count: int, figure: float) -> CaseFigures:
        """Return these with further cases that all have the same figure, none of them sharing a source."""
        own = self.clusters
        return replace(
            self,
            low=(*self.low, *[figure] * count),
            high=(*self.high, *[figure] * count),
            clusters=None if own is None else (*own, *[("further", str(number)) for number in range(count)]),
        )


def passed(scope: Scope, cases: Sequence[CaseResult]) -> CaseFigures:
    """Return each case's share of trials that passed."""
    return _figures(cases, scope.tally, lambda own: own.passed)


def graded(label: str, cases: Sequence[CaseResult]) -> CaseFigures:
    """Return each case's mean grade by one scorer.

    Raises:
        KeyError: a case does not have that scorer.
    """
    return _figures(cases, lambda own: own.by_scorer[label], lambda own: own.grades)


def differences(own: CaseFigures, other: CaseFigures) -> CaseFigures:
    """Return by how much each figure exceeds the other's of the same case; what is not known is taken both ways."""
    return CaseFigures(
        low=tuple(one - two for one, two in zip(own.low, other.high, strict=True)),
        high=tuple(one - two for one, two in zip(own.high, other.low, strict=True)),
        clusters=own.clusters,
        least=-1.0,
    )


def clusters_of(cases: Sequence[CaseResult]) -> tuple[Cluster, ...] | None:
    """Return what each case belongs to; None where each stands alone, with or without a source."""
    clusters = tuple(("case", own.case) if own.source is None else ("source", own.source) for own in cases)
    return clusters if len(set(clusters)) < len(clusters) else None


def _figures(
    cases: Sequence[CaseResult], tally: Callable[[CaseResult], CaseTally], got: Callable[[CaseTally], float]
) -> CaseFigures:
    tallies = [(own.due, tally(own)) for own in cases]
    return CaseFigures(
        low=tuple(got(own) / due for due, own in tallies),
        high=tuple((got(own) + due - own.passed - own.failed) / due for due, own in tallies),
        clusters=clusters_of(cases),
    )


def further(enough: Callable[[int], bool]) -> int | None:
    """Return the least number from 1 that is enough, where more are always better; None where none to 10,000 is."""
    most = 1
    while not enough(most):
        if most >= _MOST_FURTHER:
            return None
        most = min(2 * most, _MOST_FURTHER)
    return most // 2 + 1 + bisect_left(range(most // 2 + 1, most), 1, key=enough)


def cautious_limits(figures: CaseFigures, *, null: float, confidence: float) -> tuple[float, float]:
    """Return the one-sided limits of a mean of figures of at most 1, or of differences of such, against `null`.

    They are those of `mean_limits` on the scale of the figures, made safe against one flaw of every t test: a case that
    does better than the rest widens the interval, so that its failure could turn an unknown into a proof. A mean is
    therefore proven only if it would still be proven had cases, or groups of them, done as well as can be: those are
    taken, one after the other, with which the t statistic falls most, until it falls no more. Against 0.6 or more, at
    95 % confidence and with groups of one size, it never matters.
    """
    own = figures.clusters
    clusters = tuple(("case", str(number)) for number in range(len(figures.low))) if own is None else own
    low = _cautious_low(figures.low, clusters, null, (figures.least, 1.0), confidence)
    high = -_cautious_low([-own for own in figures.high], clusters, -null, (-1.0, -figures.least), confidence)
    return low, high


def proves(figures: CaseFigures, *, null: float, confidence: float, above: bool) -> bool:
    """Return whether `cautious_limits` show the mean to be above null, or below it; much faster than the limits."""
    own = figures.clusters
    clusters = tuple(("case", str(number)) for number in range(len(figures.low))) if own is None else own
    if above:
        return _proves(figures.low, clusters, null, (figures.least, 1.0), confidence)
    return _proves([-own for own in figures.high], clusters, -null, (-1.0, -figures.least), confidence)


def _proves(
    values: Sequence[float],
    clusters: Sequence[Cluster],
    null: float,
    scale: tuple[float, float],
    confidence: float,
) -> bool:
    if mean_limits(values, clusters, null=null, confidence=confidence).low < null:
        return False
    members = _members(values, clusters, null)
    largest = max(len(own) for own in members.values())
    least, most = ((end - null) * largest for end in scale)
    totals = [min(most, max(least, math.fsum(own))) for own in members.values()]  # but for the last bit they lie there
    if round(bounded_p_value(totals, 0.0, least=least, most=most), _DIGITS) > round(1 - confidence, _DIGITS):
        return False
    raised = _raised(values, clusters, null, scale[1])
    return mean_limits(raised, clusters, null=null, confidence=confidence).low >= null


def _cautious_low(
    values: Sequence[float],
    clusters: Sequence[Cluster],
    null: float,
    scale: tuple[float, float],
    confidence: float,
) -> float:
    low = mean_limits(values, clusters, null=null, confidence=confidence, scale=scale).low
    if low < null:
        return low
    raised = _raised(values, clusters, null, scale[1])
    harder = mean_limits(raised, clusters, null=null, confidence=confidence).low
    return harder if harder < null else low


def _members(values: Sequence[float], clusters: Sequence[Cluster], null: float) -> dict[Cluster, list[float]]:
    """Return by how much the figures of each group exceed null."""
    members: dict[Cluster, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        members.setdefault(cluster, []).append(value - null)
    return members


def _raised(values: Sequence[float], clusters: Sequence[Cluster], null: float, most: float) -> list[float]:
    """Return the figures with those groups raised to `most` with which the t statistic against null is smallest."""
    members = _members(values, clusters, null)
    sums = _Sums.of([(math.fsum(own), len(own)) for own in members.values()])
    alike: dict[tuple[float, int], list[Cluster]] = {}  # of groups that are alike one stands for all
    for name, own in sorted(members.items()):
        alike.setdefault((math.fsum(own), len(own)), []).append(name)
    raised: set[Cluster] = set()
    while alike:
        # Of two raises that make the statistic equally small either will do; the first of the sorted ones is taken.
        found = min(sorted(alike), key=lambda own: sums.moved(own[0], own[1] * (most - null), own[1]).statistic)
        harder = sums.moved(found[0], found[1] * (most - null), found[1])
        if harder.statistic >= sums.statistic:
            break
        sums = harder
        raised.add(alike[found].pop())
        if not alike[found]:
            del alike[found]
    return [most if cluster in raised else value for value, cluster in zip(values, clusters, strict=True)]


@dataclass(frozen=True)
class _Sums:
    """What the t statistic of `mean_limits` is made of: sums over the groups' totals and sizes."""

    groups: int
    cases: int
    sizes: int
    total: float
    squares: float
    products: float

    @classmethod
    def of(cls, groups: Sequence[tuple[float, int]]) -> _Sums:
        return cls(
            groups=len(groups),
            cases=sum(size for _, size in groups),
            sizes=sum(size * size for _, size in groups),
            total=math.fsum(own for own, _ in groups),
            squares=math.fsum(own * own for own, _ in groups),
            products=math.fsum(own * size for own, size in groups),
        )

    def moved(self, old: float, new: float, size: int) -> _Sums:
        """Return the sums with another total of one group."""
        return _Sums(
            self.groups,
            self.cases,
            self.sizes,
            self.total + new - old,
            self.squares + new * new - old * old,
            self.products + (new - old) * size,
        )

    @property
    def statistic(self) -> float:
        """The t statistic but for a factor that the number of groups and cases sets."""
        made_up = self.cases / self.groups
        mean = self.total / (self.cases + 2 * made_up)
        spread = self.squares - 2 * mean * self.products + mean * mean * self.sizes
        return self.total / math.sqrt(spread + 2 * made_up * made_up * (0.25 + mean * mean))

"""How far do raters agree, and how far beyond what chance alone would give?

A coefficient that the ratings do not determine is None: without ratings, and where all of them are the same, so that
nothing could have shown disagreement. It is never set to 0 or 1 by convention.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.schema._base import rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

__all__ = ["Kappa", "cohen_kappa", "gwet_ac1", "gwet_ac1_of_many", "krippendorff_alpha", "raw_agreement"]

_Z: Final = 1.959963984540054
"""The 97.5 % quantile of the normal distribution: limits are two-sided at 95 %."""

_NOTHING: Final = 1e-12
"""A variance below this is rounding error."""

_MOST_CELLS: Final = 10_000_000
"""Units times squared values that Krippendorff's alpha is computed over; 80 MB, and far more than people rate."""

_LARGEST: Final = 1e15
"""Ratings stay below this: floats tell all whole numbers apart there, and squares cannot overflow."""


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa of two raters."""

    n: int
    """Items that both rated."""
    observed: float | None
    """Agreement seen, 0 to 1, near misses counted by their weight; None without items."""
    expected: float | None
    """Agreement by chance if the raters rated apart from each other, each with its own shares; None without items."""
    value: float | None
    """(observed - expected) / (1 - expected), -1 to 1; None without items and where both gave all items one rating.

    It is 0 where only one of the raters always says the same, however often the two agree.
    """
    standard_error: float | None
    """Large-sample standard error; None where its formula gives none, as with perfect agreement or a rater who always
    says the same: a width of zero would claim a certainty that nobody has.
    """
    low: float | None
    """Lower limit at 95 %, two-sided, not below -1; None without a standard error. Below some 50 items it is rough."""
    high: float | None
    """Upper limit at 95 %, two-sided, not above 1; None without a standard error."""


def raw_agreement(a: Sequence[Hashable], b: Sequence[Hashable]) -> float | None:
    """Return the share of items on which two raters say the same; None without items.

    Raises:
        ValueError: the two lists are not equally long.
    """
    pairs = list(zip(a, b, strict=True))
    return rounded(sum(x == y for x, y in pairs) / len(pairs)) if pairs else None


def cohen_kappa(
    a: Sequence[Hashable],
    b: Sequence[Hashable],
    weights: Literal["linear", "quadratic"] | None = None,
    order: Sequence[Hashable] | None = None,
) -> Kappa:
    """Return Cohen's kappa of two raters with its large-sample interval.

    Args:
        a: Ratings by the one rater.
        b: Ratings of the same items, in the same order, by the other.
        weights: How much a near miss counts: None counts it as a miss, `linear` by 1 - d / (k - 1) and `quadratic` by
            1 - (d / (k - 1))**2, for a distance d on a scale of k values.
        order: All values of the scale from least to most, also those that nobody gave; their places are the distances.
            None takes the ratings for numbers, which are as far apart as they are: which of them occur says nothing
            of how far apart 0.3 and 1 are.

    Source: Cohen 1960, Educ. Psychol. Meas. 20:37-46, and 1968, Psychol. Bull. 70:213-220; the standard errors are
    those of Fleiss, Cohen & Everitt 1969, Psychol. Bull. 72:323-327, unweighted and weighted.

    Raises:
        ValueError: the lists are not equally long, a rating is not on the scale, the scale names a value twice, or
            a rating is no number where weights come without a scale.
    """
    cells = Counter(zip(a, b, strict=True))
    n = cells.total()
    if n == 0:
        return Kappa(0, None, None, None, None, None, None)
    rows, columns = Counter(a), Counter(b)
    weight = _weighting(weights, order, rows | columns)
    if weights is None:
        by_row = {x: columns[x] / n for x in rows}
        by_column = {y: rows[y] / n for y in columns}
    else:
        by_row = {x: sum(weight(x, y) * m for y, m in columns.items()) / n for x in rows}
        by_column = {y: sum(weight(x, y) * m for x, m in rows.items()) / n for y in columns}
    observed = sum(weight(x, y) * m for (x, y), m in cells.items()) / n
    expected = sum(m * by_row[x] for x, m in rows.items()) / n
    if len(rows | columns) == 1:
        return Kappa(n, rounded(observed), rounded(expected), None, None, None, None)
    value = (observed - expected) / (1 - expected)
    spread = sum(m * (weight(x, y) - (by_row[x] + by_column[y]) * (1 - value)) ** 2 for (x, y), m in cells.items()) / n
    variance = spread - (value - expected * (1 - value)) ** 2
    error = math.sqrt(variance / n) / (1 - expected) if variance > _NOTHING else None
    return Kappa(
        n,
        rounded(observed),
        rounded(expected),
        rounded(value),
        None if error is None else rounded(error),
        None if error is None else rounded(max(value - _Z * error, -1.0)),
        None if error is None else rounded(min(value + _Z * error, 1.0)),
    )


def _weighting(
    weights: Literal["linear", "quadratic"] | None, order: Sequence[Hashable] | None, seen: Iterable[Hashable]
) -> Callable[[Hashable, Hashable], float]:
    """Return how much a pair of ratings counts as agreement, after checking the scale."""
    place = _places(order, weights, seen)
    if weights is None:
        return lambda x, y: float(x == y)
    power = 1 if weights == "linear" else 2
    span = (max(place.values()) - min(place.values())) or 1.0
    return lambda x, y: 1 - (abs(place[x] - place[y]) / span) ** power


def _places(order: Sequence[Hashable] | None, weights: str | None, seen: Iterable[Hashable]) -> dict[Hashable, float]:
    """Return where each rating lies on the scale; nowhere, where neither scale nor weights are given."""
    if order is None:
        return {} if weights is None else {value: _number(value, "interval") for value in seen}
    place = {value: float(index) for index, value in enumerate(order)}
    if len(place) < len(order):
        raise ValueError("the scale names a value twice")
    if strange := [value for value in seen if value not in place]:
        raise ValueError(f"{strange[0]!r} is not on the scale")
    return place


def gwet_ac1(
    a: Sequence[Hashable], b: Sequence[Hashable], categories: Collection[Hashable] | None = None
) -> float | None:
    """Return Gwet's AC1 of two raters; unlike kappa it does not collapse where nearly everything passes.

    See `gwet_ac1_of_many`, of which this is the case of two raters without gaps.

    Raises:
        ValueError: the two lists are not equally long, or a rating is none of the categories.
    """
    return _ac1([list(pair) for pair in zip(a, b, strict=True)], categories)


def gwet_ac1_of_many(
    ratings: Mapping[str, Mapping[str, Hashable | None]], categories: Collection[Hashable] | None = None
) -> float | None:
    """Return Gwet's AC1 of any number of raters and categories, of whom each may have left units out.

    Args:
        ratings: Rater to unit to rating; None where the rater gave none.
        categories: All ratings that could have been given; None takes those that were.

    Returns:
        -1 to 1. None where no unit has two ratings, and where fewer than two categories are known.

    Source: Gwet 2008, Br. J. Math. Stat. Psychol. 61:29-48; with missing ratings as in Gwet 2014, Handbook of
    Inter-Rater Reliability, 4th ed., chapter 5.

    Raises:
        ValueError: a rating is none of the categories.
    """
    return _ac1(_by_unit(ratings), categories)


def _ac1(units: list[list[Hashable]], categories: Collection[Hashable] | None) -> float | None:
    seen = {value for unit in units for value in unit}
    known = seen if categories is None else set(categories)
    if strange := seen - known:
        raise ValueError(f"{min(map(repr, strange))} is none of the categories")
    paired = [Counter(unit) for unit in units if len(unit) > 1]
    if not paired or len(known) == 1:
        return None
    shares = [sum(unit.count(value) / len(unit) for unit in units) / len(units) for value in known]
    # `fsum` gives the same for any order of a set, which changes from run to run.
    expected = math.fsum(share * (1 - share) for share in shares) / (len(known) - 1)
    observed = math.fsum(map(_agreeing_pairs, paired)) / len(paired)
    return rounded((observed - expected) / (1 - expected))


def _agreeing_pairs(counts: Counter[Hashable]) -> float:
    """Return the share of pairs of ratings of one unit that agree."""
    n = counts.total()
    return sum(m * (m - 1) for m in counts.values()) / (n * (n - 1))


def krippendorff_alpha(
    ratings: Mapping[str, Mapping[str, Hashable | None]],
    level: Literal["nominal", "ordinal", "interval", "ratio"],
) -> float | None:
    """Return Krippendorff's alpha of any number of raters, of whom each may have left units out.

    Args:
        ratings: Rater to unit to rating; None where the rater gave none. Above the nominal level ratings are numbers.
        level: What the ratings mean: names, ranks, distances, or distances from a true zero.

    Returns:
        At most 1, 0 for chance, negative for worse. None where no unit has two ratings, and where all ratings of such
        units are the same.

    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability; computed by the package `krippendorff`.

    Raises:
        ValueError: above the nominal level a rating is not a number, or one of 1e15 and more; on the ratio level it is
            negative; or there are too many different ratings to compare each with each.
    """
    units = [Counter(unit) for unit in _by_unit(ratings) if len(unit) > 1]
    seen = list(dict.fromkeys(value for unit in units for value in unit))
    if len(seen) <= 1:
        return None
    if len(units) * len(seen) ** 2 > _MOST_CELLS:
        raise ValueError(f"{len(seen)} different ratings of {len(units)} units are too many to compare")
    # Names take part as the places where they stand: any numbers will do where only "same or not" counts.
    places = enumerate(seen) if level == "nominal" else ((_number(value, level), value) for value in seen)
    scale = {float(place): value for place, value in places}
    domain = sorted(scale)
    from krippendorff import alpha

    counts = [[unit[scale[number]] for number in domain] for unit in units]
    return rounded(float(alpha(value_counts=counts, value_domain=domain, level_of_measurement=level)))


def _number(value: Hashable, level: str) -> float:
    """Return a rating as a number that the level allows."""
    if not isinstance(value, int | float) or not abs(value) < _LARGEST:
        raise ValueError(f"{value!r} is no number below {_LARGEST:.0e}")
    if value < 0 and level == "ratio":
        raise ValueError(f"{value!r} is negative, and the ratio level has a true zero")
    return float(value)


def _by_unit(ratings: Mapping[str, Mapping[str, Hashable | None]]) -> list[list[Hashable]]:
    """Return the ratings of each unit that has one; raters and units come in a fixed order."""
    units: dict[str, list[Hashable]] = {}
    for rater in sorted(ratings):
        for unit, value in ratings[rater].items():
            if value is not None:
                units.setdefault(unit, []).append(value)
    return [units[unit] for unit in sorted(units)]

"""Is a candidate no slower than the baseline of the same run, round by round?

One percentile beside another shows nothing: what differs may be the hour. Candidates take turns in rounds, so each
round is a pair under the same conditions, and the rounds say how far such a difference varies.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.gate.comparison import Comparison
from assay.gate.measures import least_requests
from assay.gate.question import Answer, listed, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.gate.comparison import AgainstBaseline
    from assay.schema.bench import BenchCell, Repeat

__all__ = ["FIGURES", "LEAST_ROUNDS", "compare_rounds", "ratio_limits", "threshold_of"]

LEAST_ROUNDS: Final = 5
"""Rounds from which their spread says something: with fewer a single odd one decides it."""

_LEAST_SPREAD: Final = 0.01
"""Standard deviation, as a share, below which that of one round's difference is never taken.

Rounds that agree to the last digit show coarse digits, not certainty. A round's figure is that of tens of requests,
told by a client that adds half a millisecond to a median and a few to a p95: on figures of 50 to 500 ms about 1 %. A
tie of all rounds would otherwise prove any margin, be it a thousandth.
"""

_MOST_ROUNDS: Final = 1000
"""More rounds than this are no advice to anybody."""

_LARGEST: Final = 700.0
"""Logarithm beyond which a ratio is no longer told apart: exp(710) is no number of this machine."""

_DIGITS: Final = 12
"""Decimals to which limits are compared: on the border itself the last bits differ between machines."""


@dataclass(frozen=True)
class RoundFigure:
    """A figure that each round has of its own."""

    read: Callable[[Repeat], float | None]
    """Its value; None when it is infinite or was not seen."""
    good: Literal["low", "high"]
    """Which figures are the good ones."""
    least: int
    """Requests that a round needs for it."""


FIGURES: Final[dict[str, RoundFigure]] = {
    "e2e_p50_s": RoundFigure(lambda own: own.e2e_p50_us, "low", least_requests(50)),
    "e2e_p95_s": RoundFigure(lambda own: own.e2e_p95_us, "low", least_requests(95)),
    "ttft_p50_s": RoundFigure(lambda own: own.ttft_p50_us, "low", least_requests(50)),
    "output_tokens_per_s": RoundFigure(lambda own: own.output_tokens_per_s, "high", 1),
}
"""What can be compared round by round."""


def threshold_of(measure: str, against: AgainstBaseline) -> float:
    """Return the relative difference that is still acceptable: above 0 where low figures are good, else below."""
    return -against.margin if FIGURES[measure].good == "high" else against.margin


def ratio_limits(differences: Sequence[float], confidence: float) -> tuple[float, float, float]:
    """Return the ratio that differences of logarithms show, and its one-sided limits, each at the given confidence.

    The mean of at least two independent differences with Student's t on n - 1 degrees of freedom, turned back by the
    exponential; no interval has zero width, for a spread below 1 % counts as 1 %.

    Source: Student 1908, Biometrika 6:1-25, for paired differences; Bland & Altman 1996, BMJ 312:1153, for logarithms,
    whose limits turn back into those of a ratio.

    Raises:
        ValueError: there are fewer than two, or the confidence does not lie within 0.5 and 1.
    """
    mean, spread = _moments(differences)
    half = _half_width(len(differences), spread, confidence)
    low, high = (round(math.exp(min(mean + sign * half, _LARGEST)), _DIGITS) for sign in (-1, 1))
    return math.exp(mean), low, high


def compare_rounds(own: BenchCell, other: BenchCell, measure: str, against: AgainstBaseline) -> Answer:
    """Return what the rounds of a candidate and of the baseline come to.

    Rounds are paired by number. Where one has a round that the other lacks, or a round without the figure, nothing is
    known: which rounds are missing may be no accident.
    """
    figure = FIGURES[measure]
    ours, theirs = ({one.repeat: one for one in cell.repeats} for cell in (own, other))
    n = len(ours.keys() & theirs.keys())
    if ours.keys() != theirs.keys():
        return unknown("Some rounds were measured of only one of the two.", n=n)
    if n < LEAST_ROUNDS:
        more = LEAST_ROUNDS - n
        needed = f"{more} more round{'' if more == 1 else 's'} needed (bench.repeats)"
        return unknown(f"{n} of the {LEAST_ROUNDS} rounds that a comparison needs: {needed}.", n=n, needed=more)
    pairs = {number: (_figure(ours[number], figure), _figure(theirs[number], figure)) for number in sorted(ours)}
    known = {number: math.log(mine / its) for number, (mine, its) in pairs.items() if mine and its}
    if len(known) < n:
        missing = [str(number) for number in pairs if number not in known]
        where = f"round{'' if len(missing) == 1 else 's'} {listed(missing)}"
        least = f"{figure.least} request{'' if figure.least == 1 else 's'}"
        return unknown(f"Without a figure of both over at least {least} in {where}.", n=n)
    return _weighed(list(known.values()), measure, against)


def _figure(own: Repeat, figure: RoundFigure) -> float | None:
    value = figure.read(own)
    return value if value is not None and math.isfinite(value) and value > 0 and own.n >= figure.least else None


def _weighed(differences: Sequence[float], measure: str, against: AgainstBaseline) -> Answer:
    """Return what differences of logarithms come to."""
    comparison = Comparison(
        ">" if FIGURES[measure].good == "high" else "<", threshold_of(measure, against), against.confidence
    )
    n = len(differences)
    ratio, low, high = (own - 1 for own in ratio_limits(differences, against.confidence))
    status, margin = comparison.weigh(low, high)
    more = _rounds_needed(differences, comparison) if status == "unknown" else None
    upper = comparison.wants_high == (status == "not_met")
    if status == "unknown":
        rounds = "" if more is None else f"; about {more} more round{'' if more == 1 else 's'} like these needed"
        proof = f"{_lower(low)} and {_upper(high)}, each with {against.confidence_text}{rounds}"
    else:
        proof = f"{_upper(high) if upper else _lower(low)} with {against.confidence_text}"
    said = f"{measure} is {_apart(ratio)} than the baseline's over {n} rounds: {proof}."
    return Answer(
        status, said, observed=ratio, low=low, high=high, n=n, margin=margin, method="paired t over rounds", needed=more
    )


def _rounds_needed(differences: Sequence[float], comparison: Comparison) -> int | None:
    """Return how many more rounds with the same mean and spread prove it; None when none do, or over a thousand."""
    mean, spread = _moments(differences)
    bound = math.log1p(comparison.threshold)
    room = mean - bound if comparison.wants_high else bound - mean
    if room <= 0:
        return None
    n = len(differences)
    totals = range(n + 1, _MOST_ROUNDS + 1)
    enough = bisect_left(totals, 1, key=lambda own: _half_width(own, spread, comparison.confidence or 0) < room)
    return totals[enough] - n if enough < len(totals) else None


def _moments(differences: Sequence[float]) -> tuple[float, float]:
    """Return mean and standard deviation, the latter at least 1 %."""
    n = len(differences)
    if n < 2:  # noqa: PLR2004 - one difference has no spread
        raise ValueError("one round does not show how rounds differ")
    mean = math.fsum(differences) / n
    variance = math.fsum((own - mean) ** 2 for own in differences) / (n - 1)
    return mean, max(math.sqrt(variance), _LEAST_SPREAD)


def _half_width(n: int, spread: float, confidence: float) -> float:
    """Return the distance of a one-sided limit from the mean."""
    if not 0.5 < confidence < 1:  # noqa: PLR2004 - at half the limit is the mean itself
        raise ValueError(f"{confidence} does not lie between 0.5 and 1")
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, confidence)) * spread / math.sqrt(n)


def _apart(share: float) -> str:
    return f"{100 * abs(share):.3g}% {'higher' if share >= 0 else 'lower'}"


def _lower(share: float) -> str:
    return f"at least {_apart(share)}" if share >= 0 else f"at most {_apart(share)}"


def _upper(share: float) -> str:
    return f"at most {_apart(share)}" if share >= 0 else f"at least {_apart(share)}"

"""What does stopping early save, and does it keep the error rate?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from tables import LEVEL, Shares, percent, table

from assay.gate.paired import PairedTable, tango_z
from assay.gate.sequential import binomial_look_levels, look_levels, look_sizes
from assay.gate.statistics import exact_lower, exact_upper

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOKS = 5
STEP = 10
HEAD = ["way", "met", "not met", "cases asked", "saved"]


@dataclass(frozen=True)
class Ends:
    """How each simulated run ended."""

    met: np.ndarray
    not_met: np.ndarray
    asked: np.ndarray

    def cells(self, n: int, what: str, shares: Shares | None) -> list[object]:
        """Return shares in percent, the mean number of cases and what was saved; `shares` marks a wrong "met"."""
        met = float(self.met.mean())
        first = percent(met) if shares is None else shares.held(met, len(self.met), what)
        asked = float(self.asked.mean())
        return [first, percent(float(self.not_met.mean())), f"{asked:.0f}", f"{100 * (1 - asked / n):.0f}"]


def looked(sizes: Sequence[int], met: np.ndarray, not_met: np.ndarray) -> Ends:
    """Return how runs end that stop at the first look which decides: one row for a run, one column for a look."""
    stopped = met | not_met
    first = np.where(stopped.any(axis=1), stopped.argmax(axis=1), len(sizes) - 1)
    runs = np.arange(len(first))
    return Ends(met[runs, first], not_met[runs, first], np.array(sizes)[first])


def curtailed(fixed: Ends, settled: np.ndarray) -> Ends:
    """Return how runs end that stop once their outcome is settled: one column for a case."""
    return Ends(fixed.met, fixed.not_met, settled.argmax(axis=1) + 1)


def rate_ways(passed: np.ndarray, threshold: float) -> dict[str, Ends]:
    """Return how runs end of which `passed` counts the passes after each case."""
    n = passed.shape[1]

    def bounds(size: int, level: float) -> tuple[int, int]:
        """Return the fewest passes that show the threshold, and the most that show that it is missed."""
        counts = range(size + 1)
        enough = [k for k in counts if exact_lower(k, size, 1 - level) >= threshold]
        too_few = [k for k in counts if exact_upper(k, size, 1 - level) < threshold]
        return min(enough, default=size + 1), max(too_few, default=-1)

    def at(sizes: Sequence[int], levels: Sequence[float]) -> Ends:
        """Return how runs end with these looks."""
        limits = [bounds(size, level) for size, level in zip(sizes, levels, strict=True)]
        seen = passed[:, np.array(sizes) - 1]
        return looked(sizes, seen >= np.array([own for own, _ in limits]), seen <= np.array([own for _, own in limits]))

    enough, too_few = bounds(n, LEVEL)
    best = passed + (n - 1 - np.arange(n))
    settled = (passed >= enough) | (best <= too_few) | ((passed > too_few) & (best < enough))
    fixed, every = at((n,), (LEVEL,)), tuple(range(STEP, n + 1, STEP))
    return {
        "all cases": fixed,
        "curtailed": curtailed(fixed, settled),
        f"{LOOKS} looks": at(look_sizes(n, LOOKS), binomial_look_levels(n, LOOKS, threshold, LEVEL)),
        f"naive, every {STEP}": at(every, (LEVEL,) * len(every)),
    }


def scores(gained: np.ndarray, lost: np.ndarray, n: np.ndarray | int, margin: float) -> np.ndarray:
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
    return found


def paired_ways(gained: np.ndarray, lost: np.ndarray, margin: float) -> dict[str, Ends]:
    """Return how runs end of which both count what the candidate gained and lost after each case."""
    n = gained.shape[1]

    def at(sizes: Sequence[int], levels: Sequence[float]) -> Ends:
        """Return how runs end with these looks."""
        columns = np.array(sizes) - 1
        z = scores(gained[:, columns], lost[:, columns], np.array(sizes), margin)
        bound = np.array([NormalDist().inv_cdf(1 - level) for level in levels])
        return looked(sizes, z >= bound, z <= -bound)

    left, bound = n - 1 - np.arange(n), NormalDist().inv_cdf(1 - LEVEL)
    best, worst = scores(gained + left, lost, n, margin), scores(gained, lost + left, n, margin)
    settled = (worst >= bound) | (best <= -bound) | ((worst > -bound) & (best < bound))
    fixed, every = at((n,), (LEVEL,)), tuple(range(STEP, n + 1, STEP))
    return {
        "all cases": fixed,
        "curtailed": curtailed(fixed, settled),
        f"{LOOKS} looks": at(look_sizes(n, LOOKS), look_levels(LOOKS, LEVEL)),
        f"naive, every {STEP}": at(every, (LEVEL,) * len(every)),
    }


def rates(shares: Shares) -> None:
    """Print what the ways to stop come to for a pass rate."""
    rng, rows, runs = np.random.default_rng(631), [], 20_000
    for n, threshold, truths in (
        (100, 0.8, (0.6, 0.8, 0.9)),
        (300, 0.8, (0.7, 0.8, 0.88)),
        (300, 0.9, (0.8, 0.9, 0.96)),
    ):
        for truth in truths:
            passed = (rng.random((runs, n)) < truth).cumsum(axis=1)
            for name, ends in rate_ways(passed, threshold).items():
                what = f"{name}, n {n}, rate {truth} against {threshold}"
                counted = shares if truth <= threshold and "naive" not in name else None
                rows.append([n, threshold, truth, name, *ends.cells(n, what, counted)])
    table(f"Stopping early: a pass rate ({runs:,} runs, %)", ["n", "threshold", "true rate", *HEAD], rows)


def pairs(shares: Shares) -> None:
    """Print the same for a comparison with the baseline."""
    rng, rows, runs, discordance = np.random.default_rng(632), [], 10_000, 0.1
    for n, margin in ((100, 0.05), (300, 0.05)):
        for truth in (-0.1, -0.05, 0.0, 0.025):
            drawn = rng.random((runs, n))
            lose = (discordance - truth) / 2
            gained = ((drawn >= lose) & (drawn < discordance)).cumsum(axis=1)
            lost = (drawn < lose).cumsum(axis=1)
            for name, ends in paired_ways(gained, lost, margin).items():
                what = f"{name}, pairs, n {n}, margin {margin}, true difference {truth}"
                counted = shares if truth <= -margin and "naive" not in name else None
                rows.append([n, margin, truth, name, *ends.cells(n, what, counted)])
    head = ["n", "margin", "true difference", *HEAD]
    table(f"Stopping early: not worse than the baseline, a tenth comes out differently ({runs:,} runs, %)", head, rows)

"""What does stopping early save, and does it keep the error rate?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from asked import Asked, cases, in_order
from paths import DIGITS, kept_bounds, pairs_met, rate_met, scores, tango_bounds
from tables import LEVEL, Shares, percent, table

from assay.gate.sequential import binomial_look_levels, look_levels, look_sizes
from assay.gate.statistics import exact_lower, exact_upper

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOKS = 5
STEP = 10
HEAD = ["way", "met", "summed exactly", "not met", "cases asked", "saved"]
LOOKING = f"{LOOKS} looks"
NAIVE = f"naive, every {STEP}"
OURS = ("all cases", "curtailed (not done)", LOOKING)
"""Ways to ask pairs that must keep the level."""
DISCORDANCE = 0.1
"""True share of pairs that come out differently."""
SAMPLE = 20
"""Runs of each kind about which the gate itself is asked."""


@dataclass(frozen=True)
class Ends:
    """How each simulated run ended."""

    met: np.ndarray
    not_met: np.ndarray
    asked: np.ndarray
    exact: float
    """The chance of "met", summed over all that can happen."""

    def cells(self, n: int, what: str, shares: Shares | None) -> list[object]:
        """Return shares in percent, the mean number of cases and what was saved; `shares` marks a wrong "met"."""
        met, exact = float(self.met.mean()), percent(self.exact)
        first = percent(met)
        if shares is not None:
            first, exact = shares.held(met, len(self.met), f"{what} (exactly {exact})"), shares.summed(self.exact, what)
        asked = float(self.asked.mean())
        return [first, exact, percent(float(self.not_met.mean())), f"{asked:.0f}", f"{100 * (1 - asked / n):.0f}"]

    def status(self, run: int) -> str:
        """Return what one run came to."""
        return "met" if self.met[run] else "not_met" if self.not_met[run] else "unknown"


def looked(sizes: Sequence[int], met: np.ndarray, not_met: np.ndarray, exact: float) -> Ends:
    """Return how runs end that stop at the first look which decides: one row for a run, one column for a look."""
    stopped = met | not_met
    first = np.where(stopped.any(axis=1), stopped.argmax(axis=1), len(sizes) - 1)
    runs = np.arange(len(first))
    return Ends(met[runs, first], not_met[runs, first], np.array(sizes)[first], exact)


def curtailed(fixed: Ends, settled: np.ndarray) -> Ends:
    """Return how runs end that stop once their outcome is settled: one column for a case."""
    return Ends(fixed.met, fixed.not_met, settled.argmax(axis=1) + 1, fixed.exact)


@cache
def rate_bounds(size: int, threshold: float, level: float) -> tuple[int, int]:
    """Return the fewest passes that show the threshold, and the most that show that it is missed."""
    counts = range(size + 1)
    enough = [k for k in counts if exact_lower(k, size, 1 - level) >= threshold]
    too_few = [k for k in counts if exact_upper(k, size, 1 - level) < threshold]
    return min(enough, default=size + 1), max(too_few, default=-1)


def rate_ways(passed: np.ndarray, threshold: float, truth: float) -> dict[str, Ends]:
    """Return how runs end of which `passed` counts the passes after each case."""
    n = passed.shape[1]

    def at(sizes: Sequence[int], levels: Sequence[float]) -> Ends:
        """Return how runs end with these looks."""
        bounds = [rate_bounds(size, threshold, level) for size, level in zip(sizes, levels, strict=True)]
        seen, (enough, too_few) = passed[:, np.array(sizes) - 1], np.array(bounds).T
        return looked(sizes, seen >= enough, seen <= too_few, rate_met(sizes, bounds, truth))

    enough, too_few = rate_bounds(n, threshold, LEVEL)
    best = passed + (n - 1 - np.arange(n))
    settled = (passed >= enough) | (best <= too_few) | ((passed > too_few) & (best < enough))
    fixed, every = at((n,), (LEVEL,)), tuple(range(STEP, n + 1, STEP))
    return {
        "all cases": fixed,
        "curtailed": curtailed(fixed, settled),
        LOOKING: at(look_sizes(n, LOOKS), binomial_look_levels(n, LOOKS, threshold, LEVEL)),
        NAIVE: at(every, (LEVEL,) * len(every)),
    }


def paired_ways(gained: np.ndarray, lost: np.ndarray, *, margin: float, truth: float) -> dict[str, Ends]:
    """Return how runs end of which both count what the candidate gained and lost after each case."""
    n = gained.shape[1]

    def at(sizes: Sequence[int], bounds: Sequence[tuple[float, float]]) -> Ends:
        """Return how runs end with these looks."""
        columns = np.array(sizes) - 1
        z = scores(gained[:, columns], lost[:, columns], np.array(sizes), margin)
        enough, too_few = np.round(np.array(bounds), DIGITS).T
        exact = pairs_met(sizes, bounds, margin=margin, discordance=DISCORDANCE, difference=truth)
        return looked(sizes, z >= enough, z < too_few, exact)

    left, kept = n - 1 - np.arange(n), kept_bounds((n,), (LEVEL,), margin)
    best, worst = scores(gained + left, lost, n, margin), scores(gained, lost + left, n, margin)
    enough, too_few = (round(own, DIGITS) for own in kept[0])
    settled = (worst >= enough) | (best < too_few) | ((worst >= too_few) & (best < enough))
    fixed, sizes, levels = at((n,), kept), look_sizes(n, LOOKS), look_levels(LOOKS, LEVEL)
    every = tuple(range(STEP, n + 1, STEP))
    return {
        "all cases": fixed,
        "curtailed (not done)": curtailed(fixed, settled),
        LOOKING: at(sizes, kept_bounds(sizes, levels, margin)),
        f"{LOOKING}, Tango alone": at(sizes, tango_bounds(sizes, levels)),
        NAIVE: at(every, tango_bounds(every, (LEVEL,) * len(every))),
    }


def rates(shares: Shares) -> None:
    """Print what the ways to stop come to for a pass rate."""
    rng, rows, runs, gate = np.random.default_rng(631), [], 20_000, Asked()
    for n, threshold, truths in (
        (100, 0.8, (0.6, 0.8, 0.9)),
        (300, 0.8, (0.7, 0.8, 0.88)),
        (300, 0.9, (0.8, 0.9, 0.96)),
    ):
        for truth in truths:
            single = rng.random((runs, n)) < truth
            ways = rate_ways(single.cumsum(axis=1), threshold, truth)
            for name, ends in ways.items():
                what = f"{name}, n {n}, rate {truth} against {threshold}"
                counted = shares if truth <= threshold and name != NAIVE else None
                rows.append([n, threshold, truth, name, *ends.cells(n, what, counted)])
            for run in range(SAMPLE):
                condition = f">= {threshold} with {100 * (1 - LEVEL):g}% confidence"
                for name, looks in (("all cases", 0), (LOOKING, LOOKS)):
                    gate.agrees(cases(single[run].tolist(), looks), condition, ways[name].status(run))
    table(f"Stopping early: a pass rate ({runs:,} runs, %)", ["n", "threshold", "true rate", *HEAD], rows)
    print(f"\n{gate.told()}\n\n{_largest_rate(shares)}")


def pairs(shares: Shares) -> None:
    """Print the same for a comparison with the baseline."""
    rng, rows, runs, gate = np.random.default_rng(632), [], 10_000, Asked()
    for n, margin in ((100, 0.05), (300, 0.05)):
        for truth in (-0.1, -0.05, 0.0, 0.025):
            drawn = rng.random((runs, n))
            lose = (DISCORDANCE - truth) / 2
            lost, differing = drawn < lose, drawn < DISCORDANCE
            gained = differing & ~lost
            ways = paired_ways(gained.cumsum(axis=1), lost.cumsum(axis=1), margin=margin, truth=truth)
            for name, ends in ways.items():
                what = f"{name}, pairs, n {n}, margin {margin}, true difference {truth}"
                counted = shares if truth <= -margin and name in OURS else None
                rows.append([n, margin, truth, name, *ends.cells(n, what, counted)])
            for run in range(SAMPLE):
                outcomes = (gained[run].astype(int) - lost[run]).tolist()
                for name, looks in (("all cases", 0), (LOOKING, LOOKS)):
                    known = in_order(outcomes, looks)
                    gate.agrees(known, f"not worse than baseline by {margin}", ways[name].status(run))
    head = ["n", "margin", "true difference", *HEAD]
    table(f"Stopping early: not worse than the baseline, a tenth comes out differently ({runs:,} runs, %)", head, rows)
    print(f"\n{gate.told()}\n\n{_largest_paired(shares)}")


def _largest_rate(shares: Shares) -> str:
    """Return the largest exact share of wrong "met" with looks over many numbers of cases, in words."""
    found = []
    for n in range(10, 401, 10):
        for threshold in (0.7, 0.8, 0.9, 0.95):
            sizes, levels = look_sizes(n, LOOKS), binomial_look_levels(n, LOOKS, threshold, LEVEL)
            bounds = [rate_bounds(size, threshold, level) for size, level in zip(sizes, levels, strict=True)]
            found.append((rate_met(sizes, bounds, threshold), n, threshold))
    share, n, threshold = max(found)
    shares.summed(share, f"{LOOKING} at a rate, the largest of {len(found)} cells")
    return (
        f"The largest exact share of wrong “met” with {LOOKING}, n = 10, 20, ... 400 and thresholds of 0.7, 0.8, 0.9 "
        f"and 0.95: {percent(share)} % (n {n}, threshold {threshold})."
    )


def _largest_paired(shares: Shares) -> str:
    """Return the largest exact shares of wrong "met" with looks at pairs, in words."""
    kept: list[tuple[float, int, float, float]] = []
    alone: list[tuple[float, int, float, float]] = []
    for n in (20, 30, 50, 100, 200, 300):
        for margin in (0.02, 0.05, 0.1):
            sizes = look_sizes(n, LOOKS)
            levels = look_levels(len(sizes), LEVEL)
            ways = ((kept, kept_bounds(sizes, levels, margin)), (alone, tango_bounds(sizes, levels)))
            for discordance in (own for own in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0) if own >= margin):
                truth = {"margin": margin, "discordance": discordance, "difference": -margin}
                for found, bounds in ways:
                    found.append((pairs_met(sizes, bounds, **truth), n, margin, discordance))

    def told(found: tuple[float, int, float, float]) -> str:
        """Return a share with its cell, in words."""
        share, n, margin, discordance = found
        return f"{percent(share)} % (n {n}, margin {margin}, discordance {discordance})"

    shares.summed(max(kept)[0], f"{LOOKING} at pairs, the largest of {len(kept)} cells")
    return (
        f"The largest exact shares of wrong “met” with {LOOKING} in {len(kept)} cells, n from 20 to 300, margins from "
        f"0.02 to 0.1, discordances from 0.02 to 1: {told(max(kept))} by the gate, {told(max(alone))} by Tango alone."
    )

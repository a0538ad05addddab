"""How often is a candidate wrongly said to be no worse than the baseline, or better, and how often rightly?"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from statistics import NormalDist
from typing import Literal, get_args

import asked
import numpy as np
from paths import DIGITS
from scipy.special import bdtr
from tables import LEVEL, Shares, percent, table

from assay.gate.kept import exact_p, kept_confidence
from assay.gate.paired import PairedTable, mcnemar_exact, mcnemar_mid_p, tango_z
from assay.gate.planning import noninferiority_power
from assay.gate.power import likely_counts

RUNS = 20_000
CONFIDENCE = 1 - LEVEL
SHARES = [step / 200 for step in range(1, 201)]
"""Shares of pairs that come out differently, among which the worst is looked for."""

Way = Literal["gate", "mid-p", "exact p"]
"""How it is decided that the candidate is better: as the gate does, or by one of two p-values as it is."""

WAYS: tuple[Way, ...] = get_args(Way)


@cache
def kept(n: int, margin: float) -> float:
    """Return the confidence at which the gate makes Tango's test."""
    return kept_confidence(n, margin, CONFIDENCE)


@cache
def said(n: int, gained: int, lost: int, margin: float) -> bool:
    """Return whether the gate says that the candidate is not worse by more than the margin."""
    z = tango_z(PairedTable(n - gained - lost, gained, lost, 0), -margin)
    return round(z, DIGITS) >= round(NormalDist().inv_cdf(kept(n, margin)), DIGITS)


@cache
def not_significantly_worse(gained: int, lost: int) -> bool:
    """Return whether a gate passes that blocks only on a significant McNemar test in the wrong direction."""
    return gained >= lost or mcnemar_mid_p(gained, lost) > 0.05  # noqa: PLR2004 - two-sided 5 %, as such gates do


@cache
def p_of(differing: int, gained: int, *, mid: bool = True) -> float:
    """Return McNemar's one-sided p-value, mid or exact, of so many gained among differing pairs."""
    test = mcnemar_mid_p if mid else mcnemar_exact
    return test(gained, differing - gained) / 2


@cache
def most_mid_p(n: int) -> float:
    """Return the largest mid-p with which the gate says that the candidate is better; below 0 if none is that small."""
    halves = (
        (differing, gained) for differing in range(1, n + 1) for gained in range(differing // 2 + 1, differing + 1)
    )
    able = sorted({own for pair in halves if (own := p_of(*pair)) <= LEVEL})
    shown = bisect_right(able, LEVEL, key=lambda own: round(exact_p(n, own), DIGITS))
    return able[shown - 1] if shown else -1.0


@cache
def least_gained(n: int, differing: int, way: Way) -> int:
    """Return the fewest of the differing pairs that show the candidate to be better; one more than all if none do."""
    most = most_mid_p(n) if way == "gate" else LEVEL
    able = range(differing // 2 + 1, differing + 1)
    return next((gained for gained in able if p_of(differing, gained, mid=way != "exact p") <= most), differing + 1)


@cache
def better_chances(n: int, gain: float, way: Way) -> list[float]:
    """Return the chance to be shown better for each number of differing pairs, each gained with the chance `gain`."""
    return [1 - float(bdtr(least_gained(n, own, way) - 1, own, gain)) if own else 0.0 for own in range(n + 1)]


def better_power(n: int, discordance: float, way: Way, difference: float = 0.0) -> float:
    """Return the chance that n pairs show the candidate to be better, summed over all that can happen."""
    chances = better_chances(n, (1 + difference / discordance) / 2, way)
    return sum(chance * chances[differing] for differing, chance in likely_counts(n, discordance))


def noninferiority(shares: Shares) -> None:
    """Print the shares that pass at a true difference of minus the margin, and at none."""
    rng, rows, gate = np.random.default_rng(621), [], asked.Asked()
    for n in (30, 100, 300):
        for margin in (0.02, 0.05, 0.1):
            for discordance in (0.06, 0.1, 0.2):
                if margin > discordance:
                    continue
                chances = [(discordance - margin) / 2, (discordance + margin) / 2, 1 - discordance]
                counts = rng.multinomial(n, chances, RUNS)
                passed = np.mean([said(n, gained, lost, margin) for gained, lost, _ in counts.tolist()])
                weak = np.mean([not_significantly_worse(gained, lost) for gained, lost, _ in counts.tolist()])
                point = np.mean((counts[:, 0] - counts[:, 1]) / n >= -margin - 1e-12)
                exact = noninferiority_power(n, discordance, margin, kept(n, margin), -margin)
                alone = noninferiority_power(n, discordance, margin, CONFIDENCE, -margin)
                what = f"not worse, n {n}, margin {margin}, discordance {discordance}"
                row = [n, margin, discordance, shares.summed(exact, what)]
                row += [shares.held(float(passed), RUNS, f"{what} (exactly {percent(exact)})"), percent(alone)]
                row += [percent(float(weak)), percent(float(point))]
                for confidence in (kept(n, margin), CONFIDENCE):
                    row.append(percent(noninferiority_power(n, discordance, margin, confidence)))
                rows.append(row)
                _ask(gate, n, margin, n - counts[:, 2])
    head = ["n", "margin", "discordance", "passes, summed exactly", "simulated", "by Tango alone (exactly)"]
    head += ["by “not significantly worse”", "by the observed difference", "no difference (exactly)", "by Tango alone"]
    table(f"Not worse by more than a margin, truly worse by it ({RUNS:,} runs, %)", head, rows)
    print(f"\n{gate.told()}\n\n{_largest(shares)}")


def better(shares: Shares) -> None:
    """Print the exact shares that are said to be better though nothing differs but by luck."""
    rows, gate = [], asked.Asked()
    for n in (30, 100, 300):
        worst, alone = (max(SHARES, key=lambda own: better_power(n, own, way)) for way in ("gate", "mid-p"))
        cells = [(0.06, ""), (0.1, ""), (0.2, ""), (0.5, ""), (alone, ", the worst of mid-p"), (worst, ", of the gate")]
        for discordance, words in cells:
            wrong = [better_power(n, discordance, way) for way in WAYS]
            right = [better_power(n, discordance, way, discordance / 2) for way in WAYS]
            row = [n, f"{discordance}{words}", shares.summed(wrong[0], f"better, n {n}, discordance {discordance}")]
            rows.append([*row, *map(percent, wrong[1:]), *map(percent, right)])
    head = ["n", "discordance", "passes by the gate", "by mid-p alone", "by McNemar's exact p"]
    head += ["three of four gained: by the gate", "by mid-p alone", "by exact p"]
    table("Better than the baseline, truly the same (exact sums, %)", head, rows)
    for n in (12, 22, 30, 36, 100, 300):
        _ask_better(gate, n)
    print(f"\n{gate.told()}\n\n{_likeliest_better(shares)}")


def _ask(gate: asked.Asked, n: int, margin: float, differing: np.ndarray) -> None:
    """Ask the gate about runs on the border: with as many losses as can just be borne, and with one more."""
    for pairs in {int(own) for own in np.quantile(differing, (0.05, 0.5, 0.95))}:
        borne = [lost for lost in range(pairs + 1) if said(n, pairs - lost, lost, margin)]
        most = max(borne, default=-1)
        for lost in {max(0, most), min(pairs, most + 1)}:
            known = asked.in_order(_outcomes(n, pairs - lost, lost))
            gate.agrees(known, f"not worse than baseline by {margin}", *(asked.MET if lost in borne else asked.OPEN))


def _ask_better(gate: asked.Asked, n: int) -> None:
    """Ask the gate about runs on the border: with as many gained as just show it, and with one fewer."""
    for differing in {*range(1, n + 1, n // 10), n}:
        least = least_gained(n, differing, "gate")
        for gained in {min(least, differing), least - 1}:
            known = asked.in_order(_outcomes(n, gained, differing - gained))
            gate.agrees(known, "better than baseline", *(asked.MET if gained >= least else asked.OPEN))


def _outcomes(n: int, gained: int, lost: int) -> list[int]:
    """Return n pairs of which so many are gained and lost."""
    return [1] * gained + [-1] * lost + [0] * (n - gained - lost)


def _largest(shares: Shares) -> str:
    """Return the largest exact shares of wrong passes over many numbers of cases, in words."""
    cells = [
        (n, margin, discordance)
        for n in (*range(10, 101, 10), *range(150, 401, 50))
        for margin in (0.02, 0.05, 0.1)
        for discordance in (0.02, 0.05, 0.06, 0.1, 0.2, 0.3, 0.5, 1.0)
        if margin <= discordance
    ]

    def wrong(cell: tuple[int, float, float], confidence: float) -> float:
        """Return the exact share for one of them."""
        n, margin, discordance = cell
        return noninferiority_power(n, discordance, margin, confidence, -margin)

    def told(words: str, found: tuple[float, tuple[int, float, float]]) -> str:
        """Return one of the shares with its cell, in words."""
        share, (n, margin, discordance) = found
        return f"{percent(share)} % {words} (n {n}, margin {margin}, discordance {discordance})"

    gate = max((wrong(cell, kept(cell[0], cell[1])), cell) for cell in cells)
    alone = max((wrong(cell, CONFIDENCE), cell) for cell in cells)
    shares.summed(gate[0], f"not worse, the largest of {len(cells)} cells")
    return (
        f"The largest exact shares of {len(cells)} cells, n from 10 to 400, margins from 0.02 to 0.1, discordances "
        f"from 0.02 to 1: {told('by the gate', gate)}, {told('by Tango alone', alone)}."
    )


def _likeliest_better(shares: Shares) -> str:
    """Return the largest exact shares that are wrongly said to be better over many numbers of cases, in words."""
    cells = [(n, discordance) for n in (*range(1, 101), *range(110, 401, 10)) for discordance in SHARES[1::2]]

    def told(way: Way, least: int = 1) -> tuple[float, str]:
        """Return the largest share from so many cases on, and that with its cell, in words."""
        share, (n, discordance) = max((better_power(*cell, way), cell) for cell in cells if cell[0] >= least)
        return share, f"{percent(share)} % (n {n}, discordance {discordance})"

    (largest, gate), (_, alone), (_, later) = told("gate"), told("mid-p"), told("mid-p", 30)
    shares.summed(largest, f"better, the largest of {len(cells):,} cells")
    return (
        f"The largest exact shares of {len(cells):,} cells, n from 1 to 400, discordances from 0.01 to 1: {gate} by "
        f"the gate, {alone} by mid-p alone, and of 30 pairs or more {later}."
    )

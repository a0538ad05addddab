"""How often does the gate say GO wrongly of a pass rate, and of a rate over several trials of each case?"""

from __future__ import annotations

import numpy as np
from tables import Shares, percent, table

from assay.gate.means import mean_limits
from assay.gate.statistics import exact_lower
from tests.gate.build import facts, judge, metric

SUITES = 20_000
ABOVE = {0.8: 0.9, 0.9: 0.96, 0.95: 0.99}


def verdicts(n: int, threshold: float, words: str = "") -> np.ndarray:
    """Return for each number of passes of n whether the gate says GO: the public gate, asked once for each."""
    text = f"suite:qa.pass_rate >= {threshold}{words}"
    return np.array([judge(facts(metric(passed, n - passed)), text).verdict == "GO" for passed in range(n + 1)])


def thresholds(shares: Shares) -> None:
    """Print the shares of GO beside those of a threshold on the observed rate, both by the gate itself."""
    rng, rows = np.random.default_rng(601), []
    for n in (30, 100, 300):
        for threshold, above in ABOVE.items():
            gate, naive = verdicts(n, threshold, " with 95% confidence"), verdicts(n, threshold)
            row = [n, threshold]
            for truth in (threshold - 0.05, threshold, above):
                passed = (rng.random((SUITES, n)) < truth).sum(axis=1)
                said, naively = gate[passed].mean(), naive[passed].mean()
                what = f"threshold {threshold}, n {n}, true rate {truth:.2f}"
                row += [shares.held(said, SUITES, what) if truth <= threshold else percent(said), percent(naively)]
            rows.append([*row[:6], f"{above}: {row[6]}", row[7]])
    head = ["n", "threshold", "GO at 5 points below", "naive", "GO at the threshold", "naive", "GO above", "naive"]
    table(f"A pass rate with 95% confidence ({SUITES:,} suites a cell, % of suites)", head, rows)


def trials(shares: Shares) -> None:
    """Print the shares of GO at the threshold when each case is tried five times and its trials resemble each other."""
    rng, rows, suites, times, threshold = np.random.default_rng(602), [], 2_000, 5, 0.9
    for alike in (0.0, 0.3, 0.7, 1.0):
        for n in (30, 100):
            if alike in {0.0, 1.0}:
                chance = np.full((suites, n), threshold) if alike == 0 else (rng.random((suites, n)) < threshold) * 1.0
            else:
                size = 1 / alike - 1
                chance = rng.beta(threshold * size, (1 - threshold) * size, (suites, n))
            passed = rng.binomial(times, chance)
            pooled = np.array([exact_lower(k, n * times, 0.95) >= threshold for k in range(n * times + 1)])
            by_case = [
                mean_limits((own / times).tolist(), None, null=threshold, confidence=0.95, scale=(0, 1)).low
                >= threshold
                for own in passed
            ]
            what = f"case means, n {n}, correlation of trials {alike}"
            said = shares.held(float(np.mean(by_case)), suites, what)
            rows.append([n, alike, said, percent(pooled[passed.sum(axis=1)].mean())])
    head = ["cases", "correlation of a case's trials", "GO by case means", "GO by pooled trials"]
    table(f"Five trials of each case, true rate on a threshold of 0.9 ({suites:,} suites, %)", head, rows)

"""How often do intervals and limits miss the truth?"""

from __future__ import annotations

import numpy as np
from scipy import stats
from tables import LEVEL, Shares, percent, table

from assay.gate.bounded import bounded_limits, bounded_p_value
from assay.gate.means import bca_limits, clustered_se, mean_limits
from assay.gate.statistics import exact_lower, exact_upper, order_statistic_ranks, wilson

GRID = np.round(np.linspace(0, 1, 101), 2)


def _high_with_zeros(zeros: float) -> tuple[np.ndarray, np.ndarray]:
    """Return scores of two decimals about 0.9, with a share of zeros: values and their chances."""
    edges = np.clip(np.concatenate(([0.0], GRID[:-1] + 0.005, [1.0])), 0, 1)
    chances = np.diff(stats.beta.cdf(edges, 18, 2)) * (1 - zeros)
    chances[0] += zeros
    return GRID, chances


DATA = {
    "1 to 5, mostly 5": (np.linspace(0, 1, 5), np.array([0.02, 0.03, 0.05, 0.2, 0.7])),
    "high, 8 % zeros": _high_with_zeros(0.08),
    "high, 2 % zeros": _high_with_zeros(0.02),
    "high, no zeros": _high_with_zeros(0.0),
    "0 or 1, rate 0.9": (np.array([0.0, 1.0]), np.array([0.1, 0.9])),
}


def rates() -> None:
    """Print the two-sided coverage of Wilson and the one-sided misses of the exact limits, both summed exactly."""
    rows = []
    for n in (30, 100, 300):
        for truth in (0.8, 0.9, 0.95, 0.98):
            chance = stats.binom.pmf(np.arange(n + 1), n, truth)
            both = [wilson(k, n) for k in range(n + 1)]
            held = np.array([low <= truth <= high for low, high in both])
            low = np.array([exact_lower(k, n, 0.95) > truth for k in range(n + 1)])
            high = np.array([exact_upper(k, n, 0.95) < truth for k in range(n + 1)])
            rows.append([n, truth, *(percent(float(own @ chance)) for own in (held, low, high))])
    head = ["n", "true rate", "Wilson 95% holds the truth", "exact lower limit too high", "exact upper too low"]
    table("A rate: exact sums over all counts (%)", head, rows)


def means(shares: Shares) -> None:
    """Print how often the one-sided limits of a mean miss it, and how far below it the lower ones lie."""
    rng, rows, runs, few = np.random.default_rng(611), [], 2_000, 400
    for name, (values, chances) in DATA.items():
        mean = float(values @ chances)
        for n in (30, 50, 100, 300):
            drawn = rng.choice(values, p=chances, size=(runs, n)).tolist()
            t = [mean_limits(own, None, null=mean, confidence=0.95) for own in drawn]
            low = float(np.mean([bounded_p_value(own, mean) <= LEVEL for own in drawn]))
            mirrored = [[1 - value for value in own] for own in drawn]
            high = float(np.mean([bounded_p_value(own, 1 - mean) <= LEVEL for own in mirrored]))
            bca = [bca_limits(own, 0.95) for own in drawn[:few]] if n in {30, 100} else []
            missed = percent(float(np.mean([own is not None and own[0] > mean for own in bca]))) if bca else "not drawn"
            away = [mean - bounded_limits(own, 0.95)[0] for own in drawn[:50]]
            rows.append(
                [
                    name,
                    n,
                    percent(float(np.mean([own.low > mean for own in t]))),
                    percent(float(np.mean([own.high < mean for own in t]))),
                    missed,
                    shares.held(low, runs, f"bounded lower limit, {name}, n {n}"),
                    shares.held(high, runs, f"bounded upper limit, {name}, n {n}"),
                    f"{mean - np.mean([own.low for own in t]):.3f}",
                    f"{np.mean(away):.3f}",
                ]
            )
    head = [
        "scores",
        "n",
        "t with pseudo-cases: lower too high",
        "upper too low",
        f"BCa: lower too high ({few} runs)",
        "bounded: lower too high",
        "upper too low",
        "t: lower limit below the mean by",
        "bounded",
    ]
    table(f"A mean of graded scores, one-sided limits at 95% ({runs:,} runs, % of runs)", head, rows)


def clusters(shares: Shares) -> None:
    """Print the same for passes of cases that come in clusters of two to eight which resemble each other."""
    rng, rows, runs = np.random.default_rng(612), [], 2_000
    for truth in (0.8, 0.9):
        for groups in (10, 20, 50):
            missed = np.zeros(4)
            for _ in range(runs):
                sizes = rng.integers(2, 9, groups)
                chance = np.repeat(rng.beta(truth * 7 / 3, (1 - truth) * 7 / 3, groups), sizes)
                values = (rng.random(len(chance)) < chance).astype(float).tolist()
                names = np.repeat(np.arange(groups), sizes).tolist()
                mean, error = float(np.mean(values)), clustered_se(values, names)
                safe = mean_limits(values, names, null=truth, confidence=0.95, scale=(0, 1))
                missed += [
                    mean_limits(values, None, null=truth, confidence=0.95).low > truth,
                    mean - stats.t.ppf(0.95, groups - 1) * error > truth,
                    mean_limits(values, names, null=truth, confidence=0.95).low > truth,
                    safe.low > truth,
                ]
            said = [percent(own) for own in missed[:3] / runs]
            what = f"clusters with a scale, {groups} clusters, rate {truth}"
            rows.append([truth, groups, *said, shares.held(missed[3] / runs, runs, what)])
    head = ["true rate", "clusters", "clusters ignored", "CR1 and t", "with pseudo-clusters", "and with the scale"]
    table(f"Cases in clusters (correlation 0.3): lower limit too high ({runs:,} runs, %)", head, rows)


def percentiles(shares: Shares) -> None:
    """Print how often the upper limit of a p95 is too low, beside the p95 of the sample, for lognormal latencies."""
    rng, rows, runs = np.random.default_rng(613), [], 10_000
    truth = float(stats.norm.ppf(0.95))
    for n in (60, 100, 300, 1000):
        ordered = np.sort(rng.standard_normal((runs, n)), axis=1)
        low, high = order_statistic_ranks(n, 0.95, 0.9)
        too_low = float((ordered[:, (high or n) - 1] < truth).mean())
        too_high = float((ordered[:, (low or 1) - 1] > truth).mean())
        naive = float((np.quantile(ordered, 0.95, axis=1) < truth).mean())
        said = [shares.held(own, runs, f"p95, n {n}") for own in (too_low, too_high)]
        rows.append([n, *said, percent(naive)])
    head = ["requests", "upper limit too low", "lower limit too high", "p95 of the sample below the true one"]
    table(f"A p95 by order statistics, one-sided limits at 95% ({runs:,} runs, %)", head, rows)

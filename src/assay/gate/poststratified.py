"""What is the pass rate by human judgement, when a judge saw every trial and people only some of them?

The trials fall into two strata: those that the judge passed and those that it failed. People label some of each. The
judge's verdicts only tell how large the strata are, so a biased judge widens the interval and does not move it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from assay.gate.statistics import wilson

__all__ = ["Estimate", "JudgedLabels", "LabelWorth", "labels_carry", "post_stratified", "post_stratified_limits"]


@dataclass(frozen=True)
class JudgedLabels:
    """A judge's verdicts over all trials, and human labels on some of them.

    The labelled trials of a stratum must be a random draw from it, made without a look at the answers.

    Raises:
        ValueError: a count is negative or larger than the one that holds it.
    """

    judged_passed: int
    """Trials that the judge passed, labelled or not."""
    judged_n: int
    """Trials that the judge gave a verdict on, labelled or not."""
    pass_labels: int
    """Of the trials that the judge passed, those that people labelled."""
    pass_labels_passed: int
    """Of these, the ones that people passed as well."""
    fail_labels: int
    """Of the trials that the judge failed, those that people labelled."""
    fail_labels_passed: int
    """Of these, the ones that people passed after all."""

    def __post_init__(self) -> None:
        """Check that each count lies within the one that holds it."""
        chains = (
            (0, self.pass_labels_passed, self.pass_labels, self.judged_passed, self.judged_n),
            (0, self.fail_labels_passed, self.fail_labels, self.judged_n - self.judged_passed),
        )
        if any(list(chain) != sorted(chain) for chain in chains):
            raise ValueError(f"the counts do not fit into each other: {self}")

    @property
    def labelled(self) -> int:
        """Trials that people labelled."""
        return self.pass_labels + self.fail_labels


@dataclass(frozen=True)
class Estimate:
    """A pass rate with its two-sided interval."""

    value: float | None
    """Share of the judge's passes times how often people agree, plus the same of its fails; None where a stratum that
    has trials has no label."""
    low: float
    """Lower limit, 0 to 1."""
    high: float
    """Upper limit, 0 to 1; always above the lower one."""


@dataclass(frozen=True)
class LabelWorth:
    """What a judge adds to the human labels."""

    rho: float
    """Correlation of judge and human over all trials (phi), -1 to 1; 0 where the judge always says the same."""
    multiplier: float
    """Labels that would tell as much without the judge, per label; 1 for a judge that knows nothing."""
    labels: float
    """Labels that would tell as much without the judge, in all."""


def post_stratified(labels: JudgedLabels, confidence: float = 0.95) -> Estimate:
    """Return the pass rate by human judgement with its two-sided interval.

    See `post_stratified_limits` for the method and for how well it covers.

    Raises:
        ValueError: the confidence does not lie within 0 and 1.
    """
    share = labels.judged_passed / labels.judged_n if labels.judged_n else None
    value = None
    if share is not None and (share == 0 or labels.pass_labels) and (share == 1 or labels.fail_labels):
        agreed = labels.pass_labels_passed / max(labels.pass_labels, 1)
        missed = labels.fail_labels_passed / max(labels.fail_labels, 1)
        value = share * agreed + (1 - share) * missed
    low, high = post_stratified_limits(labels, (1 + confidence) / 2)
    return Estimate(value, low, high)


def post_stratified_limits(labels: JudgedLabels, confidence: float) -> tuple[float, float]:
    """Return the lower and the upper limit of the pass rate, each one-sided at the confidence.

    With q the share that the judge passes, PPV the share of those that people pass, and FOR the share that people
    pass of the judge's fails, the rate is q PPV + (1 - q) FOR. Each of the three has Wilson limits; the distances to
    them, times q, 1 - q and PPV - FOR, are squared and added: the method of variance estimates recovery. A stratum
    without labels may have any rate, and takes the worse end for each limit.

    Seen in simulation, with 10,000 to 20,000 draws for each of 38 settings (30 to 200 labels, 500 trials without one,
    true rates from 0.70 to 0.99, sensitivities from 0.80 to 0.99, specificities from 0.60 to 0.90): two limits at 0.975
    cover in 93.1 to 99.3 %, and with 50 labels and more in at least 93.4 %. A lower limit at 0.95 lies above the truth
    in at most 5.1 %. An upper limit at 0.95 lies below the truth in up to 8.8 %, where labels of the judge's fails are
    few: a proof that the rate is too low is somewhat less sure than it says.

    Source: Wilson 1927 for the parts; Zou & Donner 2008, Stat. Med. 27:1693-1702, and Newcombe 1998, Stat. Med.
    17:873-890, for the sum; Cochran 1977, Sampling Techniques, 3rd ed., sections 5A.9 and 12.2, for the estimate.

    Raises:
        ValueError: the confidence does not lie within 0.5 and 1.
    """
    two_sided = 2 * confidence - 1
    low = _lower(labels, two_sided)
    # The upper limit is the lower limit of the rate of failing, with pass and fail changing places for people.
    mirrored = JudgedLabels(
        labels.judged_passed,
        labels.judged_n,
        labels.pass_labels,
        labels.pass_labels - labels.pass_labels_passed,
        labels.fail_labels,
        labels.fail_labels - labels.fail_labels_passed,
    )
    return low, 1 - _lower(mirrored, two_sided)


def _lower(labels: JudgedLabels, two_sided: float) -> float:
    """Return the lower limit of the interval at a two-sided confidence."""
    agreed, agreed_low = _rate_and_limit(labels.pass_labels_passed, labels.pass_labels, two_sided)
    missed, missed_low = _rate_and_limit(labels.fail_labels_passed, labels.fail_labels, two_sided)
    n = labels.judged_n
    share_low, share_high = wilson(labels.judged_passed, n, two_sided)
    share = labels.judged_passed / n if n else 0.0
    towards = share - share_low if agreed > missed else share_high - share
    distance = math.hypot(
        share * (agreed - agreed_low), (1 - share) * (missed - missed_low), (agreed - missed) * towards
    )
    return min(max(share * agreed + (1 - share) * missed - distance, 0.0), 1.0)


def _rate_and_limit(k: int, n: int, two_sided: float) -> tuple[float, float]:
    """Return a rate and its lower limit; without labels both are at the worst."""
    return (k / n, wilson(k, n, two_sided)[0]) if n else (0.0, 0.0)


def labels_carry(labels: JudgedLabels) -> LabelWorth | None:
    """Return how many human labels the judge's verdicts on the other trials are worth.

    With n labels and N other trials the labels count 1 / (1 - rho**2 N / (n + N)) times: at 50 labels and 500 other
    trials 1.3 times for a rho of 0.5 and 2.2 times for 0.77. It is a figure for planning, right for large samples; the
    interval of `post_stratified` is the one that counts.

    Returns:
        None where a stratum that has trials has no label, or people gave one verdict only: then nothing is known of
        how judge and people go together.

    Source: the variance of the control variate in Angelopoulos, Duchi & Zrnic 2023, PPI++, arXiv:2311.01453, which
    that of the post-stratified estimate equals in large samples.
    """
    rate = post_stratified(labels).value
    if rate is None or not 0 < rate < 1:
        return None
    share = labels.judged_passed / labels.judged_n
    agreed = labels.pass_labels_passed / max(labels.pass_labels, 1)
    missed = labels.fail_labels_passed / max(labels.fail_labels, 1)
    rho = (agreed - missed) * math.sqrt(share * (1 - share) / (rate * (1 - rate)))
    others = 1 - labels.labelled / labels.judged_n
    multiplier = 1 / (1 - min(rho * rho, 1.0) * others)
    return LabelWorth(rho + 0.0, multiplier, labels.labelled * multiplier)

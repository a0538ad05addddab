"""Is a share of trials or requests large or small enough, whatever the undecided ones turn out to be?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.gate.question import Answer, ConditionError, unknown
from assay.gate.statistics import exact_lower, exact_upper, passes_needed

if TYPE_CHECKING:
    from assay.gate.comparison import Comparison

__all__ = ["Share", "answer_share", "check_share"]


@dataclass(frozen=True)
class Share:
    """Counts of one share, with the words for them."""

    hits: int
    """Trials that count towards it."""
    undecided: int
    """Trials without a score, which might."""
    n: int
    """All trials that were due."""
    noun: str
    """What is counted: `trials`, `requests`."""
    did: str
    """What the hits did: `passed`, `failed`."""
    more_hits: str
    """One further trial that would raise the share: `passing trial`."""
    more_misses: str
    """One further trial that would lower it: `failing trial`."""


def check_share(comparison: Comparison) -> None:
    """Refuse a comparison with a share that decides nothing.

    Raises:
        ConditionError: every share holds, none does, or no number of trials could prove it.
    """
    best, worst = (1.0, 0.0) if comparison.wants_high else (0.0, 1.0)
    between = "Write a threshold from 0 to 1 that a rate can reach and can miss."
    if not comparison.holds(best):
        raise ConditionError("can never be met", between)
    if comparison.holds(worst):
        raise ConditionError("can never fail", between)
    if comparison.confidence is not None and comparison.threshold == best:
        raise ConditionError(
            "can be proven by no number of trials", "Leave out the confidence, or allow for a failure."
        )


def answer_share(share: Share, comparison: Comparison) -> Answer:
    """Return what a share comes to; undecided trials are taken both ways.

    Without a confidence the limits are the share with all undecided trials as misses, and as hits. With one they
    are the exact one-sided limits of these two, so a share of 0 or 1 has a width as well.
    """
    if share.n == 0:
        return unknown(f"No {share.noun} were due.", n=0)
    if share.hits + share.undecided > share.n:
        return unknown(f"The counts of {share.noun} contradict each other.", n=share.n)
    if share.undecided == share.n:
        return unknown(f"Not one of {share.n} {share.noun} has a score.", n=share.n)
    observed = share.hits / share.n
    counted = f"{share.hits} of {share.n} {share.noun} {share.did}"
    most = share.hits + share.undecided
    if comparison.confidence is None:
        status, margin = comparison.weigh(observed, most / share.n)
        decide = "decides" if share.undecided == 1 else "decide"
        reason = f"{counted}." if status != "unknown" else f"{counted}; {_undecided(share)} and {decide} it."
        return Answer(status, reason, observed=observed, n=share.n, margin=margin, silent=_silent(share, comparison))
    low = exact_lower(share.hits, share.n, comparison.confidence)
    high = exact_upper(most, share.n, comparison.confidence)
    status, margin = comparison.weigh(low, high)
    proof = comparison.proven(status, low, high) if status != "unknown" else _missing(share, comparison)
    absent = f" ({_undecided(share)})" if share.undecided else ""
    return Answer(
        status,
        f"{counted}{absent}: {proof}.",
        observed=observed,
        low=low,
        high=high,
        n=share.n,
        margin=margin,
        silent=_silent(share, comparison),
    )


def _silent(share: Share, comparison: Comparison) -> tuple[str, ...]:
    """Return the undecided trials, counted as misses, where a hit would be worse."""
    return (f"{share.undecided} {share.noun}",) if share.undecided and not comparison.wants_high else ()


def _undecided(share: Share) -> str:
    have = "has" if share.undecided == 1 else "have"
    return f"{share.undecided} of {share.n} {share.noun} {have} no score"


def _missing(share: Share, comparison: Comparison) -> str:
    """Return how many further trials would prove the condition, if all go its way."""
    confidence = comparison.confidence or 0
    if comparison.wants_high:
        more, kind = passes_needed(share.hits, share.n, comparison.threshold, confidence), share.more_hits
    else:
        misses = share.n - share.hits - share.undecided
        more, kind = passes_needed(misses, share.n, 1 - comparison.threshold, confidence), share.more_misses
    count = "over ten million" if more is None else more
    return f"{count} more {kind}{'' if more == 1 else 's'} needed for {comparison.confidence_text}"

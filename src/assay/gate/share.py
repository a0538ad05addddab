"""Is a share of trials or requests large or small enough, whatever the undecided ones turn out to be?"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from assay.gate.question import Answer, ConditionError, unknown
from assay.gate.statistics import exact_lower, exact_upper, passes_needed

if TYPE_CHECKING:
    from assay.gate.comparison import Comparison

__all__ = ["EXACT", "PartShare", "Share", "answer_share", "check_share", "silent_of"]

EXACT: Final = "exact binomial"
"""Name of the test that decides on a share with a confidence (Clopper & Pearson 1934, Biometrika 26:404-413)."""


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

    @property
    def unasked(self) -> int:
        """Of the undecided, trials that were not asked because the run could stop early."""
        return 0

    @property
    def observed(self) -> float:
        """The share among what was asked; 0 where nothing was."""
        return self.hits / (self.n - self.unasked) if self.n > self.unasked else 0.0

    @property
    def bare(self) -> str:
        """What was counted of what was asked, in words."""
        return f"{self.hits} of {self.n - self.unasked} {self.noun} {self.did}"

    @property
    def counted(self) -> str:
        """What was counted, in words, with what is undecided."""
        return f"{self.bare}{f' ({self.without_score})' if self.undecided else ''}"

    @property
    def without_score(self) -> str:
        """How many are undecided, in words."""
        silent = self.undecided - self.unasked
        have, were = ("has" if silent == 1 else "have"), _were(self.unasked)
        if not self.unasked:
            return f"{silent} of {self.n} {self.noun} {have} no score"
        if not silent:
            return f"{self.unasked} of {self.n} {self.noun} {were} not asked"
        return f"{silent} of {self.n} {self.noun} {have} no score and {self.unasked} {were} not asked"

    @property
    def doubt(self) -> str | None:
        """Why these counts say nothing, or None when they do."""
        if self.n == 0:
            return f"No {self.noun} were due."
        if self.hits + self.undecided > self.n:
            return f"The counts of {self.noun} contradict each other."
        return f"Not one of {self.n} {self.noun} has a score." if self.undecided == self.n else None

    def some(self, count: int | str, *, hits: bool) -> str:
        """Return further hits or misses in words: `1 more failing trial`, `7 more failing trials`."""
        kind = self.more_hits if hits else self.more_misses
        one = self.noun.removesuffix("s")
        return f"{count} more {kind if count == 1 else kind.replace(one, self.noun, 1)}"

    def limits(self, confidence: float | None) -> tuple[float, float]:
        """Return the least and the most that the share may be; exact one-sided limits where there is a confidence.

        Raises:
            ValueError: the counts contradict each other, or there are none.
        """
        most = self.hits + self.undecided
        if confidence is None:
            return self.hits / self.n, most / self.n
        return exact_lower(self.hits, self.n, confidence), exact_upper(most, self.n, confidence)


@dataclass(frozen=True)
class PartShare(Share):
    """Counts of one share where the run could stop before all was asked."""

    left: int = 0
    """Of the undecided, trials that were not asked."""

    @property
    @override
    def unasked(self) -> int:
        """Of the undecided, trials that were not asked because the run could stop early."""
        return self.left


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
    doubt = share.doubt
    if doubt is not None:
        return unknown(doubt, n=share.n)
    low, high = share.limits(comparison.confidence)
    status, margin = comparison.weigh(low, high)
    flip = _flip(share, comparison, met=status == "met")
    answer = Answer(
        status,
        f"{share.counted}.",
        observed=share.observed,
        n=share.n,
        margin=margin,
        flip=_said(share, flip),
        silent=silent_of(share, comparison),
    )
    if comparison.confidence is not None:
        return _proven(answer, share, comparison, (low, high))
    if status != "unknown":
        return answer if share.unasked else replace(answer, reason=f"{share.bare}.")
    decide = "decides" if share.undecided == 1 else "decide"
    reason = f"{share.bare}; {share.without_score} and {decide} it."
    return replace(answer, reason=reason, needed=None if flip is None else flip[0])


def silent_of(share: Share, comparison: Comparison) -> tuple[str, ...]:
    """Return the undecided trials that may be worse than the share tells: no waiver reaches what nobody has seen.

    Those without a score count as misses, so where hits are good they cannot; those that were not asked do not count.
    """
    silent = share.unasked if comparison.wants_high else share.undecided
    return (f"{silent} {share.noun}",) if silent else ()


def _proven(answer: Answer, share: Share, comparison: Comparison, limits: tuple[float, float]) -> Answer:
    """Return an answer with its limits, and beside an unknown with what would prove it."""
    low, high = limits
    answer = replace(answer, low=low, high=high, method=EXACT)
    never = _never(share, comparison) if answer.status != "met" and answer.flip is None else ""
    if answer.status != "unknown":
        return replace(answer, reason=f"{share.counted}: {comparison.proven(answer.status, low, high)}{never}.")
    more, words = _needed(share, comparison)
    reason = f"{share.counted}: {words} needed for {comparison.confidence_text}{never}."
    return replace(answer, reason=reason, needed=more)


def _never(share: Share, comparison: Comparison) -> str:
    """Return, in words that follow others, that so few trials prove nothing, and how many would be the fewest."""
    threshold = comparison.threshold if comparison.wants_high else 1 - comparison.threshold
    least = passes_needed(0, 0, threshold, comparison.confidence or 0)
    due = f"{share.n} {share.noun if share.n != 1 else share.noun.removesuffix('s')}"
    return "" if least is None else f"; it cannot be met with {due}, even at best: {least} needed"


def _needed(share: Share, comparison: Comparison) -> tuple[int | None, str]:
    """Return how many good trials would prove a share, and that in words.

    Those that the run did not ask come first, for nothing else need be added to the suite; only where all of them are
    too few there are further ones. Trials without a score stay as bad as they can be.
    """
    flip = _flip(share, comparison, met=False)
    if flip is not None and flip[0] <= share.unasked:
        open_ones = f"of the {share.unasked} that {_were(share.unasked)} not asked,"
        return flip[0], f"{share.some(flip[0], hits=flip[1])}, {open_ones}"
    good = share.hits if comparison.wants_high else share.n - share.hits - share.undecided
    threshold = comparison.threshold if comparison.wants_high else 1 - comparison.threshold
    further = passes_needed(good + share.unasked, share.n, threshold, comparison.confidence or 0)
    more = None if further is None else share.unasked + further
    kind = share.some("over ten million" if more is None else more, hits=comparison.wants_high)
    if share.unasked and more is not None:
        kind += f", with {'all' if share.unasked > 1 else 'the'} {share.unasked} that {_were(share.unasked)} not asked,"
    return more, kind


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _flip(share: Share, comparison: Comparison, *, met: bool) -> tuple[int, bool] | None:
    """Return how many of the same trials must turn, and whether into hits, for a share to be met or no longer to be.

    None where no number does.
    """
    # What is met turns by fewer of the good trials, what is not by more of them: undecided ones are no good ones yet.
    good = share.hits if comparison.wants_high else share.n - share.hits - share.undecided

    def holds(number: int) -> bool:
        """Return whether it is met with so many good trials."""
        if comparison.wants_high:
            return comparison.holds(replace(share, hits=number, undecided=0).limits(comparison.confidence)[0])
        return comparison.holds(replace(share, hits=share.n - number, undecided=0).limits(comparison.confidence)[1])

    least = bisect_left(range(share.n + 1), 1, key=holds)  # the more are good, the better: first all no, then all yes
    if met:
        return (good - least + 1, not comparison.wants_high) if least else None
    return (least - good, comparison.wants_high) if least <= share.n else None


def _said(share: Share, flip: tuple[int, bool] | None) -> str | None:
    return None if flip is None else f"{share.some(flip[0], hits=flip[1])} of the same {share.n}"

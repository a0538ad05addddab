"""Is a pass rate proven, where trials are independent, where they are not, and where a run may stop between looks?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.gate.by_case import cautious_limits, further, passed, proves
from assay.gate.looks import Looks
from assay.gate.question import Answer, unknown
from assay.gate.sequential import binomial_look_levels, look_levels
from assay.gate.share import EXACT, PartShare, answer_share, silent_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.gate.by_case import CaseFigures
    from assay.gate.comparison import Comparison
    from assay.gate.evidence import Facts
    from assay.gate.scope import Scope
    from assay.gate.share import Share
    from assay.schema.score import CaseResult, Metric

__all__ = ["answer_rate", "pass_share"]


def pass_share(passes: int, unscored: int, n: int, *, unasked: int = 0) -> PartShare:
    """Return the share of trials that passed; one without a score might have."""
    words = {"more_hits": "passing trial", "more_misses": "failing trial"}
    return PartShare(passes, unscored, n, "trials", "passed", **words, left=unasked)


def answer_rate(metric: Metric, scope: Scope, facts: Facts, comparison: Comparison) -> Answer:
    """Return whether a pass rate is proven with the comparison's confidence.

    One trial for each of independent cases: the exact binomial test, at each planned look where there are any. Several
    trials a case, or cases that share a source: limits of the mean over cases, and with one trial a case the worse of
    these and the binomial ones, for sources that differ little must not make a proof easier.
    """
    share = pass_share(metric.passed, metric.unscored, metric.n, unasked=metric.stopped)
    cases = scope.cases(facts.cases)
    several = metric.cases < metric.n
    counted = scope.suite in facts.whole and not (several or facts.looks)
    if share.doubt is not None or (counted and not cases):
        return answer_share(share, comparison)
    doubt = scope.doubt(metric, cases)
    if doubt is not None:
        return unknown(doubt, n=metric.n)
    figures = passed(scope, cases)
    if several or figures.clusters is not None:
        return _by_mean(figures, share, comparison, exact=not several)
    return _by_look(scope, cases, facts.looks, comparison) if facts.looks else answer_share(share, comparison)


def _by_look(scope: Scope, cases: Sequence[CaseResult], looks: int, comparison: Comparison) -> Answer:
    """Return the answer of the first look that decides."""
    planned = Looks.at([own.asked == own.due for own in cases], looks)

    def weigh(size: int, confidence: float) -> Answer:
        """Answer from the first cases."""
        tallies = [scope.tally(own) for own in cases[:size]]
        passes = sum(own.passed for own in tallies)
        share = pass_share(passes, size - passes - sum(own.failed for own in tallies), size)
        own = replace(comparison, confidence=confidence)
        answer = answer_share(share, own)
        if size == planned.due or share.doubt is not None:
            return answer
        return replace(answer, reason=f"{share.counted}: {own.shown(answer.status, *share.limits(confidence))}.")

    level = 1 - (comparison.confidence or 0)
    if 0 < comparison.threshold < 1:
        return planned.first_decided(binomial_look_levels(len(cases), looks, comparison.threshold, level), weigh)
    return planned.first_decided(look_levels(len(planned.sizes), level), weigh)  # any one pass, or failure, decides


def _by_mean(figures: CaseFigures, share: Share, comparison: Comparison, *, exact: bool) -> Answer:
    """Return the answer by the mean of the cases' shares."""
    observed, said = share.hits / share.n, f"{share.counted}, over {figures.counted}"
    few = figures.too_few(said)
    if few is not None:
        return replace(few, observed=observed, n=share.n)
    low, high = _limits(figures, share if exact else None, comparison)
    status, margin = comparison.weigh(low, high)

    def proven(own: CaseFigures, counts: Share) -> bool:
        """Return whether cases that came out like this prove it."""
        up = comparison.wants_high
        if not proves(own, null=comparison.threshold, confidence=comparison.confidence or 0, above=up):
            return False
        return not exact or comparison.weigh(*counts.limits(comparison.confidence))[0] == "met"

    answer = Answer(
        status,
        f"{said}: {comparison.proven(status, low, high)}.",
        observed=observed,
        low=low,
        high=high,
        n=share.n,
        margin=margin,
        method=f"{figures.method}; {EXACT}" if exact else figures.method,
        flip=_flip(figures, share, proven, up=comparison.wants_high, met=status == "met"),
        silent=silent_of(share, comparison),
    )
    if status != "unknown":
        return answer
    good = comparison.wants_high
    more = further(
        lambda count: proven(
            figures.with_more(count, float(good)), replace(share, hits=share.hits + count * good, n=share.n + count)
        )
    )
    case = "case" if more == 1 else "cases"
    apart = "" if figures.clusters is None else ", each of a source of its own,"
    need = f"{'over ten thousand' if more is None else more} more {'passing' if good else 'failing'} {case}{apart}"
    return replace(answer, reason=f"{said}: {need} needed for {comparison.confidence_text}.", needed=more)


def _flip(
    figures: CaseFigures, share: Share, proven: Callable[[CaseFigures, Share], bool], *, up: bool, met: bool
) -> str | None:
    """Return how many cases, with all their trials, must turn for it to be proven or no longer to be, in words.

    Of what is proven the best cases turn, else the worst ones, in an order of their own and not of their asking.
    """
    passing = up != met
    rows = sorted(zip(figures.low, figures.high, figures.clusters or (("", ""),) * len(figures.low), strict=True))
    ordered = rows if passing else rows[::-1]
    left = sum(low < 1 if passing else high > 0 for low, high, _ in rows)

    def turned(number: int) -> bool:
        """Return whether so many cases turn it."""
        ends = [(float(passing), float(passing), cluster) for _, _, cluster in ordered[:number]]
        lows, highs, clusters = zip(*ends, *ordered[number:], strict=True)
        own = replace(figures, low=lows, high=highs, clusters=clusters if figures.clusters is not None else None)
        hits = round(sum(lows))  # with one trial a case, and else of no account
        return proven(own, replace(share, hits=hits, undecided=round(sum(highs)) - hits)) != met

    if not left or not turned(left):
        return None
    least = further(lambda number: turned(min(number, left)))
    kind, case = "passing" if passing else "failing", "case" if least == 1 else "cases"
    return f"{least} more {kind} {case} of the same {len(rows)}"


def _limits(figures: CaseFigures, share: Share | None, comparison: Comparison) -> tuple[float, float]:
    """Return the limits of the mean; the worse of these and the exact ones of a share of single trials."""
    confidence = comparison.confidence or 0
    low, high = cautious_limits(figures, null=comparison.threshold, confidence=confidence)
    if share is not None:
        exact_low, exact_high = share.limits(confidence)
        low, high = min(low, exact_low), max(high, exact_high)
    return max(0.0, low), min(1.0, high)

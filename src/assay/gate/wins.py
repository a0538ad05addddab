"""Where candidate and baseline tried the same cases once, does what the one won and lost prove a claim?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.gate.by_case import further
from assay.gate.comparison import Comparison
from assay.gate.kept import exact_p, kept_confidence, least_pairs
from assay.gate.looks import Looks
from assay.gate.multiplicity import holm
from assay.gate.paired import PairedTable, mcnemar_mid_p, tango_limits
from assay.gate.pairing import shifted
from assay.gate.planning import noninferiority_n
from assay.gate.question import Answer
from assay.gate.sequential import look_levels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.gate.comparison import AgainstBaseline
    from assay.gate.pairing import Pairing
    from assay.gate.scope import Scope

__all__ = ["answer_better", "answer_not_worse"]

_DIGITS = 12
"""Decimals to which probabilities are compared."""


def answer_not_worse(scope: Scope, pairing: Pairing, against: AgainstBaseline, looks: int) -> Answer:
    """Return whether the candidate is proven to be worse by less than the margin, if at all.

    The test is Tango's, at each planned look where there are any, and at the level at which its chance of a wrong pass
    is the one that is written. It is met when the lower limit of the difference
    reaches minus the margin, not met when the upper limit lies below that; a difference that is merely not significant
    is unknown. A trial without a score is taken both ways.
    """
    comparison = Comparison(">=", -against.margin, against.confidence)
    if not looks:
        return _by_tango(scope, pairing, comparison, plan=True)
    planned = Looks.at(pairing.asked, looks)

    def weigh(size: int, confidence: float) -> Answer:
        """Answer from the first pairs."""
        own = replace(comparison, confidence=confidence)
        return _by_tango(scope, pairing.first(size), own, plan=size == planned.due)

    return planned.first_decided(look_levels(len(planned.sizes), round(1 - against.confidence, _DIGITS)), weigh)


def answer_better(scope: Scope, pairing: Pairing, rivals: Sequence[Pairing], against: AgainstBaseline) -> Answer:
    """Return whether the candidate is proven to be better than the baseline by anything at all.

    It is met by McNemar's mid-p test in the one direction, after Holm where other candidates are compared with the same
    baseline: the best of many wins more by luck. It is not met when Tango's upper limit of the difference is 0 or less.

    Args:
        scope: what is compared.
        pairing: the candidate's cases beside the baseline's.
        rivals: those of the other candidates that are decided on.
        against: the claim.
    """
    worst, best = pairing.tables(scope)
    others = [_mid_p(own.tables(scope)[0]) for own in rivals]
    level = round(1 - against.confidence, _DIGITS)

    def adjusted(table: PairedTable) -> float:
        """Return the p-value of the candidate, corrected for its rivals."""
        return round(holm([_mid_p(table), *others])[0], _DIGITS)

    def proven(table: PairedTable) -> bool:
        """Return whether the candidate is better."""
        return table.gained > table.lost and adjusted(table) <= level

    low, high = tango_limits(worst, against.confidence)[0], tango_limits(best, against.confidence)[1]
    holm_words = f" after Holm over {len(rivals) + 1} candidates" if rivals else ""
    said = f"{_counted(scope, pairing, worst)}: p is {adjusted(worst):.3g}{holm_words}"
    met = proven(worst)
    answer = Answer(
        "met" if met else "not_met" if high <= 0 else "unknown",
        f"{said}.",
        observed=worst.difference,
        low=low,
        high=high,
        n=worst.n,
        # The mid-p test is a little less strict than the limits: where they differ nothing is left to spare.
        margin=max(0.0, low) if met else high if high <= 0 else min(0.0, low),
        method=f"McNemar mid-p, exact level{f', Holm over {len(rivals) + 1}' if rivals else ''}",
        flip=_flip(worst, met=met, holds=proven),
    )
    if answer.status == "met":
        return answer
    if answer.status == "not_met":
        words = f"the difference is at most {high:.6g} with {against.confidence_text}"
        return replace(answer, reason=f"{said}; {words}.", method="Tango score")
    more = further(lambda count: proven(replace(worst, gained=worst.gained + count)))
    case = "case" if more == 1 else "cases"
    count = "over ten thousand" if more is None else more
    need = f"{count} more {case} that the candidate alone passes needed for {against.confidence_text}"
    return replace(answer, reason=f"{said}; {need}.", needed=more)


def _by_tango(scope: Scope, pairing: Pairing, comparison: Comparison, *, plan: bool) -> Answer:
    """Return the answer of Tango's test; `plan` says how many pairs it would take where they are too few."""
    worst, best = pairing.tables(scope)
    confidence = comparison.confidence or 0
    # A wrong pass must be as rare as is written; a wrong fail is no rarer than the test alone makes it.
    kept = kept_confidence(worst.n, -comparison.threshold, confidence)
    low, high = tango_limits(worst, kept)[0], tango_limits(best, confidence)[1]
    status, margin = comparison.weigh(low, high)

    def proven(table: PairedTable) -> bool:
        """Return whether pairs that came out like this prove it."""
        return comparison.holds(tango_limits(table, kept)[0])

    answer = Answer(
        status,
        f"{_counted(scope, pairing, worst)}: the difference is {comparison.shown(status, low, high)}.",
        observed=worst.difference,
        low=low,
        high=high,
        n=worst.n,
        margin=margin,
        method="Tango score, exact level",
        flip=_flip(worst, met=status == "met", holds=proven),
    )
    if status != "unknown" or not plan:
        return answer
    if worst.difference < comparison.threshold:
        return replace(answer, reason=f"{_counted(scope, pairing, worst)}: {_beyond(worst, best, comparison)}.")
    needed, words = _pairs_needed(worst, comparison, kept, proven)
    reason = f"{_counted(scope, pairing, worst)}: {words} needed for {comparison.confidence_text}."
    return replace(answer, reason=reason, needed=needed)


def _pairs_needed(
    table: PairedTable, comparison: Comparison, kept: float, proven: Callable[[PairedTable], bool]
) -> tuple[int | None, str]:
    """Return how many further pairs it takes, and that in words.

    They are as many as an equally good candidate needs to be proven so in four of five runs, where as many cases come
    out differently as did here; where there are as many already, those that must all come out alike.
    """
    margin = -comparison.threshold
    due = noninferiority_n(table.discordance, margin, kept)
    if due is not None and max(due, floor := least_pairs(margin, comparison.confidence or 0)) > table.n:
        due = max(due, floor)
        more, share = due - table.n, f"{100 * table.discordance:.3g}%"
        pairs = "pair" if more == 1 else "pairs"
        return more, f"{more} more {pairs}, {due} in all where {share} come out differently,"
    alike = further(lambda count: proven(replace(table, both=table.both + count)))
    # With more pairs the level is another one: a few more may be needed than by that of so many as there are.
    while alike is not None and not _holds(replace(table, both=table.both + alike), comparison):
        alike += 1 + alike // 50
    pairs = "pair" if alike == 1 else "pairs"
    return alike, f"{'over ten thousand' if alike is None else alike} more {pairs} that come out alike"


def _beyond(worst: PairedTable, best: PairedTable, comparison: Comparison) -> str:
    """Return what a difference beyond the margin means for further pairs, in words.

    The number that an equally good candidate would take misleads there: no further cases like these prove the claim.
    """
    if best.difference >= comparison.threshold:
        return f"the difference of {worst.difference:.6g}, with what has no score as lost, lies beyond the margin"
    seen = f"the observed difference of {worst.difference:.6g} lies beyond the margin"
    return f"{seen}, and more cases like these would show that it is not met"


def _holds(table: PairedTable, comparison: Comparison) -> bool:
    """Return whether a table proves it at the level of its own number of pairs."""
    kept = kept_confidence(table.n, -comparison.threshold, comparison.confidence or 0)
    return comparison.holds(tango_limits(table, kept)[0])


def _counted(scope: Scope, pairing: Pairing, worst: PairedTable) -> str:
    """Return what was counted, in words."""
    unscored = pairing.unscored(scope)
    have = "has" if unscored == 1 else "have"
    absent = f" ({unscored} of the pairs {have} no score on a side)" if unscored else ""
    return f"{pairing.said}, {worst.gained} gained and {worst.lost} lost{absent}"


def _flip(table: PairedTable, *, met: bool, holds: Callable[[PairedTable], bool]) -> str | None:
    """Return how many of the candidate's cases must turn for a claim to hold, or no longer to hold, in words."""
    turn = further(lambda count: not holds(shifted(table, -count))) if met else _passes(table, holds)
    if turn is None or (met and turn > table.both + table.gained):
        return None
    case = "case" if turn == 1 else "cases"
    return f"{turn} more {'failing' if met else 'passing'} {case} of the same {table.n}"


def _passes(table: PairedTable, holds: Callable[[PairedTable], bool]) -> int | None:
    """Return how many more passes of the candidate make a claim hold; None where not even all of them do."""
    most = table.lost + table.neither
    return further(lambda count: holds(shifted(table, count))) if holds(shifted(table, most)) else None


def _mid_p(table: PairedTable) -> float:
    """Return how likely a one-sided mid-p as small as this is for a candidate that is no better than the baseline.

    Source: half of the two-sided one of Fagerland, Lydersen & Laake 2013, BMC Med. Res. Methodol. 13:91; made exact by
    `exact_p`.
    """
    if table.gained <= table.lost:
        return 1.0
    return exact_p(table.n, mcnemar_mid_p(table.gained, table.lost) / 2)

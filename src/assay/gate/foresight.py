"""What can a run not prove, said before it asks anything?

Of each condition that rests on a sample: how much it takes at least, were every result perfect; how many failures it
allows; and how good a candidate must truly be for it to be proven in four of five runs.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from assay.gate import planning
from assay.gate.by_case import LEAST_CLUSTERS
from assay.gate.comparison import AgainstBaseline, read_against, read_comparison
from assay.gate.kept import exact_p, kept_confidence, least_pairs
from assay.gate.means import LEAST_CASES_FOR_A_MEAN, mean_limits
from assay.gate.paired import mcnemar_mid_p
from assay.gate.power import floor_on_n, most_failures, true_rate_needed
from assay.gate.question import ConditionError
from assay.gate.sequential import binomial_look_levels, look_levels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from assay.gate.comparison import Comparison
    from assay.gate.conditions import Condition

__all__ = ["DISCORDANCE", "Cases", "Due", "Forecast", "foresee"]

DISCORDANCE: Final = 0.1
"""Share of the cases that is assumed to come out differently between two like candidates; nothing is known before."""

_POWER: Final = 0.8
_MOST: Final = 10_000
"""More cases than this are no advice to anybody."""
_TARGET = re.compile(r"(?P<scope>(?P<kind>suite|bench):.+)\.(?P<measure>[a-z0-9_]+)")
_PERCENTILE = re.compile(r"(?:e2e|ttft|tpot)_p(?P<percent>50|95|99)_s")


@dataclass(frozen=True)
class Cases:
    """Cases that a figure is over."""

    cases: int
    """How many there are."""
    groups: int
    """How many can be taken as independent: cases of one source count once."""


@dataclass(frozen=True)
class Due:
    """What a run is going to ask."""

    cases: Mapping[str, Cases] = field(default_factory=dict)
    """Cases by scope as conditions write it: `suite:qa`, `suite:qa#vi`, `suite:qa/exact`."""
    pairs: Mapping[str, Cases] = field(default_factory=dict)
    """Of these, cases that the baseline has too."""
    requests: Mapping[str, int] = field(default_factory=dict)
    """Measured requests of all rounds by load: `short@4`."""
    trials: int = 1
    """Trials of each case."""
    looks: int = 0
    """Planned looks at part of the cases; the last one is a little stricter than a test of all at once."""


@dataclass(frozen=True)
class Forecast:
    """What a run can show of one condition."""

    condition: str
    """Its id."""
    severity: Literal["block", "warn"]
    """`block` decides the verdict."""
    index: int
    """Its place in the policy, from 0."""
    can: Literal["never", "seldom", "well"]
    """`never`: no result meets it; `seldom`: a candidate between good enough and perfect, or one as good as the
    baseline, is proven so in fewer than four of five runs."""
    floor: int | None
    """Cases or requests with which a perfect result would just be proof; None where over ten million are needed."""
    brief: str
    """Why, in a few words."""
    message: str
    """What it takes, in words that follow its name."""
    remedy: str
    """What to do."""
    scope: str
    """What it is over: `suite:qa#vi`, `bench:short@4`."""


@dataclass(frozen=True)
class _Words:
    """How the trials of a share are called."""

    noun: str
    """One of them: `case`."""
    all_well: str
    """That all came out well: `all of them pass`."""
    failure: str
    """One that did not: `failure`."""
    truly: str
    """What a share of them must do in truth, with the number left out: `a candidate must truly pass {}`."""
    beyond: str = "above the threshold"
    """What that share exceeds."""


_PASS = _Words("case", "all of them pass", "failure", "a candidate must truly pass {}")
_FAIL = _Words("case", "all of them fail", "pass", "a candidate must truly fail {}")
_KEEP = _Words(
    "request", "all of them keep the limit", "request beyond it", "{} must truly keep the limit", "more than is claimed"
)
_ANSWER = _Words("request", "none of them fails", "failed request", "{} must truly be answered", "more than is claimed")


def foresee(conditions: Sequence[Condition], due: Due) -> tuple[Forecast, ...]:
    """Return what a run can show of each condition that rests on a sample, in the policy's order.

    Conditions that are counted, looked up or read off, and those on what is not due, have no forecast.
    """
    found = (_forecast(index, condition, due) for index, condition in enumerate(conditions))
    return tuple(own for own in found if own is not None)


@dataclass(frozen=True)
class _Asked:
    """A condition with its place and what it is over."""

    condition: Condition
    index: int
    scope: str

    def forecast(self, can: Literal["never", "seldom", "well"], floor: int | None, *said: str) -> Forecast:
        """Return a forecast; what is said is the brief, the message and the remedy."""
        own = self.condition
        brief, message, remedy = said
        return Forecast(own.id, own.severity, self.index, can, floor, brief, message, remedy, self.scope)

    def never(self, n: int, floor: int | None, noun: str, how: str) -> Forecast:
        """Return that no result can meet it."""
        counted, needed = _counted(n, noun), "over ten million" if floor is None else f"{floor}"
        remedy = f"It takes {_counted(floor, noun)}." if floor is not None else "Lower the threshold."
        return self.forecast(
            "never", floor, f"{counted}, {needed} needed", f"cannot be met with {counted}, even if {how}", remedy
        )


def _forecast(index: int, condition: Condition, due: Due) -> Forecast | None:
    target, how = _read(" ".join(condition.text.split()))
    match = _TARGET.fullmatch(target)
    if match is None or how is None:
        return None
    asked, measure = _Asked(condition, index, match["scope"]), match["measure"]
    if isinstance(how, AgainstBaseline):
        pairs = due.pairs.get(match["scope"])
        return None if pairs is None else _of_pairs(asked, pairs, how, measure, due)
    if match["kind"] == "bench":
        n = due.requests.get(match["scope"].removeprefix("bench:"))
        return None if n is None else _of_requests(asked, n, how, measure)
    cases = due.cases.get(match["scope"])
    return None if cases is None or how.confidence is None else _of_cases(asked, cases, how, measure, due)


def _read(text: str) -> tuple[str, AgainstBaseline | Comparison | None]:
    """Return what a condition is over and how it is held against what; nothing where it rests on no sample."""
    try:
        against = read_against(text)
        if against is not None:
            return against
        return read_comparison(text, "") if _TARGET.match(text) else ("", None)
    except ConditionError:
        return "", None


def _of_cases(asked: _Asked, own: Cases, comparison: Comparison, measure: str, due: Due) -> Forecast | None:
    if measure not in {"pass_rate", "mean_grade"}:
        return None
    words = _PASS if comparison.wants_high else _FAIL
    threshold = comparison.threshold if comparison.wants_high else 1 - comparison.threshold
    if measure == "pass_rate" and due.trials == 1 and own.groups == own.cases:
        sure = comparison.confidence or 0
        if due.looks and 0 < threshold < 1:
            sure = 1 - binomial_look_levels(own.cases, due.looks, threshold, 1 - sure)[-1]
        return _of_share(asked, own.cases, threshold, sure, words)
    least = LEAST_CASES_FOR_A_MEAN if measure == "mean_grade" else LEAST_CLUSTERS

    def enough(n: int) -> bool:
        """Return whether so many perfect cases would be proof."""
        found = mean_limits([1.0] * n, None, null=threshold, confidence=comparison.confidence or 0, scale=(0.0, 1.0))
        return found.low >= threshold

    return _of_means(asked, own, _least(enough, least))


def _of_means(asked: _Asked, own: Cases, floor: int | None) -> Forecast:
    """Return the forecast of a mean over cases, or over groups of them; how much they scatter is not known before."""
    noun = "case" if own.groups == own.cases else "source"
    if floor is None or own.groups < floor:
        return asked.never(own.groups, floor, noun, "each of them is as good as can be")
    message = f"is proven by {floor} perfect {noun}s at least, and has {own.groups}; more are needed where they scatter"
    return asked.forecast("well", floor, f"{_counted(own.groups, noun)}, {floor} at least", message, "Add cases.")


def _of_share(asked: _Asked, n: int, threshold: float, confidence: float, words: _Words) -> Forecast:
    """Return the forecast of a share of independent trials, by the exact binomial test."""
    floor = floor_on_n(threshold, confidence)
    failures = most_failures(n, threshold, confidence)
    needed = true_rate_needed(n, threshold, confidence)
    if failures is None or needed is None:
        return asked.never(n, floor, words.noun, words.all_well)
    share = f"{100 * needed:.1f} %"
    message = (
        f"allows at most {_counted(failures, words.failure)} in {_counted(n, words.noun)}; to be proven with 80 % "
        f"chance {words.truly.format(share)}, {100 * (needed - threshold):.1f} points {words.beyond}"
    )
    seldom = needed > (1 + threshold) / 2
    remedy = f"Add {words.noun}s to need less."
    return asked.forecast("seldom" if seldom else "well", floor, f"{share} needed for 80 % power", message, remedy)


def _of_requests(asked: _Asked, n: int, comparison: Comparison, measure: str) -> Forecast | None:
    percentile = _PERCENTILE.fullmatch(measure)
    confidence = comparison.confidence
    if percentile is not None and confidence is None:
        percent = int(percentile["percent"])
        floor = -(-100 // (100 - percent))
        return asked.never(n, floor, "request", "all of them keep the limit") if n < floor else None
    if confidence is None:
        return None
    if percentile is not None:
        return _of_share(asked, n, int(percentile["percent"]) / 100, confidence, _KEEP)
    if measure == "error_rate":
        return _of_share(asked, n, 1 - comparison.threshold, confidence, _ANSWER)
    return _of_share(asked, n, comparison.threshold, confidence, _KEEP) if measure == "good_share" else None


def _of_pairs(asked: _Asked, own: Cases, against: AgainstBaseline, measure: str, due: Due) -> Forecast | None:
    if against.relative or measure not in {"pass_rate", "mean_grade"}:
        return None
    if measure == "mean_grade" or due.trials > 1 or own.groups < own.cases:
        least = LEAST_CASES_FOR_A_MEAN if measure == "mean_grade" else LEAST_CLUSTERS
        margin, best = (against.margin, 0.0) if against.claim == "not_worse" else (0.0, 1.0)

        def enough(n: int) -> bool:
            """Return whether so many cases of the best difference would be proof."""
            found = mean_limits([best] * n, None, null=-margin, confidence=against.confidence, scale=(-1.0, 1.0))
            return found.low >= -margin if margin else found.low > 0

        return _of_means(asked, own, _least(enough, least))
    if against.claim == "better":
        return _of_wins(asked, own.cases, against.confidence)
    last = 1 - look_levels(due.looks, 1 - against.confidence)[-1] if due.looks else against.confidence
    return _of_margin(asked, own.cases, against.margin, last)


def _of_wins(asked: _Asked, n: int, confidence: float) -> Forecast:
    """Return the forecast of a claim to be better, by McNemar's mid-p in one direction at its exact level."""
    floor = _least(lambda wins: exact_p(max(n, wins), mcnemar_mid_p(wins, 0) / 2) <= 1 - confidence, 1)
    if floor is None or n < floor:
        return asked.never(n, floor, "case", "the candidate alone passes all of them")
    message = f"takes at least {floor} of {_counted(n, 'case')} that the candidate alone passes, and none the baseline"
    return asked.forecast("well", floor, f"{floor} wins at least", message, "Add cases to show smaller gains.")


def _of_margin(asked: _Asked, n: int, margin: float, confidence: float) -> Forecast:
    """Return the forecast of a claim not to be worse, by Tango's test at the level that keeps its error rate."""
    floor, confidence = least_pairs(margin, confidence), kept_confidence(n, margin, confidence)
    if n < floor:
        return asked.never(n, floor, "case", "none of them comes out differently")
    power = planning.noninferiority_power(n, DISCORDANCE, margin, confidence)
    smallest = planning.smallest_provable_margin(n, DISCORDANCE, confidence)
    shown = f"a margin of {100 * smallest:.1f} points" if smallest is not None else "no margin"
    message = (
        f"is proven of an equally good candidate with a chance of {100 * power:.0f} %; {_counted(n, 'case')} show "
        f"{shown} with 80 %. Assumed: {100 * DISCORDANCE:g} % of the cases come out differently"
    )
    if power >= _POWER:
        return asked.forecast("well", floor, f"{100 * power:.0f} % power", message, "Add cases to show less.")
    wanted = planning.noninferiority_n(DISCORDANCE, margin, confidence) or "over 100,000"
    brief = f"{100 * power:.0f} % power, {wanted} cases for 80 %"
    return asked.forecast("seldom", floor, brief, message, f"With {wanted} cases it is 80 %.")


def _least(enough: Callable[[int], bool], least: int) -> int | None:
    """Return the least number that is enough, where more always are too; None where none to ten thousand is."""
    high = least
    while not enough(high):
        if high >= _MOST:
            return None
        least, high = high + 1, min(2 * high, _MOST)
    return least + bisect_left(range(least, high), 1, key=enough)


def _counted(number: int, noun: str) -> str:
    """Return a number with what it counts, in the plural unless it is 1."""
    if number == 1:
        return f"1 {noun}"
    head, beyond, rest = noun.partition(" beyond")
    return f"{number} {head}{'es' if head.endswith('s') else 's'}{beyond}{rest}"

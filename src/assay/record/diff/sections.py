"""In which order, and under which headings, does a person read how two records differ?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.record.diff.changes import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.record.diff.changes import Change, DiffSide, FigureChange, Part, RecordDiff
    from assay.record.figures import Estimate

__all__ = ["FIRST", "Figures", "Words", "figures_of", "pairs_told", "shown", "side_told", "told_last", "words_of"]

FIRST: Final[tuple[Part, ...]] = ("verdict", "condition", "decision", "waiver")
"""Parts that stand before the numbers."""
_TITLES: Final[dict[Part, str]] = {
    "verdict": "Verdict",
    "condition": "Conditions",
    "decision": "Decision of people",
    "waiver": "Waivers",
    "finding": "Readiness findings",
    "blocker": "Blocker cases that did not pass",
    "policy": "Policy",
    "candidate": "Candidates and their settings",
    "pin": "Pins",
    "fact": "Facts",
    "licence": "Licences",
    "suite": "Suites",
    "judge": "Judges",
    "measurement": "Measurements",
    "people": "What people say",
    "use_case": "Use case",
    "untested": "Not tested",
    "evidence": "Plan and evidence",
    "host": "Host",
}
_GROUPS: Final = {
    "apart": "Numbers whose 95 % intervals do not meet",
    "meet": "Numbers whose 95 % intervals meet: no change is shown, and none is ruled out",
    "no_interval": "Numbers without an interval: shown, not weighed",
    "new": "Numbers that B alone has",
    "gone": "Numbers that A alone has",
}
_MEBI: Final = 1024**2
_THOUSAND: Final = 1000
_MOST_OTHERS: Final = 5
"""Numbers that are shown under a heading that has none of the main ones."""


@dataclass(frozen=True)
class Words:
    """A heading with what changed under it."""

    title: str
    """The heading."""
    changes: tuple[Change, ...]
    """What is new, gone or changed; what is only worded anew is not among them."""


@dataclass(frozen=True)
class Figures:
    """A heading with numbers under it."""

    title: str
    """The heading."""
    shown: tuple[FigureChange, ...]
    """Those that are shown: every one whose intervals are apart, of the others the main ones, or a few where
    there are none."""
    left: int
    """How many more there are."""


def words_of(diff: RecordDiff, *, first: bool) -> Iterator[Words]:
    """Yield the parts that have changes: those that stand before the numbers, or those behind them."""
    for part in PARTS:
        own = tuple(change for change in diff.changes if change.part == part and change.change != "reworded")
        if own and (part in FIRST) == first:
            yield Words(_TITLES[part], own)


def figures_of(diff: RecordDiff) -> Iterator[Figures]:
    """Yield the numbers that are not the same, those whose intervals are apart first."""
    for status, title in _GROUPS.items():
        own = [figure for figure in diff.figures if figure.status == status]
        main = [figure for figure in own if figure.main or status == "apart"] or own[:_MOST_OTHERS]
        if own:
            yield Figures(title, tuple(sorted(main, key=lambda figure: not figure.main)), len(own) - len(main))


def side_told(side: DiffSide) -> str:
    """Return one of the two records in a line."""
    doubt = "" if side.verified else ", not verified"
    return f"{side.record}, {side.date}, {side.verdict}, {side.status}{doubt}"


def pairs_told(diff: RecordDiff) -> Iterator[str]:
    """Yield which candidates are held against each other, where their names alone do not say it."""
    words = {"roles": "they have the same roles", "decided_on": "the only ones left that are decided on"}
    for pair in diff.pairs:
        if pair.by in words:
            yield f"{pair.a} of A is held against {pair.b} of B: {words[pair.by]}"


def told_last(diff: RecordDiff) -> Iterator[str]:
    """Yield how to read the numbers, what is left out, and where more stands."""
    same = sum(own.status == "same" for own in diff.figures)
    apart = sum(own.status == "apart" for own in diff.figures)
    weighed = apart + sum(own.status == "meet" for own in diff.figures)
    if weighed:
        yield (
            f"{apart} of {weighed} pairs of intervals {'is' if apart == 1 else 'are'} apart. "
            "Each is a 95 % interval by itself, with no correction "
            "for how many are compared: some come apart by chance. Intervals that meet prove nothing."
        )
    if any(own.unit == "share" and own.status in {"apart", "meet"} for own in diff.figures):
        yield "Rates are tested case by case, with the same two records, by assay compare A B."
    unequal = [figure for figure in diff.figures if figure.status != "same"]
    if any(own is not None and own.doubt for figure in unequal for own in (figure.a, figure.b)):
        yield "! is a number that its own record doubts: a measurement that is not VALID, or a judge without trust."
    reworded = sum(own.change == "reworded" for own in diff.changes)
    if reworded:
        told = "1 reason is worded otherwise" if reworded == 1 else f"{reworded} reasons are worded otherwise"
        yield f"{told} and came to the same: --json has all."
    if same:
        yield f"{same} {'number is' if same == 1 else 'numbers are'} the same."
    if not diff.differs:
        yield "Nothing else differs." if weighed or reworded else "The two do not differ."


def shown(estimate: Estimate | None, unit: str) -> str:
    """Return a number with its limits, and a mark where its record doubts it: `62.5 % [31.0, 86.3] !`."""
    if estimate is None:
        return "-"
    text = "failed" if estimate.endless else "unknown"
    if estimate.value is not None:
        text = f"{_number(estimate.value, unit)} {_UNITS[unit]}"
    if estimate.low is not None or estimate.high is not None:
        low, high = ("-" if own is None else _number(own, unit) for own in (estimate.low, estimate.high))
        text += f" [{low}, {high}]"
    return text if estimate.doubt is None else f"{text} !"


_UNITS: Final = {"share": "%", "s": "s", "tokens/s": "tok/s", "requests/s": "req/s", "bytes": "MiB"}


def _number(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value * 100:.1f}"
    if unit == "bytes":
        return f"{value / _MEBI:.1f}"
    # From a thousand on, four significant digits would need an exponent.
    return f"{value:.3f}" if unit == "s" else f"{value:.0f}" if abs(value) >= _THOUSAND else f"{value:.4g}"

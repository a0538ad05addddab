"""Which cases did candidate and baseline both try, and how did the pairs come out?"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.gate.paired import PairedTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.gate.scope import Scope
    from assay.schema.score import CaseResult

__all__ = ["LEAST_PAIRED", "Pairing", "pair", "shifted"]

LEAST_PAIRED: Final = 0.9
"""Share of the candidate's cases that must have a partner. A comparison speaks of the pairs alone; with many cases left
out it would say little of the suite that the condition names, and cases could be dropped until it holds."""


@dataclass(frozen=True)
class Pairing:
    """Cases of the candidate beside the same ones of the baseline, in the candidate's order."""

    own: tuple[CaseResult, ...]
    """What the candidate did."""
    other: tuple[CaseResult, ...]
    """What the baseline did at the same cases."""
    own_alone: int
    """Cases of the candidate that the baseline does not have."""
    other_alone: int
    """Cases of the baseline that the candidate does not have."""

    @property
    def needed(self) -> int:
        """Pairs that a comparison takes."""
        return max(1, math.ceil(LEAST_PAIRED * (len(self.own) + self.own_alone)))

    @property
    def said(self) -> str:
        """How many pairs there are, and how many cases are in none or were not asked, in words."""
        pairs = f"{len(self.own)} {'pair' if len(self.own) == 1 else 'pairs'} of cases"
        silent = [sum(not case.asked for case in side) for side in (self.own, self.other)]
        left_out = {"without a partner": (self.own_alone, self.other_alone), "not asked": silent}
        said = [
            f"{what}: {own} of the candidate's, {other} of the baseline's"
            for what, (own, other) in left_out.items()
            if own or other
        ]
        return f"{pairs} ({'; '.join(said)})" if said else pairs

    @property
    def single(self) -> bool:
        """Whether each case had one trial on both sides."""
        return all(case.due == 1 for case in (*self.own, *self.other))

    @property
    def asked(self) -> list[bool]:
        """Of each pair, whether all its trials were asked."""
        return [one.asked == one.due and two.asked == two.due for one, two in zip(self.own, self.other, strict=True)]

    def first(self, size: int) -> Pairing:
        """Return the pairing of the first pairs alone."""
        return Pairing(self.own[:size], self.other[:size], self.own_alone, self.other_alone)

    def tables(self, scope: Scope) -> tuple[PairedTable, PairedTable]:
        """Return how the pairs came out at worst and at best for the candidate, where each case had one trial.

        At worst its trials without a score failed and those of the baseline passed; at best the other way round.
        """
        worst: Counter[tuple[bool, bool]] = Counter()
        best: Counter[tuple[bool, bool]] = Counter()
        for one, two in zip(self.own, self.other, strict=True):
            own, other = scope.tally(one), scope.tally(two)
            worst[own.passed > 0, other.failed == 0] += 1
            best[own.failed == 0, other.passed > 0] += 1
        return _table(worst), _table(best)

    def unscored(self, scope: Scope) -> int:
        """Return the pairs of which a trial has no score."""
        return sum(
            any(scope.tally(case).passed + scope.tally(case).failed < case.due for case in both)
            for both in zip(self.own, self.other, strict=True)
        )


def pair(own: Sequence[CaseResult], other: Sequence[CaseResult]) -> Pairing:
    """Return the cases of both by pairs of equal digests; one that stands twice on a side is in no pair."""
    ours, theirs = _by_digest(own), _by_digest(other)
    pairs = [case for case in own if case.digest in ours and case.digest in theirs]
    return Pairing(
        own=tuple(pairs),
        other=tuple(theirs[case.digest] for case in pairs),
        own_alone=len(own) - len(pairs),
        other_alone=len(other) - len(pairs),
    )


def shifted(table: PairedTable, count: int) -> PairedTable:
    """Return the table with so many more of the candidate's cases passed, or failed where the count is negative.

    Losses are undone or made first: that moves the comparison most.
    """
    if count >= 0:
        undone = min(count, table.lost)
        won = min(count - undone, table.neither)
        return PairedTable(table.both + undone, table.gained + won, table.lost - undone, table.neither - won)
    made = min(-count, table.both)
    given = min(-count - made, table.gained)
    return PairedTable(table.both - made, table.gained - given, table.lost + made, table.neither + given)


def _by_digest(cases: Sequence[CaseResult]) -> dict[str, CaseResult]:
    count = Counter(case.digest for case in cases)
    return {case.digest: case for case in cases if count[case.digest] == 1}


def _table(pairs: Counter[tuple[bool, bool]]) -> PairedTable:
    return PairedTable(pairs[True, True], pairs[True, False], pairs[False, True], pairs[False, False])

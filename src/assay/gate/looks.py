"""What does a condition come to when it is weighed at several planned looks, and the first that decides counts?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from assay.gate.question import unknown
from assay.gate.sequential import look_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.gate.question import Answer

__all__ = ["Looks"]


@dataclass(frozen=True)
class Looks:
    """When a condition is weighed: after so many cases, in the order of asking."""

    asked: int
    """Cases of which all trials were asked, up to the first of which not."""
    due: int
    """All cases."""
    sizes: tuple[int, ...]
    """After how many cases each look takes place."""

    @classmethod
    def at(cls, asked: Sequence[bool], looks: int) -> Looks:
        """Return the looks at cases of which it is known, in the order of asking, whether they were asked."""
        return cls(sum(takewhile(bool, asked)), len(asked), look_sizes(len(asked), looks))

    def first_decided(self, levels: Sequence[float], weigh: Callable[[int, float], Answer]) -> Answer:
        """Return the answer of the first look that decides, else that of the last one whose cases were all asked.

        What was asked beyond a look that decides is not weighed: that look could see none of it.

        Args:
            levels: One-sided error rate of each look.
            weigh: Answers from so many first cases, at a confidence. Before the last look it says what is shown, and
                not what it would take.
        """
        count = len(self.sizes)
        answer = self._none()
        for number, (size, level) in enumerate(zip(self.sizes, levels, strict=True), start=1):
            if size > self.asked:
                break
            answer = weigh(size, 1 - level)
            place = f"Look {number} of {count}, after {size} of {self.due} cases"
            answer = replace(
                answer,
                reason=f"{place}: {answer.reason}",
                method=f"{answer.method}, look {number} of {count} (O'Brien-Fleming)" if answer.method else None,
            )
            if answer.status == "not_met" and number < count:
                answer = self._with_rest(answer, size, lambda: weigh(self.due, 1 - levels[-1]))
            if answer.status != "unknown":
                break
            if number < count:
                answer = self._open(answer, self.sizes[number])
        return answer

    def _open(self, answer: Answer, following: int) -> Answer:
        """Return what a look left open, in terms of the next one: only there is it weighed again, at another level."""
        needed = max(1, following - self.asked)
        next_look = f"The next look is after {following} cases: {_more(needed)}."
        return replace(answer, reason=f"{answer.reason} {next_look}", needed=needed, flip=None)

    def _with_rest(self, answer: Answer, size: int, weigh: Callable[[], Answer]) -> Answer:
        """Return a failure that a look saw with what a waiver must know of the cases after it, or that it cannot."""
        if self.asked < self.due:
            return replace(answer, silent=(*answer.silent, f"{self.due - size} cases after the look"))
        whole = weigh()
        return replace(answer, silent=tuple(dict.fromkeys((*answer.silent, *whole.silent))), whole=whole.observed)

    def _none(self) -> Answer:
        """Return the answer before any look."""
        if not self.sizes:
            return unknown("No cases were due.", n=0)
        were = "was" if self.asked == 1 else "were"
        reason = f"The first of {len(self.sizes)} looks is after {self.sizes[0]} cases; {self.asked} {were} asked"
        needed = max(1, self.sizes[0] - self.asked)
        return unknown(f"{reason}: {_more(needed)}.", n=0, needed=needed)


def _more(cases: int) -> str:
    return f"{cases} more {'case' if cases == 1 else 'cases'} needed"

"""What does a condition ask, taken apart so that evidence can be made that just fails it?"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.gate.comparison import read_against, read_comparison
from assay.gate.question import ConditionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.gate.comparison import AgainstBaseline, Comparison
    from assay.gate.conditions import Condition
    from assay.gate.evidence import Facts

__all__ = ["CANDIDATE", "Asked", "asked", "least", "limit"]

CANDIDATE: Final = "candidate"
"""Whom made-up evidence is about."""


@dataclass(frozen=True)
class Asked:
    """A condition with what its text says."""

    condition: Condition
    """As the policy has it."""
    metric: str
    """Name of what is asked about."""
    comparison: Comparison | None
    """What a number is held against, or None where there is no number."""
    against: AgainstBaseline | None
    """What is claimed of the difference to a baseline, or None."""

    @property
    def word(self) -> str:
        """The word that its kind begins with."""
        return re.split(r"[^a-z]", self.metric, maxsplit=1)[0]

    @property
    def wants_low(self) -> bool:
        """Whether small numbers are the good ones."""
        return self.comparison is not None and not self.comparison.wants_high


def asked(condition: Condition) -> Asked:
    """Return a condition taken apart."""
    text = " ".join(condition.text.split())
    against = read_against(text)
    comparison = None
    if against is None:
        try:
            _, comparison = read_comparison(text, "")
        except ConditionError:
            comparison = None
    return Asked(condition, condition.question.metric, comparison, None if against is None else against[1])


def least(make: Callable[[int], Facts], most: int, broken: Callable[[Facts], bool]) -> Facts | None:
    """Return the evidence with the fewest bad things that is broken, or None where it never is.

    `make` gives the evidence with so many bad things, from 0 to `most`; the more there are, the worse it is.
    """
    count = bisect_left(range(most + 1), 1, key=lambda bad: broken(make(bad)))
    return make(count) if count <= most else None


def limit(own: Asked) -> tuple[float, bool]:
    """Return the threshold of a comparison, and whether the threshold itself is on the bad side.

    Raises:
        ValueError: the condition compares no number with a threshold.
    """
    if own.comparison is None:
        raise ValueError(f"{own.condition.text} compares with no threshold")
    return own.comparison.threshold, own.comparison.operator in {"<", ">"}

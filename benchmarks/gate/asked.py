"""Does the gate itself come to what the functions say that the tables are made with?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gate.build import answer, by_case, tried

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.gate.evidence import Facts

RATE = "suite:qa.pass_rate"
MET = ("met",)
OPEN = ("unknown", "not_met")
"""What it comes to where it is not shown."""


class Asked:
    """Asks the gate about single runs, as a policy does, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def agrees(self, known: Facts, condition: str, *statuses: str) -> None:
        """Ask one condition about a run.

        Raises:
            AssertionError: it comes to none of these.
        """
        found = answer(known, f"{RATE} {condition}").status
        if found not in statuses:
            raise AssertionError(f"the gate says {found} of {condition}, the tables {' or '.join(statuses)}")
        self.count += 1

    def told(self) -> str:
        """Return how many runs the gate was asked about, in words."""
        return f"The gate itself, asked about {self.count} of these runs, says the same of each."


def in_order(outcomes: Iterable[int], looks: int = 0) -> Facts:
    """Return what is known of pairs of cases in their order, each gained (1), lost (-1) or alike (0)."""
    made = list(outcomes)
    own, other = ("0" if pair < 0 else "1" for pair in made), ("0" if pair > 0 else "1" for pair in made)
    return by_case(tried(*own), tried(*other), looks=looks)


def cases(outcomes: Iterable[bool], looks: int = 0) -> Facts:
    """Return what is known of single cases in their order, each passed or failed."""
    return by_case(tried(*("1" if passed else "0" for passed in outcomes)), looks=looks)

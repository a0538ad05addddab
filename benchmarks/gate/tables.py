"""How is a share of simulated runs told, with its error, and how is a table printed?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LEVEL = 0.05
"""The stated error rate, one-sided: conditions ask for 95 % confidence."""

ERRORS = 3
"""A share is told to exceed the level when it does so by more than this many standard errors of the simulation."""


class Shares:
    """Collects the shares that must not exceed the level, and which of them did."""

    def __init__(self) -> None:
        self.asked = 0
        self.over: list[str] = []

    def held(self, share: float, runs: int, what: str) -> str:
        """Return a share that must stay within the level, marked where it is above: * within the noise, ** beyond."""
        self.asked += 1
        if share <= LEVEL:
            return percent(share)
        error = math.sqrt(share * (1 - share) / runs)
        beyond = share - ERRORS * error > LEVEL
        self.over.append(f"{what}: {percent(share)} ± {100 * error:.1f}{', beyond the noise' if beyond else ''}")
        return percent(share) + ("**" if beyond else "*")

    def summed(self, share: float, what: str) -> str:
        """Return a share without an error, for it is an exact sum; marked ** where it is above the level."""
        self.asked += 1
        if share <= LEVEL:
            return percent(share)
        self.over.append(f"{what}: {100 * share:.2f}, an exact sum")
        return percent(share) + "**"

    def told(self) -> str:
        """Return how many shares were to stay within the level, and below that each that did not."""
        if not self.over:
            return f"Of {self.asked} shares that must not exceed 5 %, none was above it."
        was = "was" if len(self.over) == 1 else "were"
        found = "".join(f"\n- {own}" for own in self.over)
        return f"Of {self.asked} shares that must not exceed 5 %, {len(self.over)} {was} above it:\n{found}"


def percent(share: float) -> str:
    """Return a share in percent, with one decimal."""
    return f"{100 * share:.1f}"


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table under its title."""
    print(f"\n### {title}\n")
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(own) for own in row) + " |", flush=True)

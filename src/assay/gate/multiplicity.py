"""Which of several comparisons still tell something, once it counts that there were several?

For alarms: any one of many slices or candidates that looks different. Conditions that must all be met need no such
correction, because each alone can keep the verdict from GO (Berger 1982, Technometrics 24:295-300).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["holm"]


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """Return the adjusted p-values in the order given: those at or below a level hold together at that level.

    The chance that any true null hypothesis is among them is at most the level, however the tests depend on each other.

    Args:
        p: Unadjusted p-values, 0 to 1, all comparisons that were made and not only those that look good.

    Returns:
        As many, each at least its p-value and at most 1, in the same order of size.

    Source: Holm 1979, Scand. J. Stat. 6:65-70.

    Raises:
        ValueError: a p-value does not lie within 0 and 1.
    """
    if any(not 0 <= own <= 1 for own in p):
        raise ValueError(f"not all of {list(p)} are probabilities")
    adjusted = [0.0] * len(p)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p)), key=lambda own: p[own])):
        highest = max(highest, min(1.0, (len(p) - rank) * p[index]))
        adjusted[index] = highest
    return tuple(adjusted)

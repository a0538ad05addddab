"""When is each request of an open loop due?"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.suite import Arrivals

__all__ = ["due_times"]

_NS = 1_000_000_000


def due_times(arrivals: Arrivals, rate_per_s: float, seed: str) -> Iterator[int]:
    """Yield when each request is due, in nanoseconds from the start of the load, without end.

    `constant` spaces them evenly. `poisson` draws independent exponential gaps, so that now and then many come at once,
    as users do; the gaps are not stretched to a given length afterwards, which would make them no Poisson process.

    Args:
        arrivals: how they are spread.
        rate_per_s: requests a second on average.
        seed: the same text gives the same times.
    """
    chance = random.Random(seed)  # noqa: S311 - the load must be the same again, not secret
    at, number = 0.0, 0
    while True:
        yield round(at * _NS)
        number += 1
        at = number / rate_per_s if arrivals == "constant" else at + chance.expovariate(rate_per_s)

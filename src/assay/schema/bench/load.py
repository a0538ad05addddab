"""Which load is measured: on whom, with which prompts, how it arrives, and what the prefix cache holds?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assay.schema._base import Noun
from assay.schema.suite import Arrivals, CacheState, ProfileName, load_label

__all__ = ["LoadKey", "SeriesKey"]


class LoadKey(Noun):
    """What tells one measurement from another; events, samples and figures carry it."""

    candidate: str
    """Candidate id."""
    profile: ProfileName
    """Prompt profile."""
    arrivals: Literal["closed"] | Arrivals = "closed"
    """`closed`: the next request is sent when one is answered; else requests come when they are due."""
    concurrency: int | None = Field(default=None, ge=1)
    """Requests in flight at once in a closed loop; None in an open one."""
    rate_per_s: float | None = Field(default=None, gt=0)
    """Requests due each second in an open loop; None in a closed one."""
    cache: CacheState = "cold"
    """`cold`: no two prompts begin alike; `warm`: all of a measurement do."""

    @property
    def label(self) -> str:
        """Profile and load as conditions write them: `short@4`, `short@2/s`, `short@4:warm`."""
        return load_label(self.profile, self.concurrency, self.rate_per_s, self.cache)

    @property
    def key(self) -> tuple[str, str]:
        """Candidate and label: two measurements with the same are rounds of one."""
        return self.candidate, self.label


class SeriesKey(LoadKey):
    """A load, and which time it was put on: what is stored while a measurement runs."""

    series: int = 1
    """Number of the measurement; a resumed run measures a broken one anew under the next number."""
    repeat: int = 1
    """Round of the ladder, from 1."""

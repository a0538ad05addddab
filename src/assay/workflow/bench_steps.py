"""Which measurements does a plan ask for, in which order, and which of them are done?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.schema.bench import LoadKey, Measurement, RequestEvent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.record.run_folder import RunFolder
    from assay.schema.suite import BenchSettings, Candidate

__all__ = ["Begun", "Step", "begun", "steps_of"]

Round = tuple[str, str, int]
"""Candidate, load as conditions write it, and round of the ladder."""


@dataclass(frozen=True)
class Step:
    """One measurement of a plan."""

    candidate: Candidate
    """Whom it is about."""
    load: LoadKey
    """What is put on it."""
    repeat: int
    """Round of the ladder, from 1."""

    @property
    def round(self) -> Round:
        """What it is called among those on disk."""
        return (*self.load.key, self.repeat)


@dataclass(frozen=True)
class Begun:
    """What is on disk."""

    done: frozenset[Round]
    """Measurements that are not made again."""
    series: Mapping[Round, int]
    """Last series number of each that was begun."""


def steps_of(candidates: tuple[Candidate, ...], settings: BenchSettings) -> Iterator[Step]:
    """Yield the measurements; candidates take turns, in the other order every second time (ABBA).

    So a machine that slows down as it warms up does so for all of them alike.
    """
    turn = 0
    for repeat in range(1, settings.repeats + 1):
        for profile in settings.profiles:
            for concurrency, rate, cache in settings.loads():
                for candidate in candidates if turn % 2 == 0 else candidates[::-1]:
                    load = LoadKey(
                        candidate=candidate.id,
                        profile=profile,
                        arrivals="closed" if rate is None else settings.arrivals,
                        concurrency=concurrency,
                        rate_per_s=rate,
                        cache=cache,
                    )
                    yield Step(candidate, load, repeat)
                turn += 1


def begun(folder: RunFolder, *, limited: bool) -> Begun:
    """Return what was begun, and what of it is done.

    Done is what was sent whole. What its time cut short is done while a time limit still holds; without one it is made
    again, so that a run can be completed.

    Args:
        folder: the run.
        limited: whether the time for the load is limited now.
    """
    series: dict[Round, int] = {}
    sent: Counter[tuple[Round, int]] = Counter()
    for event in folder.read("requests.jsonl", RequestEvent):
        key = (*event.key, event.repeat)
        series[key] = max(series.get(key, 0), event.series)
        sent[key, event.series] += event.phase == "measured"
    ends: dict[tuple[Round, int], Measurement] = {}
    for end in folder.read("measurements.jsonl", Measurement):
        key = (*end.key, end.repeat)
        series[key] = max(series.get(key, 0), end.series)
        ends[key, end.series] = end

    def is_done(key: Round, last: int) -> bool:
        # A line may be there whose requests were lost with the machine: two files are not written at one moment.
        end = ends.get((key, last))
        return end is not None and end.sent == sent[key, last] > 0 and (limited or end.ended == "whole")

    return Begun(frozenset(key for key, last in series.items() if is_done(key, last)), series)

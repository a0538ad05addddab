"""A server is looked at before, during and after the load, and never twice at once."""

from __future__ import annotations

import asyncio
import threading
import time
from itertools import count
from typing import TYPE_CHECKING

import pytest

from assay.bench import CellSpec
from assay.bench.watching import counting, watching
from assay.schema.bench import CounterSample, LoadKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.bench.watching import Moment


LOAD = LoadKey(candidate="a", profile="long", arrivals="poisson", rate_per_s=2.5, cache="warm")
FIELDS = CellSpec(load=LOAD, requests=1, warmup=0, series=3, repeat=2, nonce="run-1").fields
"""Where a measurement's samples belong."""


def watch(
    look: Callable[[int, Moment], str | None], looks: int, clock: Callable[[], int] = time.perf_counter_ns
) -> list[str]:
    """Return what was recorded while a block waited for some looks."""
    seen: list[str] = []
    enough = threading.Event()
    taken = count(1)

    def counted(at_us: int, moment: Moment) -> str | None:
        if next(taken) >= looks:
            enough.set()
        return look(at_us, moment)

    async def run() -> None:
        async with watching(counted, every_s=0.001, record=seen.append, clock=clock):
            await asyncio.to_thread(enough.wait)

    asyncio.run(run())
    return seen


def test_looks_before_during_and_after() -> None:
    """The first look is taken before the block, the last one after it."""
    seen = watch(lambda _, moment: moment, 3)
    assert seen[0] == "start"
    assert seen[-1] == "end"
    assert set(seen[1:-1]) == {"under load"}


def test_time_counts_from_the_beginning() -> None:
    """A look is told the microseconds of the clock since the block began."""
    ticks = count(5_000_000, 2_000_000)
    seen = watch(lambda at_us, _: str(at_us), 2, lambda: next(ticks))
    assert seen == [f"{2000 * number}" for number in range(1, len(seen) + 1)]


def test_nothing_seen_is_not_recorded() -> None:
    """A look that saw nothing leaves no trace."""
    assert watch(lambda _, moment: moment if moment == "end" else None, 3) == ["end"]


def test_one_look_at_a_time() -> None:
    """A look that takes longer than the period delays the next one, the last one included."""
    under_way = threading.Lock()

    def slow(_: int, moment: Moment) -> str:
        assert under_way.acquire(blocking=False)
        time.sleep(0.005)
        under_way.release()
        return moment

    assert len(watch(slow, 4)) >= 4


def test_the_last_look_is_taken_when_the_block_fails() -> None:
    """An error in the block goes on, after the last look."""
    seen: list[str] = []

    async def run() -> None:
        async with watching(lambda _, moment: moment, every_s=60, record=seen.append, clock=time.perf_counter_ns):
            raise KeyError("block")

    with pytest.raises(KeyError, match="block"):
        asyncio.run(run())
    assert seen == ["start", "end"]


def test_counters_get_key_and_time() -> None:
    """What a runtime tells becomes a sample of the measurement; what it does not tell stays None."""
    told = iter([{"source": "GET /metrics", "running": 4, "kv_cache_share": 0.5}, None])
    seen: list[CounterSample] = []
    ticks = count(0, 1_000)

    async def run() -> None:
        async with counting(lambda: next(told), FIELDS, record=seen.append, clock=lambda: next(ticks)):
            pass

    asyncio.run(run())
    assert seen == [
        CounterSample(
            candidate="a",
            profile="long",
            arrivals="poisson",
            rate_per_s=2.5,
            cache="warm",
            series=3,
            repeat=2,
            at_us=1,
            source="GET /metrics",
            running=4,
            kv_cache_share=0.5,
        )
    ]

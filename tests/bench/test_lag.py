"""How late the client was is told of any stretch of time, and kept in little room."""

from __future__ import annotations

import asyncio
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from assay.bench.lag import Lag
from tests.bench.scripted import MS, Clock


@given(st.lists(st.one_of(st.integers(-5, 5), st.integers(0, 10**9), st.just("mark")), max_size=200))
def test_lateness_since_any_mark(steps: list[int | str]) -> None:
    """Of each mark, whenever it is asked, it is the longest lateness of all ticks after it, and never below nothing."""
    lag = Lag(Clock())
    late: list[int] = []
    marks: list[tuple[int, int]] = []
    for step in steps:
        if isinstance(step, str):
            marks.append((lag.mark(), len(late)))
        else:
            lag.note(step)
            late.append(step)
        for mark, since in marks:
            assert lag.since(mark) == max(0, *late[since:], 0)


def test_a_long_load_is_kept_in_little_room() -> None:
    """Of 200,000 ticks, a thousand seconds, some ten numbers are kept, and the marks of all of them are answered."""
    lag, chance = Lag(Clock()), Random(7)
    late = [int(chance.expovariate(1 / MS)) for _ in range(200_000)]
    most = 0
    for one in late:
        lag.note(one)
        most = max(most, len(lag._late_ns))
    assert most < 60
    for mark in (0, 1, 99_999, 199_990, 199_999):
        assert lag.since(mark) == max(late[mark:])
    assert lag.since(200_000) == 0


def test_ticks_that_are_equally_late_are_kept_as_one() -> None:
    """A clock that is coarse, or a loop that is never late, fills no room either."""
    lag = Lag(Clock())
    for _ in range(1000):
        lag.note(MS)
    assert len(lag._late_ns) == 1
    assert {lag.since(mark) for mark in (0, 500, 999)} == {MS}


def test_lateness_that_still_lasts_counts() -> None:
    """A loop that is held up right now is late by as much as its tick is overdue."""
    clock = Clock()
    lag = Lag(clock)
    mark = lag.mark()
    clock.now_ns = 30 * MS
    assert lag.since(mark) == 30 * MS


def test_watching_notes_what_held_up_the_loop() -> None:
    """The watcher wants to wake every 5 ms; what it finds beyond that is lateness, and it ends with its block."""
    clock = Clock()

    async def run() -> tuple[int, int, int]:
        lag = Lag(clock)
        async with lag.watching():
            await asyncio.sleep(0)
            mark = lag.mark()
            clock.now_ns += 40 * MS
            await asyncio.sleep(0.02)
            late, later = lag.since(mark), lag.mark()
            await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1
        return late, later - mark, lag.since(later)

    late, ticks, after = asyncio.run(run())
    assert (late, after) == (35 * MS, 0)
    assert ticks >= 1

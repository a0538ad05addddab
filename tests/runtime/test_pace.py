"""Does the number of requests in flight follow what the server bears?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from assay.runtime.pace import NotSentError, Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def round_of(pace: Pace, clock: Clock, elapsed_s: float, *, lasts_s: float = 1.0) -> None:
    """Let one round of answers come back."""
    clock.now += lasts_s
    for _ in range(max(pace.limit, 8)):
        pace.answered(elapsed_s)


def test_no_more_than_the_limit_are_in_flight() -> None:
    """Whoever comes later waits for a place, and all come through."""

    async def all_of_them() -> int:
        pace, flying, most, done = Pace(3, lambda: 0.0), 0, 0, 0

        async def one() -> None:
            nonlocal flying, most, done
            async with pace.slot():
                flying += 1
                most = max(most, flying)
                await asyncio.sleep(0)
                flying -= 1
                done += 1

        await asyncio.gather(*(one() for _ in range(50)))
        assert done == 50
        return most

    assert asyncio.run(all_of_them()) == 3


def test_a_server_that_refuses_most_is_asked_half_as_many() -> None:
    """A round of 429 halves the limit, down to one; a fault of another kind changes nothing."""
    pace = Pace(16, lambda: 0.0)
    for _ in range(100):
        pace.failed("server_error", None)
    assert pace.limit == 16
    limits = []
    for _ in range(5):
        for _ in range(max(pace.limit, 8)):
            pace.failed("rate_limited", None)
        limits.append(pace.limit)
    assert limits == [8, 4, 2, 1, 1]
    assert pace.lowest == 1


def test_a_server_that_refuses_some_whatever_it_is_asked_keeps_an_eighth() -> None:
    """One refusal in five lowers the limit step by step, but not to a crawl that would not help."""
    pace = Pace(64, lambda: 0.0)
    for number in range(5_000):
        if number % 5 == 0:
            pace.failed("rate_limited", None)
        else:
            pace.answered(0.02)
    assert pace.limit == 8


def test_answers_that_take_much_longer_lower_the_limit_and_calm_raises_it() -> None:
    """Four times the time for the same number of answers is too much to do; then the limit grows by one a round."""
    clock = Clock()
    pace = Pace(10, clock)
    round_of(pace, clock, 0.1)
    round_of(pace, clock, 0.4)
    assert pace.limit == 8
    round_of(pace, clock, 0.1)
    round_of(pace, clock, 0.1)
    round_of(pace, clock, 0.1)
    assert (pace.limit, pace.lowest) == (10, 8)


def test_longer_answers_that_come_back_faster_are_no_trouble() -> None:
    """A server that batches takes longer for each and returns more of them: that is what it is for."""
    clock = Clock()
    pace = Pace(10, clock)
    round_of(pace, clock, 0.1, lasts_s=1.0)
    round_of(pace, clock, 0.4, lasts_s=0.5)
    assert pace.limit == 10


def test_answers_that_are_quick_in_any_case_are_no_trouble() -> None:
    """Four times next to nothing is still nothing: no limit is lowered for it."""
    clock = Clock()
    pace = Pace(10, clock)
    round_of(pace, clock, 0.01)
    round_of(pace, clock, 0.04)
    assert pace.limit == 10


def test_a_time_in_which_nothing_was_asked_is_not_the_servers() -> None:
    """Where nothing was in flight for a while, answers do not come back more slowly for it."""
    clock = Clock()
    pace = Pace(10, clock)

    async def one_after_a_wait() -> None:
        clock.now += 100.0
        async with pace.slot():
            clock.now += 0.1

    round_of(pace, clock, 0.1, lasts_s=1.0)
    asyncio.run(one_after_a_wait())
    round_of(pace, clock, 0.4, lasts_s=0.5)
    assert pace.limit == 10


def waited(pace: Pace, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return how long a request waits that comes at 2 s, and one that comes at 6 s."""
    waits: list[float] = []

    async def pause(_: Pace, seconds: float) -> None:
        waits.append(seconds)

    async def two() -> None:
        for clock.now in (2.0, 6.0):
            async with pace.slot():
                pass

    monkeypatch.setattr(Pace, "pause", pause)
    asyncio.run(two())
    return waits


def test_a_wait_that_several_are_asked_for_holds_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes within the time that the server asked for waits for the rest of it."""
    clock = Clock()
    pace = Pace(4, clock)
    pace.failed("rate_limited", 5.0)
    pace.failed("rate_limited", 5.0)
    assert waited(pace, clock, monkeypatch) == [3.0]


def test_a_wait_that_one_is_asked_for_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """One request that is pushed back, or fails in another way, holds up no other one."""
    clock = Clock()
    pace = Pace(4, clock)
    pace.failed("rate_limited", 5.0)
    pace.failed("server_error", 5.0)
    assert waited(pace, clock, monkeypatch) == []


def test_a_long_wait_of_all_is_told_once() -> None:
    """Whoever looks on learns why nothing moves; short waits are no news."""
    told: list[float] = []
    clock = Clock()
    pace = Pace(4, clock, on_quiet=told.append)
    for wait_s in (1.0, 2.0, 60.0, 60.0):
        pace.failed("rate_limited", wait_s)
        clock.now += 3.0
    assert told == [60.0]


def test_a_closed_pace_lets_nobody_through() -> None:
    """Whoever waits for a place or for a moment is told at once that nothing is sent, whoever comes later too."""

    async def closing() -> list[object]:
        pace = Pace(1, lambda: 0.0)
        entered = asyncio.Event()

        async def send() -> str:
            async with pace.slot():
                entered.set()
                await asyncio.sleep(0.01)
                return "sent"

        tasks = [asyncio.create_task(send()) for _ in range(3)]
        tasks.append(asyncio.create_task(pace.pause(60.0)))
        await entered.wait()
        pace.close()
        tasks.append(asyncio.create_task(send()))
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, *others = asyncio.run(closing())
    assert first == "sent"
    assert [type(other) for other in others] == [NotSentError] * 4


@given(st.integers(1, 64), st.lists(st.sampled_from(["answer", "slow", "rate_limited", "timeout"]), max_size=300))
def test_the_limit_stays_within_its_bounds(most: int, events: list[str]) -> None:
    """Whatever comes back, at least one request may be in flight and never more than the most."""
    clock = Clock()
    pace = Pace(most, clock)
    tell: dict[str, Callable[[], None]] = {
        "answer": lambda: pace.answered(0.1),
        "slow": lambda: pace.answered(9.0),
        "rate_limited": lambda: pace.failed("rate_limited", None),
        "timeout": lambda: pace.failed("timeout", None),
    }
    for event in events:
        clock.now += 0.01
        tell[event]()
        assert 1 <= pace.lowest <= pace.limit <= most

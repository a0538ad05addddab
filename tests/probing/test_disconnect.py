"""Does the probe tell whether a slot is free again when its client hangs up?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from assay.runtime.adapters import dialect_of
from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.in_work import in_work, place_of_work
from assay.runtime.probing.probing import Probing
from assay.runtime.probing.wire import wire_to
from tests.probing.gateway import Gateway, Manners, serving
from tests.probing.probed import answer_to, found, probed, subject_at
from tests.readiness.seen_limits import came, seen
from tests.runtime.replaying import replay
from tests.runtime.replaying import serving as replaying

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.schema.suite import RuntimeName

SLOW = {"token_s": 0.01, "most_tokens": 100, "ends_after_s": None}
"""Answers of a second, so that what was abandoned and what was not are far apart."""


def test_a_freed_slot_is_seen() -> None:
    """A gateway that gives up what nobody waits for is met, in streams and in whole answers."""
    answer = answer_to("disconnect-frees", "disconnect", Manners(**SLOW))
    assert answer.status == "met", answer.reason
    assert "after clients hung up on 2 streams, another is answered at once" in answer.reason
    assert "after clients hung up on 2 answers in one piece, another is answered at once" in answer.reason


def test_a_kept_slot_is_found() -> None:
    """A gateway that goes on with answers of one piece is not met; its streams end when a write fails."""
    answer = answer_to("disconnect-frees", "disconnect", Manners(**SLOW, frees_on_hang_up=False))
    assert answer.status == "not_met", answer.reason
    assert answer.reason.startswith("after clients hung up on 2 answers in one piece, another waits ")


def test_a_server_that_is_not_filled_tells_nothing() -> None:
    """Where more slots are free than were taken, a quick answer is no proof."""
    answer = answer_to("disconnect-frees", "disconnect", Manners(**SLOW, at_once=8))
    assert answer.status == "unknown", answer.reason
    assert "2 streams do not fill the server, so that no slot was waited for" in answer.reason


def test_nothing_is_held_where_answers_are_too_short() -> None:
    """A server whose longest answer is over at once is left alone, and the item is unknown."""
    result = probed("disconnect", Manners(most_tokens=20))
    assert not result.steps("held-stream")
    assert found("disconnect-frees", result).status == "unknown"


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; the test's own deadline ends it else."""
    while not holds():  # noqa: ASYNC110 - the gateway tells nobody
        await asyncio.sleep(0.005)


def test_no_request_is_left_behind() -> None:
    """When the probe is stopped in the middle its requests are hung up on."""

    async def stopped() -> Gateway:
        async with serving(Manners(token_s=0.02)) as gateway:
            subject = subject_at(gateway.base_url)
            async with wire_to(subject.base_url, subject.key) as wire:
                probing = Probing(subject, wire, 40)
                task = asyncio.ensure_future(DEEP_PROBES["disconnect"].look(probing))
                await until(lambda: gateway.working == 2)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await until(lambda: gateway.working == 0)
            return gateway

    gateway = asyncio.run(asyncio.wait_for(stopped(), 10))
    assert (gateway.working, gateway.waiting) == (0, 0)


@pytest.mark.parametrize(
    ("runtime", "samples", "place", "running"),
    [
        ("llama.cpp", ["llama.cpp/slots_busy"], "/slots", 2),
        ("llama.cpp", ["llama.cpp/slots_idle"], "/slots", 0),
        ("llama.cpp", ["llama.cpp/metrics_under_load"], "/metrics", 2),
        ("vllm", ["vllm/metrics_under_load"], "/metrics", 4),
        ("llama.cpp", ["llama.cpp/metrics_disabled"], None, None),
        ("ollama", ["ollama/api_tags"], None, None),
    ],
)
def test_requests_are_counted_where_a_runtime_tells(
    runtime: RuntimeName, samples: list[str], place: str | None, running: int | None
) -> None:
    """Recorded pages of llama.cpp and vLLM say how many requests are worked on."""

    async def look() -> tuple[str | None, int | None]:
        async with replaying(replay(*samples)) as base_url, wire_to(base_url, None) as wire:
            subject = subject_at(base_url, runtime=runtime, dialect=dialect_of(runtime), model="tiny")
            probing = Probing(subject, wire, 9)
            found_at = await place_of_work(probing, "rest")
            return found_at, await in_work(probing, found_at, "busy") if found_at else None

    assert asyncio.run(look()) == (place, running)


HELD = came("held-stream", going=True)
FIGURES = {"left_ms": 700, "before_ms": 100, "work_left_ms": 5000}


def waited(took_ms: int, status: int | None = 200, **shows: object) -> object:
    return came("waiting-stream", status, took_ms, **{**FIGURES, **shows})


@pytest.mark.parametrize(
    ("exchanges", "status", "told"),
    [
        ([HELD, waited(850)], "met", "another is answered at once, though they had 5 s to go"),
        ([HELD, waited(5800)], "not_met", "another waits 5 s more, as if nobody had"),
        ([HELD, waited(3000)], "unknown", "another waits 2.2 s more, which tells nothing"),
        ([HELD, waited(120)], "unknown", "1 streams do not fill the server"),
        ([HELD, waited(900, chunks=16, content_first_ms=40)], "unknown", "1 streams do not fill the server"),
        ([HELD, waited(16000, None, going=True)], "not_met", "another waits 15.2 s more"),
        ([HELD, waited(100, 429), came("after-stream", took_ms=110, **FIGURES)], "met", "answered at once"),
        ([HELD, waited(100, 429), came("after-stream", 429)], "unknown", "completions after-stream: 429"),
        ([HELD, waited(100, 500)], "unknown", "completions waiting-stream: 500"),
        ([came("held-stream", 429, going=False), waited(100)], "unknown", "no client could hang up on streams"),
        (
            [
                came("rest", running=0),
                HELD,
                came("busy-stream", running=4),
                came("idle-stream", running=0),
                waited(120),
            ],
            "met",
            "the server counts 0 requests, where it counted 4",
        ),
        (
            [
                came("rest", running=0),
                HELD,
                came("busy-stream", running=4),
                came("idle-stream", running=3),
                waited(120),
            ],
            "not_met",
            "the server still works on 3 requests: POST /v1/chat/completions idle-stream",
        ),
        (
            [
                came("rest", running=0),
                HELD,
                came("busy-stream", running=0),
                came("idle-stream", running=0),
                waited(120),
            ],
            "unknown",
            "do not fill the server",
        ),
        ([], "unknown", "whether a slot is freed is not known"),
    ],
)
def test_only_a_slot_that_was_taken_can_be_freed(exchanges: list, status: str, told: str) -> None:
    """The server's own count decides where it saw the requests; else how long one waited that had to wait."""
    answer = found("disconnect-frees", seen("disconnect", *exchanges))
    assert (answer.status, told in answer.reason) == (status, True), answer.reason

"""Are servers that work on for nobody spared the very long answers, and is what then cannot be told left open?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from assay.readiness import hang_up_frees
from assay.runtime.probing import DEEP_PROBES, probe_deeply
from tests.probing.gateway import Manners, serving
from tests.probing.probed import answer_to, found, probed, subject_at
from tests.readiness.seen_limits import came, seen

if TYPE_CHECKING:
    from assay.schema.provenance import ProbeResult

KEPT = "since it was not seen that a client that hangs up frees its slot here"


def limits_of(result: ProbeResult) -> list[object]:
    """Return the limit of each request, None for one without."""
    return [own.shows.get("limit") for own in result.exchanges]


@pytest.mark.parametrize("frees", [None, False])
def test_nothing_endless_is_asked_of_a_server_that_keeps_slots(frees: bool | None) -> None:
    """Where hanging up was not seen to free a slot no limit is above 2,048 or the window, and each has one."""
    manners = Manners(most_tokens=None, ends_after_s=None, token_s=0.0001, frees_on_hang_up=False)
    ceiling = probed("token-ceiling", manners, hang_up_frees=frees)
    assert limits_of(ceiling) == [2048, 2048]
    ended = probed("time-limit", manners, hang_up_frees=frees, window=512, server_timeout_s=5.0)
    assert limits_of(ended) == [512, 512, 512]
    answer = found("answers-capped", ceiling)
    assert (answer.status, answer.reason) == (
        "unknown",
        "no ceiling was seen within 2,048 tokens of an answer, and it was not asked for more than 2,048 tokens, "
        + KEPT,
    )
    answer = found("requests-end", ended)
    assert answer.status == "unknown"
    assert f"was not asked for more than 512 tokens, {KEPT}" in answer.reason


@pytest.mark.parametrize("cuts", [False, True])
def test_a_low_ceiling_is_seen_all_the_same(cuts: bool) -> None:
    """What is refused or cut below 2,048 tokens needs no absurd limit; that none was asked without a limit is said."""
    manners = Manners(most_tokens=100, cuts_to_ceiling=cuts, ends_after_s=None)
    answer = answer_to("answers-capped", "token-ceiling", manners, hang_up_frees=None)
    seen_so = "are taken, and the answer is cut after 100 tokens" if cuts else "are refused by 400; 100 are taken"
    assert (answer.status, answer.reason) == (
        "met",
        f"2,048 tokens {seen_so}; none was asked for without a limit, {KEPT}",
    )
    assert answer_to("requests-end", "time-limit", manners, hang_up_frees=None).status == "met"


def test_no_time_limit_is_found_with_bounded_answers() -> None:
    """An answer of 2,048 tokens that outlasts the claimed time shows that nothing ends it."""
    manners = Manners(most_tokens=None, ends_after_s=None)
    answer = answer_to("requests-end", "time-limit", manners, hang_up_frees=None, server_timeout_s=0.1)
    assert answer.status == "not_met", answer.reason


def test_whether_hanging_up_frees_is_told_by_both_ways() -> None:
    """It frees where streams and whole answers were seen to be freed, and nothing is known where one tells nothing."""
    held = [came(f"held-{kind}", going=True) for kind in ("stream", "whole")]
    figures = {"left_ms": 700, "before_ms": 100, "work_left_ms": 5000}

    def frees(stream_ms: int, whole_ms: int) -> bool | None:
        waiting = came("waiting-stream", 200, stream_ms, **figures), came("waiting-whole", 200, whole_ms, **figures)
        return hang_up_frees(seen("disconnect", *held, *waiting))

    assert (frees(850, 850), frees(850, 5800), frees(850, 120)) == (True, False, None)
    assert hang_up_frees(seen("disconnect", ended="left_out", note="no time was left")) is None


@pytest.mark.parametrize("frees", [True, False, None])
def test_later_probes_know_what_hanging_up_came_to(frees: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The long answers come after the probe of hanging up, and rest on what it came to."""
    known = []

    async def look(probing: object) -> None:
        known.append(probing.subject.hang_up_frees)  # type: ignore[attr-defined]  # a probe under way

    for name, probe in list(DEEP_PROBES.items()):
        if name in {"disconnect", "token-ceiling", "time-limit"}:
            monkeypatch.setitem(DEEP_PROBES, name, type(probe)("Nothing.", 1, 1.0, look))
        else:
            monkeypatch.delitem(DEEP_PROBES, name)

    async def names() -> list[str]:
        async with serving(Manners()) as gateway:
            subject = subject_at(gateway.base_url, hang_up_frees=None)
            return [own.probe async for own in probe_deeply(subject, 9.0, frees=lambda _: frees)]

    assert asyncio.run(names()) == ["disconnect", "token-ceiling", "time-limit"]
    assert known == [None, frees, frees]

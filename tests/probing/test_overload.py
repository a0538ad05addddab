"""Does the probe tell what a server does with more than it can work on, and whether it recovers?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from assay.schema.suite import RequestSettings
from tests.probing.gateway import Manners, serving
from tests.probing.probed import found, probed, subject_at

if TYPE_CHECKING:
    from assay.schema.provenance import ProbeResult
    from tests.probing.gateway import Gateway

BUSY = Manners(token_s=0.006)
"""Slow enough that the readings beside the burst find the queue full."""

TAKEN = "16 requests at once were all taken and none was refused"


@pytest.fixture(scope="module")
def good() -> ProbeResult:
    """Return what the good gateway came to."""
    return probed("overload", BUSY)


def told(item: str, result: ProbeResult) -> tuple[str, str]:
    answer = found(item, result)
    return answer.status, answer.reason


def changed(result: ProbeResult, step: str, n: int = 0, **changes: object) -> ProbeResult:
    """Return a result in which one exchange of a step is another."""
    of_step = [own for own in result.exchanges if own.step == step]
    new = of_step[n].model_copy(update=changes)
    return result.model_copy(update={"exchanges": tuple(new if own is of_step[n] else own for own in result.exchanges)})


def test_the_surplus_is_refused_and_the_server_recovers(good: ProbeResult) -> None:
    """A gateway that refuses at once and says when to come back is met in both."""
    assert (good.ended, len(good.steps("burst"))) == ("whole", 16)
    status, reason = told("overload-refused", good)
    assert status == "met"
    assert reason.startswith("12 of 16 requests at once were refused with 429 within ")
    assert reason.endswith(" and told when to come back; 4 were answered")
    status, reason = told("overload-recovered", good)
    assert status == "met"
    assert " after 16 requests at once a request alone was answered in " in reason


def test_health_is_read_beside_the_burst(good: ProbeResult) -> None:
    """Readiness says no while the queue is full, and liveness does not."""
    seen = {own.sent: own.status for own in good.exchanges if own.step.startswith("beside")}
    assert seen == {
        "GET /health beside the burst": 200,
        "GET /healthz beside the burst": 401,
        "GET /ready beside the burst": 503,
        "GET /readyz beside the burst": 401,
    }


@pytest.mark.parametrize(
    ("manners", "reason"),
    [
        (Manners(says_retry_after=False), ", without a Retry-After that says when"),
        (Manners(refuses_overload_with=500), "12 of 16 requests at once came to 500, not to 429 or 503"),
        (Manners(refusal_after_s=0.6), "12 of 16 requests at once were refused with 429, but only after up to 0."),
        (Manners(queue=None, token_s=0.0025), "16 requests at once were all taken and none was refused; "),
    ],
    ids=["silent", "other status", "late", "endless queue"],
)
def test_a_bad_refusal_is_found(manners: Manners, reason: str) -> None:
    """Each way to treat the surplus badly is told, and does not hinder the recovery."""
    result = probed("overload", manners, settings=RequestSettings(timeout_s=1.2))
    status, told_reason = told("overload-refused", result)
    assert status == "not_met"
    assert reason in told_reason
    assert told("overload-recovered", result)[0] == "met"


def test_lost_slots_are_found() -> None:
    """A gateway whose slots are not free again answers nobody after a burst."""
    result = probed("overload", Manners(at_once=4, loses_slots=True), settings=RequestSettings(timeout_s=0.3))
    status, reason = told("overload-recovered", result)
    assert status == "not_met"
    assert reason.endswith(
        " after 16 requests at once a request alone is still not answered: no whole answer within 0.3 s"
    )
    status, reason = told("overload-refused", result)
    assert status == "not_met"
    assert reason.endswith(" but 2 of those taken had no answer within the candidate's timeout of 0.3 s")


def test_capacity_that_is_not_reached_shows_nothing() -> None:
    """Where all are answered about as soon as one alone, neither refusal nor recovery was seen."""
    result = probed("overload", Manners(at_once=64, queue=None))
    for item, begin in (
        ("overload-refused", "its capacity was not reached"),
        ("overload-recovered", "it was not over"),
    ):
        status, reason = told(item, result)
        assert status == "unknown"
        assert reason.startswith(f"{begin}")
        assert "of 16 requests at once none was refused, and the slowest took 0." in reason


@pytest.mark.parametrize(
    ("slowest_ms", "deadline_s", "status", "reason"),
    [
        (
            1260,
            5.0,
            "unknown",
            "16 requests at once were all taken and answered within 1.26 s: its capacity was not reached",
        ),
        (
            2000,
            5.0,
            "not_met",
            f"{TAKEN}; the last was answered after 2 s, alone one takes 0.15 s",
        ),
        (
            1260,
            2.0,
            "not_met",
            f"{TAKEN}; the last was answered after 1.26 s, alone one takes 0.15 s",
        ),
    ],
    ids=["short", "long", "near the candidate's timeout"],
)
def test_a_short_queue_is_no_fault(
    good: ProbeResult, slowest_ms: int, deadline_s: float, status: str, reason: str
) -> None:
    """A queue that is worked off soon, and far from the timeout, does not show what becomes of a surplus."""
    shows = {"given_up": False, "deadline_s": deadline_s}
    burst = [
        own.model_copy(
            update={"status": 200, "trouble": "", "took_ms": slowest_ms * (n + 1) // 16, "shows": shows},
        )
        for n, own in enumerate(good.steps("burst"))
    ]
    before = [own.model_copy(update={"took_ms": 150}) for own in good.steps("before")]
    result = good.model_copy(update={"exchanges": (*before, *burst, *good.steps("after"))})
    assert told("overload-refused", result) == (status, reason)


def test_what_is_too_slow_alone_is_not_blamed(good: ProbeResult) -> None:
    """Where a request alone takes seconds, those that were given up may only have shared the machine."""
    burst = [
        own.model_copy(update={"status": None, "took_ms": 20_000, "shows": {"given_up": True}})
        for own in good.steps("burst")
    ]
    before = [own.model_copy(update={"took_ms": 8000}) for own in good.steps("before")]
    result = good.model_copy(update={"exchanges": (*before, *burst, *good.steps("after"))})
    status, reason = told("overload-refused", result)
    assert status == "unknown"
    assert reason == (
        "it is too slow to tell: of 16 requests at once none was refused, and 16 were given up after 20 s, alone one "
        "takes 8 s"
    )


def test_an_interrupted_burst_leaves_nothing_in_flight() -> None:
    """When the time is over in the midst of the burst, every connection is closed and the gateway is idle again."""

    async def look() -> tuple[ProbeResult, Gateway]:
        async with serving(Manners(queue=None, token_s=0.005)) as gateway:
            subject = subject_at(gateway.base_url)
            async with wire_to(subject.base_url, subject.key) as wire:
                result = await run_probe("overload", DEEP_PROBES["overload"], subject, wire, 0.5)
                # The server is told by a closed connection, a moment later.
                while gateway.working or gateway.waiting:  # noqa: ASYNC110 - it tells nobody when it is idle
                    await asyncio.sleep(0.01)
            return result, gateway

    result, gateway = asyncio.run(look())
    assert result.ended == "out_of_time"
    assert gateway.aborted
    assert found("overload-refused", result).status == "unknown"


def test_without_an_answer_alone_nothing_is_sent_at_once() -> None:
    """A server that does not answer one is not asked by many."""
    result = probed("overload", base_url="http://127.0.0.1:9/v1")
    assert result.requests == 1
    status, reason = told("overload-refused", result)
    assert status == "unknown"
    assert reason.startswith("an overload was not seen: a request alone came to cannot connect")


def test_a_gateways_own_name_for_the_wait_is_none(good: ProbeResult) -> None:
    """LiteLLM keeps the upstream's Retry-After under a name that no client reads."""
    result = good
    for n, own in enumerate(good.steps("burst")):
        if own.status == 429:
            headers = {"llm_provider-retry-after": "60"}
            result = changed(result, "burst", n, shows={**own.shows, "retry_after_s": None}, headers=headers)
    status, reason = told("overload-refused", result)
    assert status == "not_met"
    assert reason.endswith(
        "without a Retry-After that says when but llm_provider-retry-after, which clients do not read"
    )


def test_a_longer_wait_than_is_watched_decides_nothing(good: ProbeResult) -> None:
    """A server that asks for a minute is not said to be lost after half of it."""
    shows = {"after_s": 30.1, "patience_s": 30.0, "given_up": False}
    result = changed(good, "after", status=429, shape="error", shows=shows)
    asked = next(n for n, own in enumerate(good.steps("burst")) if own.status == 429)
    result = changed(result, "burst", asked, shows={"retry_after_s": 60.0})
    assert told("overload-recovered", result) == (
        "unknown",
        "Retry-After asks for 60 s, and it was watched for less: 429",
    )


def test_a_slow_server_has_not_recovered(good: ProbeResult) -> None:
    """An answer that takes many times as long as before is not as before."""
    after = good.steps("after")[0]
    result = changed(good, "after", took_ms=9000, shows={**after.shows, "after_s": 10.0})
    status, reason = told("overload-recovered", result)
    assert status == "not_met"
    assert reason.startswith("10 s after 16 requests at once a request alone still takes 9 s, before them 0.")
